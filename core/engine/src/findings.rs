//! From scores to faults: what is worth telling, and where.
//!
//! 1. Each score with a scale of severity is a *judgement*: attribute, place (whole picture or region), severity.
//! 2. A sharp subject excuses a soft background ([`drop_intended_blur`]).
//! 3. Per attribute and place the worst judgement stands.
//! 4. It becomes a finding from severity [`FLOOR`] on; in a region only where it is worse than the whole picture by
//!    [`MARGIN`], else the whole picture's finding has said it already. Where a proposer knows the severity of its place,
//!    that stands ([`settle`]).
//!    A region that is the whole picture, with cause and severity, speaks for that.
//! 5. One cause is told once: see [`explained`].

use crate::evidence::Measured;
use crate::round;
use giqa_core::{Attribute, Finding, FindingEvidence, Level, NormBox, Region, Score};

/// Least severity that is told.
pub(crate) const FLOOR: f64 = 0.25;
/// How much worse than the whole picture a region must be to be told by itself.
const MARGIN: f64 = 0.15;
/// The same where a region was not found by that fault: a box around something holds more than the fault.
const MARGIN_ELSEWHERE: f64 = 0.45;
/// By how much worse than the motion softness must be to be no trace of it.
const SOFTER: f64 = 0.3;
/// Overlap from which on two faults are at the same place.
const SAME_PLACE_IOU: f64 = 0.4;
/// Regions that a proposer is less sure of than this are places to ask about and no evidence by themselves.
const SURE: f64 = 0.5;
/// What a metric's word on the whole picture weighs against that of a proposer that weighed all.
const ALONE: f64 = 0.45;
/// The names by which proposers call what the photo is about, and what it is not about.
const SUBJECT: &str = "subject";
const BACKGROUND: &str = "background";
/// What things are by nature is no fault of the photo: clouds and waves have no edges, and skies are bright.
const BY_NATURE: [(&str, &[Attribute]); 3] = [
    (BACKGROUND, &[Attribute::Sharpness, Attribute::Motion]),
    ("sky", &[Attribute::Sharpness, Attribute::Motion, Attribute::Exposure]),
    ("water", &[Attribute::Sharpness, Attribute::Motion]),
];

/// What one metric's value means at one place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) attribute: Attribute,
    /// Index of the region; `None` = the whole picture.
    pub(crate) region: Option<usize>,
    pub(crate) severity: f64,
    pub(crate) evidence: FindingEvidence,
}

/// The worst judgement per attribute and place, in the order attribute, whole picture, regions. `everywhere`: regions
/// that are the whole picture, with cause and severity; they are not among `regions`.
pub(crate) fn judge(
    measured: &[Measured],
    scores: &[Score],
    regions: &[Region],
    everywhere: &[Region],
) -> Vec<Judgement> {
    let mut all: Vec<Judgement> = scores.iter().filter_map(|s| judgement(s, measured, regions)).collect();
    drop_intended_blur(&mut all, regions);
    // Worst first within a place; the sort is stable, so among equals the first metric of the profile stands.
    all.sort_by(|a, b| (a.attribute, a.region).cmp(&(b.attribute, b.region)).then(b.severity.total_cmp(&a.severity)));
    all.dedup_by_key(|j| (j.attribute, j.region));
    let places = regions.iter().enumerate().map(|(i, r)| (Some(i), r));
    for (place, region) in everywhere.iter().map(|r| (None, r)).chain(places) {
        if let (Some(cause), Some(severity)) = (region.cause, region.severity) {
            settle(&mut all, place, region, cause, severity);
        }
    }
    all
}

