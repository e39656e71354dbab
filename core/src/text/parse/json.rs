//! Boxes as JSON: `[{"bbox_2d": [x1, y1, x2, y2], "label": "..."}]`, as Qwen2.5-VL and later models write them.
//!
//! The list is read object by object, so that one that was cut off still gives what came before. serde_json reads an
//! object only after its end is found, and objects don't nest: each byte is looked at a bounded number of times.

use super::super::warning::TextProblem;
use super::Parser;
use super::bracketed::Quads;
use super::numbers::skip_space;
use serde::Deserialize;

/// A cut-off object longer than this is not taken for one: it would swallow prose.
const MAX_CUT_OFF: usize = 512;

/// Other keys are ignored.
#[derive(Deserialize)]
struct Entry {
    #[serde(alias = "bbox")]
    bbox_2d: Vec<serde_json::Number>,
    #[serde(default, alias = "name")]
    label: Option<String>,
}

/// The end of a flat object.
enum ObjectEnd {
    Closed(usize),
    /// The text ends within it.
    CutOff,
    /// Something else than a flat object.
    Odd,
}

impl Parser<'_> {
    /// A list of boxes, or a single one, at the `[` or `{` at `at`.
    pub(super) fn json_block(&mut self, at: usize) -> Option<usize> {
        let list = self.byte(at) == Some(b'[');
        let start = if list { skip_space(self.bytes, at + 1) } else { at };
        if self.byte(start) != Some(b'{') {
            return None;
        }
        let (entry, mut end) = self.entry(start)?;
        let fenced = self.draft.strip_fence();
        let written = self.add_entry(start, &entry, false);
        if list {
            end = self.rest_of_list(end, written);
        }
        let fence = skip_space(self.bytes, end);
        Some(if fenced && self.has(fence, "```") { fence + 3 } else { end })
    }

    /// The objects behind the first one, and the `]`.
    fn rest_of_list(&mut self, mut end: usize, mut written: bool) -> usize {
        loop {
            let mark = skip_space(self.bytes, end);
            let next = skip_space(self.bytes, mark + 1);
            match self.byte(mark) {
                Some(b']') => return mark + 1,
                Some(b',') if self.byte(next) == Some(b'{') => {}
                _ => break,
            }
            if let Some((entry, behind)) = self.entry(next) {
                end = behind;
                written |= self.add_entry(next, &entry, written);
            } else {
                let cut_off = matches!(object_end(self.bytes, next), ObjectEnd::CutOff);
                if cut_off && self.bytes.len() - next <= MAX_CUT_OFF {
                    end = self.bytes.len();
                }
                break;
            }
        }
        self.warn(end, TextProblem::Unclosed);
        end
    }

    fn entry(&self, at: usize) -> Option<(Entry, usize)> {
        let ObjectEnd::Closed(end) = object_end(self.bytes, at) else { return None };
        let object = &self.input[at..end];
        // Other people's JSON is the common case; this is cheaper than reading it.
        if !object.contains("\"bbox") {
            return None;
        }
        serde_json::from_str(object).ok().map(|entry| (entry, end))
    }

    /// Writes an entry's label (behind a comma if `follows`) and notes its boxes; says whether there was a label.
    fn add_entry(&mut self, at: usize, entry: &Entry, follows: bool) -> bool {
        let label = entry.label.as_deref().map_or("", str::trim);
        if label.is_empty() {
            self.warn(at, TextProblem::NoLabel);
            return false;
        }
        let first = self.boxes.len();
        let mut quads = Quads::default();
        for number in &entry.bbox_2d {
            let value = number.as_f64().unwrap_or(f64::INFINITY);
            self.boxes.extend(quads.take(at, value, number.is_f64()));
        }
        if !quads.whole() {
            self.boxes.truncate(first);
            self.warn(at, TextProblem::BadBox { numbers: quads.numbers });
        }
        if follows {
            self.draft.push(", ");
        }
        self.draft.push_label(label, first, self.boxes.len() > first);
        true
    }
}

/// Finds the end of the object at `at`: `{`, a key, and no other object inside.
fn object_end(bytes: &[u8], at: usize) -> ObjectEnd {
    if bytes.get(skip_space(bytes, at + 1)) != Some(&b'"') {
        return ObjectEnd::Odd;
    }
    let (mut in_string, mut escaped) = (false, false);
    for (n, byte) in bytes.iter().enumerate().skip(at + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'}' if !in_string => return ObjectEnd::Closed(n + 1),
            // A backslash has no place here, and would let an object that begins inside one of this one's strings go on
            // for as long as this one: every byte would be looked at once for each of them.
            b'{' | b'\\' if !in_string => return ObjectEnd::Odd,
            _ => {}
        }
    }
    ObjectEnd::CutOff
}
