//! Blockiness: steps at the borders of JPEG's 8 x 8 blocks, wherever their grid lies after a crop.
//!
//! The mean absolute difference of neighbouring pixels is taken for each of the eight phases of the grid, across and
//! down. Coding makes one phase stand out; a picture that was never coded, or blurred since, has none. The value is
//! `1 - mean of the other phases / best phase`, 0 to 1, the mean of both directions; it counts in full where the step
//! is 1.5 of 255 or more, and in proportion below, where nobody sees it.
//!
//! Details: `phase_x`, `phase_y` (column and row of the first border, modulo 8), and `wsb`, the no-reference JPEG
//! score of Wang, Sheikh and Bovik (ICIP 2002; 10 is best) on the grid that begins at the corner, as they define it, for
//! pictures up to 2 megapixels.

use super::{Look, measured};
use crate::plane::{Plane, luma, pixels_of};
use crate::tiles::Tiles;
use giqa_core::{Map, Measurement};
use rayon::prelude::*;

const BLOCK: usize = 8;
const TILE: usize = 64;
const MOST_TILES: usize = 32;
/// Mean absolute difference (8-bit steps) below which a picture is flat.
const FLAT: f64 = 0.05;

/// Most pixels for which `wsb` is computed: it is a yardstick, and costs more than all the rest.
const MOST_FOR_WSB: usize = 2_000_000;
/// Mean step at block borders, beyond the differences elsewhere, that counts in full.
const VISIBLE: f64 = 1.5;

/// Sums of absolute differences across a border, by its phase: `[across, down]`, each with its count.
#[derive(Clone, Copy, Default)]
struct Sums {
    diff: [[f64; BLOCK]; 2],
    count: [[f64; BLOCK]; 2],
}

/// Measures; range 0 to 1, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < 32 || part.height() < 32 {
        return Measurement::not_measurable("smaller than 32 x 32 pixels");
    }
    let plane = luma(look.image, part, 1);
    let tiles = Tiles::new(plane.width, plane.height, TILE, MOST_TILES);
    let sums: Vec<Sums> = (0..tiles.len()).into_par_iter().map(|i| differences(&plane, &tiles, i)).collect();
    let total = sums.iter().fold(Sums::default(), |mut all, s| {
        for direction in 0..2 {
            for phase in 0..BLOCK {
                all.diff[direction][phase] += s.diff[direction][phase];
                all.count[direction][phase] += s.count[direction][phase];
            }
        }
        all
    });
    let means = total.means();
    if means.iter().flatten().sum::<f64>() / 16.0 < FLAT {
        return Measurement::not_measurable("flat: no differences to find a grid in");
    }
    let phases = means.map(|m| best(&m));
    let value = stands_out(&means, phases);
    let map = look.map.then(|| {
        let values = sums.iter().map(|s| local(s, phases)).collect();
        Map::new(tiles.cols as u32, tiles.rows as u32, values).ok()
    });
    let mut details = vec![("phase_x", phases[0] as f64), ("phase_y", phases[1] as f64)];
    if plane.data.len() <= MOST_FOR_WSB {
        details.extend(wsb(&plane).map(|score| ("wsb", score)));
    }
    measured(value, &details, map.flatten())
}

impl Sums {
    fn means(&self) -> [[f64; BLOCK]; 2] {
        let mean = |d: usize, p: usize| if self.count[d][p] > 0.0 { self.diff[d][p] / self.count[d][p] } else { 0.0 };
        std::array::from_fn(|d| std::array::from_fn(|p| mean(d, p)))
    }
}

fn best(means: &[f64; BLOCK]) -> usize {
    (0..BLOCK).max_by(|&a, &b| means[a].total_cmp(&means[b])).unwrap_or(0)
}