/// A proposer that knows how bad a fault is has the last word; the metric that sees it worst is the evidence, or the
/// proposer itself where no metric by itself sees a fault. In the whole picture, a metric that sees far more than the
/// proposer is heard all the same, at a discount ([`ALONE`]): there are faults that the proposer has never met.
fn settle(all: &mut Vec<Judgement>, place: Option<usize>, region: &Region, cause: Attribute, severity: f64) {
    let at = all.partition_point(|j| (j.attribute, j.region) < (cause, place));
    match all.get_mut(at).filter(|j| (j.attribute, j.region) == (cause, place)) {
        Some(j) => {
            let seen = j.severity;
            j.severity = if place.is_none() { severity.max(round::six(ALONE * seen)) } else { severity };
            if seen < FLOOR && j.severity >= FLOOR {
                j.evidence = own_word(region, severity);
            }
        }
        None => {
            let evidence = own_word(region, severity);
            all.insert(at, Judgement { attribute: cause, region: place, severity, evidence });
        }
    }
}

fn own_word(region: &Region, severity: f64) -> FindingEvidence {
    FindingEvidence { metric: region.source.clone(), value: severity, expected: 0.0 }
}

fn judgement(score: &Score, measured: &[Measured], regions: &[Region]) -> Option<Judgement> {
    let scale = measured.iter().find(|m| m.id == score.metric)?.spec.severity?;
    let region = match &score.region {
        Some(id) => Some(regions.iter().position(|r| r.id == *id)?),
        None => None,
    };
    // A place that was found by one fault is no evidence for another; but what is soft may be soft from motion.
    let found = region.and_then(|i| regions.get(i)).and_then(|r| r.cause.map(|c| (c, r.severity)));
    let own = |(cause, known): (Attribute, Option<f64>)| {
        let moved = (cause, scale.attribute) == (Attribute::Sharpness, Attribute::Motion);
        cause == scale.attribute || (moved && known.is_none())
    };
    if found.is_some_and(|f| !own(f)) {
        return None;
    }
    if region.and_then(|i| regions.get(i)).is_some_and(|r| !is_evidence(r, scale.attribute)) {
        return None;
    }
    Some(Judgement {
        attribute: scale.attribute,
        region,
        severity: score.severity?,
        evidence: FindingEvidence {
            metric: score.metric.clone(),
            value: score.value?,
            expected: round::six(scale.fine),
        },
    })
}

/// Whether what is measured in a region can be a fault: the proposer was sure of the region or found it by a fault, and
/// it is not so by nature. The background's box happens to hold the subject, too; so it never counts for blur.
fn is_evidence(region: &Region, attribute: Attribute) -> bool {
    let is = |name: &str| region.name.eq_ignore_ascii_case(name);
    let sure = region.score >= SURE || region.cause.is_some() || is(SUBJECT) || is(BACKGROUND);
    // What is the whole picture is judged as that.
    region.bounds != NormBox::FULL
        && sure
        && !BY_NATURE.iter().any(|(name, attributes)| is(name) && attributes.contains(&attribute))
}

/// Blur around a sharp subject is a choice of the photographer. When there is a region called "subject" (the surest
/// one counts) and it is sharp, blur in another region is only a fault where that region lies on the subject: at least
/// half of it, or its centre if it is at most twice as large. A place that its proposer found by its blur is no
/// background. The whole picture's own finding stays.
fn drop_intended_blur(all: &mut Vec<Judgement>, regions: &[Region]) {
    let subject = regions
        .iter()
        .enumerate()
        .filter(|(_, r)| r.name.eq_ignore_ascii_case(SUBJECT))
        // `max_by` takes the last of equals; reversed, the first.
        .rev()
        .max_by(|a, b| a.1.score.total_cmp(&b.1.score));
    let Some((subject_index, subject)) = subject else { return };
    let at_subject = |j: &&Judgement| j.attribute == Attribute::Sharpness && j.region == Some(subject_index);
    let worst = all.iter().filter(at_subject).map(|j| j.severity).max_by(f64::total_cmp);
    if worst.is_none_or(|s| s >= FLOOR) {
        return;
    }
    all.retain(|j| match j.region.and_then(|i| regions.get(i)) {
        Some(region) if j.attribute == Attribute::Sharpness => touches(region, subject) || region.cause.is_some(),
        _ => true,
    });
}

