//! Banding: tones that come in few steps, as gradients do after posterising or with too few bits.
//!
//! In windows of 48 x 48 pixels, the tones that a channel uses are counted between its smallest and its largest. A
//! photograph uses nearly all of them; with few bits there are gaps. The value of a window is `log2` of the mean gap
//! in 8-bit steps, the median of the three channels: the bits of tone that are lost, 0 to 8. A window with one or two
//! tones in all channels says nothing. The picture's value is the median of its windows, where at least a tenth says
//! something. Detail: `windows` (their share). Finer banding, of one step in a smooth sky, is not looked for.

use super::{Look, measured};
use crate::plane::pixels_of;
use crate::stats::quantile;
use crate::tiles::Tiles;
use archmage::autoversion;
use giqa_core::{ImageView, Map, Measurement, PixelBox};
use rayon::prelude::*;
use std::ops::Range;

const TILE: usize = 16;
/// Tiles that a window reaches to each side of its own.
const REACH: usize = 1;
const MOST_TILES: usize = 48;
const WINDOW: usize = 48;
/// Tones that hold fewer pixels than this share of the window are strays.
const STRAY: f64 = 0.002;
/// Share of pixels that the tones which are no strays must hold: else the tones are merely many.
const HELD: f64 = 0.97;

/// Measures; range 0 to 8 bits, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < 16 || part.height() < 16 {
        return Measurement::not_measurable("smaller than 16 x 16 pixels");
    }
    let tiles = Tiles::new(part.width() as usize, part.height() as usize, TILE, MOST_TILES);
    let values: Vec<f32> =
        (0..tiles.rows).into_par_iter().flat_map_iter(|row| lost_bits(look.image, part, &tiles, row)).collect();
    let mut known: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let share = known.len() as f64 / values.len() as f64;
    match quantile(&mut known, 0.5) {
        Some(value) if share >= 0.1 => {
            let map = look
                .map
                .then(|| Map::new(tiles.cols as u32, tiles.rows as u32, tiles.spread(&values, REACH)).ok())
                .flatten();
            measured(value, &[("windows", share)], map)
        }
        _ => Measurement::not_measurable("flat: too few tones to see steps between them"),
    }
}

/// Of the tones of red, then of green, then of blue.
type Counts = [u32; 3 * 256];

/// The windows of a row of tiles. They overlap: the tones between two of their borders are counted once for all.
fn lost_bits(image: ImageView<'_>, part: PixelBox, tiles: &Tiles, row: usize) -> Vec<f32> {
    let around = |r: Range<usize>, from: u32, size: u32| {
        let start =
            usize::midpoint(r.start, r.end).saturating_sub(WINDOW / 2).min((size as usize).saturating_sub(WINDOW));
        from as usize + start..from as usize + (start + WINDOW).min(size as usize)
    };
    let first = row * tiles.cols;
    let rows = around(tiles.pixels(first).1, part.y1, part.height());
    let windows: Vec<Range<usize>> =
        (first..first + tiles.cols).map(|i| around(tiles.pixels(i).0, part.x1, part.width())).collect();
    let mut cuts: Vec<usize> = windows.iter().flat_map(|w| [w.start, w.end]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let counts: Vec<Counts> = cuts.windows(2).map(|cut| count(image, &rows, cut[0]..cut[1], &windows)).collect();
    let bits = |window: &Range<usize>| {
        let at = |x: usize| cuts.partition_point(|&cut| cut < x);
        let mut all: Counts = [0; 3 * 256];
        for part in &counts[at(window.start)..at(window.end)] {
            add(&mut all, part);
        }
        let pixels = (window.len() * rows.len()) as f64;
        let mut bits = [0, 1, 2].map(|c| channel_bits(&all[c * 256..][..256], pixels));
        bits.sort_by(f64::total_cmp);
        bits[1] as f32
    };
    windows.iter().map(bits).collect()
}

/// How often each tone is there; nothing between windows that lie apart.
fn count(image: ImageView<'_>, rows: &Range<usize>, columns: Range<usize>, windows: &[Range<usize>]) -> Counts {
    let mut counts = [0_u32; 3 * 256];
    if windows.iter().any(|w| w.contains(&columns.start)) {
        for y in rows.clone() {
            for p in image.row(y as u32)[columns.start * 3..columns.end * 3].as_chunks::<3>().0 {
                (0..3).for_each(|c| counts[c * 256 + usize::from(p[c])] += 1);
            }
        }
    }
    counts
}

#[autoversion]
fn add(sums: &mut Counts, counts: &Counts) {
    sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
}

/// `log2` of the mean gap; NaN (which sorts last) where there are fewer than three tones.
#[autoversion]
fn channel_bits(counts: &[u32], pixels: f64) -> f64 {
    let least = (STRAY * pixels).max(1.0).ceil() as u32;
    let held: u32 = counts.iter().map(|&c| if c >= least { c } else { 0 }).sum();
    if f64::from(held) < HELD * pixels {
        return 0.0;
    }
    let n: u32 = counts.iter().map(|&c| u32::from(c >= least)).sum();
    let used = |c: &u32| *c >= least;
    match (counts.iter().position(used), counts.iter().rposition(used)) {
        (Some(low), Some(high)) if n >= 3 => ((high - low) as f64 / f64::from(n - 1)).log2(),
        _ => f64::NAN,
    }
}
