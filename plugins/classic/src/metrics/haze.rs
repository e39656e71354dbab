//! Haze: a bright veil over everything far away.
//!
//! The dark channel of He, Sun and Tang ("Single image haze removal using dark channel prior", CVPR 2009): the smallest
//! of the channels in each patch of 15 x 15 pixels (of a picture averaged down to 600). Clear pictures have something
//! dark or of pure colour nearly everywhere; a veil lifts it. The value is the median of the dark channel over the
//! picture, 0 to 255, after the share of the picture that is bright anyway (luma over 200: skies, paper) is left out.
//! Details: `mean` (of all patches), `bright_share`.

use super::{Look, measured};
use crate::plane::{block_sums, luma_of, pixels_of, reduction};
use crate::stats::quantile;
use giqa_core::{ImageView, Measurement, PixelBox};
use rayon::prelude::*;

const SIDE: u32 = 600;
const PATCH: usize = 15;
const BRIGHT: f32 = 200.0;

/// Measures; range 0 to 255, lower is clearer.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < 45 || part.height() < 45 {
        return Measurement::not_measurable("smaller than 45 x 45 pixels");
    }
    let patches = patches(look.image, part, reduction(part, SIDE));
    let mean = patches.iter().map(|p| f64::from(p.dark)).sum::<f64>() / patches.len().max(1) as f64;
    let mut dark: Vec<f32> = patches.iter().filter(|p| p.luma <= BRIGHT).map(|p| p.dark).collect();
    let bright = 1.0 - dark.len() as f64 / patches.len().max(1) as f64;
    if bright > 0.6 {
        return Measurement::not_measurable("mostly bright: a veil can't be told from the scene");
    }
    match quantile(&mut dark, 0.5) {
        Some(value) => measured(value, &[("mean", mean), ("bright_share", bright)], None),
        None => Measurement::not_measurable("no patches to look at"),
    }
}

struct Patch {
    dark: f32,
    luma: f32,
}

fn patches(image: ImageView<'_>, part: PixelBox, factor: usize) -> Vec<Patch> {
    let side = PATCH * factor;
    let (cols, rows) = (part.width() as usize / side, part.height() as usize / side);
    let of_row = |sums: &mut Vec<[u32; 3]>, row: usize| {
        let mut patches: Vec<Patch> = (0..cols).map(|_| Patch { dark: 255.0, luma: 0.0 }).collect();
        for y in row * PATCH..(row + 1) * PATCH {
            block_sums(image, part, factor, y, sums);
            for (patch, sums) in patches.iter_mut().zip(sums.chunks_exact(PATCH)) {
                for sum in sums {
                    let mean = sum.map(|s| s as f32 / (factor * factor) as f32);
                    patch.dark = mean.iter().fold(patch.dark, |d, v| d.min(*v));
                    patch.luma += luma_of(&mean.map(|v| v as u8));
                }
            }
        }
        patches.iter_mut().for_each(|p| p.luma /= (PATCH * PATCH) as f32);
        patches
    };
    (0..rows).into_par_iter().map_init(Vec::new, of_row).collect::<Vec<_>>().into_iter().flatten().collect()
}
