//! The text written so far, and how boxes find their label in it.
//!
//! Brackets and tags are copied like other text and remembered by their place. When boxes follow, they are taken out
//! again. Each look back is bounded ([`phrase`], [`MAX_OPEN`]), which keeps the parser linear.

use super::phrase;
use std::collections::VecDeque;

/// Open brackets remembered at once; of a deeper nest the outermost are forgotten (and stay text).
const MAX_OPEN: usize = 32;

/// What opened a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// `[`
    Bracket,
    /// `<ref>`
    Ref,
    /// `<|object_ref_start|>`
    ObjectRef,
    /// `<phrase>`
    Phrase,
}

/// An opening bracket or tag that is not closed yet.
#[derive(Debug)]
struct Open {
    mark: Mark,
    /// Its first byte in the text.
    start: usize,
    /// One past its last byte: where the label begins.
    inner: usize,
}

/// The last closed pair of brackets or tags, as places in the text.
#[derive(Debug, Clone, Copy)]
struct Pair {
    start: usize,
    label_start: usize,
    label_end: usize,
    end: usize,
    nested: bool,
}

/// A label with boxes; they are those from `first_box` up to the next span's first one.
#[derive(Debug)]
pub(super) struct DraftSpan {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) first_box: usize,
}

/// What boxes at the end of the text belong to. Places are in the text, brackets already taken out.
#[derive(Debug)]
pub(super) enum Label {
    /// The span that ends right here.
    Last,
    /// A label in brackets or tags.
    Paired { nested_brackets: bool, start: usize, end: usize },
    /// A label whose bracket was never closed.
    Unclosed { start: usize, end: usize },
    /// The words before.
    Phrase { start: usize, end: usize },
    /// Brackets that hold another span.
    AroundSpan,
    /// Nothing.
    None,
}

#[derive(Debug)]
pub(super) struct Taken {
    pub(super) kind: Label,
    /// An empty pair of brackets stood here and was removed.
    pub(super) emptied: bool,
}

#[derive(Debug)]
pub(super) struct Draft {
    text: String,
    open: VecDeque<Open>,
    closed: Option<Pair>,
    spans: Vec<DraftSpan>,
}

