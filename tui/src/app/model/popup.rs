//! What lies over the screen.

use super::Load;
use crate::app::command::Command;
use crate::app::effect::{Effect, Target};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};
use tui_input::Input;

/// What lies over the screen.
#[derive(Debug, Clone)]
pub enum Popup {
    /// All keys.
    Help {
        /// The first line that shows.
        scroll: usize,
    },
    /// What happened.
    Log {
        /// Its last lines.
        lines: Load<Vec<String>>,
        /// Lines scrolled back from the end.
        scroll: usize,
    },
    /// Something to choose, found by typing.
    Pick(Pick),
    /// A note on photos.
    Note {
        /// What is typed.
        field: Input,
        /// Which photos.
        photos: Vec<i64>,
    },
    /// A question before something is done.
    Sure {
        /// The question.
        question: String,
        /// What is done then.
        then: Box<Effect>,
    },
}

impl Popup {
    /// Its field of text.
    #[must_use]
    pub fn field(&self) -> Option<&Input> {
        match self {
            Popup::Pick(pick) => Some(&pick.field),
            Popup::Note { field, .. } => Some(field),
            _ => None,
        }
    }

    /// The same, to be typed into.
    pub fn field_mut(&mut self) -> Option<&mut Input> {
        match self {
            Popup::Pick(pick) => Some(&mut pick.field),
            Popup::Note { field, .. } => Some(field),
            _ => None,
        }
    }
}

/// What is chosen from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A command.
    Command(Command),
    /// A metric to sort by.
    Metric(String),
    /// A profile to inspect with.
    Profile(String),
    /// A profile to compare.
    Side(Target, String),
}

/// A list that is searched by typing.
#[derive(Debug, Clone, Default)]
pub struct Pick {
    /// What it is about.
    pub title: String,
    /// What is typed.
    pub field: Input,
    /// All there is, with what is shown of it.
    pub all: Vec<(String, Choice)>,
    /// Which of them match, best first.
    pub found: Vec<usize>,
    /// The one under the cursor.
    pub cursor: usize,
}

impl Pick {
    /// Everything to choose from.
    #[must_use]
    pub fn new(title: impl Into<String>, all: Vec<(String, Choice)>) -> Self {
        let found = (0..all.len()).collect();
        Self { title: title.into(), all, found, ..Self::default() }
    }

    /// Looks again after something was typed.
    pub fn search(&mut self) {
        self.cursor = 0;
        let words = self.field.value();
        if words.is_empty() {
            self.found = (0..self.all.len()).collect();
            return;
        }
        let pattern = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = self
            .all
            .iter()
            .enumerate()
            .filter_map(|(at, (text, _))| {
                Some((pattern.score(nucleo_matcher::Utf32Str::new(text, &mut buffer), &mut matcher)?, at))
            })
            .collect();
        scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
        self.found = scored.into_iter().map(|(_, at)| at).collect();
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }

    /// What is under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&Choice> {
        self.found.get(self.cursor).and_then(|at| self.all.get(*at)).map(|(_, choice)| choice)
    }
}
