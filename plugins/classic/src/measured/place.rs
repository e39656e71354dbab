//! Names of places, as they stand in a sentence.

use super::scene::Place;
use giqa_core::NormBox;

/// Longest name that is repeated in a sentence.
const MAX_NAME: usize = 60;
/// Names that begin so take no article: "most of the picture".
const MOST_OF: &str = "most of ";

/// A noun phrase without its article, and the boxes that it names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    pub(super) words: String,
    pub(super) plural: bool,
    pub(super) boxes: Vec<NormBox>,
    /// "the", "one", or nothing before "most of the picture".
    pub(super) article: &'static str,
}

impl Label {
    pub(super) fn verb(&self) -> &'static str {
        if self.plural { "are" } else { "is" }
    }

    /// The article, with a capital where a sentence begins.
    pub(super) fn lead(&self, first: bool) -> &'static str {
        match (self.article, first) {
            ("one", true) => "One ",
            ("one", false) => "one ",
            ("", _) => "",
            (_, true) => "The ",
            (_, false) => "the ",
        }
    }
}

/// A name without article, control characters and surplus length.
pub(super) fn clean(name: &str) -> String {
    let words: Vec<&str> =
        name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let words = match words.as_slice() {
        [first, rest @ ..] if !rest.is_empty() && ["the", "a", "an"].iter().any(|a| first.eq_ignore_ascii_case(a)) => {
            rest
        }
        all => all,
    };
    let name: String = words.join(" ").chars().take(MAX_NAME).collect();
    // Leading and trailing punctuation would break the sentence, and white space the span.
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    if name.is_empty() { "marked area".into() } else { name.to_owned() }
}

/// Words that say where something lies in the picture.
pub(super) fn is_position(word: &str) -> bool {
    matches!(
        word,
        "upper"
            | "lower"
            | "top"
            | "bottom"
            | "left"
            | "right"
            | "centre"
            | "middle"
            | "edge"
            | "corner"
            | "half"
            | "third"
    )
}

/// A name as a noun phrase: "upper left" becomes "upper left area".
fn noun_phrase(name: &str) -> String {
    let lower = clean(name).to_lowercase().replace("center", "centre");
    let words: Vec<&str> = lower.split([' ', '-']).collect();
    if !words.iter().all(|w| is_position(w)) {
        return clean(name);
    }
    match words.last() {
        Some(&("edge" | "corner" | "half" | "third")) => words.join(" "),
        Some(&("centre" | "middle")) if words.len() == 1 => lower,
        _ => format!("{} area", words.join(" ")),
    }
}

/// The box that words such as "upper left" or "left half" mean: outer thirds, halves where they say so.
pub(super) fn position(name: &str) -> Option<NormBox> {
    let name = name.to_lowercase().replace("center", "centre");
    let words: Vec<&str> = name.split([' ', '-']).collect();
    if !words.iter().all(|w| is_position(w)) {
        return None;
    }
    let has = |any: &[&str]| any.iter().any(|w| words.contains(w));
    let part = if has(&["half"]) { 0.5 } else { 1.0 / 3.0 };
    let centre = has(&["centre", "middle"]);
    let along = |low: bool, high: bool| match (low, high) {
        (true, false) => (0.0, part),
        (false, true) => (1.0 - part, 1.0),
        _ if centre => (1.0 / 3.0, 2.0 / 3.0),
        _ => (0.0, 1.0),
    };
    let (x1, x2) = along(has(&["left"]), has(&["right"]));
    let (y1, y2) = along(has(&["upper", "top"]), has(&["lower", "bottom"]));
    NormBox::new(x1, y1, x2, y2).ok().filter(|b| *b != NormBox::FULL)
}

/// A guess by the ending, good enough for "candles are" and "grass is".
fn is_plural(noun: &str) -> bool {
    let word = noun.to_lowercase();
    let head = word.split([' ', ',']).take_while(|w| !matches!(*w, "of" | "in" | "with" | "on" | "at" | "near")).last();
    head.is_some_and(|w| {
        matches!(w, "people" | "men" | "women" | "children")
            || (w.ends_with('s') && !["ss", "us", "is", "ous"].iter().any(|e| w.ends_with(e)))
    })
}

/// One label for places that share a fault: "subject", "upper left and lower right areas".
pub(super) fn label(places: &[Place<'_>]) -> Label {
    let mut names: Vec<(String, usize)> = Vec::new();
    let mut boxes: Vec<NormBox> = Vec::new();
    for place in places {
        let (name, bounds) = match place {
            Place::Region(r) => (noun_phrase(&r.name), r.bounds),
            Place::Box(b, name) => (noun_phrase(name), *b),
            Place::Whole | Place::Unknown => continue,
        };
        if boxes.contains(&bounds) {
            continue;
        }
        boxes.push(bounds);
        match names.iter_mut().find(|(n, _)| *n == name) {
            Some((_, count)) => *count += 1,
            None => names.push((name, 1)),
        }
    }
    if names.is_empty() {
        let whole = places.iter().any(|p| matches!(p, Place::Whole));
        let (article, words) = if whole { ("the", "whole picture") } else { ("one", "part of the picture") };
        return Label { words: words.into(), plural: false, boxes, article };
    }
    let plural = names.len() > 1 || names.iter().any(|(n, count)| *count > 1 || is_plural(n));
    // "upper left and lower right areas" instead of "upper left area and lower right area".
    let areas = names.len() > 1 && names.iter().all(|(n, count)| n.ends_with(" area") && *count == 1);
    let last = names.len() - 1;
    let mut words = String::new();
    for (i, (name, count)) in names.iter().enumerate() {
        if i > 0 {
            words.push_str(if i == last { " and " } else { ", " });
        }
        match (areas, *count) {
            (true, _) => words.push_str(name.strip_suffix(" area").unwrap_or(name)),
            (false, 1) => words.push_str(name),
            (false, _) if name.ends_with(" area") => words.push_str(&format!("{name}s")),
            (false, _) if is_plural(name) => words.push_str(name),
            (false, _) => words.push_str(&format!("{name} areas")),
        }
    }
    if areas {
        words.push_str(" areas");
    }
    let article = if words.starts_with(MOST_OF) { "" } else { "the" };
    Label { words, plural, boxes, article }
}
