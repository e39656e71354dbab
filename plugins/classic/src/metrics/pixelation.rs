//! Pixelation: squares of one colour each, as mosaics and enlargements without interpolation leave them.
//!
//! In windows of 64 x 64 pixels, the mean absolute difference of neighbouring columns (and of rows) is taken by its
//! place. With squares of `b` pixels all differences lie on every `b`-th line: the largest `b` from 2 to 24 with less
//! than a tenth of all differences off its grid is the window's value, the smaller one of both directions; 1 (no
//! squares) otherwise. JPEG's blocks keep their texture, so they don't count. The picture's value is the median of its
//! windows; those without differences say nothing. Detail: `share` of windows with squares.

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
const WINDOW: usize = 64;
const LARGEST: usize = 24;
/// Share of all differences that may lie off the grid of squares.
const OFF_GRID: f64 = 0.1;
/// Mean difference of neighbours (8-bit steps) below which a window is flat.
const FLAT: f64 = 0.3;

/// Measures; range 1 to 24 pixels, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < 32 || part.height() < 32 {
        return Measurement::not_measurable("smaller than 32 x 32 pixels");
    }
    let tiles = Tiles::new(part.width() as usize, part.height() as usize, TILE, MOST_TILES);
    let values: Vec<f32> = (0..tiles.len()).into_par_iter().map(|i| squares(look.image, part, &tiles, i)).collect();
    let mut known: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let share = known.iter().filter(|&&v| v > 1.0).count() as f64 / values.len() as f64;
    let Some(value) = quantile(&mut known, 0.5) else {
        return Measurement::not_measurable("flat: no differences to find squares in");
    };
    let map =
        look.map.then(|| Map::new(tiles.cols as u32, tiles.rows as u32, tiles.spread(&values, REACH)).ok()).flatten();
    measured(value, &[("share", share)], map)
}

fn squares(image: ImageView<'_>, part: PixelBox, tiles: &Tiles, i: usize) -> f32 {
    let around = |r: Range<usize>, from: u32, size: u32| {
        let start =
            usize::midpoint(r.start, r.end).saturating_sub(WINDOW / 2).min((size as usize).saturating_sub(WINDOW));
        (from + start as u32, from + (start + WINDOW).min(size as usize) as u32)
    };
    let (columns, rows) = tiles.pixels(i);
    let ((x1, x2), (y1, y2)) = (around(columns, part.x1, part.width()), around(rows, part.y1, part.height()));
    let width = (x2 - x1) as usize;
    // Channel by channel; a window's sums fit 16 bits.
    let (mut beside, mut down) = ([0_u16; WINDOW * 3], vec![0_u32; (y2 - y1) as usize]);
    let mut above: &[u8] = &[];
    for y in y1..y2 {
        let row = &image.row(y)[x1 as usize * 3..x2 as usize * 3];
        add_apart(&mut beside, row, &row[3..]);
        if !above.is_empty() {
            down[(y - y1) as usize] = apart(row, above);
        }
        above = row;
    }
    let mut across = vec![0_u32; width];
    for (sum, channels) in across[1..].iter_mut().zip(beside.as_chunks::<3>().0) {
        *sum = channels.iter().map(|&c| u32::from(c)).sum();
    }
    let pairs = |n: usize| (n * 3) as f64;
    match (side(&across, pairs(down.len())), side(&down, pairs(width))) {
        (Some(a), Some(b)) => a.min(b) as f32,
        _ => f32::NAN,
    }
}

/// Adds the differences of two rows, place by place.
#[autoversion]
fn add_apart(sums: &mut [u16], a: &[u8], b: &[u8]) {
    sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += u16::from(a.abs_diff(*b)));
}

/// The sum of the differences of two rows.
#[autoversion]
fn apart(a: &[u8], b: &[u8]) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum()
}

/// Side of the squares along one direction; `None` where it is flat. The first sum is no difference.
fn side(sums: &[u32], pairs: f64) -> Option<usize> {
    let total: f64 = sums.iter().map(|&s| f64::from(s)).sum();
    if total / (sums.len() as f64 * pairs) < FLAT {
        return None;
    }
    let strongest = sums.iter().zip(0..).max_by_key(|&(s, i)| (*s, std::cmp::Reverse(i))).map_or(0, |(_, i)| i);
    let fits = |&b: &usize| {
        let on: f64 = sums.iter().skip(strongest % b).step_by(b).map(|&s| f64::from(s)).sum();
        total - on < OFF_GRID * total
    };
    // Divisors of the side fit as well, multiples leave lines off their grid: the largest that fits is it.
    Some((2..=LARGEST.min(sums.len() / 3)).rev().find(fits).unwrap_or(1))
}
