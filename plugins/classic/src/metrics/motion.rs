//! Motion blur: detail that is smeared in one direction and crisp across it.
//!
//! For a direction, `E(k)` is the mean squared difference of pixels `k` apart (a variogram, Matheron 1963). It grows as
//! `k^(2 h)`: `h` is 0.5 for sharp edges whatever their direction and contrast, near 0 for noise, and 1 where the
//! picture is smooth over the distance. Motion over `L` pixels drives `h` up along its direction and leaves it across;
//! soft focus drives it up everywhere. The value is `h` along the direction with the largest, less `h` across, and at
//! least 0: 0 to 0.1 for still pictures, 0.25 for L = 5 (at the analysed size), 0.4 for 15, 0.5 at most.
//!
//! Directions with less than a quarter of the strongest one's energy say nothing (a lone edge has none along itself).
//! Noise is subtracted by its own part of `E`. Details: `direction` (degrees against the clock from the right, 0 to
//! 180), `along` and `across` (the two `h`). Pictures over 1200 pixels are averaged down.

use super::sharpness::white_noise;
use super::{Look, measured};
use crate::plane::{Plane, blur, luma, pixels_of, reduction};
use crate::tiles::Tiles;
use archmage::autoversion;
use giqa_core::{Map, Measurement};
use rayon::prelude::*;
use std::ops::Range;

const SIDE: u32 = 1200;
const TILE: usize = 16;
const MOST_TILES: usize = 64;
/// Cells of the map that a window reaches to each side.
const REACH: usize = 2;
/// The directions: a step of pixels to the right and down; each one's opposite number is four further.
const STEPS: [(isize, isize); 8] = [(1, 0), (2, 1), (1, 1), (1, 2), (0, 1), (-1, 2), (-1, 1), (-2, 1)];
/// Pixels of the short and of the long distance.
const NEAR: f64 = 2.0;
const FAR: f64 = 10.0;
/// Mean squared difference at the long distance below which there is nothing to judge.
const LEAST: f64 = 20.0;
/// Share of the strongest direction's energy that a direction needs.
const ENOUGH: f64 = 0.25;
/// Least `h` along the direction: below it nothing is smeared.
const SMEARED: f64 = 0.68;
/// The same for a window of the map, and the directions that must say something there.
const LOCAL_SMEARED: f64 = 0.8;
const LOCAL_DIRECTIONS: usize = 6;

/// `[near, far]` mean squared differences by direction.
#[derive(Clone, Copy, Default)]
struct Energies([[f64; 2]; STEPS.len()]);

/// Measures; range 0 to 0.5, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    let plane = luma(look.image, part, reduction(part, SIDE));
    if plane.width < 32 || plane.height < 32 {
        return Measurement::not_measurable("smaller than 32 x 32 pixels");
    }
    // Strong noise hides everything at the short distance; a little blur in all directions takes most of it away.
    let sd = white_noise(&plane);
    let (plane, sd) = if sd > 3.0 { (blur(&plane, 1.0), sd * 0.28) } else { (plane, sd) };
    let tiles = Tiles::new(plane.width, plane.height, TILE, MOST_TILES);
    let cells: Vec<Energies> = (0..tiles.len()).into_par_iter().map(|i| energies(&plane, &tiles, i)).collect();
    let noise = 2.0 * sd * sd;
    // Each cell counts alike up to its energy's root, so that no single edge speaks for the picture.
    let whole = sum(cells.iter(), noise);
    let Some(whole) = whole.and_then(|e| judge(&e)) else {
        return Measurement::not_measurable("flat: no edges or texture to be smeared");
    };
    let map = look.map.then(|| {
        let value = |i: usize| -> Option<f32> {
            let (c, r) = (i % tiles.cols, i / tiles.cols);
            let near = |at: usize, n: usize| at.saturating_sub(REACH)..(at + REACH + 1).min(n);
            let around = near(r, tiles.rows).flat_map(|y| near(c, tiles.cols).map(move |x| y * tiles.cols + x));
            // A window has few edges: it needs them in more directions, and a clearer smear, than the picture.
            let judged = sum(around.map(|k| &cells[k]), noise).and_then(|e| judge(&e))?;
            (judged.known >= LOCAL_DIRECTIONS).then_some(if judged.along < LOCAL_SMEARED {
                0.0
            } else {
                judged.value as f32
            })
        };
        let values: Vec<f32> = (0..tiles.len()).map(|i| value(i).unwrap_or(f32::NAN)).collect();
        Map::new(tiles.cols as u32, tiles.rows as u32, tiles.spread(&values, 1)).ok()
    });
    let details = [("direction", whole.direction), ("along", whole.along), ("across", whole.across)];
    measured(whole.value, &details, map.flatten())
}

struct Judged {
    /// Directions that say something.
    known: usize,
    value: f64,
    direction: f64,
    along: f64,
    across: f64,
}

