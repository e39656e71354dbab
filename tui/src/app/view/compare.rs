//! Two reports of one photo side by side, and what differs.

use super::report::{self, short};
use super::text::{Piece, Row, cut, pad, pad_left, wrap};
use super::{frame as chrome, lines, picture};
use crate::app::layout::Areas;
use crate::app::model::{Load, Model};
use giqa_core::{Finding, Report};
use giqa_engine::marks::{Mark, marks, severity_word};
use giqa_engine::safe_text::escaped;
use ratatui::Frame;
use ratatui::text::{Line, Span};
use std::sync::Arc;

/// Severities that differ by less are the same.
const SAME: f64 = 0.05;
/// Boxes that overlap by more are the same place.
const SAME_PLACE_IOU: f64 = 0.4;

/// From so many cells on there is room for severities in words.
const WIDE: usize = 57;

/// Draws the screen.
pub fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let compare = &model.compare;
    for (at, report) in compare.reports.iter().enumerate() {
        let name = if compare.profiles[at].is_empty() { "no profile" } else { &compare.profiles[at] };
        let score = report.here().map_or_else(String::new, |r| format!("  {:.1} {}", r.quality.score, r.quality.level));
        picture(model, areas, at, &format!("{}{score}", escaped(name)), frame);
    }
    chrome::pane(model, areas.panel, &chrome::title_of(model), frame);
    lines(model, frame, areas.panel, &words(model, areas), compare.scroll);
}

/// What is said below the pictures.
pub fn words(model: &Model, areas: &Areas) -> Vec<Line<'static>> {
    let compare = &model.compare;
    let cells = usize::from(areas.panel.inner.width);
    let theme = &model.settings.theme;
    let mut rows = Vec::new();
    for (at, report) in compare.reports.iter().enumerate() {
        let side = ["left", "right"][at];
        match report {
            Load::Failed(why) => rows.extend(wrap(&[Piece::new(format!("{side}: {why}"), theme.error)], cells, 2)),
            Load::Coming(_) => rows.extend(wrap(&[Piece::new(format!("{side}: inspecting ..."), theme.dim)], cells, 2)),
            Load::Nothing => rows.extend(wrap(&[Piece::new(format!("{side}: choose a profile"), theme.dim)], cells, 2)),
            Load::Here(_) => {}
        }
    }
    if let [Load::Here(left), Load::Here(right)] = &compare.reports {
        let names = [compare.profiles[0].as_str(), compare.profiles[1].as_str()];
        rows.extend(differences(model, names, [left, right], cells));
    }
    rows.into_iter().map(|r| r.line).collect()
}

