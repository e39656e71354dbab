//! A report in words: the description with its numbered places, findings, scores, and what became of the photo.

use super::text::{Piece, Row, cut, pad, pad_left, width, wrap};
use crate::app::model::rows::{file_name, verdict};
use crate::app::model::{Details, Load, Model};
use giqa_core::{Decision, Description, Finding, NormBox, Report};
use giqa_engine::marks::{Mark, number_at, severity_word};
use giqa_engine::safe_text::escaped;
use giqa_watch::store::State;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Everything about the photo under the cursor.
pub fn all(model: &Model, cells: usize) -> Vec<Row> {
    let mut rows = head(model, cells);
    let Some(details) = here(model) else {
        rows.extend(waiting(model, cells));
        return rows;
    };
    let report = &details.report;
    if let Some(description) = &report.description {
        rows.push(Row::default());
        rows.extend(described(model, description, &details.marks, model.photo.selected, cells));
    }
    rows.extend(findings(model, report, &details.marks, cells));
    rows.extend(scores(model, details, cells));
    rows.extend(history(model, details, cells));
    rows.extend(made_by(model, report, cells));
    rows
}

/// The little that fits beside the list.
pub fn brief(model: &Model, cells: usize) -> Vec<Row> {
    let mut rows = head(model, cells);
    match here(model) {
        Some(details) => {
            if let Some(description) = &details.report.description {
                rows.extend(described(model, description, &details.marks, None, cells));
            }
            rows.extend(findings(model, &details.report, &details.marks, cells));
        }
        None => rows.extend(waiting(model, cells)),
    }
    rows
}

fn here(model: &Model) -> Option<&Details> {
    let id = model.row()?.id;
    model.photo.details.here().filter(|_| model.photo.id == Some(id)).map(|d| &**d)
}

fn waiting(model: &Model, cells: usize) -> Vec<Row> {
    let theme = &model.settings.theme;
    let Some(row) = model.row() else { return Vec::new() };
    let words = match (&model.photo.details, row.state) {
        (Load::Failed(why), _) => return wrap(&[Piece::new(why.as_str(), theme.error)], cells, 0),
        (_, State::Failed | State::Skipped) => {
            let reason = row.reason.as_deref().unwrap_or("no reason was kept");
            return wrap(&[Piece::new(format!("{}: {reason}", row.state.word()), theme.error)], cells, 0);
        }
        (_, State::Done) => "reading ...",
        (_, State::Running) => "it is inspected now",
        (_, State::Seen | State::Waiting) => "it waits for its turn",
    };
    wrap(&[Piece::new(words, theme.dim)], cells, 0)
}

/// Name, score and verdict.
fn head(model: &Model, cells: usize) -> Vec<Row> {
    let (theme, symbols) = (&model.settings.theme, model.settings.symbols);
    let Some(row) = model.row() else {
        return wrap(&[Piece::new("no photo is under the cursor", theme.dim)], cells, 0);
    };
    let name = super::text::middle(&file_name(&row.path), cells, symbols.cut());
    let mut rows = vec![plain(Line::styled(name, theme.text.add_modifier(Modifier::BOLD)))];
    if let Some(brief) = &row.result {
        let bar = symbols.bar(f64::from(brief.score) / 100.0, 10);
        let text = format!("quality {bar} {:.1} {}", brief.score, brief.level.name());
        rows.push(plain(Line::styled(cut(&text, cells, symbols.cut()), theme.level(brief.level))));
    }
    if let Some(decision) = verdict(row) {
        let details = here(model);
        let by = match (row.hand, details.and_then(|d| d.verdicts.first())) {
            (Some(_), Some(v)) => format!("by {} {}", escaped(&v.who), when(model, v.at)),
            (Some(_), None) => "by hand".into(),
            (None, _) => "by the rules".into(),
        };
        let auto = match (row.hand, row.decision) {
            (Some(_), Some(auto)) => format!("; the rules say {}", word(auto)),
            _ => String::new(),
        };
        let text = format!("{} {} {by}{auto}", symbols.verdict(Some(decision)), word(decision));
        rows.extend(wrap(&[Piece::new(text, theme.verdict(decision))], cells, 2));
        if let Some(note) = details.and_then(|d| d.verdicts.first()).filter(|v| !v.note.is_empty()) {
            rows.extend(wrap(&[Piece::new(format!("note: {}", note.note), theme.text)], cells, 2));
        }
    }
    for proposal in here(model).iter().flat_map(|d| &d.proposals) {
        rows.extend(wrap(&[Piece::new(format!("waits to be confirmed: {proposal}"), theme.fair)], cells, 2));
    }
    rows
}

