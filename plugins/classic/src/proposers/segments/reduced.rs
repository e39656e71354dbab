//! A small copy of a picture, in CIE L\*a\*b\*.

use crate::light::linear;
use crate::plane::luma_of;
use giqa_core::ImageView;
use rayon::prelude::*;
use std::ops::Range;

/// Pixels on the long side of the copy: enough for places, few enough to cost nothing.
const SIDE: usize = 192;
/// Pixels of the picture that are looked at on each side of a pixel of the copy.
const SAMPLES: usize = 4;
/// Pictures with a shorter side hold no places, nor do strips.
const LEAST: usize = 32;
const LEAST_REDUCED: usize = 12;

/// A pixel: lightness `L*` (`0..=100`), `a*` (red over green) and `b*` (yellow over blue).
pub type Lab = [f32; 3];

/// The copy, row-major.
#[derive(Debug, Clone)]
pub struct Reduced {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` pixels.
    pub lab: Vec<Lab>,
    /// Variance of `L*` by which grain of single pixels shakes each: what varies inside its block, by the samples.
    pub grain: Vec<f32>,
}

impl Reduced {
    /// The copy of a picture; `None` where it is too small.
    #[must_use]
    pub fn new(image: ImageView<'_>) -> Option<Self> {
        let (wide, high) = (image.width() as usize, image.height() as usize);
        if wide.min(high) < LEAST {
            return None;
        }
        let scale = (SIDE as f64 / wide.max(high) as f64).min(1.0);
        let size = |n: usize| (n as f64 * scale).round() as usize;
        let (width, height) = (size(wide), size(high));
        if width.min(height) < LEAST_REDUCED {
            return None;
        }
        let table = linear();
        let pixels: Vec<(Lab, f32)> = (0..width * height)
            .into_par_iter()
            .map(|i| block(image, &table, cut(i % width, width, wide), cut(i / width, height, high)))
            .collect();
        let (lab, grain) = pixels.into_iter().unzip();
        Some(Self { width, height, lab, grain })
    }
}

fn cut(k: usize, n: usize, size: usize) -> Range<usize> {
    k * size / n..(k + 1) * size / n
}

/// Colour of a block by its mean linear light, and by which variance that is unsure if the samples don't depend on each
/// other.
fn block(image: ImageView<'_>, table: &[f32; 256], columns: Range<usize>, rows: Range<usize>) -> (Lab, f32) {
    let (step_x, step_y) = (columns.len().div_ceil(SAMPLES).max(1), rows.len().div_ceil(SAMPLES).max(1));
    let (mut sums, mut n) = ([0.0_f32; 3], 0.0_f32);
    let (mut tone, mut squares) = (0.0_f32, 0.0_f32);
    for y in rows.step_by(step_y) {
        let row = image.row(y as u32);
        for x in columns.clone().step_by(step_x) {
            let p = &row[x * 3..x * 3 + 3];
            sums.iter_mut().zip(p).for_each(|(s, &v)| *s += table[usize::from(v)]);
            // sRGB's tones are about as even as those of L*.
            let t = luma_of(p) * (100.0 / 255.0);
            tone += t;
            squares += t * t;
            n += 1.0;
        }
    }
    let n = n.max(1.0);
    let variance = (squares / n - (tone / n).powi(2)).max(0.0);
    (to_lab(sums.map(|s| s / n)), variance / (n - 1.0).max(1.0))
}

/// CIE 1976 L\*a\*b\* of linear sRGB, white point D65.
fn to_lab([r, g, b]: [f32; 3]) -> Lab {
    let f = |t: f32| if t > 0.008_856 { t.cbrt() } else { t.mul_add(7.787, 16.0 / 116.0) };
    let x = f((0.412_456 * r + 0.357_576 * g + 0.180_437 * b) / 0.950_47);
    let y = f(0.212_673 * r + 0.715_152 * g + 0.072_175 * b);
    let z = f((0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Picture;

    #[test]
    fn known_colours() {
        let near = |rgb: [u8; 3], lab: Lab| {
            let copy = Reduced::new(Picture::flat(40, 40, rgb).view()).unwrap();
            assert!(copy.lab.iter().all(|p| p.iter().zip(lab).all(|(a, b)| (a - b).abs() < 0.1)), "{:?}", copy.lab[0]);
        };
        near([255; 3], [100.0, 0.0, 0.0]);
        near([0; 3], [0.0, 0.0, 0.0]);
        near([255, 0, 0], [53.24, 80.09, 67.20]);
        near([0, 0, 255], [32.30, 79.19, -107.86]);
    }

    #[test]
    fn sizes() {
        let size = |w, h| Reduced::new(Picture::flat(w, h, [9; 3]).view()).map(|r| (r.width, r.height));
        assert_eq!(size(1, 1), None);
        assert_eq!(size(5000, 40), None);
        assert_eq!(size(64, 48), Some((64, 48)));
        assert_eq!(size(960, 600), Some((192, 120)));
    }
}
