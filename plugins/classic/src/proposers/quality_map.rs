//! Places whose quality differs from the rest of the picture.
//!
//! For each metric with a map and a severity, the severities of the map's cells are cut at several heights above that
//! of the picture as a whole. The groups of cells above a cut, and the rectangles that hold most of them, are
//! candidates. A candidate counts by its *edge*: how much worse it is than what surrounds it; a rectangle also by how well
//! it is filled. So a fault with a border is found within surroundings that fade gently from good to bad, at the cut that
//! fits it best. Of candidates that overlap, the one with the clearest edge stays.

use super::components::Mask;
use super::densest::densest;
use super::place::name_of;
use crate::metrics::ClassicMetric;
use giqa_core::{
    Attribute, ComponentError, Context, ImageView, Map, MetricSpec, NormBox, ProposerInput, ProposerSpec, Region,
    RegionProposer,
};

/// How much worse than the picture as a whole a place must be: the cuts.
const CUTS: [f64; 6] = [0.15, 0.25, 0.35, 0.5, 0.65, 0.8];
/// Least edge and least *weight* of a candidate, by metric. The weight is the edge times the root of its share of the
/// picture: what is small must be clear. Backgrounds and skies reach the border, and blown lamps and windows are
/// everywhere. Set so that the unaltered pictures of the planted-fault bench have next to no such place
/// (docs/quality.md).
fn least(metric: &str, at_border: bool) -> (f64, f64) {
    match (metric, at_border) {
        ("sharpness", true) => (0.56, 0.2),
        ("sharpness", false) => (0.5, 0.175),
        ("motion", true) => (0.5, 0.15),
        ("motion", false) => (0.45, 0.12),
        ("exposure", true) => (0.7, 0.4),
        ("exposure", false) => (0.25, 0.065),
        ("noise", _) => (0.36, 0.12),
        ("jpeg-quality", _) => (0.25, 0.085),
        // They looked for evidence themselves.
        ("lighting" | "tint", _) => (0.1, 0.0),
        _ => (0.15, 0.055),
    }
}

/// Smallest candidate, as a share of the picture: small soft places are everywhere.
fn smallest(metric: &str) -> f64 {
    match metric {
        "sharpness" | "motion" | "exposure" | "jpeg-quality" => 0.03,
        _ => 0.015,
    }
}

/// Severity of sharpness from which on a place is soft.
const SOFT: f64 = 0.24;
/// Largest: beyond it, the picture itself is so.
const LARGEST: f64 = 0.7;
/// Most regions, of one metric and of all.
const MOST_OF_ONE: usize = 3;
const MOST: usize = 6;
/// How far above a cut a cell counts in full, and how much cells below it and unknown ones count against a rectangle.
const FULL_WEIGHT: f64 = 0.15;
const AGAINST: f64 = -0.6;
const UNKNOWN: f64 = -0.05;
/// Share of its box that a group must fill.
const LEAST_FILLED: f64 = 0.25;

/// The proposer.
pub struct QualityMap {
    spec: ProposerSpec,
    metrics: Vec<ClassicMetric>,
}

impl QualityMap {
    /// A proposer that looks at these metrics.
    #[must_use]
    pub fn new(spec: ProposerSpec, metrics: Vec<ClassicMetric>) -> Self {
        Self { spec, metrics }
    }

    fn regions(&self, image: ImageView<'_>) -> Vec<Region> {
        let maps: Vec<(&ClassicMetric, f64, Map)> =
            self.metrics.iter().filter_map(|m| m.map(image).map(|(value, map)| (m, value, map))).collect();
        let mut found: Vec<Region> = Vec::new();
        for (metric, value, map) in &maps {
            found.extend(differing(metric.name(), metric.metric_spec(), *value, map));
        }
        let acuity = maps.iter().find(|(metric, ..)| metric.name() == "sharpness");
        if let Some((sharpness, _, map)) = acuity {
            found.retain(|r| r.cause != Some(Attribute::Motion) || is_soft(sharpness, map, &r.bounds));
        }
        clearest(found, MOST)
    }
}

