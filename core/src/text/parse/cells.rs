//! giqa's own boxes: `(<l, r>, <l, r>)` behind a label.

use super::super::warning::TextProblem;
use super::Parser;
use super::boxes::RawBox;
use super::numbers::{skip_space, skip_while, whole};

/// One `<l, r>` as read.
struct Element {
    /// The first two indices.
    cells: [u32; 2],
    /// How many numbers there were (decimals count as broken).
    numbers: usize,
    /// Nothing missing between `<` and `>`.
    tidy: bool,
    /// Ends with `>`.
    closed: bool,
    end: usize,
}

impl Parser<'_> {
    /// Boxes behind a label's `]`: `(<0, 139>)`, ` (<0, 139>)`, `<0, 139>` or `(0, 139)`.
    pub(super) fn cells_behind_bracket(&mut self, at: usize) -> Option<usize> {
        let gap = skip_while(self.bytes, at, |b| b == b' ');
        match self.byte(gap)? {
            b'(' => {
                let start = skip_space(self.bytes, gap + 1);
                // Without angle brackets the parenthesis has to touch: `[note] (12, 34)` is prose.
                (self.byte(start) == Some(b'<') || gap == at).then(|| self.cell_list(start, true)).flatten()
            }
            b'<' if gap == at => self.cell_list(at, false),
            _ => None,
        }
    }

    /// `(<0, 139>)` whose label has no `]` before it; `at` is the `<`.
    pub(super) fn bare_cells(&mut self, at: usize) -> Option<usize> {
        if at == 0 || self.bytes[at - 1] != b'(' || !self.draft.ends_plain_with('(') {
            return None;
        }
        let first = self.boxes.len();
        let end = self.cell_list(at, true)?;
        self.draft.drop_last_byte();
        let unclosed = self.attach(first, at, true);
        // `[sky (<0, 139>)]`: the bracket closes behind the boxes.
        let late_bracket = unclosed && self.byte(end) == Some(b']');
        Some(end + usize::from(late_bracket))
    }

    /// One or more boxes from `at` on, and the `)` if `parenthesis`. Their boxes go to the end of the list.
    fn cell_list(&mut self, at: usize, parenthesis: bool) -> Option<usize> {
        let mut element = read_element(self.bytes, at)?;
        if self.byte(at) != Some(b'<') {
            // `(0, 139)`: only this exact form; anything looser is prose or a link.
            let ends_here = element.closed || self.byte(skip_space(self.bytes, element.end)) == Some(b')');
            if element.numbers != 2 || !ends_here {
                return None;
            }
        }
        let mut start = at;
        loop {
            self.add_element(start, &element);
            let close = skip_space(self.bytes, element.end);
            if parenthesis && self.byte(close) == Some(b')') {
                return Some(close + 1);
            }
            let next = skip_while(self.bytes, element.end, |b| b.is_ascii_whitespace() || b == b',' || b == b';');
            let following = if self.byte(next) == Some(b'<') { read_element(self.bytes, next) } else { None };
            let Some(following) = following else { break };
            (start, element) = (next, following);
        }
        let problem = if parenthesis { TextProblem::Unclosed } else { TextProblem::Punctuation };
        self.warn(element.end, problem);
        Some(element.end)
    }

    fn add_element(&mut self, at: usize, element: &Element) {
        if element.numbers != 2 {
            self.warn(at, TextProblem::BadBox { numbers: element.numbers });
            return;
        }
        if !element.tidy {
            self.warn(at, TextProblem::Punctuation);
        }
        let [l, r] = element.cells;
        self.boxes.extend(RawBox::of_cells(at, l, r, self.options.grid, &mut self.warnings));
    }
}

/// Reads `<l, r>`, with or without its angle brackets and comma. `None` when it isn't one at all.
fn read_element(bytes: &[u8], at: usize) -> Option<Element> {
    let opened = bytes.get(at) == Some(&b'<');
    let mut element = Element { cells: [0; 2], numbers: 0, tidy: opened, closed: false, end: at };
    let mut next = skip_space(bytes, at + usize::from(opened));
    while let Some((value, end)) = whole(bytes, next) {
        if let Some(cell) = element.cells.get_mut(element.numbers) {
            *cell = value;
        }
        element.numbers += 1;
        element.end = end;
        let comma = skip_space(bytes, end);
        let has_comma = bytes.get(comma) == Some(&b',');
        next = skip_space(bytes, comma + usize::from(has_comma));
        if next == end {
            break;
        }
        if !has_comma && bytes.get(next).is_some_and(u8::is_ascii_digit) {
            element.tidy = false;
        }
    }
    let close = skip_space(bytes, element.end);
    if bytes.get(close) == Some(&b'>') {
        element.closed = true;
        element.end = close + 1;
    }
    element.tidy &= element.closed;
    let broken_word =
        !element.closed && bytes.get(element.end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.');
    let enough = element.numbers >= 2 || (element.numbers == 1 && element.closed && opened);
    (enough && !broken_word).then_some(element)
}
