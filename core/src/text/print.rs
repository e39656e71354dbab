//! Writes grounded text back, so that the parser reads the same again.
//!
//! Brackets in plain text are left alone unless the parser would misread them: a text is written plainly, read back,
//! and written once more with every special byte behind a backslash if something else came out.

use super::{Dialect, GroundedText, ParseOptions, parse};
use crate::{Grid, NormBox};
use std::fmt::Write;

/// Writes giqa's dialect, `[label](<l, r>, <l, r>)`.
///
/// `parse(&print(t, grid), ..)` gives `t` back, with boxes grown to whole cells, if `t` is consistent and no label
/// begins or ends with white space (the parser leaves that outside the span).
#[must_use]
pub fn print(text: &GroundedText, grid: Grid) -> String {
    let options = ParseOptions { grid, ..ParseOptions::default() };
    write_checked(text, &options, &|out, boxes| cells(out, boxes, grid))
}

/// Writes another dialect; `None` for [`Dialect::Pixels`] without an image size (or with an empty one).
///
/// Unit coordinates have three decimals, the others none. [`Dialect::QwenJson`] keeps labels and boxes alone: one
/// object per box, without the prose between them. The others read back as for [`print()`] when parsed with the same
/// dialect and size, with boxes rounded (except, in brackets, a label that is itself a list of coordinates).
#[must_use]
pub fn print_as(text: &GroundedText, dialect: Dialect, image_size: Option<(u32, u32)>) -> Option<String> {
    let options = ParseOptions { dialect, image_size, ..ParseOptions::default() };
    let thousandths = (1000.0, 1000.0, 0);
    let (width, height, decimals) = match dialect {
        Dialect::Auto | Dialect::Giqa => return Some(print(text, Grid::GIQA)),
        Dialect::QwenJson => return Some(json(text)),
        Dialect::QwenTags => return Some(write_checked(text, &options, &|out, boxes| tags(out, boxes))),
        Dialect::Unit => (1.0, 1.0, 3),
        Dialect::Thousandths => thousandths,
        Dialect::Pixels => {
            let (width, height) = image_size.filter(|(w, h)| *w > 0 && *h > 0)?;
            (f64::from(width), f64::from(height), 0)
        }
    };
    Some(write_checked(text, &options, &|out, boxes| {
        let separated = boxes.iter().enumerate().map(|(n, b)| (if n == 0 { "[" } else { ";" }, b));
        for (separator, b) in separated {
            let [x1, y1, x2, y2] = [b.x1() * width, b.y1() * height, b.x2() * width, b.y2() * height];
            let _ = write!(out, "{separator}{x1:.decimals$},{y1:.decimals$},{x2:.decimals$},{y2:.decimals$}");
        }
        out.push(']');
    }))
}

// Writing into a String can't fail; the results of `write!` are ignored for that reason.

fn cells(out: &mut String, boxes: &[NormBox], grid: Grid) {
    for (n, b) in boxes.iter().enumerate() {
        let cells = grid.encode(b);
        let _ = write!(out, "{}<{}, {}>", if n == 0 { "(" } else { ", " }, cells.l, cells.r);
    }
    out.push(')');
}

fn tags(out: &mut String, boxes: &[NormBox]) {
    for b in boxes {
        let [x1, y1, x2, y2] = thousandths(b);
        let _ = write!(out, "<box>({x1},{y1}),({x2},{y2})</box>");
    }
}

fn thousandths(b: &NormBox) -> [u32; 4] {
    <[f64; 4]>::from(*b).map(|v| (v * 1000.0).round() as u32)
}

fn json(text: &GroundedText) -> String {
    let entries = text.spans.iter().flat_map(|s| s.boxes.iter().map(|b| (&s.label, b)));
    let objects: Vec<_> = entries
        .map(|(label, b)| serde_json::json!({ "bbox_2d": thousandths(b), "label": label }).to_string())
        .collect();
    format!("```json\n[{}]\n```", objects.join(", "))
}

/// Writes plainly, or with escapes where that would be misread.
fn write_checked(text: &GroundedText, options: &ParseOptions, boxes: &dyn Fn(&mut String, &[NormBox])) -> String {
    let tagged = options.dialect == Dialect::QwenTags;
    let plain = write(text, tagged, false, boxes);
    if !text.text.contains(is_special) {
        return plain;
    }
    let parsed = parse(&plain, options);
    let back = &parsed.text;
    let same_spans = back.spans.len() == text.spans.len()
        && back
            .spans
            .iter()
            .zip(&text.spans)
            .all(|(a, b)| (a.start, a.end, &a.label, a.boxes.len()) == (b.start, b.end, &b.label, b.boxes.len()));
    if parsed.warnings.is_empty() && back.text == text.text && same_spans {
        plain
    } else {
        write(text, tagged, true, boxes)
    }
}

fn write(text: &GroundedText, tagged: bool, escape: bool, boxes: &dyn Fn(&mut String, &[NormBox])) -> String {
    let (open, close) = if tagged { ("<ref>", "</ref>") } else { ("[", "]") };
    let mut out = String::with_capacity(text.text.len() + text.spans.len() * 16);
    let mut reach = 0;
    for span in &text.spans {
        // Spans that don't lie in the text as promised are not written: this prints what plugins send, too.
        let (Some(before), Some(label)) = (text.text.get(reach..span.start), text.text.get(span.start..span.end))
        else {
            continue;
        };
        if label.is_empty() || span.boxes.is_empty() {
            continue;
        }
        push(&mut out, before, escape, true);
        out.push_str(open);
        push(&mut out, label, escape, true);
        out.push_str(close);
        boxes(&mut out, &span.boxes);
        reach = span.end;
    }
    push(&mut out, text.text.get(reach..).unwrap_or_default(), escape, false);
    out
}

/// Appends words. `before_special`: the printer writes a special byte next, which a backslash at the end would hide.
fn push(out: &mut String, words: &str, escape: bool, before_special: bool) {
    if !escape {
        out.push_str(words);
        return;
    }
    let mut backslashes = 0;
    for c in words.chars() {
        if c == '\\' {
            backslashes += 1;
        } else {
            if is_special(c) {
                // Doubled, and one more for the byte itself.
                out.extend(std::iter::repeat_n('\\', backslashes + 1));
            }
            backslashes = 0;
        }
        out.push(c);
    }
    if before_special {
        out.extend(std::iter::repeat_n('\\', backslashes));
    }
}

/// The characters that a backslash hides from the parser, and the backslash.
fn is_special(c: char) -> bool {
    matches!(c, '[' | ']' | '<' | '{' | '\\')
}
