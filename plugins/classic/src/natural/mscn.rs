//! Mean-subtracted, contrast-normalised picture: `(I - mu) / (sigma + 1)`, with the mean and the standard deviation
//! under a Gaussian window of 7 x 7 pixels (sigma 7/6).
//!
//! Pixels are taken relative to the one in the centre of the window, whose own value then drops out. So `f32` is
//! enough, and flat places are exactly 0. There the originals keep rounding noise of random sign, which decides what
//! they say of pictures with large flat places.

use crate::plane::Plane;
use rayon::prelude::*;

/// What lies beyond the border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// Black, as in BRISQUE.
    Zero,
    /// The nearest pixel, as in NIQE and PIQE.
    Replicate,
}

/// Pixels on either side of the window's centre.
const RADIUS: usize = 3;
const ROWS: usize = 2 * RADIUS + 1;
/// Pixels that are worked on together.
const LANES: usize = 8;
type Lanes = [f32; LANES];
/// Rows that one thread works on at a time.
const BAND: usize = 64;
/// What is below it is rounding noise and becomes 0.
const NOISE: f32 = 1e-6;

/// Rows of a band of the picture with what the horizontal pass makes of them.
struct Rows {
    /// Pixels of a row with a margin of `RADIUS` on the left and more on the right.
    pixels: Vec<f32>,
    /// Mean in the row, relative to the pixel.
    mean: Vec<f32>,
    /// Variance in the row.
    variance: Vec<f32>,
    /// Length of a row of `mean` and `variance`, a multiple of `LANES`.
    stride: usize,
}

/// The window's weights on either side, from the centre outwards; over both sides they add up to 1.
fn weights() -> [f32; RADIUS + 1] {
    let bell = |i: usize| (-0.5 * (i as f64 * 6.0 / 7.0).powi(2)).exp();
    let sum = bell(0) + 2.0 * (1..=RADIUS).map(bell).sum::<f64>();
    std::array::from_fn(|i| (bell(i) / sum) as f32)
}

/// The field of a picture, of the same size.
pub fn mscn(plane: &Plane, border: Border) -> Plane {
    let mut data = vec![0.0_f32; plane.data.len()];
    let weights = weights();
    data.par_chunks_mut((BAND * plane.width).max(1)).enumerate().for_each(|(i, out)| {
        let count = out.len() / plane.width;
        let rows = Rows::new(plane, border, i * BAND, count + 2 * RADIUS, &weights);
        let mut line = vec![0.0_f32; rows.stride];
        for (y, out) in out.chunks_exact_mut(plane.width).enumerate() {
            rows.field(y, &weights, &mut line);
            out.copy_from_slice(&line[..plane.width]);
        }
    });
    Plane { width: plane.width, height: plane.height, data }
}

#[inline(always)]
fn lanes(row: &[f32], at: usize) -> Lanes {
    let mut lanes = [0.0; LANES];
    lanes.copy_from_slice(&row[at..at + LANES]);
    lanes
}

impl Rows {
    /// The horizontal pass over `count` rows, the first of which is row `from - RADIUS` of the picture.
    fn new(plane: &Plane, border: Border, from: usize, count: usize, weights: &[f32; RADIUS + 1]) -> Self {
        let stride = plane.width.next_multiple_of(LANES);
        let wide = stride + 2 * RADIUS;
        let mut rows = Self {
            pixels: vec![0.0; wide * count],
            mean: vec![0.0; stride * count],
            variance: vec![0.0; stride * count],
            stride,
        };
        let Self { pixels, mean, variance, .. } = &mut rows;
        let outputs = mean.chunks_exact_mut(stride).zip(variance.chunks_exact_mut(stride));
        for (i, (pixels, (mean, variance))) in pixels.chunks_exact_mut(wide).zip(outputs).enumerate() {
            let y = match border {
                Border::Zero if from + i < RADIUS || from + i - RADIUS >= plane.height => continue,
                _ => (from + i).saturating_sub(RADIUS).min(plane.height - 1),
            };
            let row = plane.row(y);
            pixels[RADIUS..RADIUS + row.len()].copy_from_slice(row);
            if border == Border::Replicate {
                pixels[..RADIUS].fill(row[0]);
                pixels[RADIUS + row.len()..].fill(row[row.len() - 1]);
            }
            for (at, (mean, variance)) in mean.chunks_exact_mut(LANES).zip(variance.chunks_exact_mut(LANES)).enumerate()
            {
                across(&pixels[at * LANES..][..LANES + 2 * RADIUS], weights, mean, variance);
            }
        }
        rows
    }

