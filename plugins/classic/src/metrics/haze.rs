//! Haze: a bright veil over everything far away.
//!
//! The dark channel of He, Sun and Tang ("Single image haze removal using dark channel prior", CVPR 2009): the smallest
//! of the channels in each patch of 15 x 15 pixels (of a picture averaged down to 600). Clear pictures have something
//! dark or of pure colour nearly everywhere; a veil lifts it. The value is the median of the dark channel over the
//! picture, 0 to 255, after the share of the picture that is bright anyway (luma over 200: skies, paper) is left out.
//! Details: `mean` (of all patches), `bright_share`.

use super::{Look, measured};
use crate::plane::{luma_of, pixels_of, reduction};
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
    (0..cols * rows)
        .into_par_iter()
        .map(|i| {
            let (x, y) = (part.x1 as usize + i % cols * side, part.y1 as usize + i / cols * side);
            let (mut dark, mut luma) = (255.0_f32, 0.0_f32);
            for block in 0..PATCH * PATCH {
                let (bx, by) = (x + block % PATCH * factor, y + block / PATCH * factor);
                let mut sums = [0_u32; 3];
                for row in by..by + factor {
                    for p in image.row(row as u32)[bx * 3..(bx + factor) * 3].chunks_exact(3) {
                        sums.iter_mut().zip(p).for_each(|(s, v)| *s += u32::from(*v));
                    }
                }
                let mean = sums.map(|s| s as f32 / (factor * factor) as f32);
                dark = mean.iter().fold(dark, |d, v| d.min(*v));
                luma += luma_of(&mean.map(|v| v as u8));
            }
            Patch { dark, luma: luma / (PATCH * PATCH) as f32 }
        })
        .collect()
}
