//! Noise: its standard deviation in 8-bit steps of a colour channel, by the method in [`super::chen`].
//!
//! The picture's value takes 8 x 8 RGB patches (192 numbers) three pixels apart, or farther where that would be more
//! than 8 000. The map takes 5 x 5 patches, three pixels apart, of the green channel in windows of 64 x 64 pixels (a third of the tile
//! where that is more), so that texture, which lies in few dimensions, is not taken for noise.

use super::chen::noise_of_patches;
use super::{Look, measured};
use crate::memo::Memo;
use crate::plane::{Plane, channel, pixels_of};
use crate::tiles::Tiles;
use giqa_core::{ImageView, Map, Measurement, PixelBox};
use nalgebra::DMatrix;
use rayon::prelude::*;

const PATCH: u32 = 8;
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
    let Some(value) = noise_of_patches(patches) else {
        return Measurement::not_measurable("no noise level explains the patches");
    };
    let map = || if look.region.is_none() { map_of(look.image) } else { map(look.image, part) };
    measured(value, &[], look.map.then(map).flatten())
}

/// 8 x 8 RGB patches, one a row.
fn rgb_patches(image: ImageView<'_>, part: PixelBox) -> Option<DMatrix<f32>> {
    let (w, h) = (part.width().checked_sub(PATCH)? + 1, part.height().checked_sub(PATCH)? + 1);
    let full = u64::from(w.div_ceil(STRIDE)) * u64::from(h.div_ceil(STRIDE));
    let thinner = (full as f64 / MOST_PATCHES as f64).sqrt().max(1.0);
    let stride = f64::from(STRIDE) * thinner;
    let places = |n: u32| (0..).map(move |i| (f64::from(i) * stride) as u32).take_while(move |&p| p < n);
    let corners: Vec<(u32, u32)> = places(h).flat_map(|y| places(w).map(move |x| (x, y))).collect();
    let d = (PATCH * PATCH * 3) as usize;
    if corners.len() < 2 * d {
        return None;
    }
    let mut patches = DMatrix::<f32>::zeros(corners.len(), d);
    // Column-major: one column is one number of all patches. A row of all patches at a time stays in the cache.
    let wide = PATCH as usize * 3;
    patches.as_mut_slice().par_chunks_mut(corners.len() * wide).enumerate().for_each(|(dy, columns)| {
        let row = |&(x, y): &(u32, u32)| {
            let at = (part.x1 + x) as usize * 3;
            &image.row(part.y1 + y + dy as u32)[at..at + wide]
        };
        let rows: Vec<&[u8]> = corners.iter().map(row).collect();
        for (dx, column) in columns.chunks_exact_mut(corners.len()).enumerate() {
            column.iter_mut().zip(&rows).for_each(|(value, row)| *value = f32::from(row[dx]));
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
    let green = channel(image, window, 1);
    let Some(level) = level(&green) else { return f32::NAN };
    if level <= SUSPICIOUS {
        return level as f32;
    }
    let red = channel(image, window, 0);
    let data = red.data.iter().zip(&green.data).map(|(r, g)| (r - g) * std::f32::consts::FRAC_1_SQRT_2).collect();
    let apart = self::level(&Plane { data, ..green }).unwrap_or(level);
    level.min(TEXTURE * apart) as f32
}

fn level(plane: &Plane) -> Option<f64> {
    if plane.width.min(plane.height) < LOCAL_PATCH {
        return None;
    }
    let places = |n: usize| (0..(n + 1).saturating_sub(LOCAL_PATCH)).step_by(LOCAL_STRIDE);
    let count = places(plane.width).len() * places(plane.height).len();
    // Column-major: one column is one number of all patches.
    let mut numbers = Vec::with_capacity(count * LOCAL_PATCH * LOCAL_PATCH);
    for k in 0..LOCAL_PATCH * LOCAL_PATCH {
        for y in places(plane.height) {
            let row = &plane.row(y + k / LOCAL_PATCH)[k % LOCAL_PATCH..];
            numbers.extend(places(plane.width).map(|x| row[x]));
        }
    }
    noise_of_patches(DMatrix::from_vec(count, LOCAL_PATCH * LOCAL_PATCH, numbers))
}
