//! The overall level, as the engine's report will have it.
//!
//! The evidence doesn't carry the report's quality, so the engine's formula is followed here
//! (`100 * product of (1 - weight * severity)`), with its weights and its rule for a region's share: a description
//! that says "fair" beside a report that says "good" would contradict it.

use super::scene::Scene;
use giqa_core::{Attribute, Quality, Region};

const REGION_WEIGHT: f64 = 0.5;

fn weight(attribute: Attribute) -> f64 {
    match attribute {
        Attribute::Sharpness | Attribute::Exposure => 0.9,
        Attribute::Motion | Attribute::Compression | Attribute::Artefact => 0.8,
        Attribute::Noise => 0.7,
        Attribute::Contrast | Attribute::Colour | Attribute::Haze => 0.6,
        Attribute::Banding => 0.4,
    }
}

/// What severities are left of 100 points.
pub(super) fn of_severities(severities: impl Iterator<Item = (Attribute, f64)>) -> Quality {
    Quality::of_score(100.0 * severities.map(|(a, s)| 1.0 - weight(a) * s.clamp(0.0, 1.0)).product::<f64>())
}

/// Quality of the whole picture; `None` when nothing judges it.
pub(super) fn overall(scene: &Scene<'_>) -> Option<Quality> {
    let judged = scene.evidence.scores.iter().any(|s| s.severity.is_some() && s.value.is_some());
    if !judged && scene.evidence.findings.is_empty() {
        return None;
    }
    Some(of_severities(Attribute::ALL.into_iter().map(|a| (a, severity(scene, a)))))
}

fn severity(scene: &Scene<'_>, attribute: Attribute) -> f64 {
    let findings = || scene.evidence.findings.iter().filter(|f| f.attribute == attribute);
    let told = findings().filter(|f| f.region.is_none()).map(|f| f.severity).fold(0.0, f64::max);
    let scored = scene.score(attribute, None).and_then(|s| s.severity).unwrap_or(0.0);
    let whole = told.max(scored);
    let added = |region: &Region, severity: f64| region.bounds.area() * (severity - whole).max(0.0);
    let from_findings = findings()
        .filter_map(|f| f.region.as_deref().and_then(|id| scene.evidence.region(id)).map(|r| added(r, f.severity)));
    // A sharp subject excuses soft surroundings: the engine then drops their judgements, and only findings count.
    let excused = attribute == Attribute::Sharpness && subject_is_sharp(scene);
    let from_scores = scene
        .evidence
        .regions
        .iter()
        .filter(|_| !excused)
        .filter_map(|r| scene.score(attribute, Some(&r.id)).and_then(|s| s.severity).map(|s| added(r, s)));
    (whole + REGION_WEIGHT * from_findings.chain(from_scores).fold(0.0, f64::max)).min(1.0)
}

fn subject_is_sharp(scene: &Scene<'_>) -> bool {
    subject(scene)
        .and_then(|r| scene.score(Attribute::Sharpness, Some(&r.id)))
        .and_then(|s| s.severity)
        .is_some_and(|s| s < super::scene::FLOOR)
}

/// What the photo is about, the surest one.
pub(super) fn subject<'a>(scene: &Scene<'a>) -> Option<&'a Region> {
    let subjects = scene.evidence.regions.iter().filter(|r| r.name.eq_ignore_ascii_case("subject"));
    // `max_by` takes the last of equals; reversed, the first.
    subjects.rev().max_by(|a, b| a.score.total_cmp(&b.score))
}
