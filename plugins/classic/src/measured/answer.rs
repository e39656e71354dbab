//! Answers (GIQA-VQA): what the question is about decides who answers it; yes and no are said here.

use super::compare;
use super::how;
use super::lexicon::{Aspect, is_picture_word, same_thing};
use super::open;
use super::place::{Label, label, position};
use super::prose::{push_claim, push_faults};
use super::quality;
use super::question::{Form, Query, Topic, read};
use super::scene::{Place, Scene};
use super::target::{Target, Verdict, targets, verdict};
use super::words::{number, praise};
use giqa_core::text::{GroundedText, ParseOptions, parse};
use giqa_core::{Attribute, Level, NormBox};

/// Hasler and Suesstrunk's "averagely colourful".
const COLOURED: f64 = 45.0;
/// Median tones from and up to which a picture is called bright or dark.
const BRIGHT: f64 = 150.0;
const DARK: f64 = 85.0;

/// Longest question that is read, in bytes; the rest can't change the meaning of what a person asks.
const MAX_QUESTION: usize = 64 * 1024;

pub(super) fn answer(scene: &Scene<'_>, question: &str, boxes: &[NormBox]) -> GroundedText {
    let cut = question.floor_char_boundary(MAX_QUESTION);
    let parsed = parse(question.get(..cut).unwrap_or_default(), &ParseOptions::default());
    let mut targets = targets(scene, &parsed.text, boxes);
    let mut query = read(&unlabelled(&parsed.text));
    let mut out = GroundedText::default();
    if query.empty && targets.is_empty() {
        out.push("There is no question to answer.");
        return out;
    }
    if query.form == Form::Content {
        out.push("I cannot tell: only the technical quality was measured, not what the picture shows.");
        return out;
    }
    if targets.is_empty()
        && let Some(object) = &query.object
    {
        match named(scene, object) {
            Some(target) => targets.push(target),
            None if query.topics.is_empty() => {}
            None => return unknown_object(scene, object, &query),
        }
    }
    if query.topics.is_empty() {
        if targets.is_empty() || matches!(query.form, Form::YesNo | Form::Why) {
            out.push(
                "I cannot tell: the question names no quality that was measured, such as sharpness, noise or exposure.",
            );
            return out;
        }
        // Boxes alone, or "what about [this]?".
        query.topics.push(Topic { aspect: Aspect::Quality, sense: super::lexicon::Sense::Neutral, tint: None });
        query.form = Form::How;
    }
    dispatch(scene, &query, &targets)
}

fn dispatch(scene: &Scene<'_>, query: &Query, targets: &[Target]) -> GroundedText {
    if query.compares && targets.len() > 1 {
        return compare::compare(scene, query, targets);
    }
    match query.form {
        Form::YesNo if query.alternative => how::how(scene, query, targets),
        Form::YesNo => yes_no(scene, query, targets),
        Form::Why => open::why(scene, query, targets),
        Form::Which | Form::Open => open::which(scene, query, targets),
        Form::How | Form::Content => how::how(scene, query, targets),
    }
}

/// A question without the labels of its boxes: they name things and are not part of what is asked ("the [dark
/// coat](...)" does not ask about darkness).
fn unlabelled(text: &GroundedText) -> String {
    let mut out = String::with_capacity(text.text.len());
    let mut at = 0;
    for span in &text.spans {
        out.push_str(text.text.get(at..span.start).unwrap_or_default());
        out.push_str(" box ");
        at = span.end;
    }
    out.push_str(text.text.get(at..).unwrap_or_default());
    // Only boxes is as good as no words.
    if out.split_whitespace().all(|w| w == "box") { String::new() } else { out }
}

/// The region that a thing in a question is called by.
fn named(scene: &Scene<'_>, object: &str) -> Option<Target> {
    let bare: Vec<&str> = object.split(' ').filter(|w| !is_picture_word(w)).collect();
    let bare = bare.join(" ");
    let same = |name: &str| [object, &bare, same_thing(&bare)].iter().any(|word| name.eq_ignore_ascii_case(word));
    let regions: Vec<_> = scene.evidence.regions.iter().filter(|r| same(&r.name)).take(8).collect();
    let Some(first) = regions.first() else {
        return position(&bare).map(|b| Target { label: bare, boxes: vec![b] });
    };
    let label = first.name.clone();
    Some(Target { label, boxes: regions.iter().map(|r| r.bounds).collect() })
}

fn unknown_object(scene: &Scene<'_>, object: &str, query: &Query) -> GroundedText {
    let mut out =
        GroundedText::plain(format!("I cannot tell for the {object} alone, whose place is not known; give a box."));
    for topic in query.topics.iter().take(1) {
        match verdict(scene, &[], topic.aspect, topic.tint) {
            Verdict::Faulty(faults) => push_faults(&mut out, scene, &faults),
            Verdict::Fine if topic.aspect != Aspect::Quality && topic.aspect != Aspect::Colourful => {
                out.push(&format!(" The picture as a whole is {}.", fine(topic)));
            }
            _ => {}
        }
    }
    out
}

