//! JPEG quality: how coarsely the picture, or a part of it, was once coded, read from what the coding left.
//!
//! JPEG rounds each frequency of an 8 x 8 block to multiples of a step. The steps follow from the quality (ITU-T T.81
//! annex K with the scale of the Independent JPEG Group), so in a window of blocks each quality foretells at which
//! values the nine lowest frequencies of luma lie. For every quality from 2 to 60 the evidence is summed: `ln` of how
//! likely a value near a multiple (or off all of them) is after that coding, over how likely in a picture that was
//! never coded. The best quality with clear evidence is the window's; 100 where there is none, and nothing where a
//! window has too few frequencies to tell. Coding again, finely, blurs the traces a little, a change of size wipes them
//! out (see `blockiness`). The value is the median of the windows that say something, 1 to 100, higher is better.
//!
//! Details: `windows` (their share), `phase_x`, `phase_y` (where the grid lies).

use super::blockiness::grid;
use super::{Look, measured};
use crate::plane::{luma_of, pixels_of};
use crate::stats::quantile;
use crate::tiles::Tiles;
use giqa_core::{ImageView, Map, Measurement, PixelBox};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::LazyLock;

const BLOCK: usize = 8;
const TILE: usize = 16;
const MOST_TILES: usize = 48;
/// Blocks on a side that are looked at in one tile.
const MOST_BLOCKS: usize = 3;
/// Tiles that a window reaches to each side of its own.
const REACH: usize = 1;
/// The qualities that are tried.
const QUALITIES: [u8; 38] = [
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 30, 32, 34, 36, 38,
    40, 43, 46, 50, 53, 56, 60,
];
/// No trace.
const NONE: f32 = 100.0;
/// Column and row of the nine lowest frequencies, and their steps at quality 50.
const FREQUENCIES: [(usize, usize, f32); 9] = [
    (1, 0, 11.0),
    (0, 1, 12.0),
    (0, 2, 14.0),
    (1, 1, 12.0),
    (2, 0, 10.0),
    (3, 0, 16.0),
    (2, 1, 14.0),
    (1, 2, 13.0),
    (0, 3, 14.0),
];
/// Steps below this drown in rounding.
const LEAST_STEP: f32 = 6.0;
/// Shares of values near a multiple: of those that are not 0 after coding, and of those that are.
const NEAR: f32 = 0.92;
const NEAR_ZERO: f32 = 0.95;
/// Share of the small values of a picture that was never coded which are nearly 0.
const SMALL_ANYWAY: f32 = 0.6;
/// Most that one tile may say for or against a quality: a window is a vote of its tiles.
const MOST_SAID: f32 = 10.0;
/// Evidence of a window that is clear, by tile.
const CLEAR: f32 = 1.5;
/// Frequencies that are not 0 which a window needs.
const ENOUGH: u32 = 5;

/// What one tile says.
#[derive(Clone)]
struct Said {
    /// Evidence for each quality.
    evidence: [f32; QUALITIES.len()],
    /// Values that are not rounded to 0, for each quality.
    telling: [u32; QUALITIES.len()],
}

impl Default for Said {
    fn default() -> Self {
        Self { evidence: [0.0; QUALITIES.len()], telling: [0; QUALITIES.len()] }
    }
}

/// Measures; range 1 to 100, higher is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < 32 || part.height() < 32 {
        return Measurement::not_measurable("smaller than 32 x 32 pixels");
    }
    let phase = grid(look.image, part);
    let tiles = Tiles::new(part.width() as usize, part.height() as usize, TILE, MOST_TILES);
    let said: Vec<Said> =
        (0..tiles.len()).into_par_iter().map(|i| listen(look.image, part, &tiles, i, phase)).collect();
    let values: Vec<f32> = (0..tiles.len()).map(|i| window(&said, &tiles, i)).collect();
    let mut known: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let share = known.len() as f64 / values.len() as f64;
    let Some(value) = quantile(&mut known, 0.5) else {
        return Measurement::not_measurable("flat: too few frequencies to see steps between them");
    };
    let map = look.map.then(|| Map::new(tiles.cols as u32, tiles.rows as u32, values).ok()).flatten();
    measured(value, &[("windows", share), ("phase_x", phase[0] as f64), ("phase_y", phase[1] as f64)], map)
}

/// The steps of the nine frequencies at a quality.
fn steps(quality: u8) -> [f32; FREQUENCIES.len()] {
    let q = f32::from(quality.max(1));
    let scale = if q < 50.0 { 5000.0 / q } else { 200.0 - 2.0 * q };
    FREQUENCIES.map(|(_, _, base)| ((base * scale + 50.0) / 100.0).floor().clamp(1.0, 255.0))
}

/// Steps of one frequency, a quality each, and what a value says for them: `[off all multiples, near one]`.
struct Steps {
    size: [f32; QUALITIES.len()],
    /// How far from a multiple is near; nothing is near steps that drown, and nothing is said of them.
    near: [f32; QUALITIES.len()],
    if_zero: [[f32; QUALITIES.len()]; 2],
    if_not: [[f32; QUALITIES.len()]; 2],
}

