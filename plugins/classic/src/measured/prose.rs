//! Sentences about faults, shared by descriptions and answers.

use super::kind::Kind;
use super::place::{Label, label};
use super::scene::{Fault, Place, Scene};
use super::words::{capital, list};
use giqa_core::Level;
use giqa_core::text::GroundedText;

/// Faults of the same kind and level, and where they are; groups at the same places are one sentence.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    pub(super) faults: Vec<(Kind, Level)>,
    pub(super) places: Vec<Place<'a>>,
    pub(super) severity: f64,
}

/// Faults in the order given, those of the whole picture and those of places alike.
pub(super) fn groups<'a>(faults: &[Fault<'a>]) -> Vec<Group<'a>> {
    let mut all: Vec<Group<'a>> = Vec::new();
    for fault in faults {
        let what = (fault.kind, fault.level());
        let whole = fault.place == Place::Whole;
        let same = all.iter_mut().find(|g| g.faults == [what] && (g.places == [Place::Whole]) == whole);
        match same {
            Some(group) if group.places.contains(&fault.place) => {}
            Some(group) => group.places.push(fault.place),
            None => all.push(Group { faults: vec![what], places: vec![fault.place], severity: fault.severity }),
        }
    }
    let mut merged: Vec<Group<'a>> = Vec::new();
    for group in all {
        match merged.iter_mut().find(|g| g.places == group.places) {
            // The same kind at two levels in one place is said once, at its worse level, which comes first.
            Some(g) => {
                let new = group.faults.iter().filter(|(k, _)| !g.faults.iter().any(|(known, _)| known == k));
                let new: Vec<_> = new.copied().collect();
                g.faults.extend(new);
            }
            None => merged.push(group),
        }
    }
    merged
}

/// "noticeably soft and slightly noisy".
pub(super) fn told(scene: &Scene<'_>, group: &Group<'_>) -> String {
    list(&group.faults.iter().map(|(kind, level)| kind.told(*level, scene.seed)).collect::<Vec<_>>())
}

/// Appends "the [label] is ..." with a capital where a sentence begins.
pub(super) fn push_group(out: &mut GroundedText, scene: &Scene<'_>, group: &Group<'_>, first: bool) {
    push_claim(out, &label(&group.places), &told(scene, group), first);
}

/// Appends "the [label] is `claim`".
pub(super) fn push_claim(out: &mut GroundedText, label: &Label, claim: &str, first: bool) {
    push_label(out, label, first);
    out.push(&format!(" {} {claim}", label.verb()));
}

/// Appends "the [label]".
pub(super) fn push_label(out: &mut GroundedText, label: &Label, first: bool) {
    out.push(label.lead(first));
    let words = if first && label.article.is_empty() { capital(&label.words) } else { label.words.clone() };
    out.push_span(&words, label.boxes.clone());
}

/// Appends one sentence per group.
pub(super) fn push_faults(out: &mut GroundedText, scene: &Scene<'_>, faults: &[Fault<'_>]) {
    for group in groups(faults) {
        if !out.text.is_empty() {
            out.push(" ");
        }
        push_group(out, scene, &group, true);
        out.push(".");
    }
}
