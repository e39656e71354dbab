//! Mean-subtracted, contrast-normalised picture: `(I - mu) / (sigma + 1)`, with the mean and the standard deviation
//! under a Gaussian window of 7 x 7 pixels (sigma 7/6).
//!
//! Pixels are taken relative to the one in the centre of the window, whose own value then drops out. So `f32` is
//! enough, and flat places are exactly 0. There the originals keep rounding noise of random sign, which decides what
//! they say of pictures with large flat places.
//!
//! The field is made row by row, from the last seven rows of the picture, which stay in the cache.

#![allow(clippy::needless_range_loop, reason = "loops over lanes of several arrays become vector instructions")]

use super::source::Source;
use archmage::autoversion;
use std::ops::Range;

/// What lies beyond the border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// Black, as in BRISQUE.
    Zero,
    /// The nearest pixel, as in NIQE and PIQE.
    Replicate,
}

/// Pixels on either side of the window's centre.
pub const RADIUS: usize = 3;
const ROWS: usize = 2 * RADIUS + 1;
/// Pixels that are worked on together.
pub const LANES: usize = 16;
type Lanes = [f32; LANES];
/// What is below it is rounding noise and becomes 0.
const NOISE: f32 = 1e-6;
/// The window's weights on either side, from the centre outwards; over both sides they add up to 1.
/// `exp(-0.5 (i * 6 / 7)^2)`, normalised.
const WEIGHTS: [f32; RADIUS + 1] = [0.342_631_52, 0.237_296_07, 0.078_827_96, 0.012_560_201];

/// The field of some rows of a picture, one after the other from the top: `each(y, row)`. Rows have a few more columns than the
/// picture, which mean nothing. The window is for rows of the picture's width and may have served the same border before.
pub fn mscn(
    window: &mut Window,
    source: &dyn Source,
    border: Border,
    rows: Range<usize>,
    mut each: impl FnMut(usize, &[f32]),
) {
    let (width, height) = source.size();
    let mut out = std::mem::take(&mut window.out);
    out.resize(window.stride, 0.0);
    let mut next = rows.start.saturating_sub(RADIUS);
    for y in rows {
        while next < height.min(y + RADIUS + 1) {
            window.load(next, |pixels| {
                source.read(next, 0..width, &mut pixels[RADIUS..RADIUS + width]);
                if border == Border::Replicate {
                    let (first, last) = (pixels[RADIUS], pixels[RADIUS + width - 1]);
                    pixels[..RADIUS].fill(first);
                    pixels[RADIUS + width..].fill(last);
                }
            });
            next += 1;
        }
        window.field(y, height, border, &mut out);
        each(y, &out);
    }
    window.out = out;
}

/// The last rows of a picture, with what the horizontal pass makes of them, and one of nothing but 0.
pub struct Window {
    /// Pixels of a row with a margin of `RADIUS` on the left and more on the right.
    pixels: Vec<f32>,
    /// Mean in the row, relative to the pixel.
    mean: Vec<f32>,
    /// Variance in the row.
    variance: Vec<f32>,
    /// Length of a row of `mean` and `variance`, a multiple of `LANES`.
    stride: usize,
    /// The row of the field in the making.
    out: Vec<f32>,
}

impl Window {
    /// For rows of `width` pixels.
    pub fn new(width: usize) -> Self {
        let stride = width.next_multiple_of(LANES);
        let of = |length: usize| vec![0.0_f32; length * (ROWS + 1)];
        Self { pixels: of(stride + 2 * RADIUS), mean: of(stride), variance: of(stride), stride, out: Vec::new() }
    }

    /// Takes row `y` in the place of the one seven rows above. `fill` writes its pixels with their margins.
    pub fn load(&mut self, y: usize, fill: impl FnOnce(&mut [f32])) {
        let (slot, stride, wide) = (y % ROWS, self.stride, self.stride + 2 * RADIUS);
        let pixels = &mut self.pixels[slot * wide..][..wide];
        fill(pixels);
        across(pixels, &mut self.mean[slot * stride..][..stride], &mut self.variance[slot * stride..][..stride]);
    }

    /// Row `y` of the field of a picture of `height` rows, of which all that are near have been loaded.
    pub fn field(&self, y: usize, height: usize, border: Border, out: &mut [f32]) {
        let slot = |i: usize| match border {
            Border::Zero if y + i < RADIUS || y + i - RADIUS >= height => ROWS,
            _ => (y + i).saturating_sub(RADIUS).min(height - 1) % ROWS,
        };
        down(self, std::array::from_fn(slot), out);
    }
}

#[inline(always)]
fn lanes(row: &[f32], at: usize) -> Lanes {
    let mut lanes = [0.0; LANES];
    lanes.copy_from_slice(&row[at..at + LANES]);
    lanes
}

/// The horizontal pass: mean (relative to the pixel) and variance in a row.
#[autoversion]
fn across(pixels: &[f32], mean: &mut [f32], variance: &mut [f32]) {
    let outputs = mean.as_chunks_mut::<LANES>().0.iter_mut().zip(variance.as_chunks_mut::<LANES>().0);
    for (at, (mean, variance)) in outputs.enumerate() {
        let pixels = &pixels[at * LANES..][..LANES + 2 * RADIUS];
        let centre = lanes(pixels, RADIUS);
        let (mut first, mut second): (Lanes, Lanes) = ([0.0; LANES], [0.0; LANES]);
        for i in 1..=RADIUS {
            let (left, right) = (lanes(pixels, RADIUS - i), lanes(pixels, RADIUS + i));
            for k in 0..LANES {
                let (left, right) = (left[k] - centre[k], right[k] - centre[k]);
                first[k] += WEIGHTS[i] * (left + right);
                second[k] += WEIGHTS[i] * (left * left + right * right);
            }
        }
        for k in 0..LANES {
            variance[k] = second[k] - first[k] * first[k];
        }
        *mean = first;
    }
}

