//! What was typed: words, and terms such as `level:poor`, `verdict:reject`, `fault:noise>0.5`, `score<40`.

use giqa_core::{Attribute, Decision, Level};
use giqa_host::config::nearest;
use giqa_watch::store::State;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// One condition; all of them must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// Overall level.
    Level(Level),
    /// The verdict that holds; `None` = there is none.
    Verdict(Option<Decision>),
    /// A verdict by hand was given (or not).
    ByHand(bool),
    /// What became of it.
    State(State),
    /// The file is gone (or not).
    Gone(bool),
    /// Actions wait to be confirmed.
    Pending,
    /// A fault of this attribute, at least (or at most) so severe.
    Fault(Attribute, Bound),
    /// Overall score.
    Score(Bound),
    /// A metric's value over the whole picture; the name may be its end (`sharpness` for `classic.sharpness`).
    Metric(String, Bound),
    /// A component of this plugin measured it.
    Plugin(String),
    /// It lies below this folder.
    Within(PathBuf),
    /// It is one of these.
    Among(Arc<HashSet<i64>>),
    /// The path holds this, whatever the case.
    Path(String),
}

/// A value and the side of it that is meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// More than the value, else less.
    pub more: bool,
    /// The value.
    pub value: f32,
}

impl Bound {
    /// Whether a value lies on the side that is meant; the bound itself does.
    #[must_use]
    pub fn holds(self, value: f32) -> bool {
        if self.more { value >= self.value } else { value <= self.value }
    }
}

/// What was typed, understood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Conditions.
    pub terms: Vec<Term>,
    /// Words to be found in the name of the file, letters in their order, or as they are in the path.
    pub fuzzy: String,
    /// What was not understood, in words.
    pub mistakes: Vec<String>,
}

impl Query {
    /// Reads what was typed. What is not understood is told, and the rest holds.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            match term(word) {
                Ok(Word::Term(term)) => query.terms.push(term),
                Ok(Word::Plain) => words.push(word),
                Ok(Word::Half) => {}
                Err(mistake) => query.mistakes.push(mistake),
            }
        }
        query.fuzzy = words.join(" ");
        query
    }
}

/// What a word is.
enum Word {
    /// A condition.
    Term(Term),
    /// To be found in the path.
    Plain,
    /// The beginning of a condition: no mistake yet, and nothing to look for.
    Half,
}

fn term(word: &str) -> Result<Word, String> {
    if let Some(at) = word.find(['<', '>']).filter(|at| *at > 0) {
        let (name, rest) = word.split_at(at);
        let value = rest[1..].trim_start_matches('=');
        if value.is_empty() {
            return Ok(Word::Half);
        }
        let value = value.parse::<f32>().ok().filter(|v| v.is_finite());
        let value = value.ok_or_else(|| format!("'{word}': a number is expected after {}", &rest[..1]))?;
        let bound = Bound { more: rest.starts_with('>'), value };
        return Ok(Word::Term(match name.strip_prefix("fault:") {
            Some(name) => Term::Fault(attribute(name)?, bound),
            None if name == "score" => Term::Score(bound),
            None => match Attribute::ALL.into_iter().find(|a| a.name() == name) {
                Some(attribute) => Term::Fault(attribute, bound),
                None => Term::Metric(name.to_owned(), bound),
            },
        }));
    }
    let Some((key, value)) = word.split_once(':').filter(|(key, _)| KEYS.contains(key)) else {
        // File names have colons as well.
        return Ok(Word::Plain);
    };
    if value.is_empty() {
        return Ok(Word::Half);
    }
    Ok(Word::Term(match key {
        "level" => Term::Level(one_of(value, LEVELS.map(|l| (l.name(), l)))?),
        "verdict" => Term::Verdict(one_of(
            value,
            [
                ("accept", Some(Decision::Accept)),
                ("review", Some(Decision::Review)),
                ("reject", Some(Decision::Reject)),
                ("none", None),
            ],
        )?),
        "by" => Term::ByHand(one_of(value, [("hand", true), ("rules", false)])?),
        "state" => Term::State(one_of(value, State::ALL.map(|s| (s.word(), s)))?),
        "is" => one_of(value, [("gone", Term::Gone(true)), ("there", Term::Gone(false)), ("pending", Term::Pending)])?,
        "fault" => Term::Fault(attribute(value)?, Bound { more: true, value: 0.25 }),
        "plugin" => Term::Plugin(value.to_lowercase()),
        _ => Term::Path(value.to_lowercase()),
    }))
}

const KEYS: [&str; 8] = ["level", "verdict", "by", "state", "is", "fault", "plugin", "path"];
const LEVELS: [Level; 5] = [Level::Bad, Level::Poor, Level::Fair, Level::Good, Level::Excellent];

fn attribute(name: &str) -> Result<Attribute, String> {
    one_of(name, Attribute::ALL.map(|a| (a.name(), a)))
}

fn one_of<T, const N: usize>(word: &str, all: [(&'static str, T); N]) -> Result<T, String> {
    let names = all.each_ref().map(|(name, _)| *name);
    let found = all.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map(|(_, value)| value).ok_or_else(|| {
        let near = nearest(word, names);
        if near.is_empty() {
            format!("'{word}': expected one of {}", names.join(", "))
        } else {
            format!("'{word}'{near}")
        }
    })
}
