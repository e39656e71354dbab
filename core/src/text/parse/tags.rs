//! Tags: Qwen-VL's `<ref>` and `<box>`, Florence's `<loc_123>`, Kosmos-2's `<patch_index_0123>`.

use super::super::warning::TextProblem;
use super::Parser;
use super::boxes::{RawBox, RawValue, Scale};
use super::bracketed::Quads;
use super::draft::Mark;
use super::numbers::{number, skip_while, whole};
use crate::Grid;

/// Tags around a label.
const LABELS: [(&str, &str, Mark); 3] = [
    ("<ref>", "</ref>", Mark::Ref),
    ("<|object_ref_start|>", "<|object_ref_end|>", Mark::ObjectRef),
    ("<phrase>", "</phrase>", Mark::Phrase),
];
/// Tags around coordinates.
const BOXES: [(&str, &str); 2] = [("<box>", "</box>"), ("<|box_start|>", "<|box_end|>")];
const LOC: &str = "<loc_";
const OBJECT: (&str, &str) = ("<object>", "</object>");
const NEXT_OBJECT: &str = "</delimiter_of_multi_objects/>";
const PATCH: &str = "<patch_index_";

impl Parser<'_> {
    /// A tag at the `<` at `at`.
    pub(super) fn tag(&mut self, at: usize) -> Option<usize> {
        match self.byte(at + 1)? {
            b'l' => self.locations(at),
            b'o' => self.patches(at),
            b'b' | b'r' | b'p' | b'|' | b'/' => self.label_tag(at).or_else(|| self.box_tag(at)),
            _ => None,
        }
    }

    fn label_tag(&mut self, at: usize) -> Option<usize> {
        for (open, close, mark) in LABELS {
            if self.has(at, open) {
                self.draft.open(mark, open);
                return Some(at + open.len());
            }
            if self.has(at, close) {
                self.draft.close(mark, close);
                return Some(at + close.len());
            }
        }
        None
    }

    /// `<box>(x1,y1),(x2,y2)</box>` with any brackets inside.
    fn box_tag(&mut self, at: usize) -> Option<usize> {
        let (open, close) = BOXES.into_iter().find(|(open, _)| self.has(at, open))?;
        let first = self.boxes.len();
        let mut quads = Quads::default();
        let mut next = skip_while(self.bytes, at + open.len(), is_box_punctuation);
        let mut end = next;
        while let Some((n, behind)) = number(self.input, next) {
            self.boxes.extend(quads.take(at, n.value, n.decimal));
            end = skip_while(self.bytes, behind, |b| matches!(b, b')' | b']'));
            next = skip_while(self.bytes, end, is_box_punctuation);
        }
        if !quads.whole() {
            self.boxes.truncate(first);
            self.warn(at, TextProblem::BadBox { numbers: quads.numbers });
            return None;
        }
        if self.has(next, close) {
            end = next + close.len();
        } else {
            self.warn(end, TextProblem::Unclosed);
        }
        self.attach(first, at, false);
        Some(end)
    }

    /// `<loc_1><loc_2><loc_3><loc_4>`, four to a box: x1 y1 x2 y2 in thousandths.
    fn locations(&mut self, at: usize) -> Option<usize> {
        let first = self.boxes.len();
        let (mut quad, mut numbers, mut next) = ([0.0; 4], 0, at);
        while let Some((value, behind)) = self.numbered_tag(next, LOC) {
            quad[numbers % 4] = f64::from(value);
            numbers += 1;
            next = behind;
            if numbers.is_multiple_of(4) {
                let known = RawBox::coordinates(at, quad, false).resolve(Scale::THOUSANDTHS, &mut self.warnings);
                self.boxes.extend(known.map(|b| RawBox { at, value: RawValue::Known(b) }));
            }
        }
        if numbers == 0 {
            return None;
        }
        if !numbers.is_multiple_of(4) {
            // Nobody can say which of them is missing. Copied whole, so that none of them is tried again.
            self.boxes.truncate(first);
            self.warn(at, TextProblem::BadBox { numbers });
            self.draft.push(&self.input[at..next]);
            return Some(next);
        }
        self.attach(first, at, false);
        Some(next)
    }

    /// `<object><patch_index_0044><patch_index_0863></object>`: corner cells of a 32 x 32 grid, two to a box.
    fn patches(&mut self, at: usize) -> Option<usize> {
        let grid = Grid::new(32, 32)?;
        let first = self.boxes.len();
        if !self.has(at, OBJECT.0) {
            return None;
        }
        let (mut numbers, mut next) = (0, at + OBJECT.0.len());
        while let Some((l, behind)) = self.numbered_tag(next, PATCH) {
            let Some((r, behind)) = self.numbered_tag(behind, PATCH) else { break };
            numbers += 2;
            self.boxes.extend(RawBox::of_cells(at, l, r, grid, &mut self.warnings));
            next = behind;
            if self.has(next, NEXT_OBJECT) {
                next += NEXT_OBJECT.len();
            }
        }
        if numbers == 0 {
            return None;
        }
        if self.has(next, OBJECT.1) {
            next += OBJECT.1.len();
        } else {
            self.warn(next, TextProblem::Unclosed);
        }
        self.attach(first, at, false);
        Some(next)
    }

    /// `<name_123>` at `at`: its number and the place behind it.
    fn numbered_tag(&self, at: usize, opening: &str) -> Option<(u32, usize)> {
        if !self.has(at, opening) {
            return None;
        }
        let (value, end) = whole(self.bytes, at + opening.len())?;
        (self.byte(end) == Some(b'>')).then_some((value, end + 1))
    }
}

fn is_box_punctuation(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'(' | b')' | b'[' | b']' | b',' | b';')
}