/// A description with each span in the colour of its place and followed by its number.
pub fn described(
    model: &Model,
    words: &Description,
    marks: &[Mark],
    selected: Option<usize>,
    cells: usize,
) -> Vec<Row> {
    grounded(
        model,
        &words.text,
        words.spans.iter().map(|s| (s.start, s.end, s.boxes.as_slice())),
        marks,
        selected,
        cells,
    )
}

/// Text whose spans speak of boxes.
pub fn grounded<'a>(
    model: &Model,
    text: &str,
    spans: impl Iterator<Item = (usize, usize, &'a [NormBox])>,
    marks: &[Mark],
    selected: Option<usize>,
    cells: usize,
) -> Vec<Row> {
    let theme = &model.settings.theme;
    let mut pieces = Vec::new();
    let mut from = 0;
    for (start, end, boxes) in spans {
        // What a store says is not believed: ends may lie anywhere.
        let (Some(before), Some(label)) = (text.get(from..start), text.get(start..end)) else { continue };
        pieces.push(Piece::new(before, theme.text));
        let mut numbers: Vec<usize> = boxes.iter().filter_map(|b| number_at(marks, b)).collect();
        numbers.dedup();
        let first = numbers.first().copied();
        let severity = |n| marks.iter().find(|m| m.number == n).map_or(0.0, Mark::severity);
        let mut style = first.map_or(theme.text, |n| theme.mark(severity(n)));
        if selected.is_some_and(|s| numbers.contains(&s)) {
            style = style.add_modifier(Modifier::REVERSED);
        }
        let shown: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let label = if shown.is_empty() { label.to_owned() } else { format!("{label} [{}]", shown.join(",")) };
        pieces.push(Piece { text: label, style, mark: selected.filter(|s| numbers.contains(s)).or(first) });
        from = end;
    }
    pieces.push(Piece::new(text.get(from..).unwrap_or_default(), theme.text));
    wrap(&pieces, cells, 0)
}

/// A title between parts.
pub fn title(model: &Model, words: &str) -> [Row; 2] {
    [Row::default(), plain(Line::styled(words.to_owned(), model.settings.theme.accent))]
}

/// Faults with how bad they are, and why we say so.
fn findings(model: &Model, report: &Report, marks: &[Mark], cells: usize) -> Vec<Row> {
    if report.findings.is_empty() {
        return Vec::new();
    }
    let mut rows = title(model, "faults").to_vec();
    for finding in &report.findings {
        rows.extend(finding_rows(model, finding, report, marks, cells));
    }
    rows
}

/// One fault: a line, and its evidence.
pub fn finding_rows(model: &Model, finding: &Finding, report: &Report, marks: &[Mark], cells: usize) -> Vec<Row> {
    let (theme, symbols) = (&model.settings.theme, model.settings.symbols);
    let mark = marks.iter().find(|m| m.region.is_some() && m.region == finding.region);
    let number = mark.map_or_else(|| "   ".to_owned(), |m| format!("[{}]", m.number));
    let selected = mark.is_some_and(|m| model.photo.selected == Some(m.number));
    let place = match (&finding.region, mark) {
        (None, _) => "everywhere".to_owned(),
        (Some(_), Some(mark)) => escaped(&mark.name),
        (Some(id), None) => report.regions.iter().find(|r| r.id == *id).map_or_else(String::new, |r| escaped(&r.name)),
    };
    let style = theme.severity(finding.severity);
    let head = format!("{} ", finding.attribute.name());
    let bar = symbols.bar(finding.severity, if cells >= 44 { 10 } else { 5 });
    let rest = format!(" {} {place}", severity_word(finding.severity));
    let first = pad(&head, 12, "") + &bar;
    let mut number_style = mark.map_or(theme.text, |m| theme.mark(m.severity()));
    if selected {
        number_style = number_style.add_modifier(Modifier::REVERSED);
    }
    let room = cells.saturating_sub(width(&number) + 1 + width(&first));
    let line = Line::from(vec![
        Span::styled(number, number_style),
        Span::raw(" "),
        Span::styled(first, style),
        Span::styled(cut(&rest, room, symbols.cut()), style),
    ]);
    let evidence = &finding.evidence;
    let why =
        format!("    {} {}, fine at {}", escaped(&evidence.metric), short(evidence.value), short(evidence.expected));
    vec![
        Row { line, marks: mark.map(|m| m.number).into_iter().collect() },
        plain(Line::styled(cut(&why, cells, symbols.cut()), theme.dim)),
    ]
}