impl Draft {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        let text = String::with_capacity(bytes);
        Self { text, open: VecDeque::with_capacity(MAX_OPEN), closed: None, spans: Vec::new() }
    }

    pub(super) fn push(&mut self, words: &str) {
        self.text.push_str(words);
    }

    /// Writes an opening bracket or tag.
    pub(super) fn open(&mut self, mark: Mark, token: &str) {
        if self.open.len() == MAX_OPEN {
            self.open.pop_front();
        }
        let start = self.text.len();
        self.text.push_str(token);
        self.open.push_back(Open { mark, start, inner: self.text.len() });
    }

    /// Writes a closing bracket or tag; says whether it closed one.
    pub(super) fn close(&mut self, mark: Mark, token: &str) -> bool {
        let label_end = self.text.len();
        self.text.push_str(token);
        let Some(n) = self.open.iter().rposition(|o| o.mark == mark) else { return false };
        let Open { start, inner, .. } = self.open[n];
        self.open.truncate(n);
        let mut pair = Pair { start, label_start: inner, label_end, end: self.text.len(), nested: false };
        if let Some(within) = self.closed.filter(|p| p.start == inner && p.end == label_end && p.end > p.start) {
            // `[[sky]]`: the label is what the inner brackets hold.
            pair = Pair { label_start: within.label_start, label_end: within.label_end, nested: true, ..pair };
        }
        self.closed = Some(pair);
        true
    }

    /// Whether the text ends with `c`, outside any span.
    pub(super) fn ends_plain_with(&self, c: char) -> bool {
        self.text.len() > self.floor() && self.text.ends_with(c)
    }

    /// Whether the text ends with a label in brackets or tags.
    pub(super) fn ends_with_pair(&self) -> bool {
        self.closed.is_some_and(|p| p.end == self.text.len())
    }

    /// Removes the last byte, which the caller knows to be ASCII and its own.
    pub(super) fn drop_last_byte(&mut self) {
        self.text.pop();
    }

    /// Finds the label that ends where the text does, takes its brackets out and white space behind it away.
    pub(super) fn take_label(&mut self) -> Taken {
        let mut emptied = false;
        let mut end = self.trimmed_end();
        let mut kind = self.paired_label(end);
        if let Some(Label::None) = kind {
            // An empty label is gone now; the words before it may do.
            emptied = true;
            end = self.trimmed_end();
            kind = self.paired_label(end);
        }
        let kind = kind.unwrap_or_else(|| self.unpaired_label(end));
        self.closed = None;
        if let Label::Paired { start, .. } | Label::Unclosed { start, .. } = kind {
            while self.open.back().is_some_and(|o| o.start >= start) {
                self.open.pop_back();
            }
        }
        Taken { kind, emptied }
    }

    /// The label of the pair that ends at `end`. [`Label::None`]: it was empty and has been removed.
    fn paired_label(&mut self, end: usize) -> Option<Label> {
        let pair = self.closed.take_if(|p| p.end == end)?;
        if pair.start < self.floor() {
            return Some(Label::AroundSpan);
        }
        if self.text[pair.label_start..pair.label_end].trim().is_empty() {
            self.text.truncate(pair.start);
            return Some(Label::None);
        }
        self.text.truncate(pair.label_end);
        self.text.drain(pair.start..pair.label_start);
        let (start, end) = self.without_space(pair.start);
        Some(Label::Paired { nested_brackets: pair.nested, start, end })
    }

    fn unpaired_label(&mut self, end: usize) -> Label {
        let floor = self.floor();
        if end == floor && !self.spans.is_empty() {
            self.text.truncate(end);
            return Label::Last;
        }
        let open = self.open.back().filter(|o| o.start >= floor && o.inner <= end);
        if let Some(Open { start, inner, .. }) = open
            && phrase::is_short_label(&self.text[*inner..end])
        {
            let (start, inner) = (*start, *inner);
            self.open.pop_back();
            self.text.truncate(end);
            self.text.drain(start..inner);
            let (start, end) = self.without_space(start);
            return Label::Unclosed { start, end };
        }
        match phrase::last_phrase(&self.text[..end], floor) {
            Some(start) => {
                self.text.truncate(end);
                Label::Phrase { start, end }
            }
            None => Label::None,
        }
    }

    /// The text from `start` on, without the white space around it.
    fn without_space(&self, start: usize) -> (usize, usize) {
        let label = &self.text[start..];
        let lead = label.len() - label.trim_start().len();
        (start + lead, start + label.trim_end().len())
    }

    /// Notes a span, unless it has no boxes.
    pub(super) fn add_span(&mut self, start: usize, end: usize, first_box: usize, any_boxes: bool) {
        if any_boxes {
            self.spans.push(DraftSpan { start, end, first_box });
        }
    }

    /// Writes a label that has its boxes already.
    pub(super) fn push_label(&mut self, label: &str, first_box: usize, any_boxes: bool) {
        let start = self.text.len();
        self.text.push_str(label);
        self.add_span(start, self.text.len(), first_box, any_boxes);
    }

    /// Removes the opening fence of a code block from the end of the text; says whether there was one.
    pub(super) fn strip_fence(&mut self) -> bool {
        let from = phrase::char_border(&self.text, self.text.len().saturating_sub(16).max(self.floor()));
        let tail = self.text[from..].trim_end();
        let tail = tail.strip_suffix("json").unwrap_or(tail).trim_end_matches(' ');
        let Some(before) = tail.strip_suffix("```") else { return false };
        let end = from + before.len();
        self.text.truncate(end);
        true
    }

    pub(super) fn into_parts(self) -> (String, Vec<DraftSpan>) {
        (self.text, self.spans)
    }

    /// The end of the last span: nothing before it may be touched any more.
    fn floor(&self) -> usize {
        self.spans.last().map_or(0, |s| s.end)
    }

    /// The end of the text without the few spaces that models put between a label and its boxes.
    fn trimmed_end(&self) -> usize {
        let spaces = self.text.bytes().rev().take(8).take_while(|b| *b == b' ').count();
        (self.text.len() - spaces).max(self.floor())
    }
}