/// Sum of energies without their noise; `None` where hardly a cell has any.
fn sum<'a>(cells: impl Iterator<Item = &'a Energies>, noise: f64) -> Option<Energies> {
    let mut all = Energies::default();
    for cell in cells {
        let strength: f64 = cell.0.iter().map(|e| e[1] - noise).sum::<f64>() / STEPS.len() as f64;
        if strength < LEAST {
            continue;
        }
        for (sum, one) in all.0.iter_mut().zip(&cell.0) {
            let weight = 1.0 / strength.sqrt();
            sum[0] += (one[0] - noise).max(0.0) * weight;
            sum[1] += (one[1] - noise).max(0.0) * weight;
        }
    }
    (all.0.iter().map(|e| e[1]).sum::<f64>() > 0.0).then_some(all)
}

fn judge(energies: &Energies) -> Option<Judged> {
    let strongest = energies.0.iter().map(|e| e[1]).fold(0.0, f64::max);
    let slope = |i: usize| {
        let [near, far] = energies.0[i];
        if far < ENOUGH * strongest || near <= 0.0 {
            return None;
        }
        let (short, long) = (pixels(i, NEAR), pixels(i, FAR));
        Some((far / near).ln() / (2.0 * (length(i, long) / length(i, short)).ln()))
    };
    let slopes: Vec<Option<f64>> = (0..STEPS.len()).map(slope).collect();
    let smooth = (0..STEPS.len()).filter_map(|i| slopes[i].map(|h| (i, h))).max_by(|a, b| a.1.total_cmp(&b.1));
    let (i, along) = smooth?;
    let across = slopes[(i + 4) % 8]?;
    // Between the eight directions: the mean of those that are smoother than across, on the doubled angle.
    let (x, y) = (0..STEPS.len()).filter_map(|k| slopes[k].map(|h| (k, h))).fold((0.0, 0.0), |(x, y), (k, h)| {
        let weight = (h - across).max(0.0).powi(4);
        let angle = 2.0 * (-(STEPS[k].1 as f64)).atan2(STEPS[k].0 as f64);
        (x + weight * angle.cos(), y + weight * angle.sin())
    });
    let direction = (y.atan2(x) / 2.0).to_degrees().rem_euclid(180.0);
    let value = if along < SMEARED { 0.0 } else { (along - across).clamp(0.0, 0.5) };
    let known = slopes.iter().flatten().count();
    Some(Judged { known, value, direction, along, across })
}

/// How many steps of a direction come nearest to a distance.
fn pixels(i: usize, distance: f64) -> isize {
    ((distance / length(i, 1)).round() as isize).max(1)
}

fn length(i: usize, steps: isize) -> f64 {
    (STEPS[i].0 as f64).hypot(STEPS[i].1 as f64) * steps as f64
}

/// Sum of the squared differences of two rows.
#[autoversion]
pub(super) fn squares(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 8;
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for k in 0..LANES {
            sums[k] += (a[k] - b[k]) * (a[k] - b[k]);
        }
    }
    a_rest.iter().zip(b_rest).fold(sums.iter().sum(), |sum, (a, b)| sum + (a - b) * (a - b))
}

/// Mean squared difference of pixels `dx` columns and `dy` rows apart (`dy` at least 0); 0 where there are none. Pairs
/// begin in these columns and rows and may end beyond them, but not beyond the picture.
pub(crate) fn mean_square(
    plane: &Plane,
    (columns, rows): (Range<usize>, Range<usize>),
    (dx, dy): (isize, isize),
) -> f64 {
    let x1 = columns.start.max((-dx).max(0) as usize);
    let x2 = columns.end.min(plane.width.saturating_sub(dx.max(0) as usize));
    let (mut total, mut pairs) = (0.0_f64, 0_usize);
    for y in rows.start..rows.end.min(plane.height.saturating_sub(dy as usize)) {
        if x1 >= x2 {
            break;
        }
        let here = &plane.row(y)[x1..x2];
        let from = (x1 as isize + dx) as usize;
        total += f64::from(squares(here, &plane.row(y + dy as usize)[from..from + here.len()]));
        pairs += here.len();
    }
    if pairs == 0 { 0.0 } else { total / pairs as f64 }
}

fn energies(plane: &Plane, tiles: &Tiles, i: usize) -> Energies {
    let (columns, rows) = tiles.pixels(i);
    let mut all = Energies::default();
    for (d, out) in all.0.iter_mut().enumerate() {
        for (which, distance) in [NEAR, FAR].into_iter().enumerate() {
            let n = pixels(d, distance);
            let (dx, dy) = (STEPS[d].0 * n, STEPS[d].1 * n);
            out[which] = mean_square(plane, (columns.clone(), rows.clone()), (dx, dy));
        }
    }
    all
}