/// Values over the whole picture, and where they lie in the folder.
fn scores(model: &Model, details: &Details, cells: usize) -> Vec<Row> {
    let (theme, symbols) = (&model.settings.theme, model.settings.symbols);
    let mut rows = title(model, "scores, and their place in the folder").to_vec();
    let place = |name: &str| details.places.iter().find(|p| p.metric == name).filter(|p| p.others > 1);
    let mut add = |name: &str, value: String, metric: &str| {
        let mut spans = vec![Span::raw(format!("{} {}", pad(name, 13, symbols.cut()), pad_left(&value, 9)))];
        if let Some(place) = place(metric) {
            let most = place.histogram.iter().copied().max().unwrap_or(1).max(1);
            let room = cells.saturating_sub(24 + 14);
            if room >= place.histogram.len() {
                spans.push(Span::raw("  "));
                for (at, n) in place.histogram.iter().enumerate() {
                    let here = at == place.column;
                    let mut column = symbols.column(f64::from(*n) / f64::from(most));
                    if here && column == ' ' {
                        column = symbols.column(0.1);
                    }
                    let style = if here { theme.accent.add_modifier(Modifier::REVERSED) } else { theme.dim };
                    spans.push(Span::styled(column.to_string(), style));
                }
            }
            spans.push(Span::styled(format!("  above {:.0}%", place.below * 100.0), theme.dim));
        }
        rows.push(plain(Line::from(spans)));
    };
    add("overall", format!("{:.1}", details.report.quality.score), "");
    for score in details.report.scores.iter().filter(|s| s.region.is_none()) {
        let name = escaped(score.metric.split_once('.').map_or(&score.metric, |(_, short)| short));
        let value = score.value.map_or_else(|| "-".to_owned(), short);
        add(&name, value, &score.metric);
    }
    rows
}

/// What became of it: earlier runs, verdicts, actions.
fn history(model: &Model, details: &Details, cells: usize) -> Vec<Row> {
    let theme = &model.settings.theme;
    let mut rows = Vec::new();
    if !details.past.is_empty() {
        rows.extend(title(model, "runs before"));
        for past in &details.past {
            let other = if past.other_content { ", of other content" } else { "" };
            let quality = past.report.quality;
            let profile = escaped(&past.report.provenance.profile);
            let words =
                format!("{} {:.1} {} with {profile}{other}", when(model, past.at), quality.score, quality.level.name());
            rows.extend(wrap(&[Piece::new(words, theme.text)], cells, 2));
        }
    }
    if !details.verdicts.is_empty() {
        rows.extend(title(model, "verdicts by hand"));
        for v in &details.verdicts {
            let decision = v.decision.map_or("taken back", word);
            let note = if v.note.is_empty() { String::new() } else { format!(": {}", v.note) };
            let words = format!("{} {decision} by {}{note}", when(model, v.at), v.who);
            rows.extend(wrap(&[Piece::new(words, theme.text)], cells, 2));
        }
    }
    if !details.actions.is_empty() {
        rows.extend(title(model, "what rules did"));
        for action in &details.actions {
            rows.extend(wrap(&[Piece::new(action.as_str(), theme.text)], cells, 2));
        }
    }
    if !details.camera.is_empty() {
        rows.extend(title(model, "camera"));
        for (name, value) in &details.camera {
            rows.extend(wrap(&[Piece::new(format!("{name}: {value}"), theme.text)], cells, 2));
        }
    }
    rows
}

/// What made the report.
fn made_by(model: &Model, report: &Report, cells: usize) -> Vec<Row> {
    let theme = &model.settings.theme;
    let mut rows = Vec::new();
    if !report.warnings.is_empty() {
        rows.extend(title(model, "warnings"));
        for warning in &report.warnings {
            rows.extend(wrap(&[Piece::new(warning.as_str(), theme.fair)], cells, 2));
        }
    }
    let image = &report.image;
    let total = report.timing_ms.get("total").map_or_else(String::new, |ms| format!(", {ms:.0} ms"));
    let words = format!(
        "{} x {} {}, {} kB; profile {}, giqa {}{total}",
        image.width,
        image.height,
        image.format,
        image.bytes / 1000,
        report.provenance.profile,
        report.provenance.giqa
    );
    rows.push(Row::default());
    rows.extend(wrap(&[Piece::new(words, theme.dim)], cells, 0));
    rows
}

/// A number in a few characters.
pub fn short(value: f64) -> String {
    match value.abs() {
        v if v >= 1000.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// A decision in a word.
pub fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Accept => "accept",
        Decision::Review => "review",
        Decision::Reject => "reject",
    }
}

/// A moment, to the minute.
pub fn when(model: &Model, ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    moment.to_zoned_datetime(model.settings.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn plain(line: Line<'static>) -> Row {
    Row { line, marks: Vec::new() }
}
