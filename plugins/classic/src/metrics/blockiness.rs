//! Blockiness: steps at the borders of JPEG's 8 x 8 blocks, wherever their grid lies after a crop.
//!
//! The mean absolute difference of neighbouring pixels is taken for each of the eight phases of the grid, across and
//! down, of the median line of a phase in each tile (so that a frame, which is one line, is no grid). Coding makes one phase
//! stand out; a picture that was never coded, or blurred since, has none. The value is
//! `1 - mean of the other phases / best phase`, 0 to 1, the mean of both directions; it counts in full where the step
//! is 1.5 of 255 or more, and in proportion below, where nobody sees it.
//!
//! Details: `phase_x`, `phase_y` (column and row of the first border, modulo 8), and `wsb`, the no-reference JPEG
//! score of Wang, Sheikh and Bovik (ICIP 2002; 10 is best) on the grid that begins at the corner, as they define it, for
//! pictures up to 2 megapixels.
//! Large pictures are sampled: each tile of the map (at most 32 on a side) is looked at in a window of 64 x 64 pixels
//! in its middle.

use super::{Look, measured};
use crate::memo::Memo;
use crate::plane::pixels_of;
use crate::tiles::Tiles;
use giqa_core::{ImageView, Map, Measurement, PixelBox};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

const BLOCK: usize = 8;
const TILE: usize = 32;
const MOST_TILES: usize = 32;
/// Mean absolute difference (8-bit steps) below which a picture is flat.
const FLAT: f64 = 0.05;
/// How much a phase may stand out by chance.
const CHANCE: f64 = 0.02;
/// Mean step at block borders, beyond the differences elsewhere, that counts in full.
const VISIBLE: f64 = 1.5;

/// Sums over neighbouring pixels, each as `[across, down]`.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// Absolute differences by the phase of the border that they cross, and how many.
    diff: [[f64; BLOCK]; 2],
    count: [[f64; BLOCK]; 2],
    /// The same, but of the median line of each phase in each tile: a frame or a horizon is one line, a grid is all.
    typical: [[f64; BLOCK]; 2],
    /// Where the difference changes its sign, and where it could.
    crossings: [f64; 2],
    chances: [f64; 2],
}

/// Measures; range 0 to 1, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < 32 || part.height() < 32 {
        return Measurement::not_measurable("smaller than 32 x 32 pixels");
    }
    let (tiles, sums) = all_differences(look.image, part);
    let total = sums.iter().fold(Sums::default(), |all, s| all.plus(s));
    let means = total.means(&total.typical);
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
    details.extend(wsb(&total).map(|score| ("wsb", score)));
    measured(value, &details, map.flatten())
}

/// Column and row of the first border of the grid that stands out most, modulo 8; the corner where none does.
pub(super) fn grid(image: ImageView<'_>, part: PixelBox) -> [usize; 2] {
    let (_, sums) = all_differences(image, part);
    let total = sums.iter().fold(Sums::default(), |all, s| all.plus(s));
    total.means(&total.typical).map(|m| {
        let phase = best(&m);
        let others = (m.iter().sum::<f64>() - m[phase]) / (BLOCK - 1) as f64;
        if m[phase] > (1.0 + CHANCE) * others { phase } else { 0 }
    })
}

/// The sums of all tiles; the quality of JPEG wants those of the whole picture as well.
fn all_differences(image: ImageView<'_>, part: PixelBox) -> (Tiles, Arc<[Sums]>) {
    static WHOLE: Memo<Arc<[Sums]>> = Memo::new();
    let tiles = Tiles::new(part.width() as usize, part.height() as usize, TILE, MOST_TILES);
    let of_all = || (0..tiles.len()).into_par_iter().map(|i| differences(image, part, &tiles, i)).collect();
    let whole = part == pixels_of(image, None);
    (tiles, if whole { WHOLE.of(image.id(), of_all) } else { of_all() })
}

impl Sums {
    fn plus(mut self, other: &Sums) -> Sums {
        for direction in 0..2 {
            for phase in 0..BLOCK {
                self.diff[direction][phase] += other.diff[direction][phase];
                self.count[direction][phase] += other.count[direction][phase];
                self.typical[direction][phase] += other.typical[direction][phase];
            }
            self.crossings[direction] += other.crossings[direction];
            self.chances[direction] += other.chances[direction];
        }
        self
    }

    fn means(&self, of: &[[f64; BLOCK]; 2]) -> [[f64; BLOCK]; 2] {
        let mean = |d: usize, p: usize| if self.count[d][p] > 0.0 { of[d][p] / self.count[d][p] } else { 0.0 };
        std::array::from_fn(|d| std::array::from_fn(|p| mean(d, p)))
    }

    /// Adds a tile's lines: its position (the phase follows from it), its mean difference, and their length.
    fn add_lines(&mut self, direction: usize, lines: &[(usize, f64)], length: usize) {
        for phase in 0..BLOCK {
            let mut means: Vec<f64> = lines.iter().filter(|l| l.0 % BLOCK == phase).map(|l| l.1).collect();
            means.sort_by(f64::total_cmp);
            let pixels = (means.len() * length) as f64;
            self.diff[direction][phase] += means.iter().sum::<f64>() * length as f64;
            self.count[direction][phase] += pixels;
            self.typical[direction][phase] += means.get(means.len() / 2).copied().unwrap_or(0.0) * pixels;
        }
    }
}

