//! The parser: one pass, no backtracking beyond a constant, total.
//!
//! The scanner jumps from one special byte to the next: `[`, `]`, `<`, `{` and `\`. At each, the notations that
//! begin there are tried. A notation either reads all its bytes and leaves boxes, or fails at the first byte that
//! doesn't fit; between its start and that byte lie at most a constant number of other starts, so the whole is
//! linear. What no notation takes is copied as it is.
//!
//! Boxes look *back* for their label, in the text written so far (`draft.rs`), never forward.

mod boxes;
mod bracketed;
mod cells;
mod draft;
mod json;
mod numbers;
mod phrase;
mod tags;

use super::warning::{TextProblem, Warnings};
use super::{Dialect, GroundedText, ParseOptions, TextWarning};
use boxes::RawBox;
use draft::{Draft, Label, Mark};

/// What came out of a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// The plain text with its spans; always consistent.
    pub text: GroundedText,
    /// Repairs and rejections by place, at most [`MAX_WARNINGS`](super::MAX_WARNINGS) and a count of the rest.
    pub warnings: Vec<TextWarning>,
}

/// Reads grounded text as language models write it. Never fails, in time linear in the input.
///
/// | Notation | Numbers |
/// |---|---|
/// | `[label](<l, r>, <l, r>)` | cells of `options.grid` |
/// | `[label][x1,y1,x2,y2; ...]`, `label[x1,y1,x2,y2]`, `[[x1,y1,x2,y2], ...]` | coordinates (see [`Dialect`]) |
/// | `<ref>label</ref><box>(x1,y1),(x2,y2)</box>`, `<box>[[x1, y1, x2, y2]]</box>` | coordinates |
/// | <code>&lt;\|object_ref_start\|&gt;label&lt;\|object_ref_end\|&gt;&lt;\|box_start\|&gt;(x1,y1),(x2,y2)&lt;\|box_end\|&gt;</code> | coordinates |
/// | `label<loc_x1><loc_y1><loc_x2><loc_y2>` | thousandths |
/// | `<phrase>label</phrase><object><patch_index_0044><patch_index_0863></object>` | cells of 32 x 32 |
/// | `[{"bbox_2d": [x1, y1, x2, y2], "label": "..."}]`, fenced or not | coordinates |
///
/// - Boxes leave the text, labels stay (without white space around them). A JSON block becomes its labels, joined
///   with `", "`. Boxes right behind a span belong to that span.
/// - A box whose label is not marked belongs to the up to three words directly before it in the same clause, from
///   behind the last article among them: `There is a dog[...]` grounds `dog`.
/// - A backslash before `[`, `]`, `<` or `{` takes its meaning away and is removed; `\\[` is a backslash and a
///   bracket. Other backslashes stay.
/// - Everything else stays as it is, Markdown links included.
#[must_use]
pub fn parse(input: &str, options: &ParseOptions) -> Parsed {
    let mut parser = Parser {
        input,
        bytes: input.as_bytes(),
        options: *options,
        draft: Draft::with_capacity(input.len()),
        boxes: Vec::new(),
        warnings: Warnings::default(),
    };
    let mut scanner = Scanner::new(parser.bytes);
    let mut at = 0;
    while let Some(special) = scanner.next(at) {
        parser.draft.push(&input[at..special]);
        at = parser.step(special);
    }
    parser.draft.push(&input[at..]);
    parser.finish()
}

/// Which bytes may begin something.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    table[b'[' as usize] = true;
    table[b']' as usize] = true;
    table[b'<' as usize] = true;
    table[b'{' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

/// Jumps to the next special byte. memchr looks for three bytes at most; the two that are rare in descriptions are
/// looked for apart, and not again before they are reached.
struct Scanner<'a> {
    bytes: &'a [u8],
    /// The next `{` or `\`, or the end of the text.
    next_rare: usize,
}

impl<'a> Scanner<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, next_rare: Self::rare(bytes, 0) }
    }

    fn next(&mut self, from: usize) -> Option<usize> {
        if self.next_rare < from {
            self.next_rare = Self::rare(self.bytes, from);
        }
        let upto = self.bytes.get(from..self.next_rare)?;
        let common = memchr::memchr3(b'[', b']', b'<', upto).map(|n| from + n);
        common.or((self.next_rare < self.bytes.len()).then_some(self.next_rare))
    }

    fn rare(bytes: &[u8], from: usize) -> usize {
        bytes.get(from..).and_then(|rest| memchr::memchr2(b'{', b'\\', rest)).map_or(bytes.len(), |n| from + n)
    }
}

