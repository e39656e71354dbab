//! Boxes that may hold a fault: whatever differs from the rest of the picture, by any metric or at its surface.
//!
//! Planes are pooled to at most [`CELLS`] cells and cut at several heights above the picture as a whole. The groups of
//! cells above a cut are candidates, and the rectangles that hold most of them; besides, rectangles at whose sides light
//! or colour steps ([`crate::patches`]). Many boxes, few of them faults: [`super::forest`] judges them, and then moves
//! their sides, so that they need not be exact here.

use super::components::Mask;
use super::densest::densest;
use super::surface::Surface;
use crate::patches::{Cells, patches};
use giqa_core::{Map, NormBox, Severity};

/// Most cells on the longer side.
const CELLS: usize = 40;
/// How much worse than the picture as a whole: the cuts of severities.
const CUTS: [f64; 5] = [0.12, 0.25, 0.4, 0.55, 0.75];
/// The cuts of surface planes, in spreads (10 % to 90 %) from the median.
const SURFACE_CUTS: [f64; 3] = [0.35, 0.7, 1.1];
/// Rectangles for each cut.
const RECTANGLES: usize = 2;
/// How far above a cut a cell counts in full, and how much cells below it and unknown ones count against a rectangle.
const FULL_WEIGHT: f64 = 0.15;
const AGAINST: f64 = -0.6;
const UNKNOWN: f64 = -0.05;
/// Share of its box that a group must fill.
const LEAST_FILLED: f64 = 0.25;
/// Shares of the picture that a candidate may have.
pub const SIZES: std::ops::Range<f64> = 0.012..0.75;
/// Candidates that overlap more than this are one.
const SAME: f64 = 0.8;
/// Heights of steps of light and of colour that are looked for, stops; and the least evidence of a patch.
const LIGHT_STEPS: [f32; 2] = [0.5, 1.2];
const COLOUR_STEPS: [f32; 2] = [0.2, 0.5];
const EVIDENCE: f32 = 40.0;
const PATCHES: usize = 4;
/// Light (stops, 0 = white) from which on the inside is clipped.
const CLIPPED: f32 = -0.15;

/// All candidates of a picture: from maps with their scales and values for the whole, and from its surface.
#[must_use]
pub fn candidates(maps: &[(Severity, f64, &Map)], surface: &Surface) -> Vec<NormBox> {
    let mut found: Vec<NormBox> = Vec::new();
    for (scale, value, map) in maps {
        let whole = scale.of(*value);
        let by = map.values().iter().map(|v| v.is_finite().then(|| scale.of(f64::from(*v)) - whole)).collect();
        Grid { cols: map.cols() as usize, rows: map.rows() as usize, by }.pooled().find(&CUTS, FULL_WEIGHT, &mut found);
    }
    for plane in &surface.planes {
        let Some((middle, spread)) = spread(plane) else { continue };
        for sign in [1.0, -1.0] {
            let by = plane.iter().map(|v| v.is_finite().then(|| sign * (f64::from(*v) - middle) / spread)).collect();
            Grid { cols: surface.cols, rows: surface.rows, by }.pooled().find(
                &SURFACE_CUTS,
                2.0 * FULL_WEIGHT,
                &mut found,
            );
        }
    }
    let cells = |k: usize| Cells { cols: surface.cols, rows: surface.rows, data: surface.planes[k].clone() };
    // Where clipping hides the step, neither yes nor no.
    let clipping = |out: f32, inside: f32, sign: f32, least: f32| sign < 0.0 || inside <= CLIPPED || out <= -least;
    let mut steps = patches(&cells(0), &LIGHT_STEPS, clipping);
    steps.truncate(PATCHES);
    for k in [1, 2] {
        steps.extend(patches(&cells(k), &COLOUR_STEPS, |_, _, _, _| true).into_iter().take(PATCHES));
    }
    let share = |v: usize, n: usize| v as f64 / n as f64;
    found.extend(steps.iter().filter(|p| p.evidence >= EVIDENCE).filter_map(|p| {
        let (cols, rows) = (surface.cols, surface.rows);
        NormBox::clamped(share(p.x1, cols), share(p.y1, rows), share(p.x2, cols), share(p.y2, rows))
    }));
    let mut kept: Vec<NormBox> = Vec::new();
    for b in found {
        if SIZES.contains(&b.area()) && kept.iter().all(|k| k.iou(&b) < SAME) {
            kept.push(b);
        }
    }
    kept
}

/// Median and spread (10 % to 90 %) of a plane; `None` where nothing is known.
fn spread(plane: &[f32]) -> Option<(f64, f64)> {
    let mut sorted: Vec<f32> = plane.iter().copied().filter(|v| v.is_finite()).collect();
    let last = sorted.len().checked_sub(1)? as f64;
    let mut at = |q: f64| f64::from(*sorted.select_nth_unstable_by((q * last) as usize, f32::total_cmp).1);
    let (low, middle, high) = (at(0.1), at(0.5), at(0.9));
    Some((middle, (high - low).max(0.05)))
}

