//! The overall level, as the report will have it: a description that says "fair" beside a report that says "good" would
//! contradict it. Where the evidence doesn't carry it, what the findings and scores leave.

use super::scene::Scene;
use giqa_core::{Attribute, Quality, Region};

/// Quality of the whole picture; `None` when nothing judges it.
pub(super) fn overall(scene: &Scene<'_>) -> Option<Quality> {
    if let Some(known) = scene.evidence.quality {
        return Some(known);
    }
    let judged = scene.evidence.scores.iter().any(|s| s.severity.is_some() && s.value.is_some());
    if !judged && scene.evidence.findings.is_empty() {
        return None;
    }
    Some(Quality::of_severities(Attribute::ALL.into_iter().map(|a| (a, severity(scene, a)))))
}

fn severity(scene: &Scene<'_>, attribute: Attribute) -> f64 {
    let findings = scene.evidence.findings.iter().filter(|f| f.attribute == attribute && f.region.is_none());
    let scored = scene.score(attribute, None).and_then(|s| s.severity).unwrap_or(0.0);
    findings.map(|f| f.severity).fold(scored, f64::max)
}

/// What the photo is about, the surest one.
pub(super) fn subject<'a>(scene: &Scene<'a>) -> Option<&'a Region> {
    let subjects = scene.evidence.regions.iter().filter(|r| r.name.eq_ignore_ascii_case("subject"));
    // `max_by` takes the last of equals; reversed, the first.
    subjects.rev().max_by(|a, b| a.score.total_cmp(&b.score))
}