fn best(means: &[f64; BLOCK]) -> usize {
    (0..BLOCK).max_by(|&a, &b| means[a].total_cmp(&means[b])).unwrap_or(0)
}

fn stands_out(means: &[[f64; BLOCK]; 2], phases: [usize; 2]) -> f64 {
    let one = |direction: usize| {
        let (m, phase) = (&means[direction], phases[direction]);
        let others = (m.iter().sum::<f64>() - m[phase]) / (BLOCK - 1) as f64;
        // Small steps are there, but nobody sees them.
        let visible = ((m[phase] - others) / VISIBLE).min(1.0);
        if m[phase] > 0.0 { ((1.0 - others / m[phase]) * visible).max(0.0) } else { 0.0 }
    };
    f64::midpoint(one(0), one(1))
}

/// Blockiness of one tile on the picture's own grid; NaN where it is flat.
fn local(sums: &Sums, phases: [usize; 2]) -> f32 {
    let means = sums.means(&sums.typical);
    if means.iter().flatten().sum::<f64>() / 16.0 < FLAT { f32::NAN } else { stands_out(&means, phases) as f32 }
}

/// At most [`TILE`] pixels in the middle of a tile's side; one and a half of it at most are looked at in full, so that
/// pictures which need no sampling have none.
fn window(side: Range<usize>) -> Range<usize> {
    if side.len() <= TILE * 3 / 2 {
        return side;
    }
    let start = side.start + (side.len() - TILE) / 2;
    start..start + TILE
}

/// Luma of a row's pixels in whole 8-bit steps.
fn luma_row(out: &mut Vec<i16>, row: &[u8]) {
    out.clear();
    let luma =
        |p: &[u8]| (19_595 * u32::from(p[0]) + 38_470 * u32::from(p[1]) + 7_471 * u32::from(p[2]) + 32_768) >> 16;
    out.extend(row.chunks_exact(3).map(|p| luma(p) as i16));
}

fn differences(image: ImageView<'_>, part: PixelBox, tiles: &Tiles, i: usize) -> Sums {
    let (columns, rows) = tiles.pixels(i);
    let (columns, rows) = (window(columns), window(rows));
    // Two pixels more to the left and above: a difference needs one, a change of its sign two.
    let (left, top) = (columns.start.saturating_sub(2), rows.start.saturating_sub(2));
    let width = columns.end - left;
    let mut sums = Sums::default();
    let mut across = vec![0_u32; width];
    let (mut row, mut above, mut step, mut step_above) =
        (Vec::new(), Vec::new(), vec![0_i16; width], vec![0_i16; width]);
    let (mut sideways, mut down) = (0_u32, 0_u32);
    let mut lines = Vec::with_capacity(rows.len());
    let own = columns.start - left;
    for y in top..rows.end {
        let from = (part.x1 as usize + left) * 3;
        luma_row(&mut row, &image.row(part.y1 + y as u32)[from..from + width * 3]);
        if y > top {
            step.iter_mut().zip(row.iter().zip(&above)).for_each(|(s, (a, b))| *s = a - b);
        }
        if rows.contains(&y) {
            for (sum, pair) in across[1..].iter_mut().zip(row.windows(2)) {
                *sum += u32::from(pair[1].abs_diff(pair[0]));
            }
            let turns = |t: &&[i16]| (t[1] - t[0]).signum() * (t[2] - t[1]).signum() < 0;
            sideways += row[own.saturating_sub(2)..].windows(3).filter(turns).count() as u32;
            if y > top {
                let line: u32 = step[own..].iter().map(|s| u32::from(s.unsigned_abs())).sum();
                lines.push((y, f64::from(line) / columns.len() as f64));
            }
            if y > top + 1 {
                let turns = step[own..].iter().zip(&step_above[own..]).filter(|(a, b)| a.signum() * b.signum() < 0);
                down += turns.count() as u32;
                sums.chances[1] += columns.len() as f64;
            }
        }
        std::mem::swap(&mut row, &mut above);
        std::mem::swap(&mut step, &mut step_above);
    }
    sums.add_lines(1, &lines, columns.len());
    let lines = (left..columns.end).zip(across).filter(|(x, _)| *x > left && columns.contains(x));
    let lines: Vec<(usize, f64)> = lines.map(|(x, sum)| (x, f64::from(sum) / rows.len() as f64)).collect();
    sums.add_lines(0, &lines, rows.len());
    sums.crossings = [f64::from(sideways), f64::from(down)];
    sums.chances[0] = ((width - own.saturating_sub(2)).saturating_sub(2) * rows.len()) as f64;
    sums
}

/// Wang, Sheikh, Bovik 2002; `None` where it has no meaning (no zero crossings, no differences).
fn wsb(sums: &Sums) -> Option<f64> {
    let means = sums.means(&sums.diff);
    let one = |d: usize| {
        let all = sums.diff[d].iter().sum::<f64>() / sums.count[d].iter().sum::<f64>();
        let border = means[d][0];
        // The differences inside blocks, weighted as they do it, and the rate of zero crossings.
        [border, (8.0 * all - border) / 7.0, sums.crossings[d] / sums.chances[d]]
    };
    let (across, down) = (one(0), one(1));
    let [b, a, z]: [f64; 3] = std::array::from_fn(|i| f64::midpoint(across[i], down[i]));
    let score = -245.8909 + 261.9373 * b.powf(-0.023_988_86) * a.powf(0.016_016_64) * z.powf(0.006_428_59);
    score.is_finite().then_some(score)
}
