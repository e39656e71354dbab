//! Places whose quality differs from the rest of the picture.
//!
//! 1. [`candidates`]: boxes in which something differs, by any metric's map or at the picture's surface.
//! 2. [`Cues`] of each box: how it differs from what surrounds it, and what changes along its border.
//! 3. [`Kind::overlap`]: how well the box fits a fault of each kind, foretold from the cues. The best boxes then move
//!    their sides while that makes them fit better.
//! 4. What fits well enough is proposed, with its cause and severity. Of boxes that overlap, the one that fits best
//!    stays, and of faults that look alike at one place the surest.
//! 5. The cues of the full box tell what is wrong everywhere; such a region is the whole picture.

use super::candidates::{SIZES, candidates};
use super::components::Mask;
use super::cues::{CUES, Cues, MAPS};
use super::forest::Kind;
use super::place::name_of;
use super::surface::surface;
use crate::metrics::ClassicMetric;
use giqa_core::{
    Attribute, ComponentError, Context, ImageView, Map, NormBox, ProposerInput, ProposerSpec, Region, RegionProposer,
};
use std::collections::BTreeMap;

/// Boxes of one kind whose sides are moved.
const MOVED: usize = 3;
/// They must foretell this share of the least overlap before.
const PROMISING: f32 = 0.5;
/// Steps by which sides are moved, as shares of the longer side; and how often each.
const STEPS: [f64; 3] = [0.025, 0.0125, 0.006];
const MOVES: usize = 12;
/// Overlap from which on two boxes mean the same place.
const SAME_PLACE: f64 = 0.35;
/// How much worse than the whole picture a place must be to be told by itself.
const WORSE: f64 = 0.1;
/// How sure a place is that a metric found by itself.
const PLACED: f32 = 0.5;
/// Most regions.
const MOST: usize = 6;

/// The proposer.
pub struct QualityMap {
    spec: ProposerSpec,
    metrics: Vec<ClassicMetric>,
    /// Metrics that found places by themselves: their maps are 0 elsewhere.
    placing: Vec<ClassicMetric>,
    kinds: Vec<Kind>,
}

/// What is known of a picture.
#[derive(Debug)]
pub struct Seen {
    /// The boxes that are looked at.
    pub candidates: Vec<NormBox>,
    /// What tells of each.
    pub cues: Cues,
}

impl Seen {
    /// Looks at a picture with these metrics.
    #[must_use]
    pub fn new(image: ImageView<'_>, metrics: &[ClassicMetric]) -> Self {
        let named = |name: &str| metrics.iter().find(|m| m.name() == name);
        let maps: [Option<(f64, Map)>; MAPS.len()] = MAPS.map(|name| named(name).and_then(|m| m.map(image)));
        let surface = surface(image);
        let scaled = maps.iter().zip(MAPS).filter_map(|(map, name)| {
            let (value, map) = map.as_ref()?;
            Some((named(name)?.metric_spec().severity?, *value, map))
        });
        let candidates = candidates(&scaled.collect::<Vec<_>>(), &surface.halved());
        Self { candidates, cues: Cues::new(image, &maps, &surface) }
    }

    /// The boxes that fit a fault best, with the overlap that is foretold, after their sides were moved; surest first.
    #[must_use]
    pub fn fitted(&self, cues: &[[f32; CUES]], kind: &Kind) -> Vec<(NormBox, f32)> {
        let mut all: Vec<(NormBox, f32)> =
            self.candidates.iter().zip(cues).map(|(b, cues)| (*b, kind.overlap(cues))).collect();
        all.retain(|(_, overlap)| *overlap >= PROMISING * kind.least);
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.truncate(MOVED);
        let mut all: Vec<(NormBox, f32)> = all.into_iter().map(|at| self.moved(at, kind)).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all
    }

    /// The cues of all candidates.
    #[must_use]
    pub fn all_cues(&self) -> Vec<[f32; CUES]> {
        self.candidates.iter().map(|b| self.cues.of(b)).collect()
    }

