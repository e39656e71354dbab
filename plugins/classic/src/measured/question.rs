//! Reads a question: its form, what it is about, which way it is put.

use super::kind::Tint;
use super::lexicon::{Aspect, Sense, compared, is_function_word, is_picture_word, judgement, tint, topic};
use super::place::is_position;

/// Words that are looked at; more than anybody asks, and little work.
const MAX_WORDS: usize = 400;
/// Longest word that means anything here.
const MAX_WORD: usize = 24;
/// How far before a word its negation may stand.
const REACH: usize = 4;

/// What kind of answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    YesNo,
    /// What, which, where.
    Which,
    How,
    Why,
    /// Who, when, how many: never about quality.
    Content,
    /// No question word.
    Open,
}

/// One thing that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Topic {
    pub(super) aspect: Aspect,
    pub(super) sense: Sense,
    pub(super) tint: Option<Tint>,
}

impl Topic {
    /// The way in which it is asked: a bare noun asks for the good ("Is there contrast?").
    pub(super) fn asks_for_fault(&self) -> bool {
        self.sense == Sense::Bad
    }
}

/// A question, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub(super) form: Form,
    pub(super) topics: Vec<Topic>,
    /// "sharper", "most", "than".
    pub(super) compares: bool,
    /// "less sharp".
    pub(super) less: bool,
    /// "Is anything wrong?"
    pub(super) any: bool,
    /// "sharp or soft".
    pub(super) alternative: bool,
    /// The thing that is named after an article, if it isn't the picture itself.
    pub(super) object: Option<String>,
    /// Nothing was asked.
    pub(super) empty: bool,
}

pub(super) fn read(text: &str) -> Query {
    let words = words(text);
    let (form, form_at) = form(&words);
    let mut compares = words.iter().any(|w| w == "than");
    let plain: Vec<&str> = words
        .iter()
        .map(|w| match compared(w) {
            Some(base) => {
                compares = true;
                base
            }
            None => w.as_str(),
        })
        .collect();
    compares |= plain.iter().any(|w| matches!(*w, "more" | "most" | "less" | "least"));
    let mut topics = topics(&plain);
    if topics.len() > 1 {
        // "Are the colours vivid?": the bare noun says what the adjective is about.
        let bare = |t: &Topic| t.sense == Sense::Neutral && matches!(t.aspect, Aspect::Cast | Aspect::Quality);
        if !topics.iter().all(bare) {
            topics.retain(|t| !bare(t));
        }
    }
    // "What is the noise level?" asks how much, not where.
    let amount = plain.iter().any(|w| matches!(*w, "level" | "amount" | "degree"));
    let form = if form == Form::Which && amount { Form::How } else { form };
    let form = if asks_for_content(&plain, form, form_at) { Form::Content } else { form };
    Query {
        form,
        compares,
        less: plain.iter().any(|w| matches!(*w, "less" | "least")),
        any: plain.iter().any(|w| matches!(*w, "any" | "anything" | "something" | "there" | "some")),
        alternative: plain.contains(&"or") && topics.len() > 1,
        object: object(&plain),
        empty: words.is_empty(),
        topics,
    }
}

/// Lower-case words; phrases that mean one thing are one word.
fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let split = |c: char| !(c.is_alphanumeric() || c == '\'' || c == '\u{2019}');
    for word in text.split(split).filter(|w| w.chars().any(char::is_alphanumeric)).take(MAX_WORDS) {
        let word: String = word.chars().take(MAX_WORD).flat_map(char::to_lowercase).collect();
        let word = word.replace('\u{2019}', "'");
        if let Some(verb) = word.strip_suffix("n't") {
            // "Isn't it sharp?" asks whether it is; later in a sentence the "not" counts.
            let first = all.is_empty();
            all.push(if verb == "ca" { "can".into() } else { verb.into() });
            if !first {
                all.push("not".into());
            }
        } else if let Some(stem) = word.strip_suffix("'s") {
            all.push(stem.to_owned());
            if matches!(stem, "what" | "where" | "how" | "who" | "why" | "it" | "that") {
                all.push("is".into());
            }
        } else {
            all.push(word.trim_matches('\'').to_owned());
        }
    }
    fold(&all)
}

fn fold(words: &[String]) -> Vec<String> {
    const PHRASES: [(&[&str], &str); 17] = [
        (&["out", "of", "focus"], "unsharp"),
        (&["in", "focus"], "sharp"),
        (&["motion", "blur"], "motion"),
        (&["camera", "shake"], "motion"),
        (&["blown", "out"], "overexposed"),
        (&["washed", "out"], "flat"),
        (&["too", "bright"], "overexposed"),
        (&["over", "exposed"], "overexposed"),
        (&["too", "dark"], "underexposed"),
        (&["under", "exposed"], "underexposed"),
        (&["white", "balance"], "whitebalance"),
        (&["colour", "cast"], "cast"),
        (&["color", "cast"], "cast"),
        (&["noise", "free"], "noiseless"),
        (&["free", "of"], "without"),
        (&["free", "from"], "without"),
        (&["jpeg", "artefacts"], "blocking"),
    ];
    let mut out = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let rest = &words[at..];
        let hit = PHRASES.iter().find(|(p, _)| rest.len() >= p.len() && p.iter().zip(rest).all(|(a, b)| a == b));
        match hit {
            Some((phrase, word)) => {
                out.push((*word).to_owned());
                at += phrase.len();
            }
            None => {
                out.push(words[at].clone());
                at += 1;
            }
        }
    }
    out
}

