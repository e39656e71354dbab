//! A report for people: what, how good, in words, what is wrong and where.

use super::wrap::wrap;
use crate::Answer;
use crate::marks::{Mark, marks, number_at, severity_word};
use crate::safe_text::escaped;
use giqa_core::text::Span;
use giqa_core::{Finding, NormBox, Report};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to use colours.
    pub color: bool,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { width: 100, color: false }
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
// Yellow and blue are told apart by colour-blind people; words say the same.
const YELLOW: &str = "33";
const BLUE: &str = "34";

impl TextOptions {
    fn paint(self, style: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Writing to a `String` can't fail.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

/// A report as text, ending in a line end.
pub(super) fn report_text(report: &Report, o: &TextOptions) -> String {
    let mut out = String::new();
    let image = &report.image;
    put!(out, "{}", o.paint(BOLD, &escaped(&image.path)));
    put!(out, "  {} x {} {}, {}", image.width, image.height, escaped(&image.format), size(image.bytes));
    let q = &report.quality;
    put!(out, "  quality {} {:.1} {}", bar(q.score / 100.0), q.score, o.paint(BOLD, q.level.name()));
    let places = marks(report);
    if let Some(d) = &report.description {
        out.push_str(&wrap(&numbered(&d.text, &d.spans, &places), o.width, "  "));
    }
    if report.findings.is_empty() {
        put!(out, "  no faults found");
    } else {
        put!(out, "  faults");
        for finding in &report.findings {
            put!(out, "{}", finding_line(finding, report, &places, o));
        }
    }
    boxes(&mut out, &places, o);
    if let Some(reference) = &report.provenance.reference {
        out.push_str(&wrap(&comparison(report, &reference.path), o.width, "  "));
    }
    warnings(&mut out, &report.warnings, o);
    out
}

/// What full-reference metrics say of the whole picture.
fn comparison(report: &Report, original: &str) -> String {
    let compared = report.scores.iter().filter(|s| s.full_reference && s.region.is_none());
    let one = |s: &giqa_core::Score| {
        let name = escaped(s.metric.rsplit('.').next().unwrap_or(&s.metric));
        match (s.value, &s.not_measurable) {
            (Some(value), _) => format!("{name} {value}"),
            (None, Some(why)) => format!("{name} not measurable ({})", escaped(why)),
            (None, None) => format!("{name} not measurable"),
        }
    };
    format!("compared with {}: {}", escaped(original), compared.map(one).collect::<Vec<_>>().join(", "))
}

/// An answer as text, ending in a line end.
#[must_use]
pub fn answer_text(answer: &Answer, o: &TextOptions) -> String {
    let mut places: Vec<Mark> = Vec::new();
    for span in &answer.spans {
        for &bounds in &span.boxes {
            if number_at(&places, &bounds).is_none() {
                let number = places.len() + 1;
                places.push(Mark { number, region: None, name: span.label.clone(), bounds, faults: Vec::new() });
            }
        }
    }
    let mut out = wrap(&numbered(&answer.text, &answer.spans, &places), o.width, "");
    for option in &answer.options {
        put!(out, "  {} {:3.0} % {}", bar(option.probability), option.probability * 100.0, escaped(&option.option));
    }
    boxes(&mut out, &places, o);
    warnings(&mut out, &answer.warnings, o);
    out
}

/// The plain text with the numbers of its boxes behind the labels: `the sky [1]`. Escaped.
fn numbered(text: &str, spans: &[Span], places: &[Mark]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for span in spans {
        // Line breaks of the model are white space for the wrapping, so they are not escaped away.
        out.push_str(&prose(text.get(at..span.end).unwrap_or_default()));
        let mut numbers: Vec<usize> = span.boxes.iter().filter_map(|b| number_at(places, b)).collect();
        numbers.dedup();
        for n in numbers {
            let _ = write!(out, " [{n}]");
        }
        at = span.end;
    }
    out.push_str(&prose(text.get(at..).unwrap_or_default()));
    out
}

fn prose(text: &str) -> String {
    escaped(&text.replace(['\n', '\t'], " "))
}

fn finding_line(f: &Finding, report: &Report, places: &[Mark], o: &TextOptions) -> String {
    let mark = f.region.as_ref().and_then(|id| places.iter().find(|m| m.region.as_ref() == Some(id)));
    let number = mark.map_or_else(String::new, |m| format!("[{}]", m.number));
    let place = match &f.region {
        None => "whole picture".to_owned(),
        Some(id) => report.regions.iter().find(|r| r.id == *id).map_or_else(|| escaped(id), |r| escaped(&r.name)),
    };
    let word = severity_word(f.severity);
    let colour = if f.severity >= 0.5 { YELLOW } else { BLUE };
    let why = format!("{} {}, fine at {}", escaped(&f.evidence.metric), f.evidence.value, f.evidence.expected);
    format!(
        "    {number:>4} {:<11} {} {:<8} {place}  {}",
        f.attribute.name(),
        bar(f.severity),
        // Padded before it is painted: escapes have no width.
        o.paint(colour, &format!("{word:<8}")),
        o.paint(DIM, &format!("({why})")),
    )
}

fn boxes(out: &mut String, places: &[Mark], o: &TextOptions) {
    if places.is_empty() {
        return;
    }
    put!(out, "  boxes {}", o.paint(DIM, "(x1 y1 x2 y2, 0 to 1 from the top left)"));
    let names: Vec<String> = places.iter().map(|m| escaped(&m.name)).collect();
    let widest = names.iter().map(|n| n.width()).max().unwrap_or(0).min(30);
    for (mark, name) in places.iter().zip(&names) {
        let number = format!("[{}]", mark.number);
        let pad = " ".repeat(widest.saturating_sub(name.width()));
        put!(out, "    {number:>4} {name}{pad}  {}", corners(&mark.bounds));
    }
}

fn corners(b: &NormBox) -> String {
    format!("{:.3} {:.3} {:.3} {:.3}", b.x1(), b.y1(), b.x2(), b.y2())
}

fn warnings(out: &mut String, warnings: &[String], o: &TextOptions) {
    if warnings.is_empty() {
        return;
    }
    put!(out, "  {}", o.paint(YELLOW, "warnings"));
    for warning in warnings {
        out.push_str(&wrap(&prose(warning), o.width, "    "));
    }
}

/// Ten steps of a share.
fn bar(share: f64) -> String {
    let full = (share.clamp(0.0, 1.0) * 10.0).round() as usize;
    format!("{}{}", "#".repeat(full), "-".repeat(10 - full))
}

fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1_000_000 => format!("{:.1} MB", b as f64 / 1e6),
        b if b >= 1_000 => format!("{:.1} kB", b as f64 / 1e3),
        b => format!("{b} bytes"),
    }
}
