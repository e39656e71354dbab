//! The checked form of grounded text.

use crate::NormBox;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A labelled piece of text and the boxes that it speaks of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// First byte of the label in the plain text.
    pub start: usize,
    /// One past the label's last byte.
    pub end: usize,
    /// The label; equals `text[start..end]`.
    pub label: String,
    /// Its boxes, at least one.
    pub boxes: Vec<NormBox>,
}

/// Plain text and the spans in it, in order, without overlap.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct GroundedText {
    /// Plain text: labels stay, boxes don't.
    pub text: String,
    /// Spans in the order of the text.
    pub spans: Vec<Span>,
}

impl GroundedText {
    /// Text without spans.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), spans: Vec::new() }
    }

    /// Appends plain words.
    pub fn push(&mut self, words: &str) {
        self.text.push_str(words);
    }

    /// Appends a label with its boxes; without boxes it is plain words.
    pub fn push_span(&mut self, label: &str, boxes: Vec<NormBox>) {
        let start = self.text.len();
        self.text.push_str(label);
        if !boxes.is_empty() && !label.is_empty() {
            self.spans.push(Span { start, end: self.text.len(), label: label.to_owned(), boxes });
        }
    }

    /// Whether the spans lie in order within the text, on character borders, and equal their labels.
    /// What comes over the plugin border is checked with this.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let mut reach = 0;
        self.spans.iter().all(|s| {
            let ok = reach <= s.start
                && s.start < s.end
                && !s.boxes.is_empty()
                && self.text.get(s.start..s.end) == Some(&s.label);
            reach = s.end;
            ok
        })
    }
}
