//! Segments: parts of a picture that look alike, by name where their colour, texture and place make it sure.
//!
//! A small copy of the picture is cut into segments by a graph ([`graph`]). Touching segments that look like the same
//! thing (sky, leaves, ...) become one region with its name ([`names`]). Of the others, those that stand out from what is
//! around them are regions named by their place.
//!
//! Skin is not named: in colour and texture it is like wood, bread and painted walls.

mod graph;
mod looks;
mod names;
mod parts;
mod reduced;
mod sky;

use super::place::name_of;
use giqa_core::{ComponentError, Context, ImageView, ProposerInput, ProposerSpec, Region, RegionProposer};
use graph::distance;
use names::{Named, names};
use parts::Parts;
use reduced::Reduced;

/// Regions at most, and those without a name among them.
const MOST: usize = 6;
const MOST_PLACES: usize = 3;
/// Overlap from which on two boxes are the same place.
const SAME_PLACE: f64 = 0.6;
/// Share of its box that a group must fill, so that the box tells where it is.
const LEAST_FILLED: f64 = 0.35;
/// Boxes that are no larger: one around everything tells nothing, but a sky may be large.
const LARGEST: f64 = 0.75;
const LARGEST_SKY: f64 = 0.95;
const LARGEST_PLACE: f64 = 0.4;
/// Share of the picture from which on a segment without a name counts.
const LEAST_PLACE: f32 = 0.02;
/// Distance of colours (CIE 1976) at which a segment stands out as much as can be.
const FAR: f64 = 60.0;
/// Scores of segments without a name: below a half, so that they are places to ask about and no evidence of faults.
const MOST_SCORE: f64 = 0.49;
const LEAST_SCORE: f64 = 0.2;

/// The proposer.
pub struct Segments {
    spec: ProposerSpec,
}

impl Segments {
    /// The proposer.
    #[must_use]
    pub fn new(spec: ProposerSpec) -> Self {
        Self { spec }
    }

    fn regions(image: ImageView<'_>) -> Vec<Region> {
        let Some(picture) = Reduced::new(image) else { return Vec::new() };
        let parts = Parts::new(picture);
        let mut found: Vec<Region> = Vec::new();
        let mut add = |region: Region| {
            let alike = |k: &Region| k.bounds.iou(&region.bounds) > SAME_PLACE;
            if found.len() < MOST && !found.iter().any(alike) {
                found.push(region);
            }
        };
        let mut named = vec![false; parts.looks.len()];
        for Named { name, group, sure } in names(&parts) {
            group.iter().for_each(|&part| named[part] = true);
            let Some((bounds, filled)) = parts.bounds(&group) else { continue };
            let largest = if name == "sky" { LARGEST_SKY } else { LARGEST };
            if filled > LEAST_FILLED && bounds.area() < largest {
                add(Region::new(name, bounds, sure));
            }
        }
        places(&parts, &named).into_iter().for_each(add);
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }
}

/// Segments without a name that stand out from those around them, the clearest first.
fn places(parts: &Parts, named: &[bool]) -> Vec<Region> {
    let mut all: Vec<Region> = (0..parts.looks.len())
        .filter(|&part| !named[part] && parts.looks[part].share > LEAST_PLACE)
        .filter_map(|part| {
            let (bounds, filled) = parts.bounds(&[part])?;
            let around: Vec<usize> = parts.neighbours(part).collect();
            let apart = f64::from(distance(parts.looks[part].colour, parts.looks_of(&around).colour));
            let score = MOST_SCORE * (apart / FAR).min(1.0) * filled;
            (filled > 0.5 && score > LEAST_SCORE && bounds.area() < LARGEST_PLACE)
                .then(|| Region::new(name_of(&bounds), bounds, score))
        })
        .collect();
    let weight = |r: &Region| r.score * r.bounds.area().sqrt();
    all.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let mut kept: Vec<Region> = Vec::new();
    for place in all {
        // One name, one place: "the upper left" would mean either.
        if kept.len() < MOST_PLACES && kept.iter().all(|k| k.name != place.name) {
            kept.push(place);
        }
    }
    kept
}

impl RegionProposer for Segments {
    fn spec(&self) -> &ProposerSpec {
        &self.spec
    }

    fn propose(&self, context: &Context<'_>, items: &[ProposerInput<'_>]) -> Vec<Result<Vec<Region>, ComponentError>> {
        let one = |item: &ProposerInput<'_>| {
            if context.is_cancelled() { Err(ComponentError::cancelled()) } else { Ok(Self::regions(item.image)) }
        };
        items.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests;