/// What moved is soft, or too smooth to tell; grass and hair that are smooth in one direction are sharp across it.
fn is_soft(sharpness: &ClassicMetric, map: &Map, place: &NormBox) -> bool {
    let scale = sharpness.metric_spec().severity;
    map.median_in(place).zip(scale).is_none_or(|(value, scale)| scale.of(value) >= SOFT)
}

/// The clearest regions, without those that overlap a clearer one; surest first.
fn clearest(mut found: Vec<Region>, most: usize) -> Vec<Region> {
    // The height of an edge rises towards the middle of a fault; the size keeps its whole together.
    let rank = |r: &Region| r.score * r.bounds.area().powf(0.3);
    found.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let mut kept: Vec<Region> = Vec::new();
    for region in found {
        let apart = |k: &Region| {
            k.cause != region.cause || (k.bounds.iou(&region.bounds) < 0.4 && k.bounds.coverage(&region.bounds) < 0.6)
        };
        if kept.len() < most && kept.iter().all(apart) {
            kept.push(region);
        }
    }
    kept.sort_by(|a, b| b.score.total_cmp(&a.score));
    kept
}

fn differing(metric: &str, spec: &MetricSpec, value: f64, map: &Map) -> Vec<Region> {
    let Some(scale) = spec.severity else { return Vec::new() };
    let whole = scale.of(value);
    let worse = Worse {
        cols: map.cols() as usize,
        rows: map.rows() as usize,
        by: map.values().iter().map(|v| v.is_finite().then(|| scale.of(f64::from(*v)) - whole)).collect(),
    };
    let mut found = Vec::new();
    for cut in CUTS {
        for place in worse.groups(cut).into_iter().chain(worse.rectangles(cut)) {
            let bounds = place.bounds;
            if !(smallest(metric)..LARGEST).contains(&bounds.area()) {
                continue;
            }
            let at_border = bounds.x1().min(bounds.y1()) < 0.01 || bounds.x2().max(bounds.y2()) > 0.99;
            let (least_edge, least_weight) = least(metric, at_border);
            if place.edge >= least_edge && place.edge * place.share.sqrt() >= least_weight {
                found.push(Region::new(name_of(&bounds), bounds, place.edge.min(1.0)).because(scale.attribute));
            }
        }
    }
    clearest(found, MOST_OF_ONE)
}

/// A candidate.
struct Place {
    bounds: NormBox,
    edge: f64,
    /// Share of the picture that it fills.
    share: f64,
}

/// By how much each cell is worse than the picture as a whole; `None` where nothing can be measured.
struct Worse {
    cols: usize,
    rows: usize,
    by: Vec<Option<f64>>,
}

impl Worse {
    /// The groups of cells above a cut, each by its own outline.
    fn groups(&self, cut: f64) -> Vec<Place> {
        let set: Vec<bool> = self.by.iter().map(|w| w.is_some_and(|w| w > cut)).collect();
        let mask = Mask { cols: self.cols, rows: self.rows, set: fill_unknown(&set, &self.by, self.cols) };
        let mask = mask.smoothed(0.5);
        let mut inside = vec![false; self.by.len()];
        let mut out = Vec::new();
        for group in mask.groups() {
            // Mostly unknown cells are no evidence.
            let known = group.iter().filter(|&&i| self.by[i].is_some()).count();
            if group.len() < 3 || known * 3 < group.len() {
                continue;
            }
            let Some(bounds) = mask.tight_box(&group) else { continue };
            let share = group.len() as f64 / self.by.len() as f64;
            if share < LEAST_FILLED * bounds.area() {
                continue;
            }
            group.iter().for_each(|&i| inside[i] = true);
            let edge = self.edge(&bounds, |i| inside[i]);
            group.iter().for_each(|&i| inside[i] = false);
            out.push(Place { bounds, edge, share });
        }
        out
    }