static STEPS: LazyLock<[Steps; FREQUENCIES.len()]> = LazyLock::new(|| {
    let of_frequency = |f: usize| {
        let size = QUALITIES.map(|q| steps(q)[f]);
        let near = size.map(|s| (0.08 * s).clamp(1.2, 2.5));
        let drowned = |k: usize| size[k] < LEAST_STEP;
        let says = |k: usize, by: [f32; 2]| {
            let [coded, anyway] = by;
            if drowned(k) { [0.0; 2] } else { [((1.0 - coded) / (1.0 - anyway)).ln(), (coded / anyway).ln()] }
        };
        let if_zero = |k: usize| says(k, [NEAR_ZERO, SMALL_ANYWAY]);
        let if_not = |k: usize| says(k, [NEAR, 2.0 * near[k] / size[k]]);
        Steps {
            size,
            near: std::array::from_fn(|k| if drowned(k) { -1.0 } else { near[k] }),
            if_zero: [0, 1].map(|is| std::array::from_fn(|k| if_zero(k)[is])),
            if_not: [0, 1].map(|is| std::array::from_fn(|k| if_not(k)[is])),
        }
    };
    std::array::from_fn(of_frequency)
});

/// Adds what a block's frequencies say, for all qualities side by side.
#[archmage::autoversion]
fn hear(said: &mut Said, values: &[f32; FREQUENCIES.len()], steps: &[Steps; FREQUENCIES.len()]) {
    let Said { evidence, telling } = said;
    for (&value, steps) in values.iter().zip(steps) {
        for k in 0..QUALITIES.len() {
            let nearest = round(value / steps.size[k]);
            let is_near = (value - steps.size[k] * nearest).abs() < steps.near[k];
            let if_zero = if is_near { steps.if_zero[1][k] } else { steps.if_zero[0][k] };
            let if_not = if is_near { steps.if_not[1][k] } else { steps.if_not[0][k] };
            evidence[k] += if nearest == 0.0 { if_zero } else { if_not };
            telling[k] += u32::from((nearest != 0.0) & is_near);
        }
    }
}

/// `f32::round` without a call of the C library: halves away from 0, for values far from the ends of `i32`.
#[inline(always)]
fn round(value: f32) -> f32 {
    let whole = value.clamp(-1e6, 1e6) as i32;
    let rest = value - whole as f32;
    (whole + i32::from(rest >= 0.5) - i32::from(rest <= -0.5)) as f32
}

/// The quality in a tile's window; NaN where nothing can be said.
fn window(said: &[Said], tiles: &Tiles, i: usize) -> f32 {
    let near = |at: usize, n: usize| at.saturating_sub(REACH)..(at + REACH + 1).min(n);
    let around = near(i / tiles.cols, tiles.rows)
        .flat_map(|y| near(i % tiles.cols, tiles.cols).map(move |x| y * tiles.cols + x));
    let mut all = Said::default();
    let mut n = 0.0;
    for tile in around.map(|k| &said[k]) {
        for k in 0..QUALITIES.len() {
            all.evidence[k] += tile.evidence[k].clamp(-MOST_SAID, MOST_SAID);
            all.telling[k] += tile.telling[k];
        }
        n += 1.0;
    }
    let best = (0..QUALITIES.len())
        .filter(|&k| all.telling[k] >= ENOUGH)
        .max_by(|&a, &b| all.evidence[a].total_cmp(&all.evidence[b]));
    match best {
        Some(k) if all.evidence[k] >= CLEAR * n => f32::from(QUALITIES[k]),
        // Something there that no coarse step explains.
        Some(_) => NONE,
        None => f32::NAN,
    }
}

fn listen(image: ImageView<'_>, part: PixelBox, tiles: &Tiles, i: usize, phase: [usize; 2]) -> Said {
    let (columns, rows) = tiles.pixels(i);
    // Blocks that begin in the tile: each belongs to one.
    let starts = |side: Range<usize>, phase: usize, size: u32| {
        let first = side.start + (phase + BLOCK - side.start % BLOCK) % BLOCK;
        let all = (first..side.end.min((size as usize + 1).saturating_sub(BLOCK))).step_by(BLOCK);
        all.take(MOST_BLOCKS)
    };
    let mut said = Said::default();
    for y in starts(rows, phase[1], part.height()) {
        for x in starts(columns.clone(), phase[0], part.width()) {
            let values = frequencies(image, part.x1 as usize + x, part.y1 as usize + y);
            hear(&mut said, &values, &STEPS);
        }
    }
    said
}

/// The nine lowest frequencies (orthonormal DCT-II of luma) of a block.
fn frequencies(image: ImageView<'_>, left: usize, top: usize) -> [f32; FREQUENCIES.len()] {
    // By row of the block, its four lowest frequencies across.
    let mut across = [[0.0_f32; 4]; BLOCK];
    for (y, out) in across.iter_mut().enumerate() {
        let row = &image.row((top + y) as u32)[left * 3..(left + BLOCK) * 3];
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            let luma = luma_of(pixel);
            out.iter_mut().enumerate().for_each(|(u, sum)| *sum += luma * WAVES[u][x]);
        }
    }
    FREQUENCIES.map(|(u, v, _)| across.iter().enumerate().map(|(y, row)| row[u] * WAVES[v][y]).sum())
}

/// `WAVES[u][x]`: the four lowest basis functions of the orthonormal DCT-II of eight values.
const WAVES: [[f32; BLOCK]; 4] = [
    [0.353_553_4; BLOCK],
    [0.490_392_6, 0.415_734_8, 0.277_785_1, 0.097_545_16, -0.097_545_16, -0.277_785_1, -0.415_734_8, -0.490_392_6],
    [0.461_939_8, 0.191_341_7, -0.191_341_7, -0.461_939_8, -0.461_939_8, -0.191_341_7, 0.191_341_7, 0.461_939_8],
    [0.415_734_8, -0.097_545_16, -0.490_392_6, -0.277_785_1, 0.277_785_1, 0.490_392_6, 0.097_545_16, -0.415_734_8],
];