/// By how much each cell is worse than the picture as a whole; `None` where nothing can be measured.
struct Grid {
    cols: usize,
    rows: usize,
    by: Vec<Option<f64>>,
}

impl Grid {
    /// Means of known cells, at most [`CELLS`] on a side.
    fn pooled(self) -> Self {
        let factor = self.cols.max(self.rows).div_ceil(CELLS);
        if factor <= 1 {
            return self;
        }
        let (cols, rows) = (self.cols.div_ceil(factor), self.rows.div_ceil(factor));
        let pool = |i: usize| {
            let (x, y) = (i % cols * factor, i / cols * factor);
            let cells =
                (y..(y + factor).min(self.rows)).flat_map(|y| (x..(x + factor).min(self.cols)).map(move |x| (x, y)));
            let known = cells.filter_map(|(x, y)| self.by[y * self.cols + x]);
            let (sum, n) = known.fold((0.0, 0_usize), |(s, n), v| (s + v, n + 1));
            (n > 0).then(|| sum / n as f64)
        };
        Self { by: (0..cols * rows).map(pool).collect(), cols, rows }
    }

    fn find(&self, cuts: &[f64], full: f64, found: &mut Vec<NormBox>) {
        for &cut in cuts {
            let set: Vec<bool> = self.by.iter().map(|w| w.is_some_and(|w| w > cut)).collect();
            if !set.iter().any(|s| *s) {
                break;
            }
            self.groups(&set, found);
            self.rectangles(cut, full, found);
        }
    }

    /// The groups of set cells.
    fn groups(&self, set: &[bool], found: &mut Vec<NormBox>) {
        let mask = Mask { cols: self.cols, rows: self.rows, set: fill_unknown(set, &self.by, self.cols) }.smoothed(0.5);
        for group in mask.groups() {
            // Mostly unknown cells are no evidence.
            let known = group.iter().filter(|&&i| self.by[i].is_some()).count();
            let Some(bounds) = mask.tight_box(&group) else { continue };
            let share = group.len() as f64 / self.by.len() as f64;
            if group.len() >= 3 && known * 3 >= group.len() && share >= LEAST_FILLED * bounds.area() {
                found.push(bounds);
            }
        }
    }

    /// Rectangles that hold the most cells above a cut and the fewest others, the densest first: a fault whose cells
    /// don't all touch has one box.
    fn rectangles(&self, cut: f64, full: f64, found: &mut Vec<NormBox>) {
        let weight = |w: &Option<f64>| w.map_or(UNKNOWN, |w| ((w - cut) / full).clamp(AGAINST, 1.0));
        let mut weights: Vec<f64> = self.by.iter().map(weight).collect();
        for _ in 0..RECTANGLES {
            let Some(cells) = densest(&weights, self.cols) else { return };
            for y in cells.rows.clone() {
                weights[y * self.cols..][cells.columns.clone()].fill(AGAINST);
            }
            let across = |n: usize| n as f64 / self.cols as f64;
            let down = |n: usize| n as f64 / self.rows as f64;
            let (x1, x2) = (across(cells.columns.start), across(cells.columns.end));
            found.extend(NormBox::clamped(x1, down(cells.rows.start), x2, down(cells.rows.end)));
        }
    }
}

/// Cells where nothing can be measured (flat ones) go with the majority of their known neighbours.
fn fill_unknown(set: &[bool], known: &[Option<f64>], cols: usize) -> Vec<bool> {
    let rows = set.len() / cols.max(1);
    (0..set.len())
        .map(|i| {
            if known[i].is_some() {
                return set[i];
            }
            let (x, y) = (i % cols, i / cols);
            let near = (y.saturating_sub(2)..(y + 3).min(rows))
                .flat_map(|yy| (x.saturating_sub(2)..(x + 3).min(cols)).map(move |xx| yy * cols + xx))
                .filter(|&j| known[j].is_some());
            let (yes, all) = near.fold((0, 0), |(yes, all), j| (yes + usize::from(set[j]), all + 1));
            all >= 5 && yes * 3 > all * 2
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_cells_follow_their_neighbours() {
        let set = vec![true; 9];
        let mut known = vec![Some(1.0); 9];
        known[4] = None;
        let mut expected = set.clone();
        assert_eq!(fill_unknown(&set, &known, 3), expected);
        let lone = vec![None; 9];
        expected.fill(false);
        assert_eq!(fill_unknown(&set, &lone, 3), expected);
    }

    #[test]
    fn pooling_keeps_means_and_the_last_cells() {
        let by = (0..81).map(|i| (i != 80).then_some(1.0)).collect();
        let grid = Grid { cols: 81, rows: 1, by }.pooled();
        assert_eq!((grid.cols, grid.rows, grid.by[0], grid.by[26]), (27, 1, Some(1.0), Some(1.0)));
    }
}
