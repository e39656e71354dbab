//! What a question is about in the picture, and what is known of it there.

use super::kind::{Kind, Tint};
use super::lexicon::Aspect;
use super::place::clean;
use super::scene::{FLOOR, Fault, Place, Scene, is_colourfulness};
use giqa_core::text::GroundedText;
use giqa_core::{Attribute, NormBox, Region};

/// Boxes of a question that are looked at; each is measured.
const MAX_BOXES: usize = 32;
/// Overlap from which on a fault's place and the place of a question are about the same.
const REACHES: f64 = 0.35;
/// Severity from which on a fault of the whole picture is one of any place in it.
const EVERYWHERE: f64 = 0.4;

/// Boxes under one name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub(super) label: String,
    pub(super) boxes: Vec<NormBox>,
}

impl Target {
    pub(super) fn places(&self) -> Vec<Place<'_>> {
        self.boxes.iter().map(|b| Place::Box(*b, &self.label)).collect()
    }
}

/// The spans of a question and the boxes beside it.
pub(super) fn targets(scene: &Scene<'_>, question: &GroundedText, boxes: &[NormBox]) -> Vec<Target> {
    let mut all: Vec<Target> = Vec::new();
    let mut left = MAX_BOXES;
    for span in &question.spans {
        let boxes: Vec<NormBox> = span.boxes.iter().copied().take(left).collect();
        left -= boxes.len();
        all.push(Target { label: clean(&span.label), boxes });
    }
    for bounds in boxes.iter().take(left) {
        // A box that a span has named is not asked about twice.
        if all.iter().any(|t| t.boxes.contains(bounds)) {
            continue;
        }
        let label = scene.region_at(bounds).map_or_else(|| "marked area".to_owned(), |r| r.name.clone());
        all.push(Target { label, boxes: vec![*bounds] });
    }
    all.retain(|t| !t.boxes.is_empty());
    all
}

/// What is known about one aspect at the places of a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict<'a> {
    /// Worst first.
    Faulty(Vec<Fault<'a>>),
    Fine,
    /// Nothing measures it there.
    Unknown,
}

/// Without targets, the whole picture and its regions.
pub(super) fn verdict<'b>(
    scene: &'b Scene<'_>,
    targets: &'b [Target],
    aspect: Aspect,
    tint: Option<Tint>,
) -> Verdict<'b> {
    let (mut faults, known) = if targets.is_empty() { everywhere(scene) } else { inside(scene, targets) };
    faults.retain(|f| aspect.covers(f.attribute, f.kind, tint));
    faults.sort_by(|a, b| b.severity.total_cmp(&a.severity));
    if !faults.is_empty() {
        Verdict::Faulty(faults)
    } else if aspect.attributes().iter().any(|a| known.contains(a)) {
        Verdict::Fine
    } else {
        Verdict::Unknown
    }
}

fn everywhere<'b>(scene: &'b Scene<'_>) -> (Vec<Fault<'b>>, Vec<Attribute>) {
    let mut faults = scene.faults().to_vec();
    // A finding tells of its attribute also where it is not of the kind that was asked about.
    let mut known: Vec<Attribute> = faults.iter().map(|f| f.attribute).collect();
    known.extend(Attribute::ALL.into_iter().filter(|&a| scene.score(a, None).is_some()));
    for o in scene.whole().iter().filter(|o| !is_colourfulness(&o.metric)) {
        // The engine has judged what it measured; only what it didn't measure is judged here.
        if !known.contains(&o.attribute) && o.severity >= FLOOR {
            faults.push(observed_fault(o, Place::Whole));
        }
        known.push(o.attribute);
    }
    (faults, known)
}

fn inside<'b>(scene: &'b Scene<'_>, targets: &'b [Target]) -> (Vec<Fault<'b>>, Vec<Attribute>) {
    let mut faults: Vec<Fault<'b>> = Vec::new();
    let mut known = Vec::new();
    for target in targets {
        for bounds in &target.boxes {
            let place = Place::Box(*bounds, &target.label);
            let region = scene.region_at(bounds);
            let told = scene.faults().iter().filter(|f| match f.place {
                Place::Region(r) => region.is_some_and(|known| known.id == r.id) || reaches(r, bounds),
                // Light differs from place to place; whatever else is wrong everywhere is wrong there.
                Place::Whole => f.severity >= EVERYWHERE && f.attribute != Attribute::Exposure,
                _ => false,
            });
            let told: Vec<Fault<'b>> = told.map(|f| Fault { place, ..*f }).collect();
            known.extend(told.iter().map(|f| f.attribute));
            for o in scene.inside(*bounds).iter().filter(|o| !is_colourfulness(&o.metric)) {
                known.push(o.attribute);
                // What the report says about a region and what is measured in it now must not differ in words.
                if o.severity >= FLOOR && !told.iter().any(|f| f.attribute == o.attribute) {
                    faults.push(observed_fault(o, place));
                }
            }
            faults.extend(told);
            if let Some(region) = region {
                known.extend(Attribute::ALL.into_iter().filter(|&a| scene.score(a, Some(&region.id)).is_some()));
            }
        }
    }
    (faults, known)
}

/// Whether a place that was found by its fault holds most of a box, or about the same.
fn reaches(found: &Region, asked: &NormBox) -> bool {
    let common = found.bounds.intersection(asked).map_or(0.0, |b| b.area());
    found.cause.is_some() && (found.bounds.iou(asked) > REACHES || common > (1.0 - REACHES) * asked.area())
}

fn observed_fault<'b>(o: &super::Observed, place: Place<'b>) -> Fault<'b> {
    Fault {
        kind: Kind::of(o.attribute, o.value, o.expected, &o.details),
        attribute: o.attribute,
        severity: o.severity.clamp(0.0, 1.0),
        place,
        value: o.value,
        expected: o.expected,
    }
}