/// The state of one pass. The notations are `impl` blocks in the files beside this one; each is a function from the
/// place of its first byte to the place behind its last one, or `None` when it isn't there.
struct Parser<'a> {
    input: &'a str,
    bytes: &'a [u8],
    options: ParseOptions,
    draft: Draft,
    /// Boxes of all spans, in order; a span knows its first one.
    boxes: Vec<RawBox>,
    warnings: Warnings,
}

impl Parser<'_> {
    /// Deals with the special byte at `at` (and what hangs on it); returns where to go on, always behind `at`.
    fn step(&mut self, at: usize) -> usize {
        let foreign = self.options.dialect != Dialect::Giqa;
        let taken = match self.bytes[at] {
            b'\\' => Some(self.escape(at)),
            b']' => Some(self.close_bracket(at)),
            b'[' if foreign => self.json_block(at).or_else(|| self.bracketed(at)),
            b'{' if foreign => self.json_block(at),
            b'<' => self.bare_cells(at).or_else(|| if foreign { self.tag(at) } else { None }),
            _ => None,
        };
        taken.unwrap_or_else(|| {
            let verbatim = &self.input[at..=at];
            if verbatim == "[" {
                self.draft.open(Mark::Bracket, verbatim);
            } else {
                self.draft.push(verbatim);
            }
            at + 1
        })
    }

    /// A run of backslashes: before a special byte each pair is one backslash, and an odd one hides that byte.
    fn escape(&mut self, at: usize) -> usize {
        let run = self.bytes[at..].iter().take_while(|b| **b == b'\\').count();
        let end = at + run;
        if !self.byte(end).is_some_and(|b| SPECIAL[usize::from(b)]) {
            self.draft.push(&self.input[at..end]);
            return end;
        }
        self.draft.push(&self.input[at..at + run / 2]);
        if run % 2 == 0 {
            return end;
        }
        self.draft.push(&self.input[end..=end]);
        end + 1
    }

    /// `]`, and giqa's boxes where they follow.
    fn close_bracket(&mut self, at: usize) -> usize {
        let first = self.boxes.len();
        let paired = self.draft.close(Mark::Bracket, "]");
        let Some(end) = self.cells_behind_bracket(at + 1) else { return at + 1 };
        if !paired {
            self.draft.drop_last_byte();
            self.warn(at, TextProblem::MissingBracket);
        }
        self.attach(first, at, false);
        end
    }

    /// Gives the boxes from `first` on to the label before them; says whether that label's bracket was still open.
    ///
    /// `marked`: the notation wants a marked label, so that its absence is worth a warning.
    fn attach(&mut self, first: usize, at: usize, marked: bool) -> bool {
        let any = self.boxes.len() > first;
        let label = self.draft.take_label();
        if label.emptied {
            self.warn(at, TextProblem::EmptyLabel);
        }
        match label.kind {
            Label::Last => {}
            Label::Paired { nested_brackets, start, end } => {
                if nested_brackets {
                    self.warn(at, TextProblem::NestedBrackets);
                }
                self.draft.add_span(start, end, first, any);
            }
            Label::Unclosed { start, end } => {
                self.warn(at, TextProblem::MissingBracket);
                self.draft.add_span(start, end, first, any);
                return true;
            }
            Label::Phrase { start, end } => {
                if marked && !label.emptied {
                    self.warn(at, TextProblem::MissingBracket);
                }
                self.draft.add_span(start, end, first, any);
            }
            Label::AroundSpan => {
                self.warn(at, TextProblem::NestedSpan);
                self.boxes.truncate(first);
            }
            Label::None => {
                self.warn(at, TextProblem::NoLabel);
                self.boxes.truncate(first);
            }
        }
        false
    }

    /// Coordinates become boxes now that all of them are known; spans that lost all their boxes become plain.
    fn finish(mut self) -> Parsed {
        let scale = boxes::Scale::of_text(&self.options, &self.boxes);
        let (text, drafts) = self.draft.into_parts();
        let mut spans = Vec::with_capacity(drafts.len());
        for (n, span) in drafts.iter().enumerate() {
            let last = drafts.get(n + 1).map_or(self.boxes.len(), |next| next.first_box);
            let raw = &self.boxes[span.first_box..last];
            let mut boxes = Vec::with_capacity(raw.len());
            boxes.extend(raw.iter().filter_map(|b| b.resolve(scale, &mut self.warnings)));
            if !boxes.is_empty() {
                let label = text[span.start..span.end].to_owned();
                spans.push(super::Span { start: span.start, end: span.end, label, boxes });
            }
        }
        Parsed { text: GroundedText { text, spans }, warnings: self.warnings.finish() }
    }

    fn warn(&mut self, at: usize, problem: TextProblem) {
        self.warnings.add(at, problem);
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Whether the input goes on with `token` at `at`.
    fn has(&self, at: usize, token: &str) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(token.as_bytes()))
    }
}