fn form(words: &[String]) -> (Form, usize) {
    let known = |w: &str| {
        Some(match w {
            "is" | "are" | "was" | "were" | "does" | "do" | "did" | "has" | "have" | "can" | "could" | "would"
            | "should" | "will" => Form::YesNo,
            "what" | "which" | "where" | "list" | "find" | "locate" | "point" | "name" => Form::Which,
            "how" | "describe" | "rate" | "assess" | "judge" => Form::How,
            "why" | "explain" => Form::Why,
            "who" | "whose" | "when" => Form::Content,
            _ => return None,
        })
    };
    let found = |(i, w): (usize, &String)| known(w).map(|f| (f, i));
    // "Can you tell me where ...", "Please say how ...": the question word decides, not the politeness.
    let polite = words.iter().take(2).any(|w| w == "you" || w == "please" || w == "tell");
    let asks = |f: Form| matches!(f, Form::Which | Form::How | Form::Why);
    let inner = words.iter().enumerate().take(8).filter_map(found).find(|(f, _)| polite && asks(*f));
    inner.or_else(|| words.iter().enumerate().find_map(found)).unwrap_or((Form::Open, 0))
}

fn asks_for_content(words: &[&str], form: Form, at: usize) -> bool {
    let next = words.get(at + 1).copied().unwrap_or_default();
    match form {
        Form::Content => true,
        Form::How => matches!(next, "many" | "old" | "far" | "tall" | "big" | "long"),
        // "What colour is the car?" asks for the scene; a cast is asked for by its name.
        Form::Which => {
            let colour = |w: &&str| matches!(*w, "colour" | "color" | "colours" | "colors");
            let of_thing = words.iter().any(colour) && words.contains(&"of") && object(words).is_some();
            colour(&next) || of_thing
        }
        _ => false,
    }
}

fn topics(words: &[&str]) -> Vec<Topic> {
    let mut all: Vec<Topic> = Vec::new();
    let mut judgements: Vec<Sense> = Vec::new();
    // Where the last topic was, and whether "no" or "without" stood before it.
    let mut last: Option<(usize, bool)> = None;
    for (i, word) in words.iter().enumerate() {
        let before = &words[i.saturating_sub(REACH)..i];
        // A negation reaches up to the thing that it negates: "not sharp but noisy" denies the sharpness alone.
        let clear = before.iter().rposition(|w| topic(w).is_some() || *w == "but").map_or(0, |p| p + 1);
        let before = &before[clear..];
        let without = before.iter().any(|w| matches!(*w, "no" | "without"));
        // "Free of noise and artefacts" denies both.
        let inherited = last.is_some_and(|(at, denied)| denied && words[at + 1..i].iter().all(|w| is_joint(w)));
        let negated = inherited
            || before.iter().filter(|w| matches!(**w, "not" | "no" | "without" | "never" | "hardly")).count() % 2 == 1;
        if let Some((aspect, sense)) = topic(word) {
            let sense = with_amount(sense, before, words.get(i + 1..).unwrap_or_default());
            last = Some((i, without || inherited));
            all.push(Topic { aspect, sense: if negated { opposite(sense) } else { sense }, tint: tint(word) });
        } else if let Some(sense) = judgement(word).filter(|_| !is_side(words, i)) {
            judgements.push(if negated { opposite(sense) } else { sense });
        }
    }
    all.dedup();
    // "A bluish tint" is one thing.
    if all.iter().any(|t| t.tint.is_some()) {
        all.retain(|t| t.aspect != Aspect::Cast || t.tint.is_some());
    }
    if let Some(&judged) = judgements.first() {
        if all.is_empty() {
            all.push(Topic { aspect: Aspect::Quality, sense: judged, tint: None });
        }
        for t in all.iter_mut().filter(|t| t.sense == Sense::Neutral) {
            t.sense = judged;
        }
    }
    all
}

/// "The right edge" is a place, "the exposure is right" a judgement.
fn is_side(words: &[&str], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|b| words.get(b)).copied().unwrap_or_default();
    words.get(at) == Some(&"right") && (before == "the" || is_position(before))
}

fn is_joint(word: &str) -> bool {
    matches!(word, "and" | "or" | "nor" | "any" | "of" | "from")
}

/// "low contrast" is bad, "low noise" good; "lacks contrast" is bad.
fn with_amount(sense: Sense, before: &[&str], after: &[&str]) -> Sense {
    let near = |w: &str| before.contains(&w) || after.iter().take(2).any(|a| *a == w);
    let little =
        near("low") || near("weak") || before.iter().any(|w| matches!(*w, "lack" | "lacks" | "lacking" | "little"));
    match (sense, little) {
        (Sense::Neutral, true) => Sense::Bad,
        (Sense::Neutral, false) if near("high") => Sense::Good,
        (Sense::Bad, true) => Sense::Good,
        (sense, _) => sense,
    }
}

fn opposite(sense: Sense) -> Sense {
    match sense {
        Sense::Good => Sense::Bad,
        Sense::Bad => Sense::Good,
        // "no contrast" asks for its lack.
        Sense::Neutral => Sense::Bad,
    }
}

fn object(words: &[&str]) -> Option<String> {
    let determiner =
        |w: &str| matches!(w, "the" | "this" | "that" | "these" | "those" | "his" | "her" | "their" | "my");
    let names = |w: &str| is_position(w) || (!is_function_word(w) && topic(w).is_none() && judgement(w).is_none());
    words.iter().enumerate().filter(|(_, w)| determiner(w)).find_map(|(i, _)| {
        let phrase: Vec<&str> = words.iter().skip(i + 1).take(3).copied().take_while(|w| names(w)).collect();
        let thing = phrase.iter().any(|w| !is_picture_word(w) && w.chars().all(char::is_alphabetic));
        thing.then(|| phrase.join(" "))
    })
}
