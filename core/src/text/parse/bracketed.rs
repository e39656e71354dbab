//! Coordinates in brackets: `[x1,y1,x2,y2]`, `[x1,y1,x2,y2; x1,y1,x2,y2]`, `[[x1,y1,x2,y2], [...]]`.

use super::super::warning::TextProblem;
use super::Parser;
use super::boxes::RawBox;
use super::numbers::{number, skip_space, starts_number};

/// Four numbers at a time become a box.
#[derive(Debug, Default)]
pub(super) struct Quads {
    values: [f64; 4],
    decimal: bool,
    pub(super) numbers: usize,
}

impl Quads {
    /// Takes a number; every fourth gives a box.
    pub(super) fn take(&mut self, at: usize, value: f64, decimal: bool) -> Option<RawBox> {
        self.values[self.numbers % 4] = value;
        self.decimal |= decimal;
        self.numbers += 1;
        let full = self.numbers.is_multiple_of(4);
        let raw = full.then(|| RawBox::coordinates(at, self.values, self.decimal));
        self.decimal &= !full;
        raw
    }

    /// Whether there are boxes and no numbers over.
    pub(super) fn whole(&self) -> bool {
        self.numbers > 0 && self.numbers.is_multiple_of(4)
    }
}

impl Parser<'_> {
    /// A list of coordinates at the `[` at `at`, for the label before it.
    pub(super) fn bracketed(&mut self, at: usize) -> Option<usize> {
        let mut start = skip_space(self.bytes, at + 1);
        let nested = self.byte(start) == Some(b'[');
        if nested {
            start = skip_space(self.bytes, start + 1);
        }
        if !starts_number(self.byte(start)) {
            return None;
        }
        let first = self.boxes.len();
        let Some(end) = self.coordinate_list(at, start, nested) else {
            self.boxes.truncate(first);
            return None;
        };
        self.attach(first, at, false);
        Some(end)
    }

    fn coordinate_list(&mut self, at: usize, start: usize, nested: bool) -> Option<usize> {
        let mut quads = Quads::default();
        let mut next = start;
        loop {
            let (n, end) = number(self.input, next)?;
            self.boxes.extend(quads.take(at, n.value, n.decimal));
            next = skip_space(self.bytes, end);
            match self.byte(next) {
                Some(b',') => next = skip_space(self.bytes, next + 1),
                Some(b';') if quads.whole() => next = skip_space(self.bytes, next + 1),
                Some(b']') if nested && quads.whole() => {
                    let behind = skip_space(self.bytes, next + 1);
                    match self.byte(behind) {
                        Some(b',' | b';') => {
                            let open = skip_space(self.bytes, behind + 1);
                            if self.byte(open) != Some(b'[') {
                                return None;
                            }
                            next = skip_space(self.bytes, open + 1);
                        }
                        Some(b']') => return self.end_of_list(at, behind + 1, &quads),
                        _ => return None,
                    }
                }
                Some(b']') if !nested => return self.end_of_list(at, next + 1, &quads),
                // The model ran out of tokens.
                None if quads.whole() => {
                    self.warn(next, TextProblem::Unclosed);
                    return Some(next);
                }
                _ => return None,
            }
        }
    }

    fn end_of_list(&mut self, at: usize, end: usize, quads: &Quads) -> Option<usize> {
        // `[1, 2, 3, 4](...)`: a label or a link that happens to be made of numbers, unless a label stands before it.
        if self.byte(end) == Some(b'(') && !self.draft.ends_with_pair() {
            return None;
        }
        if quads.whole() {
            return Some(end);
        }
        // Fewer than four are a citation or an interval, nobody's box.
        if quads.numbers > 4 {
            self.warn(at, TextProblem::BadBox { numbers: quads.numbers });
        }
        None
    }
}