/// The vertical pass, over the rows in these slots.
#[autoversion]
fn down(window: &Window, slots: [usize; ROWS], out: &mut [f32]) {
    let (stride, wide) = (window.stride, window.stride + 2 * RADIUS);
    let pixels: [&[f32]; ROWS] = std::array::from_fn(|i| &window.pixels[slots[i] * wide + RADIUS..][..stride]);
    let mean: [&[f32]; ROWS] = std::array::from_fn(|i| &window.mean[slots[i] * stride..][..stride]);
    let variance: [&[f32]; ROWS] = std::array::from_fn(|i| &window.variance[slots[i] * stride..][..stride]);
    for (at, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate().take(stride / LANES) {
        let at = at * LANES;
        let centre = lanes(pixels[RADIUS], at);
        let (mut first, mut second): (Lanes, Lanes) = ([0.0; LANES], [0.0; LANES]);
        let m = lanes(mean[RADIUS], at);
        let v = lanes(variance[RADIUS], at);
        for k in 0..LANES {
            first[k] = WEIGHTS[0] * m[k];
            second[k] = WEIGHTS[0] * (v[k] + m[k] * m[k]);
        }
        for i in 1..=RADIUS {
            let (a, b) = (RADIUS - i, RADIUS + i);
            let (pixels_a, mean_a, variance_a) = (lanes(pixels[a], at), lanes(mean[a], at), lanes(variance[a], at));
            let (pixels_b, mean_b, variance_b) = (lanes(pixels[b], at), lanes(mean[b], at), lanes(variance[b], at));
            for k in 0..LANES {
                // Mean and mean square of the two rows, relative to the centre.
                let above = (pixels_a[k] - centre[k]) + mean_a[k];
                let below = (pixels_b[k] - centre[k]) + mean_b[k];
                first[k] += WEIGHTS[i] * (above + below);
                second[k] += WEIGHTS[i] * ((variance_a[k] + above * above) + (variance_b[k] + below * below));
            }
        }
        for k in 0..LANES {
            let deviation = (second[k] - first[k] * first[k]).abs().sqrt() + 1.0;
            let value = -first[k] / deviation;
            out[k] = if value.abs() < NOISE { 0.0 } else { value };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plane::Plane;
    use crate::testing::Random;

    fn field(plane: &Plane, border: Border) -> Vec<f32> {
        let half = plane.height / 2;
        let mut all = Vec::new();
        for rows in [0..half, half..plane.height] {
            mscn(&mut Window::new(plane.width), plane, border, rows, |_, row| {
                all.extend_from_slice(&row[..plane.width])
            });
        }
        all
    }

    #[test]
    fn weights_are_a_bell() {
        let bell = |i: usize| (-0.5 * (i as f64 * 6.0 / 7.0).powi(2)).exp();
        let sum = bell(0) + 2.0 * (1..=RADIUS).map(bell).sum::<f64>();
        (0..=RADIUS).for_each(|i| assert_eq!(WEIGHTS[i], (bell(i) / sum) as f32));
    }

    /// The definition, in `f64` and two dimensions.
    fn slowly(plane: &Plane, border: Border) -> Vec<f64> {
        let (w, h) = (plane.width as i64, plane.height as i64);
        let at = |x: i64, y: i64| match border {
            Border::Zero if x < 0 || y < 0 || x >= w || y >= h => 0.0,
            _ => f64::from(plane.row(y.clamp(0, h - 1) as usize)[x.clamp(0, w - 1) as usize]),
        };
        let window: Vec<(i64, i64, f64)> = (0..49)
            .map(|i| (i % 7 - 3, i / 7 - 3))
            .map(|(x, y)| (x, y, (-((x * x + y * y) as f64) / (2.0 * (7.0_f64 / 6.0).powi(2))).exp()))
            .collect();
        let sum: f64 = window.iter().map(|w| w.2).sum();
        let one = |x: i64, y: i64| {
            let mean = window.iter().map(|w| w.2 / sum * at(x + w.0, y + w.1)).sum::<f64>();
            let square = window.iter().map(|w| w.2 / sum * at(x + w.0, y + w.1).powi(2)).sum::<f64>();
            (at(x, y) - mean) / ((square - mean * mean).abs().sqrt() + 1.0)
        };
        (0..w * h).map(|i| one(i % w, i / w)).collect()
    }

    #[test]
    fn equals_its_definition_at_any_size() {
        let mut random = Random::new(3);
        for (width, height) in [(1, 1), (1, 9), (9, 1), (8, 8), (3, 70), (37, 66)] {
            let data = (0..width * height).map(|_| (255.0 * random.uniform()).round() as f32).collect();
            let plane = Plane { width, height, data };
            for border in [Border::Zero, Border::Replicate] {
                for (fast, slow) in field(&plane, border).iter().zip(slowly(&plane, border)) {
                    assert!((f64::from(*fast) - slow).abs() < 2e-6, "{width} x {height}, {border:?}: {fast} {slow}");
                }
            }
        }
    }

    #[test]
    fn flat_is_exactly_zero() {
        let plane = Plane { width: 20, height: 11, data: vec![201.0; 220] };
        assert!(field(&plane, Border::Replicate).iter().all(|&v| v == 0.0));
        let zero = field(&plane, Border::Zero);
        assert!(zero[0] > 0.0 && zero[5 * 20 + 10] == 0.0);
    }
}
