//! Places whose quality differs from the rest of the picture.
//!
//! For each metric with a map and a severity: the severity of each cell of the map, less that of the picture as a
//! whole. Cells that are worse by a margin are joined into groups; each group of some size becomes a region.

use super::components::Mask;
use super::place::name_of;
use crate::metrics::{ClassicMetric, Look};
use giqa_core::{
    ComponentError, Context, ImageView, Map, Measurement, MetricSpec, ProposerInput, ProposerSpec, Region,
    RegionProposer,
};

/// How much worse than the picture as a whole a place must be.
const MARGIN: f64 = 0.22;
/// Smallest group, as a share of the picture.
const SMALLEST: f64 = 0.008;
/// Largest group: beyond it, the picture itself is so.
const LARGEST: f64 = 0.85;
/// Most regions.
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
            if let Measurement::Measured { value, map: Some(map), .. } =
                metric.look(Look { image, region: None, map: true })
            {
                found.extend(differing(metric.metric_spec(), value, &map));
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut kept: Vec<Region> = Vec::new();
        for region in found {
            // Two metrics often see the same place; the surer box stays.
            if kept.len() < MOST && kept.iter().all(|k| k.bounds.iou(&region.bounds) < 0.5) {
                kept.push(region);
            }
        }
        kept
    }
}

fn differing(spec: &MetricSpec, value: f64, map: &Map) -> Vec<Region> {
    let Some(scale) = spec.severity else { return Vec::new() };
    let (cols, rows) = (map.cols() as usize, map.rows() as usize);
    let whole = scale.of(value);
    let worse: Vec<Option<f64>> =
        map.values().iter().map(|v| v.is_finite().then(|| scale.of(f64::from(*v)) - whole)).collect();
    let set: Vec<bool> = worse.iter().map(|w| w.is_some_and(|w| w > MARGIN)).collect();
    let mask = Mask { cols, rows, set: fill_unknown(&set, &worse, cols) }.smoothed(0.5);
    let cells = (cols * rows) as f64;
    mask.groups()
        .into_iter()
        .filter(|g| {
            let share = g.len() as f64 / cells;
            (SMALLEST..LARGEST).contains(&share) && g.len() >= 3
        })
        .filter_map(|group| {
            let known: Vec<f64> = group.iter().filter_map(|&i| worse[i]).collect();
            // Mostly unknown cells are no evidence.
            if known.len() * 3 < group.len() {
                return None;
            }
            let mean = known.iter().sum::<f64>() / known.len() as f64;
            let bounds = mask.tight_box(&group)?;
            Some(Region::new(name_of(&bounds), bounds, mean.clamp(0.0, 1.0)))
        })
        .collect()
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
