//! Exposure: clipped highlights, lost shadows, and where the middle tones lie.
//!
//! The value is badness, 0 (fine) to 1: the worse of
//! - overexposed: the share of the picture in tiles that are mostly blown out (a pixel is blown out when a channel is
//!   at least 254 and its luma at least 235), three quarters at 35 %, full at 90 %; or a median luma above 190, full at
//!   250;
//! - underexposed: nothing bright (99th percentile of luma below 172, full at 75) and a median below 140 (full at 85),
//!   so that a night scene with lamps, a portrait before black, or a grey day is not taken for a mistake.
//!
//! Details: `clip_high` (share of pixels with a channel >= 254), `clip_low` (all channels <= 1), `blown_share`,
//! `median` (luma), `bias` (-1 dark to +1 bright: which side the value comes from).

use super::{Look, measured};
use crate::plane::{luma_of, pixels_of};
use crate::stats::Histogram;
use crate::tiles::Tiles;
use giqa_core::{ImageView, Map, Measurement, PixelBox};
use rayon::prelude::*;

const TILE: usize = 16;
const MOST_TILES: usize = 64;
/// Pixels are counted `step` apart where a picture has more than this.
const MOST_PIXELS: u64 = 1_500_000;

#[derive(Default, Clone)]
struct Counts {
    luma: Histogram,
    pixels: u64,
    high: u64,
    low: u64,
    blown: u64,
}

/// Measures; range 0 to 1, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    let tiles = Tiles::new(part.width() as usize, part.height() as usize, TILE, MOST_TILES);
    let step = step_for(part);
    let counts: Vec<Counts> =
        (0..tiles.len()).into_par_iter().map(|i| count(look.image, part, &tiles, i, step)).collect();
    let all = counts.iter().fold(Counts::default(), |mut sum, c| {
        sum.luma.merge(&c.luma);
        sum.pixels += c.pixels;
        sum.high += c.high;
        sum.low += c.low;
        sum
    });
    let share = |n: u64| n as f64 / all.pixels.max(1) as f64;
    let mostly_blown: u64 = counts.iter().filter(|c| c.blown * 10 >= c.pixels * 6).map(|c| c.pixels).sum();
    let (median, bright) = (all.luma.quantile(0.5), all.luma.quantile(0.99));
    let blown = share(mostly_blown);
    let over = (0.75 * ramp(blown, 0.0, 0.35) + 0.25 * ramp(blown, 0.35, 0.9)).max(ramp(median, 190.0, 250.0));
    let under = ramp(bright, 172.0, 75.0) * ramp(median, 140.0, 85.0);
    let details = [
        ("clip_high", share(all.high)),
        ("clip_low", share(all.low)),
        ("blown_share", share(mostly_blown)),
        ("median", median),
        ("bias", if over >= under { over } else { -under }),
    ];
    let map = look.map.then(|| {
        let values = counts.iter().map(|c| tile_badness(c) as f32).collect();
        Map::new(tiles.cols as u32, tiles.rows as u32, values).ok()
    });
    measured(over.max(under), &details, map.flatten())
}

/// Badness of one tile: its blown-out share, or a mild one where hardly anything can be made out in the dark.
fn tile_badness(c: &Counts) -> f64 {
    let blown = c.blown as f64 / c.pixels.max(1) as f64;
    blown.max(0.4 * ramp(c.luma.quantile(0.9), 36.0, 8.0))
}

/// 0 at `from`, 1 at `to`, linear between.
fn ramp(value: f64, from: f64, to: f64) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

fn step_for(part: PixelBox) -> usize {
    let pixels = u64::from(part.width()) * u64::from(part.height());
    ((pixels as f64 / MOST_PIXELS as f64).sqrt().ceil() as usize).max(1)
}

fn count(image: ImageView<'_>, part: PixelBox, tiles: &Tiles, i: usize, step: usize) -> Counts {
    let (columns, rows) = tiles.pixels(i);
    let mut c = Counts::default();
    for y in rows.step_by(step) {
        let row = image.row(part.y1 + y as u32);
        for x in columns.clone().step_by(step) {
            let at = (part.x1 as usize + x) * 3;
            let pixel = &row[at..at + 3];
            let (luma, most) = (luma_of(pixel), pixel.iter().copied().max().unwrap_or(0));
            // As `round`, which calls the C library.
            c.luma.add((luma + 0.5) as u8);
            c.pixels += 1;
            c.high += u64::from(most >= 254);
            c.low += u64::from(most <= 1);
            c.blown += u64::from(most >= 254 && luma >= 235.0);
        }
    }
    c
}
