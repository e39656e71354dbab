//! Light of a picture on a coarse grid, in stops.

use crate::memo::Memo;
use crate::patches::{CELLS, Cells};
use crate::plane::pixels_of;
use giqa_core::{ImageView, PixelBox};
use rayon::prelude::*;
use std::sync::Arc;

/// Light below which nothing is told apart, `0..=1`.
const FLOOR: f32 = 0.004;
/// Pixels that are looked at on each side of a cell.
const SAMPLES: usize = 12;

/// `log2` of the light of cells, 0 = white.
pub struct Light {
    /// Luminance (Rec. 709).
    pub luminance: Cells,
    /// Red over green.
    pub red: Cells,
    /// Blue over green.
    pub blue: Cells,
}

/// sRGB to linear light, `0..=1`, for the 256 values.
#[must_use]
pub fn linear() -> [f32; 256] {
    std::array::from_fn(|v| {
        let v = v as f32 / 255.0;
        if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    })
}

/// The light of a picture, computed once for all who ask.
#[must_use]
pub fn light(image: ImageView<'_>) -> Arc<Light> {
    static ALL: Memo<Arc<Light>> = Memo::new();
    ALL.of(image.id(), || Arc::new(light_of(image, pixels_of(image, None))))
}

/// The light of a part of a picture in about [`CELLS`] cells on its longer side.
fn light_of(image: ImageView<'_>, part: PixelBox) -> Light {
    let (width, height) = (part.width() as usize, part.height() as usize);
    let side = (width.max(height) as f64 / CELLS as f64).max(1.0);
    let count = |n: usize| ((n as f64 / side).round() as usize).max(1);
    let (cols, rows) = (count(width), count(height));
    let table = linear();
    let cells: Vec<[f32; 3]> = (0..cols * rows)
        .into_par_iter()
        .map(|i| {
            let cut = |k: usize, n: usize, size: usize| k * size / n..((k + 1) * size / n).max(k * size / n + 1);
            let (columns, lines) = (cut(i % cols, cols, width), cut(i / cols, rows, height));
            let (step_x, step_y) = (columns.len().div_ceil(SAMPLES), lines.len().div_ceil(SAMPLES));
            let (mut sums, mut n) = ([0.0_f32; 3], 0.0_f32);
            for y in lines.step_by(step_y) {
                let row = image.row(part.y1 + y as u32);
                for x in columns.clone().step_by(step_x) {
                    let at = (part.x1 as usize + x) * 3;
                    sums.iter_mut().zip(&row[at..at + 3]).for_each(|(s, &v)| *s += table[usize::from(v)]);
                    n += 1.0;
                }
            }
            sums.map(|s| s / n)
        })
        .collect();
    let plane = |value: fn(&[f32; 3]) -> f32| Cells { cols, rows, data: cells.iter().map(value).collect() };
    Light {
        luminance: plane(|c| (0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] + FLOOR).log2()),
        red: plane(|c| ((c[0] + FLOOR) / (c[1] + FLOOR)).log2()),
        blue: plane(|c| ((c[2] + FLOOR) / (c[1] + FLOOR)).log2()),
    }
}
