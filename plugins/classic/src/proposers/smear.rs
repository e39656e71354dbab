//! Smear: how quickly brightness changes with distance, by direction, in any box.
//!
//! `E(k)` is the mean squared difference of pixels `k` apart (a variogram, Matheron 1963). Motion over `L` pixels turns
//! edges into ramps of that length: along its direction `E` grows as `k^2` up to `L` and as `k` from there on, across it
//! as if nothing had moved. Where the growth slackens tells how long the motion was, which no single distance can.

use crate::metrics::motion::mean_square;
use crate::plane::{Plane, luma, pixels_of, reduction};
use crate::tiles::Tiles;
use giqa_core::{ImageView, NormBox};
use rayon::prelude::*;

/// Longest side (pixels) of the picture that is looked at.
const SIDE: u32 = 500;
/// Most cells on a side, and their least size in pixels.
const CELLS: usize = 48;
const CELL: usize = 6;
/// Steps of pixels to the right and down; each one's perpendicular is four further.
const STEPS: [(isize, isize); 8] = [(1, 0), (2, 1), (1, 1), (1, 2), (0, 1), (-1, 2), (-1, 1), (-2, 1)];
/// Distances, pixels of the picture that is looked at.
const LAGS: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 16.0];
const ENERGIES: usize = STEPS.len() * LAGS.len();
/// Squared difference that says nothing: rounding to 8 bits and its like.
const NOTHING: f64 = 0.3;
/// Share of the strongest direction's energy that a direction needs: a lone edge has none along itself.
const ENOUGH: f64 = 0.2;
/// How many cues there are.
pub const SMEARS: usize = 2 * LAGS.len() + 2;

/// Sums of energies above and left of each corner of a grid of cells.
#[derive(Debug, Clone)]
pub struct Smear {
    cols: usize,
    rows: usize,
    sums: Vec<[f64; ENERGIES]>,
}

impl Smear {
    /// Looks at a picture.
    #[must_use]
    pub fn new(image: ImageView<'_>) -> Self {
        let part = pixels_of(image, None);
        let plane = luma(image, part, reduction(part, SIDE));
        let tiles = Tiles::new(plane.width, plane.height, CELL, CELLS);
        let cells: Vec<[f64; ENERGIES]> =
            (0..tiles.len()).into_par_iter().map(|i| energies(&plane, &tiles, i)).collect();
        let (cols, rows) = (tiles.cols, tiles.rows);
        let mut sums = vec![[0.0; ENERGIES]; (cols + 1) * (rows + 1)];
        for y in 0..rows {
            let mut line = [0.0; ENERGIES];
            for x in 0..cols {
                let above = sums[y * (cols + 1) + x + 1];
                let cell = &cells[y * cols + x];
                let corner = &mut sums[(y + 1) * (cols + 1) + x + 1];
                for k in 0..ENERGIES {
                    line[k] += cell[k];
                    corner[k] = above[k] + line[k];
                }
            }
        }
        Self { cols, rows, sums }
    }

    /// Sums over the cells of a box, at least one across and down.
    fn sum(&self, b: &NormBox) -> [f64; ENERGIES] {
        let cut = |from: f64, to: f64, n: usize| {
            let low = ((from * n as f64).round() as usize).min(n.saturating_sub(1));
            (low, ((to * n as f64).round() as usize).clamp(low + 1, n.max(low + 1)))
        };
        let ((x1, x2), (y1, y2)) = (cut(b.x1(), b.x2(), self.cols), cut(b.y1(), b.y2(), self.rows));
        let at = |x: usize, y: usize| &self.sums[y * (self.cols + 1) + x];
        let (a, b, c, d) = (at(x1, y1), at(x2, y1), at(x1, y2), at(x2, y2));
        std::array::from_fn(|k| d[k] - b[k] - c[k] + a[k])
    }

