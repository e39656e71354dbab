//! What is going on.

use super::library::{self, Columns};
use super::text::{Piece, cut, middle, pad, pad_left, wrap};
use super::{empty, frame as chrome, under_cursor};
use crate::app::layout::Areas;
use crate::app::model::Model;
use crate::app::model::rows::file_name;
use crate::app::query::Entry;
use giqa_engine::safe_text::{escaped, shown};
use giqa_watch::store::State;
use ratatui::Frame;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Draws the screen.
pub fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let title = if model.live.status.is_some() { "watching" } else { "nobody watches" };
    chrome::pane(model, areas.panel, title, frame);
    frame.render_widget(Paragraph::new(counts(model, areas)), areas.panel.inner);
    if !areas.side.outer.is_empty() {
        chrome::pane(model, areas.side, "components, ms each", frame);
        frame.render_widget(Paragraph::new(timings(model, areas)), areas.side.inner);
    }
    chrome::pane(model, areas.list, "latest", frame);
    let inner = areas.list.inner;
    if model.live.latest.is_empty() {
        let tally = &model.table.tally;
        let here = [State::Seen, State::Waiting, State::Running].iter().any(|state| tally.of(*state) > 0);
        let words = match model.live.status {
            Some(_) if here => "the first ones are on their way",
            Some(_) => "nothing arrived yet; photos that are put into the watched folders appear here",
            None => "nobody watches; `giqa watch FOLDER` does",
        };
        return empty(model, frame, inner, words);
    }
    let cells = usize::from(inner.width);
    let high = usize::from(inner.height.saturating_sub(1));
    let columns = Columns { cells, fault: false, metric: None };
    let mut rows = vec![library::head(model, &columns)];
    for (at, number) in model.live.latest.iter().enumerate().skip(model.live.top).take(high) {
        let Some(row) = model.table.rows.get(*number) else { continue };
        let entry = Entry { row: *number, burst: 0, member: false };
        let line = library::line(model, entry, row, &columns);
        rows.push(if at == model.live.cursor { under_cursor(model, line) } else { line });
    }
    frame.render_widget(Paragraph::new(rows), inner);
}

fn counts(model: &Model, areas: &Areas) -> Vec<Line<'static>> {
    let (theme, symbols) = (&model.settings.theme, model.settings.symbols);
    let cells = usize::from(areas.panel.inner.width);
    let tally = &model.table.tally;
    let waiting = tally.of(State::Waiting) + tally.of(State::Seen);
    let (running, done, failed) = (tally.of(State::Running), tally.of(State::Done), tally.of(State::Failed));
    let all = (waiting + running + done + failed).max(1);
    let share = f64::from(done + failed) / f64::from(all);
    let [accept, review, reject] = tally.verdicts;
    let mut rows = Vec::new();
    rows.push(Line::from(vec![
        Span::styled(symbols.bar(share, cells.saturating_sub(6).min(40)), theme.accent),
        Span::raw(pad_left(&format!("{:.0}%", share * 100.0), 5)),
    ]));
    let pair = |a: (&str, u32), b: (&str, u32)| {
        Line::from(format!(
            "{} {}  {} {}",
            pad(a.0, 9, ""),
            pad_left(&a.1.to_string(), 7),
            pad(b.0, 8, ""),
            pad_left(&b.1.to_string(), 7)
        ))
    };
    rows.push(pair(("waiting", waiting), ("accept", accept)));
    rows.push(pair(("in work", running), ("review", review)));
    rows.push(pair(("done", done), ("reject", reject)));
    rows.push(pair(("failed", failed), ("confirm", tally.pending)));
    let rate = model.live.rate();
    let left = waiting + running;
    let pace = match left {
        0 if model.live.status.is_some() => "all that is there is done".to_owned(),
        0 => String::new(),
        _ if rate > 0.01 => format!("{rate:.1} photos/s, {} left", duration(f64::from(left) / f64::from(rate))),
        _ => format!("{left} to go"),
    };
    rows.push(Line::styled(pace, theme.text));
    let most = model.live.rates.iter().copied().fold(0.1_f32, f32::max);
    let chart: String =
        model.live.rates.iter().rev().take(cells).rev().map(|r| symbols.column(f64::from(r / most))).collect();
    rows.push(Line::styled(chart, theme.accent));
    if let Some(status) = &model.live.status {
        let whose = if model.live.own { String::new() } else { format!(" (process {})", status.pid) };
        rows.push(Line::styled(
            cut(&format!("profile {}{whose}", escaped(&status.profile)), cells, symbols.cut()),
            theme.dim,
        ));
        for path in status.in_work.iter().take(2) {
            let name = middle(&file_name(path), cells.saturating_sub(2), symbols.cut());
            rows.push(Line::from(format!("{} {name}", symbols.state(State::Running))));
        }
        for root in &status.roots {
            rows.push(Line::styled(middle(&shown(root), cells, symbols.cut()), theme.dim));
        }
    }
    rows
}

/// A time in words that are long enough.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

fn timings(model: &Model, areas: &Areas) -> Vec<Line<'static>> {
    let theme = &model.settings.theme;
    let cells = usize::from(areas.side.inner.width);
    let Some(status) = &model.live.status else {
        return vec![Line::styled("no watcher is running", theme.dim)];
    };
    let mut slow: Vec<_> = status.timings.iter().filter(|(id, _)| *id != "total").collect();
    slow.sort_by(|a, b| b.1.total_ms.total_cmp(&a.1.total_ms));
    let room = usize::from(areas.side.inner.height);
    let notes = status.notes.len().min(3);
    let mut rows: Vec<Line<'static>> = Vec::new();
    for (id, timing) in slow.into_iter().take(room.saturating_sub(notes)) {
        let each = timing.total_ms / timing.count.max(1) as f64;
        let numbers = format!("{each:7.1} {:>7.0}", timing.max_ms);
        let name = pad(&escaped(id), cells.saturating_sub(numbers.len() + 1), model.settings.symbols.cut());
        rows.push(Line::from(format!("{name} {numbers}")));
    }
    // The newest first, as much of each as there is room for.
    for (n, text) in status.notes.iter().rev().take(notes).enumerate() {
        let others = notes - n - 1;
        rows.extend(note(model, text, cells, room.saturating_sub(rows.len() + others)));
    }
    rows
}

/// A note in at most so many lines.
fn note(model: &Model, text: &str, cells: usize, most: usize) -> Vec<Line<'static>> {
    let style = model.settings.theme.fair;
    let words = format!("! {text}");
    if most <= 1 {
        let line = cut(&escaped(&words), cells, model.settings.symbols.cut());
        return vec![Line::styled(line, style); most];
    }
    wrap(&[Piece::new(words, style)], cells, 2).into_iter().take(most).map(|row| row.line).collect()
}