/// What a place without the fault is; never praises more than was asked.
pub(super) fn fine(topic: &Topic) -> String {
    match topic.aspect {
        Aspect::Over | Aspect::Under | Aspect::Bright | Aspect::Dark => format!("not {}", topic.aspect.faulty(None)),
        Aspect::Cast => {
            topic.tint.map_or_else(|| praise(Attribute::Colour).to_owned(), |t| format!("not {}", t.word()))
        }
        Aspect::Artefacts => "free of visible blocking".into(),
        aspect => aspect.attributes().first().map_or("fine", |a| praise(*a)).to_owned(),
    }
}

/// "The picture", or the boxes that were asked about.
pub(super) fn asked_places(targets: &[Target]) -> Label {
    if targets.is_empty() {
        return Label { words: "picture".into(), plural: false, boxes: Vec::new(), article: "the" };
    }
    label(&targets.iter().flat_map(Target::places).collect::<Vec<Place<'_>>>())
}

pub(super) fn cannot_tell(aspect: Aspect, targets: &[Target]) -> String {
    let place = if targets.is_empty() { "" } else { " there" };
    format!("I cannot tell: nothing that was measured{place} speaks of {}.", aspect.noun())
}

/// Whether the claim of one topic holds, and the words for it.
fn claim(scene: &Scene<'_>, topic: &Topic, targets: &[Target], any: bool) -> Option<(bool, GroundedText)> {
    let mut why = GroundedText::default();
    if topic.aspect == Aspect::Quality {
        return quality_claim(scene, topic, targets, any);
    }
    if topic.aspect == Aspect::Colourful {
        let value = how::colourfulness(scene, targets)?;
        let colourful = value >= COLOURED;
        let words =
            format!("{}colourful: its colourfulness is {}", if colourful { "" } else { "not very " }, number(value));
        push_claim(&mut why, &asked_places(targets), &words, true);
        why.push(".");
        return Some((colourful != topic.asks_for_fault(), why));
    }
    let faulty = match verdict(scene, targets, topic.aspect, topic.tint) {
        Verdict::Unknown => return None,
        Verdict::Faulty(faults) => match tone(scene, topic.aspect, targets) {
            // A blown-out window doesn't make the picture a bright one.
            Some((leans, words)) if targets.is_empty() && faults.iter().all(|f| f.place != Place::Whole) => {
                why.push(&words);
                push_faults(&mut why, scene, &faults);
                leans
            }
            _ => {
                push_faults(&mut why, scene, &faults);
                true
            }
        },
        Verdict::Fine => {
            if let Some((leans, words)) = tone(scene, topic.aspect, targets) {
                why.push(&words);
                leans
            } else {
                push_claim(&mut why, &asked_places(targets), &fine(topic), true);
                why.push(".");
                false
            }
        }
    };
    Some((faulty == topic.asks_for_fault(), why))
}

/// Whether a place is bright or dark, which is no fault, by its median tone.
fn tone(scene: &Scene<'_>, aspect: Aspect, targets: &[Target]) -> Option<(bool, String)> {
    let median = how::median(scene, targets)?;
    let leans = match aspect {
        Aspect::Bright => median >= BRIGHT,
        Aspect::Dark => median <= DARK,
        _ => return None,
    };
    Some((leans, format!("The median tone is {median:.0} of 255.")))
}

fn quality_claim(scene: &Scene<'_>, topic: &Topic, targets: &[Target], any: bool) -> Option<(bool, GroundedText)> {
    let quality = if targets.is_empty() { quality::overall(scene)? } else { how::quality_inside(scene, targets)? };
    let holds = if topic.asks_for_fault() { quality.level < Level::Fair } else { quality.level >= Level::Good };
    let mut why = GroundedText::plain(format!("The quality is {} ({:.0} of 100).", quality.level, quality.score));
    if let Verdict::Faulty(faults) = verdict(scene, targets, Aspect::Quality, None) {
        push_faults(&mut why, scene, &faults);
        // "Is anything wrong?" asks for faults, not for a level.
        return Some((holds || (any && topic.asks_for_fault()), why));
    }
    Some((holds, why))
}

fn yes_no(scene: &Scene<'_>, query: &Query, targets: &[Target]) -> GroundedText {
    let mut holds = true;
    let mut for_it: Vec<GroundedText> = Vec::new();
    let mut against: Vec<GroundedText> = Vec::new();
    for topic in query.topics.iter().take(3) {
        let Some((yes, why)) = claim(scene, topic, targets, query.any) else {
            return GroundedText::plain(cannot_tell(topic.aspect, targets));
        };
        holds &= yes;
        if yes { for_it.push(why) } else { against.push(why) }
    }
    let mut out = GroundedText::plain(if holds { "Yes." } else { "No." });
    for why in if holds { for_it } else { against } {
        out.push(" ");
        append(&mut out, &why);
    }
    out
}

/// Appends a text with its spans.
pub(super) fn append(out: &mut GroundedText, more: &GroundedText) {
    let mut at = 0;
    for span in &more.spans {
        out.push(more.text.get(at..span.start).unwrap_or_default());
        out.push_span(&span.label, span.boxes.clone());
        at = span.end;
    }
    out.push(more.text.get(at..).unwrap_or_default());
}