    /// The vertical pass: row `y` of the field.
    fn field(&self, y: usize, weights: &[f32; RADIUS + 1], out: &mut [f32]) {
        let wide = self.stride + 2 * RADIUS;
        let pixels: [&[f32]; ROWS] = std::array::from_fn(|i| &self.pixels[(y + i) * wide + RADIUS..][..self.stride]);
        let mean: [&[f32]; ROWS] = std::array::from_fn(|i| &self.mean[(y + i) * self.stride..][..self.stride]);
        let variance: [&[f32]; ROWS] = std::array::from_fn(|i| &self.variance[(y + i) * self.stride..][..self.stride]);
        for (at, out) in out.chunks_exact_mut(LANES).enumerate() {
            let at = at * LANES;
            let centre = lanes(pixels[RADIUS], at);
            let row = |i: usize| relative(lanes(pixels[i], at), lanes(mean[i], at), lanes(variance[i], at), centre);
            let (m, s) = row(RADIUS);
            let (mut first, mut second) = (m.map(|m| weights[0] * m), s.map(|s| weights[0] * s));
            for (i, weight) in weights.iter().enumerate().skip(1) {
                let ((above, above2), (below, below2)) = (row(RADIUS - i), row(RADIUS + i));
                for k in 0..LANES {
                    first[k] += weight * (above[k] + below[k]);
                }
                for k in 0..LANES {
                    second[k] += weight * (above2[k] + below2[k]);
                }
            }
            for k in 0..LANES {
                second[k] = (second[k] - first[k] * first[k]).abs();
            }
            second = second.map(|variance| variance.sqrt() + 1.0);
            for k in 0..LANES {
                first[k] = -first[k] / second[k];
            }
            for k in 0..LANES {
                out[k] = if first[k].abs() < NOISE { 0.0 } else { first[k] };
            }
        }
    }
}

/// Mean and mean square of a row, relative to the centre.
#[inline(always)]
fn relative(pixels: Lanes, mean: Lanes, variance: Lanes, centre: Lanes) -> (Lanes, Lanes) {
    let (mut first, mut second): (Lanes, Lanes) = ([0.0; LANES], [0.0; LANES]);
    for k in 0..LANES {
        first[k] = (pixels[k] - centre[k]) + mean[k];
    }
    for k in 0..LANES {
        second[k] = variance[k] + first[k] * first[k];
    }
    (first, second)
}

/// Mean (relative to the pixel) and variance in a row, for `LANES` pixels with their margins.
fn across(pixels: &[f32], weights: &[f32; RADIUS + 1], mean: &mut [f32], variance: &mut [f32]) {
    let centre = lanes(pixels, RADIUS);
    let (mut first, mut second): (Lanes, Lanes) = ([0.0; LANES], [0.0; LANES]);
    for (i, weight) in weights.iter().enumerate().skip(1) {
        let (left, right) = (lanes(pixels, RADIUS - i), lanes(pixels, RADIUS + i));
        for k in 0..LANES {
            let (left, right) = (left[k] - centre[k], right[k] - centre[k]);
            first[k] += weight * (left + right);
            second[k] += weight * (left * left + right * right);
        }
    }
    for k in 0..LANES {
        mean[k] = first[k];
        variance[k] = second[k] - first[k] * first[k];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

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
                let field = mscn(&plane, border);
                for (fast, slow) in field.data.iter().zip(slowly(&plane, border)) {
                    assert!((f64::from(*fast) - slow).abs() < 2e-6, "{width} x {height}, {border:?}: {fast} {slow}");
                }
            }
        }
    }

    #[test]
    fn flat_is_exactly_zero() {
        let plane = Plane { width: 20, height: 11, data: vec![201.0; 220] };
        assert!(mscn(&plane, Border::Replicate).data.iter().all(|&v| v == 0.0));
        let zero = mscn(&plane, Border::Zero);
        assert!(zero.data[0] > 0.0 && zero.row(5)[10] == 0.0);
    }
}
