//! Photos as lists show them: many rows, little of each.

use super::State;
use giqa_core::{Attribute, Decision, Level};
use std::path::PathBuf;

/// Number of attributes, in the order of [`Attribute::ALL`].
pub const ATTRIBUTES: usize = Attribute::ALL.len();

/// One photo, as lists show it. Small: a hundred thousand of them are held at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its row in the store.
    pub id: i64,
    /// Where it lies.
    pub path: PathBuf,
    /// What became of it.
    pub state: State,
    /// Why it failed, was skipped, or waits.
    pub reason: Option<Box<str>>,
    /// What the rules decided.
    pub decision: Option<Decision>,
    /// The last verdict by hand.
    pub hand: Option<Decision>,
    /// Whether somebody wrote a note with it.
    pub noted: bool,
    /// Actions that wait to be confirmed.
    pub pending: u16,
    /// Actions that were done and not undone.
    pub acted: u16,
    /// Its file is gone.
    pub gone: bool,
    /// Milliseconds since 1970 of the last change.
    pub updated: i64,
    /// What was found; absent before, and where it failed.
    pub result: Option<Brief>,
}

/// A report in a few bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Hash of the content, hex.
    pub blake3: Box<str>,
    /// What inspected it.
    pub key: super::Key,
    /// Overall quality, `0..=100`.
    pub score: f32,
    /// Its level.
    pub level: Level,
    /// Worst severity by attribute (order of [`Attribute::ALL`]), `0..=1` in 255ths.
    pub faults: [u8; ATTRIBUTES],
    /// Values of metrics over the whole picture, by number of the metric in [`Batch::metrics`].
    pub scores: Box<[(u16, f32)]>,
    /// Perceptual hash.
    pub look: Option<u64>,
    /// When it was taken, seconds since 1970 by the camera's clock.
    pub taken: Option<i64>,
}

/// Some rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// New ones, or ones that changed; the id tells.
    pub rows: Vec<Row>,
    /// Ids of photos that were taken out of the store.
    pub removed: Vec<i64>,
    /// Names of all metrics known so far.
    pub metrics: Vec<String>,
}

/// A verdict that a person gave.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HandVerdict {
    /// The decision; `None` takes an earlier one back.
    pub decision: Option<Decision>,
    /// What the person wrote.
    pub note: String,
    /// Who.
    pub who: String,
    /// When, milliseconds since 1970.
    pub at: i64,
}

/// A decision's word in the store.
pub(super) fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Accept => "accept",
        Decision::Review => "review",
        Decision::Reject => "reject",
    }
}

/// The decision of a word.
pub(super) fn decision(word: &str) -> Option<Decision> {
    [Decision::Accept, Decision::Review, Decision::Reject].into_iter().find(|d| decision_word(*d) == word)
}

/// The level of a word.
pub(super) fn level(word: &str, score: f64) -> Level {
    let all = [Level::Bad, Level::Poor, Level::Fair, Level::Good, Level::Excellent];
    all.into_iter().find(|l| l.name() == word).unwrap_or_else(|| Level::of_score(score))
}