/// What two reports say differently: score, faults, metrics, words.
pub fn differences(model: &Model, names: [&str; 2], reports: [&Arc<Report>; 2], cells: usize) -> Vec<Row> {
    let theme = &model.settings.theme;
    let [a, b] = reports;
    let row = |line: Line<'static>| Row { line, marks: Vec::new() };
    let (first, column) = if cells >= WIDE { (16, (cells.saturating_sub(18) / 3).min(16)) } else { (12, 6) };
    let table = |what: &str, left: &str, right: &str, change: &str, differs: bool| {
        let sign = if differs { "*" } else { " " };
        let text = format!(
            "{sign} {} {} {}  {change}",
            pad(what, first, model.settings.symbols.cut()),
            pad_left(&cut(left, column, model.settings.symbols.cut()), column),
            pad_left(&cut(right, column, model.settings.symbols.cut()), column)
        );
        let style = if differs { theme.text } else { theme.dim };
        row(Line::from(Span::styled(cut(&text, cells, model.settings.symbols.cut()), style)))
    };
    let mut rows = vec![table("", &escaped(names[0]), &escaped(names[1]), "", false)];
    let change = |x: f64, y: f64| format!("{}{}", if y >= x { "+" } else { "" }, short(y - x));
    let (x, y) = (a.quality.score, b.quality.score);
    rows.push(table("quality", &format!("{x:.1}"), &format!("{y:.1}"), &change(x, y), (x - y).abs() >= 0.05));
    rows.extend(report::title(model, "faults"));
    let (ours, theirs) = (marks(a), marks(b));
    let mut matched = vec![false; b.findings.len()];
    for finding in &a.findings {
        let other = b.findings.iter().enumerate().position(|(at, f)| !matched[at] && same(finding, a, f, b));
        if let Some(at) = other {
            matched[at] = true;
        }
        let other = other.and_then(|at| b.findings.get(at));
        rows.push(fault(&table, cells >= WIDE, finding, &ours, [Some(finding), other]));
    }
    for (finding, matched) in b.findings.iter().zip(matched) {
        if !matched {
            rows.push(fault(&table, cells >= WIDE, finding, &theirs, [None, Some(finding)]));
        }
    }
    if a.findings.is_empty() && b.findings.is_empty() {
        rows.push(row(Line::styled("  none, on either side", theme.dim)));
    }
    rows.extend(report::title(model, "scores"));
    let whole = |r: &Report| -> Vec<(String, Option<f64>)> {
        r.scores.iter().filter(|s| s.region.is_none()).map(|s| (s.metric.clone(), s.value)).collect()
    };
    let (left, right) = (whole(a), whole(b));
    let mut all: Vec<&String> = left.iter().map(|(n, _)| n).collect();
    all.extend(right.iter().map(|(n, _)| n).filter(|n| !left.iter().any(|(m, _)| m == *n)));
    for name in all {
        let of = |side: &[(String, Option<f64>)]| side.iter().find(|(n, _)| n == name).and_then(|(_, v)| *v);
        let (x, y) = (of(&left), of(&right));
        let shown = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), short);
        let delta = if let (Some(x), Some(y)) = (x, y) { change(x, y) } else { String::new() };
        let name = escaped(name.split_once('.').map_or(name.as_str(), |(_, short)| short));
        let differs = shown(x) != shown(y);
        rows.push(table(&name, &shown(x), &shown(y), if differs { &delta } else { "" }, differs));
    }
    for (name, report, marks) in [(names[0], a, &ours), (names[1], b, &theirs)] {
        if let Some(description) = &report.description {
            rows.extend(report::title(model, &escaped(name)));
            rows.extend(report::described(model, description, marks, None, cells));
        }
    }
    rows
}

/// Whether two faults are one: the same attribute at about the same place.
fn same(a: &Finding, of_a: &Report, b: &Finding, of_b: &Report) -> bool {
    let place = |f: &Finding, r: &Report| {
        f.region.as_ref().and_then(|id| r.regions.iter().find(|region| region.id == *id)).map(|r| r.bounds)
    };
    a.attribute == b.attribute
        && match (place(a, of_a), place(b, of_b)) {
            (Some(a), Some(b)) => a.iou(&b) > SAME_PLACE_IOU,
            (None, None) => true,
            _ => false,
        }
}

fn fault(
    table: &dyn Fn(&str, &str, &str, &str, bool) -> Row,
    in_words: bool,
    finding: &Finding,
    marks: &[Mark],
    [left, right]: [Option<&Finding>; 2],
) -> Row {
    let mark = marks.iter().find(|m| m.region.is_some() && m.region == finding.region);
    let place = mark.map_or_else(|| "everywhere".to_owned(), |m| format!("at [{}] {}", m.number, escaped(&m.name)));
    let words = |f: Option<&Finding>| {
        let word = |f: &Finding| if in_words { severity_word(f.severity) } else { "" };
        f.map_or_else(|| "-".to_owned(), |f| format!("{} {:.2}", word(f), f.severity).trim_start().to_owned())
    };
    let differs = match (left, right) {
        (Some(a), Some(b)) => (a.severity - b.severity).abs() > SAME,
        _ => true,
    };
    table(finding.attribute.name(), &words(left), &words(right), &place, differs)
}
