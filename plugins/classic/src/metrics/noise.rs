//! Noise: its standard deviation in 8-bit steps of a colour channel, by the method in [`super::chen`].
//!
//! The picture's value takes 8 x 8 RGB patches (192 numbers) three pixels apart, or farther where that would be more
//! than 8 000. The map takes 5 x 5 patches, three pixels apart, of the green channel in windows of 64 x 64 pixels (a third of the tile
//! where that is more), so that texture, which lies in few dimensions, is not taken for noise.

use super::chen::{Patches, noise_of_patches};
use super::{Look, measured};
use crate::memo::Memo;
use crate::plane::pixels_of;
use crate::tiles::Tiles;
use giqa_core::{ImageView, Map, Measurement, PixelBox};
use rayon::prelude::*;

const PATCH: u32 = 8;
const STRIDE: u32 = 3;
/// Pixels are taken from here, so that their products are small.
const MIDDLE: i16 = 128;
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
    let Some(value) = value(look.image, part) else {
        return Measurement::not_measurable("too small: fewer than 400 patches of 8 x 8 pixels");
    };
    let map = || if look.region.is_none() { map_of(look.image) } else { map(look.image, part) };
    measured(value, &[], look.map.then(map).flatten())
}

/// Noise in the 8 x 8 RGB patches.
fn value(image: ImageView<'_>, part: PixelBox) -> Option<f64> {
    let (w, h) = (part.width().checked_sub(PATCH)? + 1, part.height().checked_sub(PATCH)? + 1);
    let full = u64::from(w.div_ceil(STRIDE)) * u64::from(h.div_ceil(STRIDE));
    let thinner = (full as f64 / MOST_PATCHES as f64).sqrt().max(1.0);
    let stride = f64::from(STRIDE) * thinner;
    let places = |from: u32, n: u32| -> Vec<u32> {
        (0..).map(|i| (f64::from(i) * stride) as u32).take_while(|&p| p < n).map(|p| from + p).collect()
    };
    let (xs, ys) = (places(part.x1, w), places(part.y1, h));
    let (lines, across, wide) = (ys.len(), xs.len(), PATCH as usize * 3);
    let numbers = PATCH as usize * wide;
    if thinner > 1.0 {
        let column = |line: usize, k: usize, out: &mut [i16]| {
            let row = &image.row(ys[line] + (k / wide) as u32)[k % wide..];
            out.iter_mut().zip(&xs).for_each(|(v, &x)| *v = i16::from(row[x as usize * 3]) - MIDDLE);
        };
        return noise_of_patches(&Patches { lines, across, numbers, column });
    }
    let mut phases = Phases::<{ STRIDE as usize * 3 }>::default();
    let from = |v: &u8| i16::from(*v) - MIDDLE;
    (part.y1..part.y2)
        .for_each(|y| phases.push(image.row(y)[part.x1 as usize * 3..part.x2 as usize * 3].iter().map(from)));
    let column = |line: usize, k: usize, out: &mut [i16]| {
        out.copy_from_slice(&phases.row((ys[line] - part.y1) as usize + k / wide, k % wide)[..across]);
    };
    noise_of_patches(&Patches { lines, across, numbers, column })
}

/// Rows of numbers, every `STEP`th in a row by itself: patches `STEP` apart are beside each other then.
#[derive(Default)]
struct Phases<const STEP: usize> {
    length: usize,
    data: Vec<i16>,
}

impl<const STEP: usize> Phases<STEP> {
    /// Adds a row, as long as the others.
    fn push(&mut self, row: impl ExactSizeIterator<Item = i16>) {
        self.length = row.len().div_ceil(STEP);
        let at = self.data.len();
        self.data.resize(at + STEP * self.length, 0);
        let (mut i, mut phase) = (0, 0);
        for v in row {
            self.data[at + phase * self.length + i] = v;
            phase += 1;
            if phase == STEP {
                (i, phase) = (i + 1, 0);
            }
        }
    }

    /// Every `STEP`th number of row `y`, from `x` on.
    fn row(&self, y: usize, x: usize) -> &[i16] {
        let at = (y * STEP + x % STEP) * self.length;
        &self.data[at..at + self.length][x / STEP..]
    }
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
    let Some(level) = level(image, window, |p| i16::from(p[1])) else { return f32::NAN };
    if level <= SUSPICIOUS {
        return level as f32;
    }
    let apart = self::level(image, window, |p| i16::from(p[0]) - i16::from(p[1])).unwrap_or(level);
    // Independent noise of two channels adds up.
    level.min(TEXTURE * apart * std::f64::consts::FRAC_1_SQRT_2) as f32
}

/// Noise in the 5 x 5 patches of what is `told` of pixels.
fn level(image: ImageView<'_>, window: PixelBox, told: impl Fn(&[u8]) -> i16) -> Option<f64> {
    let (width, height) = (window.width() as usize, window.height() as usize);
    if width.min(height) < LOCAL_PATCH {
        return None;
    }
    let mut phases = Phases::<LOCAL_STRIDE>::default();
    for y in window.y1..window.y2 {
        phases.push(image.row(y)[window.x1 as usize * 3..window.x2 as usize * 3].chunks_exact(3).map(&told));
    }
    let places = |n: usize| (n - LOCAL_PATCH) / LOCAL_STRIDE + 1;
    let column = |line: usize, k: usize, out: &mut [i16]| {
        let row = phases.row(line * LOCAL_STRIDE + k / LOCAL_PATCH, k % LOCAL_PATCH);
        out.copy_from_slice(&row[..out.len()]);
    };
    let (lines, across) = (places(height), places(width));
    noise_of_patches(&Patches { lines, across, numbers: LOCAL_PATCH * LOCAL_PATCH, column })
}