    /// Moves one side after the other while the foretold overlap grows.
    fn moved(&self, mut best: (NormBox, f32), kind: &Kind) -> (NormBox, f32) {
        for step in STEPS {
            for _ in 0..MOVES {
                let start = best.0;
                for side in 0..8 {
                    let mut corners = <[f64; 4]>::from(start);
                    corners[side / 2] += if side % 2 == 0 { step } else { -step };
                    let [x1, y1, x2, y2] = corners;
                    let Some(b) = (x1 < x2 && y1 < y2).then(|| NormBox::clamped(x1, y1, x2, y2)).flatten() else {
                        continue;
                    };
                    if !SIZES.contains(&b.area()) {
                        continue;
                    }
                    let overlap = kind.overlap(&self.cues.of(&b));
                    if overlap > best.1 {
                        best = (b, overlap);
                    }
                }
                if best.0 == start {
                    break;
                }
            }
        }
        best
    }
}

/// A box that fits a fault.
#[derive(Debug, Clone)]
struct Found {
    bounds: NormBox,
    attribute: Attribute,
    /// Overlap foretold, and how far that is above the least that counts.
    overlap: f32,
    sure: f32,
    severity: f64,
}

/// Faults that look alike: at one place only the surest is told.
fn family(attribute: Attribute) -> u8 {
    match attribute {
        Attribute::Sharpness
        | Attribute::Motion
        | Attribute::Compression
        | Attribute::Banding
        | Attribute::Artefact => 0,
        Attribute::Exposure | Attribute::Colour => 1,
        _ => 2,
    }
}

impl QualityMap {
    /// A proposer that looks at these metrics, takes the places of those that find some by themselves, and judges by
    /// these trees.
    #[must_use]
    pub fn new(spec: ProposerSpec, metrics: Vec<ClassicMetric>, placing: Vec<ClassicMetric>, kinds: Vec<Kind>) -> Self {
        Self { spec, metrics, placing, kinds }
    }

    /// The places that metrics found by themselves; whatever the trees say, a step of light all along a border is there.
    fn placed(&self, image: ImageView<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for metric in &self.placing {
            let (Some(scale), Some((_, map))) = (metric.metric_spec().severity, metric.map(image)) else { continue };
            let set = map.values().iter().map(|v| *v > 0.0).collect();
            let mask = Mask { cols: map.cols() as usize, rows: map.rows() as usize, set };
            for bounds in mask.groups().iter().filter_map(|group| mask.tight_box(group)) {
                let severity = map.median_in(&bounds).map_or(0.0, |v| scale.of(v));
                found.push(Found { bounds, attribute: scale.attribute, overlap: PLACED, sure: 1.0, severity });
            }
        }
        found
    }

    fn regions(&self, image: ImageView<'_>) -> Vec<Region> {
        let seen = Seen::new(image, &self.metrics);
        let whole = self.whole(&seen);
        let everywhere = |a: Attribute| whole.get(&a).copied().unwrap_or(0.0);
        let cues = seen.all_cues();
        let mut found = self.placed(image);
        for kind in &self.kinds {
            for (bounds, overlap) in seen.fitted(&cues, kind).into_iter().filter(|f| f.1 >= kind.least) {
                let severity = kind.severity(&seen.cues.of(&bounds));
                let sure = overlap / kind.least.max(0.01);
                if severity > everywhere(kind.attribute) + WORSE {
                    found.push(Found { bounds, attribute: kind.attribute, overlap, sure, severity });
                }
            }
        }
        found.sort_by(|a, b| b.sure.total_cmp(&a.sure));
        let mut kept: Vec<Found> = Vec::new();
        for f in found {
            let apart = |k: &Found| family(k.attribute) != family(f.attribute) || k.bounds.iou(&f.bounds) < SAME_PLACE;
            if kept.len() < MOST && kept.iter().all(apart) {
                kept.push(f);
            }
        }
        kept.sort_by(|a, b| b.overlap.total_cmp(&a.overlap));
        let region = |f: &Found| {
            Region::new(name_of(&f.bounds), f.bounds, f64::from(f.overlap.clamp(0.0, 1.0)))
                .because(f.attribute, f.severity)
        };
        let all = |(&attribute, &severity): (&Attribute, &f64)| {
            Region::new("whole picture", NormBox::FULL, severity).because(attribute, severity)
        };
        kept.iter().map(region).chain(whole.iter().map(all)).collect()
    }

    /// How bad each attribute is everywhere.
    fn whole(&self, seen: &Seen) -> BTreeMap<Attribute, f64> {
        let cues = seen.cues.of(&NormBox::FULL);
        let mut by_attribute: BTreeMap<Attribute, f64> = BTreeMap::new();
        for kind in &self.kinds {
            let severity = by_attribute.entry(kind.attribute).or_default();
            *severity = severity.max(kind.whole(&cues));
        }
        by_attribute
    }
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