    /// Rectangles that hold the most cells above a cut and the fewest others, the densest first: a fault whose cells
    /// don't all touch has one box.
    fn rectangles(&self, cut: f64) -> Vec<Place> {
        let weight = |w: &Option<f64>| w.map_or(UNKNOWN, |w| ((w - cut) / FULL_WEIGHT).clamp(AGAINST, 1.0));
        let mut weights: Vec<f64> = self.by.iter().map(weight).collect();
        let mut out = Vec::new();
        while let Some(cells) = densest(&weights, self.cols).filter(|_| out.len() < MOST_OF_ONE) {
            for y in cells.rows.clone() {
                weights[y * self.cols..][cells.columns.clone()].fill(AGAINST);
            }
            let across = |n: usize| n as f64 / self.cols as f64;
            let down = |n: usize| n as f64 / self.rows as f64;
            let (x1, x2) = (across(cells.columns.start), across(cells.columns.end));
            let Some(bounds) = NormBox::clamped(x1, down(cells.rows.start), x2, down(cells.rows.end)) else { continue };
            let inside = |i: usize| cells.columns.contains(&(i % self.cols)) && cells.rows.contains(&(i / self.cols));
            let edge = self.edge(&bounds, inside) * self.share(&bounds, cut).sqrt();
            out.push(Place { bounds, edge, share: bounds.area() });
        }
        out
    }

    /// Columns and rows of a box.
    fn cells(&self, b: &NormBox) -> [std::ops::Range<usize>; 2] {
        let at = |v: f64, n: usize| (v * n as f64).round() as usize;
        [at(b.x1(), self.cols)..at(b.x2(), self.cols), at(b.y1(), self.rows)..at(b.y2(), self.rows)]
    }

    /// Share of a box's known cells that are above a cut.
    fn share(&self, b: &NormBox, cut: f64) -> f64 {
        let [columns, rows] = self.cells(b);
        let known = rows.flat_map(|y| columns.clone().filter_map(move |x| self.by[y * self.cols + x]));
        let (above, all) = known.fold((0_u32, 0_u32), |(above, all), w| (above + u32::from(w > cut), all + 1));
        f64::from(above) / f64::from(all.max(1))
    }

    /// Mean severity of the cells inside a place less that of the others in its box and in a ring around that; against
    /// the picture as a whole where those are unknown.
    fn edge(&self, b: &NormBox, is_inside: impl Fn(usize) -> bool) -> f64 {
        let [columns, rows] = self.cells(b);
        let reach = (columns.len().min(rows.len()) / 3).max(2);
        let (mut inside, mut ring) = ((0.0, 0_usize), (0.0, 0_usize));
        for y in rows.start.saturating_sub(reach)..(rows.end + reach).min(self.rows) {
            for x in columns.start.saturating_sub(reach)..(columns.end + reach).min(self.cols) {
                let i = y * self.cols + x;
                let Some(w) = self.by[i] else { continue };
                let sum = if is_inside(i) { &mut inside } else { &mut ring };
                sum.0 += w;
                sum.1 += 1;
            }
        }
        let mean = |s: (f64, usize)| s.0 / s.1.max(1) as f64;
        mean(inside) - if ring.1 < 6 { 0.0 } else { mean(ring) }
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

impl RegionProposer for QualityMap {
    fn spec(&self) -> &ProposerSpec {
        &self.spec
    }

    fn propose(&self, context: &Context<'_>, items: &[ProposerInput<'_>]) -> Vec<Result<Vec<Region>, ComponentError>> {
        let one = |item: &ProposerInput<'_>| {
            if context.is_cancelled() { Err(ComponentError::cancelled()) } else { Ok(self.regions(item.image)) }
        };
        items.iter().map(one).collect()
    }
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
}