fn stands_out(means: &[[f64; BLOCK]; 2], phases: [usize; 2]) -> f64 {
    let one = |direction: usize| {
        let (m, phase) = (&means[direction], phases[direction]);
        let others = (m.iter().sum::<f64>() - m[phase]) / (BLOCK - 1) as f64;
        // Steps below one 8-bit step on average are there, but nobody sees them.
        let visible = ((m[phase] - others) / VISIBLE).min(1.0);
        if m[phase] > 0.0 { ((1.0 - others / m[phase]) * visible).max(0.0) } else { 0.0 }
    };
    f64::midpoint(one(0), one(1))
}

/// Blockiness of one tile on the picture's own grid; NaN where it is flat.
fn local(sums: &Sums, phases: [usize; 2]) -> f32 {
    let means = sums.means();
    if means.iter().flatten().sum::<f64>() / 16.0 < FLAT { f32::NAN } else { stands_out(&means, phases) as f32 }
}

fn differences(plane: &Plane, tiles: &Tiles, i: usize) -> Sums {
    let (columns, rows) = tiles.pixels(i);
    let mut sums = Sums::default();
    // Plain arrays of f32 in the inner loop: one per column of the tile, added up by phase at the end.
    let mut across = vec![0.0_f32; columns.len()];
    for y in rows.clone() {
        let row = plane.row(y);
        if columns.start > 0 {
            across[0] += (row[columns.start] - row[columns.start - 1]).abs();
        }
        for (sum, pair) in across[1..].iter_mut().zip(row[columns.clone()].windows(2)) {
            *sum += (pair[1] - pair[0]).abs();
        }
        if y > 0 {
            let above = &plane.row(y - 1)[columns.clone()];
            let line: f32 = row[columns.clone()].iter().zip(above).map(|(a, b)| (a - b).abs()).sum();
            sums.diff[1][y % BLOCK] += f64::from(line);
            sums.count[1][y % BLOCK] += columns.len() as f64;
        }
    }
    for (x, sum) in columns.clone().zip(across).filter(|(x, _)| *x > 0) {
        sums.diff[0][x % BLOCK] += f64::from(sum);
        sums.count[0][x % BLOCK] += rows.len() as f64;
    }
    sums
}

/// Wang, Sheikh, Bovik 2002; `None` where it has no meaning (no zero crossings, no differences).
fn wsb(plane: &Plane) -> Option<f64> {
    let (w, h) = (plane.width, plane.height);
    let at = |x: usize, y: usize| f64::from(plane.data[y * w + x].round());
    // Mean absolute difference on block borders, elsewhere (weighted as they do), and rate of zero crossings.
    let features = |n: usize, m: usize, value: &(dyn Fn(usize, usize) -> f64 + Sync)| {
        let (border, all, crossings) = (0..m)
            .into_par_iter()
            .map(|j| {
                let (mut border, mut all, mut crossings) = (0.0, 0.0, 0.0);
                let mut before = 0.0_f64;
                for i in 0..n - 1 {
                    let d = value(i + 1, j) - value(i, j);
                    all += d.abs();
                    if i % BLOCK == BLOCK - 1 && i / BLOCK + 1 < n / BLOCK {
                        border += d.abs();
                    }
                    crossings += f64::from(u8::from(i > 0 && before * d < 0.0));
                    before = d;
                }
                (border, all, crossings)
            })
            .reduce(|| (0.0, 0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
        let m = m as f64;
        let b = border / ((n / BLOCK - 1) as f64 * m);
        let mean = all / ((n - 1) as f64 * m);
        (b, (8.0 * mean - b) / 7.0, crossings / ((n - 2) as f64 * m))
    };
    let (b1, a1, z1) = features(w, h, &|i, j| at(i, j));
    let (b2, a2, z2) = features(h, w, &|i, j| at(j, i));
    let (b, a, z) = (f64::midpoint(b1, b2), f64::midpoint(a1, a2), f64::midpoint(z1, z2));
    let score = -245.8909 + 261.9373 * b.powf(-0.023_988_86) * a.powf(0.016_016_64) * z.powf(0.006_428_59);
    score.is_finite().then_some(score)
}
