//! Places whose quality differs from the rest of the picture.
//!
//! For each metric with a map and a severity, the severities of the map's cells are cut at several heights above that
//! of the picture as a whole. The groups of cells above a cut are candidates. A candidate counts by its *edge*: how
//! much worse it is than a ring around it, times how well it fills its box. So a fault with a border is found within
//! surroundings that fade gently from good to bad, at the cut that fits it best. Of candidates that overlap, the one
//! with the clearest edge stays.

use super::components::Mask;
use super::place::name_of;
use crate::metrics::ClassicMetric;
use giqa_core::{
    Attribute, ComponentError, Context, ImageView, Map, MetricSpec, NormBox, ProposerInput, ProposerSpec, Region,
    RegionProposer,
};

/// How much worse than the picture as a whole a place must be: the cuts.
const CUTS: [f64; 6] = [0.15, 0.25, 0.35, 0.5, 0.65, 0.8];
/// Least edge of a candidate inside the picture, and of one that reaches its border, by attribute: backgrounds and skies
/// reach the border, blown lamps and windows are everywhere. Set on the unaltered pictures of the planted-fault bench.
fn least_edge(attribute: Attribute, at_border: bool) -> f64 {
    match attribute {
        Attribute::Sharpness if at_border => 0.6,
        Attribute::Sharpness => 0.42,
        Attribute::Exposure if at_border => 2.0,
        Attribute::Exposure => 0.7,
        Attribute::Motion if at_border => 0.55,
        Attribute::Motion => 0.45,
        Attribute::Noise => 0.3,
        _ => 0.25,
    }
}

/// Smallest candidate, as a share of the picture.
const SMALLEST: f64 = 0.015;
/// Largest: beyond it, the picture itself is so.
const LARGEST: f64 = 0.7;
/// Most regions, of one metric and of all.
const MOST_OF_ONE: usize = 3;
const MOST: usize = 6;

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
        let mut found: Vec<Region> = Vec::new();
        for metric in &self.metrics {
            if let Some((value, map)) = metric.map(image) {
                found.extend(differing(metric.metric_spec(), value, &map));
            }
        }
        clearest(found, MOST)
    }
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

fn differing(spec: &MetricSpec, value: f64, map: &Map) -> Vec<Region> {
    let Some(scale) = spec.severity else { return Vec::new() };
    let (cols, rows) = (map.cols() as usize, map.rows() as usize);
    let whole = scale.of(value);
    let worse: Vec<Option<f64>> =
        map.values().iter().map(|v| v.is_finite().then(|| scale.of(f64::from(*v)) - whole)).collect();
    let cells = (cols * rows) as f64;
    let mut found = Vec::new();
    for cut in CUTS {
        let set: Vec<bool> = worse.iter().map(|w| w.is_some_and(|w| w > cut)).collect();
        let mask = Mask { cols, rows, set: fill_unknown(&set, &worse, cols) }.smoothed(0.5);
        for group in mask.groups() {
            let share = group.len() as f64 / cells;
            let known = group.iter().filter(|&&i| worse[i].is_some()).count();
            // Mostly unknown cells are no evidence.
            if !(SMALLEST..LARGEST).contains(&share) || group.len() < 3 || known * 3 < group.len() {
                continue;
            }
            let Some(bounds) = mask.tight_box(&group) else { continue };
            let edge = edge(&worse, cols, &bounds) * (share / bounds.area()).clamp(0.0, 1.0).sqrt();
            let at_border = bounds.x1().min(bounds.y1()) < 0.01 || bounds.x2().max(bounds.y2()) > 0.99;
            if edge >= least_edge(scale.attribute, at_border) && bounds.area() < LARGEST {
                found.push(Region::new(name_of(&bounds), bounds, edge.min(1.0)).because(scale.attribute));
            }
        }
    }
    clearest(found, MOST_OF_ONE)
}

/// Mean severity inside a box less that in a ring around it; against the picture as a whole where the ring is unknown.
fn edge(worse: &[Option<f64>], cols: usize, b: &NormBox) -> f64 {
    let rows = worse.len() / cols.max(1);
    let at = |v: f64, n: usize| (v * n as f64).round() as usize;
    let (x1, x2, y1, y2) = (at(b.x1(), cols), at(b.x2(), cols), at(b.y1(), rows), at(b.y2(), rows));
    let reach = ((x2 - x1).min(y2 - y1) / 3).max(2);
    let (mut inside, mut ring) = ((0.0, 0_usize), (0.0, 0_usize));
    for y in y1.saturating_sub(reach)..(y2 + reach).min(rows) {
        for x in x1.saturating_sub(reach)..(x2 + reach).min(cols) {
            let Some(w) = worse[y * cols + x] else { continue };
            let sum = if (x1..x2).contains(&x) && (y1..y2).contains(&y) { &mut inside } else { &mut ring };
            sum.0 += w;
            sum.1 += 1;
        }
    }
    let mean = |s: (f64, usize)| s.0 / s.1.max(1) as f64;
    mean(inside) - if ring.1 < 6 { 0.0 } else { mean(ring) }
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
