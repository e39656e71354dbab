//! How much and how good: levels and the numbers behind them.

use super::Observed;
use super::answer::{asked_places, cannot_tell, fine};
use super::lexicon::Aspect;
use super::open::first;
use super::prose::{push_claim, push_faults};
use super::quality;
use super::question::{Query, Topic};
use super::scene::{PRAISE, Place, Scene, is_colourfulness};
use super::target::{Target, Verdict, verdict};
use super::words::{capital, list, number, praise};
use giqa_core::text::GroundedText;
use giqa_core::{Attribute, Level, Quality};

pub(super) fn how(scene: &Scene<'_>, query: &Query, targets: &[Target]) -> GroundedText {
    let topic = first(query);
    match topic.aspect {
        Aspect::Quality => how_good(scene, targets),
        Aspect::Colourful => match colourfulness(scene, targets) {
            None => GroundedText::plain(cannot_tell(topic.aspect, targets)),
            Some(v) => {
                let mut out = GroundedText::default();
                let words = format!("{} colourful: its colourfulness is {}", colourful_degree(v), number(v));
                push_claim(&mut out, &asked_places(targets), &words, true);
                out.push(".");
                out
            }
        },
        _ => how_much(scene, &Topic { tint: None, ..topic }, targets),
    }
}

/// The scale of Hasler and Suesstrunk's observers.
fn colourful_degree(v: f64) -> &'static str {
    match v {
        v if v >= 82.0 => "highly",
        v if v >= 59.0 => "quite",
        v if v >= 33.0 => "moderately",
        v if v >= 15.0 => "slightly",
        _ => "hardly",
    }
}

fn how_much(scene: &Scene<'_>, topic: &Topic, targets: &[Target]) -> GroundedText {
    let figure = figure(scene, topic.aspect, targets);
    let mut out = GroundedText::default();
    let aspect = match topic.aspect {
        Aspect::Bright | Aspect::Dark | Aspect::Over | Aspect::Under => Aspect::Exposure,
        aspect => aspect,
    };
    match verdict(scene, targets, aspect, None) {
        Verdict::Unknown => out.push(&cannot_tell(topic.aspect, targets)),
        Verdict::Fine => {
            let level = figure.as_ref().map_or(Level::Excellent, |f| f.level);
            out.push(&format!("{}. ", capital(level.name())));
            push_claim(&mut out, &asked_places(targets), &fine(&Topic { aspect, ..*topic }), true);
            out.push(&figure.map_or_else(|| ".".to_owned(), |f| format!(": {}.", f.words)));
        }
        Verdict::Faulty(faults) => {
            if let Some(worst) = faults.first() {
                out.push(&format!("{}.", capital(worst.level().name())));
            }
            push_faults(&mut out, scene, &faults);
            if let Some(f) = figure {
                let whole = faults.iter().any(|f| f.place == Place::Whole);
                if targets.is_empty() && !whole {
                    out.push(&format!(" Over the whole picture, {}.", f.words));
                } else {
                    out.push(&format!(" {}.", capital(&f.words)));
                }
            }
        }
    }
    out
}

/// A number behind an answer.
pub(super) struct Figure {
    pub(super) level: Level,
    pub(super) words: String,
}

pub(super) fn figure(scene: &Scene<'_>, aspect: Aspect, targets: &[Target]) -> Option<Figure> {
    let attribute = *aspect.attributes().first()?;
    if targets.iter().map(|t| t.boxes.len()).sum::<usize>() > 1 {
        // One number can't stand for several boxes.
        return None;
    }
    let here = observed(scene, targets);
    let seen = here.iter().find(|o| o.attribute == attribute && !is_colourfulness(&o.metric));
    let score = if targets.is_empty() { scene.score(attribute, None) } else { None };
    let told = scene.faults().iter().find(|f| f.attribute == attribute).map(|f| f.expected);
    let value = score.and_then(|s| s.value).or(seen.map(|o| o.value))?;
    let severity = score.and_then(|s| s.severity).or(seen.map(|o| o.severity)).unwrap_or(0.0);
    let expected = seen.map(|o| o.expected).or(told);
    let noun = match attribute {
        Attribute::Noise => "the noise (standard deviation in 8-bit steps)".to_owned(),
        Attribute::Exposure => "the error of exposure".to_owned(),
        Attribute::Colour => "the strength of the cast".to_owned(),
        Attribute::Compression => "the blockiness".to_owned(),
        _ => format!("the {}", aspect.noun()),
    };
    let compared = expected.map(|e| format!(", where {} is fine", number(e))).unwrap_or_default();
    Some(Figure { level: Level::of_severity(severity), words: format!("{noun} is {}{compared}", number(value)) })
}

