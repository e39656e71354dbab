//! Tone combs: what a gain leaves in 8-bit pixels.
//!
//! Brightening, darkening or tinting finished pixels spreads their tones or heaps them up: some values are left out or
//! come too often. How far the counts of neighbouring values differ, beyond what chance makes of so few pixels, tells
//! such a place from one that is merely bright, dark or coloured. Light that was wrong in the camera leaves no comb.

use crate::plane::pixels_of;
use giqa_core::{ImageView, NormBox};

/// Cells on the longer side.
const CELLS: usize = 24;
/// Most pixels that are counted.
const MOST_PIXELS: f64 = 400_000.0;
/// Tones that are looked at: clipping heaps up the others.
const TONES: std::ops::Range<usize> = 2..250;
/// Mean count of a tone and its neighbours below which nothing is told from it.
const LEAST: f64 = 4.0;
const CHANNELS: usize = 3;
const BINS: usize = CHANNELS * 256;

/// Counts of the tones above and left of each corner of a grid.
#[derive(Debug, Clone)]
pub struct Tones {
    cols: usize,
    rows: usize,
    sums: Vec<u32>,
}

impl Tones {
    /// Counts the tones of a picture.
    #[must_use]
    pub fn new(image: ImageView<'_>) -> Self {
        let part = pixels_of(image, None);
        let (width, height) = (part.width() as usize, part.height() as usize);
        let step = ((width as f64 * height as f64 / MOST_PIXELS).sqrt().ceil() as usize).max(1);
        let side = (width.max(height) as f64 / CELLS as f64).max(1.0);
        let count = |n: usize| ((n as f64 / side).round() as usize).max(1);
        let (cols, rows) = (count(width), count(height));
        let mut sums = vec![0_u32; (cols + 1) * (rows + 1) * BINS];
        for y in (0..height).step_by(step) {
            let row = image.row(y as u32);
            let line = (y * rows / height + 1) * (cols + 1);
            for x in (0..width).step_by(step) {
                let at = (line + x * cols / width + 1) * BINS;
                for (c, &v) in row[x * 3..x * 3 + 3].iter().enumerate() {
                    sums[at + c * 256 + usize::from(v)] += 1;
                }
            }
        }
        for y in 1..=rows {
            for x in 1..=cols {
                let [here, left, above, both] =
                    [(x, y), (x - 1, y), (x, y - 1), (x - 1, y - 1)].map(|(x, y)| (y * (cols + 1) + x) * BINS);
                for k in 0..BINS {
                    sums[here + k] = (sums[here + k] + sums[left + k] + sums[above + k]).wrapping_sub(sums[both + k]);
                }
            }
        }
        Self { cols, rows, sums }
    }

    /// Strength of the combs of red, green and blue in a box, and by how much they are stronger than in the ring
    /// around it; `None` where too few pixels tell. 0 = none, 1 = every other tone is missing.
    #[must_use]
    pub fn combs(&self, inner: &NormBox, outer: &NormBox) -> [[Option<f64>; 2]; CHANNELS] {
        let inside = self.counts(inner);
        let mut around = self.counts(outer);
        around.iter_mut().zip(&inside).for_each(|(a, i)| *a -= i);
        std::array::from_fn(|c| {
            let channel = c * 256..(c + 1) * 256;
            let here = comb(&inside[channel.clone()]);
            [here, here.zip(comb(&around[channel])).map(|(h, a)| h - a)]
        })
    }

    fn counts(&self, b: &NormBox) -> Vec<f32> {
        let near = |v: f64, n: usize| ((v * n as f64).round() as usize).min(n);
        let (x1, x2) = (near(b.x1(), self.cols), near(b.x2(), self.cols));
        let (y1, y2) = (near(b.y1(), self.rows), near(b.y2(), self.rows));
        let at = |x: usize, y: usize| &self.sums[(y * (self.cols + 1) + x) * BINS..][..BINS];
        let (a, b, c, d) = (at(x1, y1), at(x2, y1), at(x1, y2), at(x2, y2));
        (0..BINS).map(|k| (i64::from(d[k]) - i64::from(b[k]) - i64::from(c[k]) + i64::from(a[k])) as f32).collect()
    }
}

/// Root of the relative variance of counts against their neighbours', less that of chance.
fn comb(counts: &[f32]) -> Option<f64> {
    let (mut excess, mut scale, mut tones) = (0.0_f64, 0.0_f64, 0);
    for v in TONES {
        let near = |k: usize| f64::from(counts[v + k - 2]);
        let mean = (near(0) + near(1) + near(2) + near(3) + near(4)) / 5.0;
        if mean >= LEAST {
            // Distance from the parabola through five counts (Savitzky and Golay): what bends is no comb. Chance leaves
            // 18/35 of a count's variance there.
            let off = (18.0 * near(2) - 12.0 * (near(1) + near(3)) + 3.0 * (near(0) + near(4))) / 35.0;
            excess += off * off - 18.0 / 35.0 * mean;
            scale += mean * mean;
            tones += 1;
        }
    }
    (tones >= 8).then(|| (excess.max(0.0) / scale).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Picture, boxed};

    #[test]
    fn a_gain_leaves_a_comb_and_nothing_else_does() {
        let scene = Picture::scene(640, 480, 3).noisy(4.0, 5);
        let data: Vec<u8> = scene.view().to_packed().iter().map(|&v| (f32::from(v) * 0.6) as u8).collect();
        let darker = Picture::of(640, 480, |x, y| {
            let at = (y * 640 + x) * 3;
            [data[at], data[at + 1], data[at + 2]]
        });
        let place = boxed(0.25, 0.25, 0.75, 0.75);
        let combs = |p: &Picture| Tones::new(p.view()).combs(&place, &boxed(0.1, 0.1, 0.9, 0.9));
        let (with, without) = (combs(&scene.with(&darker, &place)), combs(&scene));
        for c in 0..CHANNELS {
            let [w, o] = [with[c][1].unwrap(), without[c][1].unwrap()];
            assert!(w > 0.2 && o.abs() < 0.1, "{with:?} {without:?}");
        }
        let flat = Picture::flat(50, 40, [9; 3]);
        assert_eq!(Tones::new(flat.view()).combs(&place, &boxed(0.0, 0.0, 1.0, 1.0)), [[None; 2]; CHANNELS]);
    }
}
