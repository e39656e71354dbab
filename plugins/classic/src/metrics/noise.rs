//! Noise: its standard deviation in 8-bit steps of a colour channel, by the method in [`super::chen`].
//!
//! The picture's value takes 8 x 8 RGB patches (192 numbers) three pixels apart, or farther where that would be more
//! than 45 000. The map takes 5 x 5 patches, three pixels apart, of the green channel in windows of 64 x 64 pixels (a third of the tile
//! where that is more), so that texture, which lies in few dimensions, is not taken for noise.

use super::chen::noise_of_patches;
use super::{Look, measured};
use crate::memo::Memo;
use crate::plane::pixels_of;
use crate::tiles::Tiles;
use giqa_core::{ImageView, Map, Measurement, PixelBox};
use rayon::prelude::*;

const PATCH: u32 = 8;
const PATCH_NUMBERS: usize = (PATCH * PATCH * 3) as usize;
const STRIDE: u32 = 3;
const MOST_PATCHES: u64 = 45_000;
const TILE: usize = 32;
const MOST_TILES: usize = 24;
const WINDOW: usize = 64;
const LOCAL_PATCH: usize = 5;
const LOCAL_STRIDE: usize = 3;
/// A local level (8-bit steps) above which texture is thought of.
const SUSPICIOUS: f64 = 4.0;
/// How much calmer the difference of channels must be to call it texture.
const TEXTURE: f64 = 2.0;

/// Measures; range 0 upwards, lower is cleaner.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    let Some(patches) = rgb_patches(look.image, part) else {
        return Measurement::not_measurable("too small: fewer than 400 patches of 8 x 8 pixels");
    };
    let Some(value) = noise_of_patches(&patches, PATCH_NUMBERS) else {
        return Measurement::not_measurable("no noise level explains the patches");
    };
    let map = || if look.region.is_none() { map_of(look.image) } else { map(look.image, part) };
    measured(value, &[], look.map.then(map).flatten())
}

/// 8 x 8 RGB patches, column by column: one number of all patches after the other.
fn rgb_patches(image: ImageView<'_>, part: PixelBox) -> Option<Vec<i16>> {
    let (w, h) = (part.width().checked_sub(PATCH)? + 1, part.height().checked_sub(PATCH)? + 1);
    let full = u64::from(w.div_ceil(STRIDE)) * u64::from(h.div_ceil(STRIDE));
    let thinner = (full as f64 / MOST_PATCHES as f64).sqrt().max(1.0);
    let stride = f64::from(STRIDE) * thinner;
    let places = |n: u32| (0..).map(move |i| (f64::from(i) * stride) as u32).take_while(move |&p| p < n);
    let corners: Vec<(u32, u32)> = places(h).flat_map(|y| places(w).map(move |x| (x, y))).collect();
    if corners.len() < 2 * PATCH_NUMBERS {
        return None;
    }
    let mut patches = vec![0_i16; corners.len() * PATCH_NUMBERS];
    // A row of all patches at a time stays in the cache.
    let wide = PATCH as usize * 3;
    patches.par_chunks_mut(corners.len() * wide).enumerate().for_each(|(dy, columns)| {
        let row = |&(x, y): &(u32, u32)| {
            let at = (part.x1 + x) as usize * 3;
            &image.row(part.y1 + y + dy as u32)[at..at + wide]
        };
        let rows: Vec<&[u8]> = corners.iter().map(row).collect();
        for (dx, column) in columns.chunks_exact_mut(corners.len()).enumerate() {
            column.iter_mut().zip(&rows).for_each(|(value, row)| *value = i16::from(row[dx]));
        }
    });
    Some(patches)
}

/// The map alone, which costs less than the value.
pub fn map_of(image: ImageView<'_>) -> Option<Map> {
    static MAPS: Memo<Option<Map>> = Memo::new();
    MAPS.of(image.id(), || map(image, pixels_of(image, None)))
}

fn map(image: ImageView<'_>, part: PixelBox) -> Option<Map> {
    let (width, height) = (part.width() as usize, part.height() as usize);
    let tiles = Tiles::new(width, height, TILE, MOST_TILES);
    let values: Vec<f32> = (0..tiles.len())
        .into_par_iter()
        .map(|i| {
            let (columns, rows) = tiles.pixels(i);
            // Windows may overlap: a tile of 32 pixels alone has too few patches.
            let around = |r: std::ops::Range<usize>, size: usize| {
                let start = usize::midpoint(r.start, r.end).saturating_sub(WINDOW / 2).min(size.saturating_sub(WINDOW));
                (start as u32, (start + WINDOW).min(size) as u32)
            };
            let ((x1, x2), (y1, y2)) = (around(columns, width), around(rows, height));
            local(image, PixelBox { x1: part.x1 + x1, y1: part.y1 + y1, x2: part.x1 + x2, y2: part.y1 + y2 })
        })
        .collect();
    Map::new(tiles.cols as u32, tiles.rows as u32, values).ok()
}

/// Noise in one window; NaN where it is too small.
///
/// Fine texture (grass, fur) can fill all dimensions of a patch as noise does, but it is much the same in all
/// channels, while noise is not: where the difference of red and green is far calmer than green, it is texture.
fn local(image: ImageView<'_>, window: PixelBox) -> f32 {
    let (width, height) = (window.width() as usize, window.height() as usize);
    let steps = |of: fn(&[u8]) -> i16| -> Vec<i16> {
        let row = |y: u32| image.row(y)[window.x1 as usize * 3..window.x2 as usize * 3].as_chunks::<3>().0;
        (window.y1..window.y2).flat_map(|y| row(y).iter().map(move |p| of(p))).collect()
    };
    let Some(level) = self::level(&steps(|p| i16::from(p[1])), width, height) else { return f32::NAN };
    if level <= SUSPICIOUS {
        return level as f32;
    }
    let apart = self::level(&steps(|p| i16::from(p[0]) - i16::from(p[1])), width, height);
    let apart = apart.map_or(level, |sd| sd * std::f64::consts::FRAC_1_SQRT_2);
    level.min(TEXTURE * apart) as f32
}

fn level(steps: &[i16], width: usize, height: usize) -> Option<f64> {
    if width.min(height) < LOCAL_PATCH {
        return None;
    }
    let places = |n: usize| (0..(n + 1).saturating_sub(LOCAL_PATCH)).step_by(LOCAL_STRIDE);
    let count = places(width).len() * places(height).len();
    let mut numbers = Vec::with_capacity(count * LOCAL_PATCH * LOCAL_PATCH);
    for k in 0..LOCAL_PATCH * LOCAL_PATCH {
        for y in places(height) {
            let row = &steps[(y + k / LOCAL_PATCH) * width..][..width][k % LOCAL_PATCH..];
            numbers.extend(places(width).map(|x| row[x]));
        }
    }
    noise_of_patches(&numbers, LOCAL_PATCH * LOCAL_PATCH)
}
