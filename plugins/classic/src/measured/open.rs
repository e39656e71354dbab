//! Open questions: which, where and why.

use super::answer::{asked_places, cannot_tell, fine};
use super::compare;
use super::how::{figure, how};
use super::lexicon::{Aspect, Sense};
use super::prose::{groups, push_claim, push_faults, push_group};
use super::question::{Query, Topic};
use super::scene::{Fault, Place, Scene};
use super::target::{Target, Verdict, verdict};
use super::words::{list, number, praise};
use giqa_core::text::GroundedText;

const ANYTHING: Topic = Topic { aspect: Aspect::Quality, sense: Sense::Bad, tint: None };

pub(super) fn first(query: &Query) -> Topic {
    query.topics.first().copied().unwrap_or(ANYTHING)
}

pub(super) fn which(scene: &Scene<'_>, query: &Query, targets: &[Target]) -> GroundedText {
    let topic = first(query);
    if topic.sense == Sense::Neutral || (topic.aspect == Aspect::Colourful && !query.compares) {
        return how(scene, query, targets);
    }
    if query.compares && targets.is_empty() && scene.evidence.regions.len() > 1 {
        let regions: Vec<Target> = scene
            .evidence
            .regions
            .iter()
            .take(32)
            .map(|r| Target { label: r.name.clone(), boxes: vec![r.bounds] })
            .collect();
        return compare::compare(scene, query, &regions);
    }
    if topic.asks_for_fault() { faults_of(scene, &topic, targets) } else { good_places(scene, &topic, targets) }
}

fn faults_of(scene: &Scene<'_>, topic: &Topic, targets: &[Target]) -> GroundedText {
    let mut out = GroundedText::default();
    match verdict(scene, targets, topic.aspect, topic.tint) {
        Verdict::Faulty(faults) => push_faults(&mut out, scene, &faults),
        Verdict::Unknown => out.push(&cannot_tell(topic.aspect, targets)),
        Verdict::Fine if targets.is_empty() && topic.aspect == Aspect::Quality => {
            out.push("Nothing in the picture disturbs.");
        }
        Verdict::Fine => {
            let place = if targets.is_empty() { "in the picture" } else { "there" };
            out.push(&format!("Nothing {place} is {}.", topic.aspect.faulty(topic.tint)));
        }
    }
    out
}

/// Regions that were measured to be good and have no fault of the kind.
fn good_places(scene: &Scene<'_>, topic: &Topic, targets: &[Target]) -> GroundedText {
    let mut out = GroundedText::default();
    if topic.aspect == Aspect::Quality {
        let good: Vec<&str> = scene.praised().into_iter().map(praise).collect();
        out.push(&if good.is_empty() {
            "Nothing in the picture was measured to be especially good.".into()
        } else {
            format!("The picture is {}.", list(&good))
        });
        return out;
    }
    let regions: Vec<Target>;
    let candidates = if targets.is_empty() {
        regions = scene
            .evidence
            .regions
            .iter()
            .take(32)
            .map(|r| Target { label: r.name.clone(), boxes: vec![r.bounds] })
            .collect();
        regions.as_slice()
    } else {
        targets
    };
    let good: Vec<Place<'_>> = candidates
        .iter()
        .filter(|t| verdict(scene, std::slice::from_ref(t), topic.aspect, topic.tint) == Verdict::Fine)
        .flat_map(Target::places)
        .collect();
    let whole = if targets.is_empty() { verdict(scene, &[], topic.aspect, topic.tint) } else { Verdict::Unknown };
    if whole == Verdict::Fine {
        out.push(&format!("The whole picture is {}.", fine(topic)));
    } else if good.is_empty() {
        match whole {
            Verdict::Faulty(faults) => push_faults(&mut out, scene, &faults),
            _ => out.push(&format!("No place was found to be {}.", fine(topic))),
        }
    } else {
        push_claim(&mut out, &super::place::label(&good), &fine(topic), true);
        out.push(".");
    }
    out
}

pub(super) fn why(scene: &Scene<'_>, query: &Query, targets: &[Target]) -> GroundedText {
    let topic = first(query);
    let mut out = GroundedText::default();
    match verdict(scene, targets, topic.aspect, topic.tint) {
        Verdict::Unknown => out.push(&cannot_tell(topic.aspect, targets)),
        Verdict::Faulty(faults) => {
            // Asked why it is good when it isn't: the premise is wrong, and that is said.
            out.push(if topic.sense == Sense::Good { "It isn't altogether: " } else { "Because " });
            because(&mut out, scene, &faults);
            out.push(".");
            if topic.aspect == Aspect::Sharp && topic.sense != Sense::Good {
                out.push(" Whether focus or movement is the cause cannot be told from that.");
            }
        }
        Verdict::Fine if topic.sense == Sense::Bad => {
            out.push("It isn't: ");
            let words = if topic.aspect == Aspect::Quality {
                "without a fault that was measured".to_owned()
            } else {
                fine(&topic)
            };
            push_claim(&mut out, &asked_places(targets), &words, false);
            out.push(".");
        }
        Verdict::Fine => {
            let good: Vec<&str> = scene.praised().into_iter().map(praise).collect();
            out.push(&match figure(scene, topic.aspect, targets) {
                Some(f) if topic.aspect != Aspect::Quality => format!("Because {}.", f.words),
                _ if good.is_empty() => "Because nothing that was measured disturbs.".to_owned(),
                _ => format!("Because it is {}.", list(&good)),
            });
        }
    }
    out
}

fn because(out: &mut GroundedText, scene: &Scene<'_>, faults: &[Fault<'_>]) {
    let groups = groups(faults);
    for (i, group) in groups.iter().enumerate() {
        if i > 0 {
            out.push(if i + 1 == groups.len() { " and " } else { ", " });
        }
        push_group(out, scene, group, false);
    }
    // One number explains one fault; several would be a table.
    if let [fault] = faults {
        out.push(&format!(" ({} was measured, {} would be fine)", number(fault.value), number(fault.expected)));
    }
}