    /// In the direction in which brightness changes most slowly, how fast that is at the shortest distance (`log2`), how
    /// it grows from each distance to the next (`log2`, up to 2), then the same across it; and by how many powers of 2
    /// a short and a middle distance have less energy in that direction than in the ring around the box. NaN where
    /// the box is flat.
    #[must_use]
    pub fn cues(&self, inner: &NormBox, outer: &NormBox) -> [f32; SMEARS] {
        let mut out = [f32::NAN; SMEARS];
        let inside = self.sum(inner);
        let energy = |sums: &[f64; ENERGIES], d: usize, lag: usize| sums[d * LAGS.len() + lag];
        let total = |d: usize| energy(&inside, d, 3);
        let strongest = (0..STEPS.len()).map(total).fold(0.0, f64::max);
        // From a short to a long distance: noise rules the shortest.
        let slope = |d: usize| (energy(&inside, d, 3) / energy(&inside, d, 1).max(1e-9)).log2();
        let able = (0..STEPS.len()).filter(|&d| total(d) > 0.0 && total(d) >= ENOUGH * strongest);
        let Some(along) = able.max_by(|&a, &b| slope(a).total_cmp(&slope(b))) else { return out };
        let across = (along + 4) % STEPS.len();
        for (part, d) in out.chunks_exact_mut(LAGS.len()).zip([along, across]) {
            let e: [f64; LAGS.len()] = std::array::from_fn(|lag| energy(&inside, d, lag).max(1e-9));
            part[0] = (e[0] / strongest.max(1e-9)).log2() as f32;
            for lag in 1..LAGS.len() {
                part[lag] = (e[lag] / e[lag - 1]).log2() as f32;
            }
        }
        let around = self.sum(outer);
        for (out, lag) in out[2 * LAGS.len()..].iter_mut().zip([1, 3]) {
            let ring = energy(&around, along, lag) - energy(&inside, along, lag);
            if ring > 1e-6 {
                let cells = |b: &NormBox| b.area();
                let share = cells(inner) / (cells(outer) - cells(inner)).max(1e-6);
                *out = (energy(&inside, along, lag) / ring / share).max(1e-9).log2() as f32;
            }
        }
        out
    }
}

/// Names of the cues.
pub fn names() -> Vec<String> {
    let part = |way: &str| {
        let growth = LAGS.windows(2).map(|w| format!("smear {way} {} to {}", w[0], w[1])).collect::<Vec<_>>();
        [vec![format!("smear {way}")], growth].concat()
    };
    [part("along"), part("across"), vec!["smear short - around".into(), "smear middle - around".into()]].concat()
}

/// Mean squared differences by direction and distance. Each cell counts by its energy's root, so that no single edge
/// speaks for a box.
fn energies(plane: &Plane, tiles: &Tiles, i: usize) -> [f64; ENERGIES] {
    let (columns, rows) = tiles.pixels(i);
    let mut out = [0.0; ENERGIES];
    for (d, &(sx, sy)) in STEPS.iter().enumerate() {
        let length = (sx as f64).hypot(sy as f64);
        for (lag, &distance) in LAGS.iter().enumerate() {
            let n = ((distance / length).round() as isize).max(1);
            let (dx, dy) = (sx * n, sy * n);
            let square = mean_square(plane, (columns.clone(), rows.clone()), (dx, dy));
            // Directions whose unit is longer than the distance: as if it grew evenly.
            let reached = length * n as f64;
            let fair = (distance / reached).powf(1.5);
            out[d * LAGS.len() + lag] = square * fair;
        }
    }
    let strength: f64 = (0..STEPS.len()).map(|d| out[d * LAGS.len() + 3]).sum::<f64>() / STEPS.len() as f64;
    let weight = 1.0 / (strength + NOTHING).sqrt();
    out.map(|e| e * weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Picture, boxed};

    /// A scene whose left part was moved over `length` pixels.
    fn moved(length: usize) -> Picture {
        let scene = Picture::scene(480, 320, 3);
        scene.with(&scene.moved(length, 30.0), &boxed(0.0, 0.0, 0.5, 1.0))
    }

    fn cue(cues: [f32; SMEARS], name: &str) -> f32 {
        cues[names().iter().position(|n| n == name).unwrap()]
    }

    #[test]
    fn longer_motion_grows_further_along_and_not_across() {
        let left = boxed(0.02, 0.02, 0.45, 0.98);
        let of = |length| Smear::new(moved(length).view()).cues(&left, &NormBox::FULL);
        let [still, short, long] = [1, 7, 21].map(of);
        let middle = |cues| cue(cues, "smear along 8 to 16");
        assert!(middle(short) < middle(long) - 0.3, "{} {}", middle(short), middle(long));
        assert!(cue(still, "smear along 2 to 4") < cue(short, "smear along 2 to 4") - 0.3);
        assert!((cue(short, "smear across 1 to 2") - cue(long, "smear across 1 to 2")).abs() < 0.4);
        assert!(cue(long, "smear short - around") < cue(still, "smear short - around") - 1.0);
    }

    #[test]
    fn flat_and_tiny_pictures_tell_nothing_or_little_and_never_fail() {
        assert!(Smear::new(Picture::flat(64, 64, [9; 3]).view()).cues(&NormBox::FULL, &NormBox::FULL)[0].is_nan());
        for (width, height) in [(1, 1), (3, 1), (1, 40), (17, 5)] {
            let picture = Picture::scene(width, height, 1);
            let smear = Smear::new(picture.view());
            let _ = smear.cues(&boxed(0.99, 0.0, 1.0, 1.0), &NormBox::FULL);
        }
        assert_eq!(names().len(), SMEARS);
    }
}