fn touches(region: &Region, subject: &Region) -> bool {
    let (x, y) = region.bounds.centre();
    let s = &subject.bounds;
    let centre_inside = s.x1() <= x && x <= s.x2() && s.y1() <= y && y <= s.y2();
    // A box that holds the subject shares its centre with it but is mostly background.
    let small = region.bounds.area() <= 2.0 * s.area();
    let common = s.intersection(&region.bounds).map_or(0.0, |b| b.area());
    (centre_inside && small) || common >= 0.5 * region.bounds.area()
}

/// The judgements without those that only trace another that is told: one cause counts once.
pub(crate) fn causes(judged: Vec<Judgement>, regions: &[Region]) -> Vec<Judgement> {
    let told: Vec<Judgement> = judged.iter().filter(|j| is_told(j, &judged, regions)).cloned().collect();
    judged.into_iter().filter(|j| !told.iter().any(|cause| explained(j, cause, regions))).collect()
}

/// The findings among the judgements, worst first; ties by attribute, then the whole picture before regions.
pub(crate) fn report(judged: &[Judgement], regions: &[Region]) -> Vec<Finding> {
    let mut told: Vec<&Judgement> = judged.iter().filter(|j| is_told(j, judged, regions)).collect();
    told.sort_by(|a, b| b.severity.total_cmp(&a.severity).then((a.attribute, a.region).cmp(&(b.attribute, b.region))));
    told.into_iter()
        .map(|j| Finding {
            attribute: j.attribute,
            severity: j.severity,
            level: Level::of_severity(j.severity),
            region: j.region.and_then(|i| regions.get(i)).map(|r| r.id.clone()),
            evidence: j.evidence.clone(),
        })
        .collect()
}

fn is_told(j: &Judgement, judged: &[Judgement], regions: &[Region]) -> bool {
    j.severity >= FLOOR && stands_out(j, judged, regions)
}

fn stands_out(j: &Judgement, judged: &[Judgement], regions: &[Region]) -> bool {
    let Some(region) = j.region.and_then(|i| regions.get(i)) else { return true };
    let margin = match (region.cause, region.severity) {
        (Some(_), Some(_)) => 0.0,
        (Some(_), None) => MARGIN,
        (None, _) => MARGIN_ELSEWHERE,
    };
    j.severity >= whole_picture(judged, j.attribute) + margin
}

/// Whether a fault is only the trace of a surer one at the same place: motion and squares soften, few tones and squares
/// make edges that look like blocks, and a clipped or dark picture is flat for that reason. What is soft in all
/// directions has a little of motion too: the one is the trace of the other by how bad both are ([`SOFTER`]).
fn explained(trace: &Judgement, cause: &Judgement, regions: &[Region]) -> bool {
    let softer = |soft: &Judgement, moved: &Judgement| soft.severity > moved.severity + SOFTER;
    let traces: &[Attribute] = match cause.attribute {
        Attribute::Motion if trace.attribute == Attribute::Sharpness && softer(trace, cause) => &[],
        Attribute::Motion => &[Attribute::Sharpness],
        Attribute::Sharpness if trace.attribute == Attribute::Motion && softer(cause, trace) => &[Attribute::Motion],
        Attribute::Artefact => &[Attribute::Sharpness, Attribute::Compression, Attribute::Banding, Attribute::Motion],
        Attribute::Banding => &[Attribute::Compression, Attribute::Noise, Attribute::Sharpness],
        Attribute::Exposure | Attribute::Haze => &[Attribute::Contrast],
        _ => &[],
    };
    traces.contains(&trace.attribute)
        && match (trace.region, cause.region) {
            (_, None) => true,
            (Some(a), Some(b)) => {
                a == b
                    || regions.get(a).zip(regions.get(b)).is_some_and(|(a, b)| a.bounds.iou(&b.bounds) > SAME_PLACE_IOU)
            }
            (None, Some(_)) => false,
        }
}

/// Severity of an attribute for the whole picture; 0 where nothing judges it.
pub(crate) fn whole_picture(judged: &[Judgement], attribute: Attribute) -> f64 {
    judged.iter().find(|j| j.attribute == attribute && j.region.is_none()).map_or(0.0, |j| j.severity)
}