fn observed(scene: &Scene<'_>, targets: &[Target]) -> Vec<Observed> {
    match targets.first().and_then(|t| t.boxes.first()) {
        Some(bounds) => scene.inside(*bounds),
        None => scene.whole().to_vec(),
    }
}

pub(super) fn colourfulness(scene: &Scene<'_>, targets: &[Target]) -> Option<f64> {
    if targets.is_empty() {
        return scene.colourfulness();
    }
    observed(scene, targets).iter().find(|o| is_colourfulness(&o.metric)).map(|o| o.value)
}

/// Median tone, 0..255.
pub(super) fn median(scene: &Scene<'_>, targets: &[Target]) -> Option<f64> {
    let told = || scene.score(Attribute::Exposure, None).and_then(|s| s.details.get("median").copied());
    // Other metrics have medians too, of other things.
    let median = |o: &Observed| o.details.get("median").copied().filter(|_| o.attribute == Attribute::Exposure);
    let seen = || observed(scene, targets).iter().find_map(median);
    let median = if targets.is_empty() { told().or_else(seen) } else { seen() };
    median.filter(|m| m.is_finite())
}

/// Quality inside boxes, each attribute by the worst box.
pub(super) fn quality_inside(scene: &Scene<'_>, targets: &[Target]) -> Option<Quality> {
    if verdict(scene, targets, Aspect::Quality, None) == Verdict::Unknown {
        return None;
    }
    let Verdict::Faulty(faults) = verdict(scene, targets, Aspect::Quality, None) else {
        let mut worst = [0.0_f64; Attribute::ALL.len()];
        for o in targets.iter().flat_map(|t| &t.boxes).flat_map(|b| scene.inside(*b)) {
            if let Some(w) = worst.get_mut(o.attribute as usize) {
                *w = w.max(o.severity);
            }
        }
        return Some(Quality::of_severities(Attribute::ALL.into_iter().zip(worst)));
    };
    let worst = |a: Attribute| faults.iter().filter(|f| f.attribute == a).map(|f| f.severity).fold(0.0, f64::max);
    Some(Quality::of_severities(Attribute::ALL.into_iter().map(|a| (a, worst(a)))))
}

fn how_good(scene: &Scene<'_>, targets: &[Target]) -> GroundedText {
    let quality = if targets.is_empty() { quality::overall(scene) } else { quality_inside(scene, targets) };
    let Some(quality) = quality else { return GroundedText::plain(cannot_tell(Aspect::Quality, targets)) };
    let mut out = GroundedText::plain(format!("{}: about {:.0} of 100.", capital(quality.level.name()), quality.score));
    match verdict(scene, targets, Aspect::Quality, None) {
        Verdict::Faulty(faults) => push_faults(&mut out, scene, &faults),
        _ if targets.is_empty() => {
            let good: Vec<&str> = scene.praised().into_iter().map(praise).collect();
            out.push(&if good.is_empty() {
                " Nothing disturbs.".into()
            } else {
                format!(" The picture is {}.", list(&good))
            });
        }
        _ => {
            let here = observed(scene, targets);
            let good = here.iter().filter(|o| o.severity <= PRAISE && !is_colourfulness(&o.metric));
            let good: Vec<&str> = good.map(|o| praise(o.attribute)).collect();
            if !good.is_empty() {
                out.push(" ");
                push_claim(&mut out, &asked_places(targets), &list(&good), true);
                out.push(".");
            }
        }
    }
    out
}
