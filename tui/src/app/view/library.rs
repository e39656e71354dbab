//! The list: a table or thumbnails, with a look at one photo beside it.

use super::text::{cut, middle, pad, pad_left, width};
use super::{empty, frame as chrome, lines, picture, report, under_cursor};
use crate::app::command::{Command, Context};
use crate::app::layout::Areas;
use crate::app::model::Model;
use crate::app::model::rows::{file_name, verdict, worst};
use crate::app::query::{Entry, Sort, score};
use giqa_engine::marks::severity_word;
use giqa_engine::safe_text::{escaped, shown};
use giqa_watch::store::{Row, State};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Draws the screen.
pub fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    bar(model, areas, frame);
    let library = &model.library;
    let marked = library.marked.len();
    let title = match marked {
        0 => format!("{} of {}", library.entries.len(), model.table.photos()),
        n => format!("{} of {}, {n} marked", library.entries.len(), model.table.photos()),
    };
    chrome::pane(model, areas.list, &title, frame);
    if library.entries.is_empty() {
        empty(model, frame, areas.list.inner, &nothing(model));
    } else if model.shows_grid() {
        grid(model, areas, frame);
    } else {
        table(model, areas, frame);
    }
    if !areas.panel.outer.is_empty() {
        picture(model, areas, 0, &chrome::title_of(model), frame);
        chrome::pane(model, areas.panel, "", frame);
        let rows = report::brief(model, usize::from(areas.panel.inner.width));
        let rows: Vec<Line<'static>> = rows.into_iter().map(|r| r.line).collect();
        lines(model, frame, areas.panel, &rows, 0);
    }
}

/// Why there is nothing, and what to do.
fn nothing(model: &Model) -> String {
    if !model.loaded {
        return "reading the store ...".into();
    }
    if model.table.photos() > 0 {
        let (context, command) = match model.library.typing {
            true => (Context::Field, Command::Clear),
            false => (Context::Library, Command::ClearFilter),
        };
        let key = model.settings.keys.keys(context, command).first();
        let how = key.map_or_else(String::new, |key| format!("; {key} shows everything again"));
        return format!("no photo matches the filter{how}");
    }
    match model.about.watching.as_slice() {
        [] => "nothing was inspected yet; `giqa watch FOLDER` inspects what is there and what arrives".into(),
        [one] => format!("no photos yet; whatever is put into {} appears here", shown(one)),
        many => format!("no photos yet; whatever is put into one of {} folders appears here", many.len()),
    }
}

/// Filter and order.
fn bar(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let library = &model.library;
    let theme = &model.settings.theme;
    let sort = match &library.sort {
        Sort::Time => "time",
        Sort::Score => "score",
        Sort::Name => "name",
        Sort::Faults => "faults",
        Sort::Taken => "taken",
        Sort::Metric(name) => name,
    };
    let bursts = if library.bursts { "bursts, " } else { "" };
    let order = format!(" {bursts}by {sort} {} ", model.settings.symbols.order(library.reversed));
    let wide = (width(&order) as u16).min(areas.bar.width / 2);
    let [field, right] = [
        Rect { width: areas.bar.width - wide, ..areas.bar },
        Rect { x: areas.bar.right() - wide, width: wide, ..areas.bar },
    ];
    frame.render_widget(Span::styled(order, theme.dim), right);
    let say = |words: &str| cut(words, field.width.into(), model.settings.symbols.cut());
    if let Some(mistake) = library.mistakes.first().filter(|_| !library.typing) {
        let words = format!(" filter: {}", escaped(mistake));
        return frame.render_widget(Span::styled(say(&words), theme.error), field);
    }
    if library.typing || !library.filter.value().is_empty() {
        chrome::field(model, field, " / ", &library.filter, library.typing, frame);
    } else {
        let words = say(" / to filter: words, level:poor, verdict:reject, noise>0.5");
        frame.render_widget(Span::styled(words, theme.dim), field);
    }
}

fn table(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let inner = areas.list.inner;
    let cells = usize::from(inner.width);
    let metric = match &model.library.sort {
        Sort::Metric(name) => Some(name.as_str()),
        _ => None,
    };
    let columns = Columns { cells, fault: cells >= 70, metric };
    let mut rows = vec![head(model, &columns)];
    let shown = model.library.entries.iter().enumerate().skip(model.library.top);
    for (at, entry) in shown.take(usize::from(inner.height.saturating_sub(1))) {
        let Some(row) = model.table.rows.get(entry.row) else { continue };
        let mut line = line(model, *entry, row, &columns);
        if at == model.library.cursor {
            line = under_cursor(model, line);
        }
        rows.push(line);
    }
    frame.render_widget(Paragraph::new(rows), inner);
}

/// Cells of the columns between the signs and the name.
const SCORE: usize = 5;
const LEVEL: usize = 10;
const FAULT: usize = 21;
const METRIC: usize = 12;

/// What a line says of a photo.
pub struct Columns<'a> {
    /// In so many cells.
    pub cells: usize,
    /// Its worst fault.
    pub fault: bool,
    /// A metric's value.
    pub metric: Option<&'a str>,
}

/// The line above the photos.
pub fn head(model: &Model, columns: &Columns<'_>) -> Line<'static> {
    let mut head = format!("   {} {}", pad_left("score", SCORE), pad("level", LEVEL, ""));
    if columns.fault {
        head += &pad("worst fault", FAULT, "");
    }
    if let Some(metric) = columns.metric {
        let short = metric.split_once('.').map_or(metric, |(_, short)| short);
        let short = cut(&escaped(short), METRIC - 1, model.settings.symbols.cut());
        head += &pad(&pad_left(&short, METRIC - 1), METRIC, "");
    }
    let style = model.settings.theme.dim.add_modifier(Modifier::UNDERLINED);
    Line::styled(pad(&(head + "name"), columns.cells, ""), style)
}

/// One photo of the list.
pub fn line(model: &Model, entry: Entry, row: &Row, columns: &Columns<'_>) -> Line<'static> {
    let cells = columns.cells;
    let (theme, symbols) = (&model.settings.theme, model.settings.symbols);
    let mut spans = Vec::new();
    let marked = model.library.marked.contains(&row.id);
    spans.push(Span::styled(if marked { symbols.marked() } else { " " }, theme.accent));
    spans.push(sign(model, row));
    // Whose verdict it is: h = by hand.
    spans.push(Span::styled(
        if row.hand.is_some() {
            "h"
        } else if row.pending > 0 {
            "w"
        } else {
            " "
        },
        theme.dim,
    ));
    let mut used = 3;
    match &row.result {
        Some(brief) if row.state == State::Done => {
            let style = theme.level(brief.level);
            let score = pad_left(&format!("{:.1}", brief.score), SCORE);
            spans.push(Span::styled(format!("{score} {}", pad(brief.level.name(), LEVEL, "")), style));
        }
        _ => {
            let words = if row.gone { "gone" } else { row.state.word() };
            spans.push(Span::styled(pad(&format!("{} {words}", " ".repeat(SCORE)), SCORE + 1 + LEVEL, ""), theme.dim));
        }
    }
    used += SCORE + 1 + LEVEL;
    if columns.fault {
        let fault = match (worst(row), &row.reason) {
            (Some((attribute, severity)), _) if severity >= 0.25 => {
                let severity = f64::from(severity);
                Span::styled(
                    pad(&format!("{} {}", severity_word(severity), attribute.name()), FAULT, symbols.cut()),
                    theme.severity(severity),
                )
            }
            _ => Span::raw(" ".repeat(FAULT)),
        };
        spans.push(fault);
        used += FAULT;
    }
    if let Some(name) = columns.metric {
        let value = model.table.rows.metric(name).and_then(|m| score(row, m));
        let value = value.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
        spans.push(Span::styled(pad(&pad_left(&value, METRIC - 1), METRIC, ""), theme.text));
        used += METRIC;
    }
    let mut burst = match entry {
        Entry { burst: 0, member: false, .. } => String::new(),
        Entry { member: true, .. } => "  ".into(),
        Entry { burst, .. } => format!("({burst}) "),
    };
    if row.gone && row.state == State::Done {
        burst += "(gone) ";
    }
    let room = cells.saturating_sub(used + width(&burst));
    let gone = if row.gone { theme.dim } else { theme.text };
    let mut name = if cells >= 120 { shown(&row.path) } else { file_name(&row.path) };
    if let (State::Failed, Some(reason)) = (row.state, &row.reason) {
        name = format!("{}: {}", file_name(&row.path), escaped(reason));
        spans.push(Span::styled(pad(&cut(&name, room, symbols.cut()), room, ""), theme.error));
    } else {
        let name = middle(&name, room, symbols.cut());
        spans.push(Span::styled(pad(&format!("{burst}{name}"), room + width(&burst), ""), gone));
    }
    Line::from(spans)
}

/// What was decided about a photo, or else what became of it.
fn sign(model: &Model, row: &Row) -> Span<'static> {
    let (theme, symbols) = (&model.settings.theme, model.settings.symbols);
    match (row.state, verdict(row)) {
        (State::Done, decision) => {
            Span::styled(symbols.verdict(decision), decision.map_or(theme.text, |d| theme.verdict(d)))
        }
        (state, _) => Span::styled(symbols.state(state), if state == State::Failed { theme.error } else { theme.dim }),
    }
}

fn grid(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let (theme, symbols) = (&model.settings.theme, model.settings.symbols);
    let shown = model.library.entries.iter().enumerate().skip(model.library.top).enumerate();
    let mut slots = model.slots.iter();
    for (nth, (at, entry)) in shown {
        let Some(place) = areas.thumbnail(nth) else { break };
        let Some(row) = model.table.rows.get(entry.row) else { continue };
        let picture = Rect {
            x: place.x + 1,
            width: place.width.saturating_sub(2),
            height: place.height.saturating_sub(2),
            ..place
        };
        // In the same order as the scenes were asked for.
        if let Some(slot) = slots.as_slice().first().filter(|s| s.scene.path == row.path) {
            slots.next();
            match &slot.frame {
                Some(Ok(shown)) => {
                    // In the middle of its place.
                    let (w, h) = shown.placement.cells;
                    let (dx, dy) = (picture.width.saturating_sub(w) / 2, picture.height.saturating_sub(h) / 2);
                    let inner = Rect {
                        x: picture.x + dx,
                        y: picture.y + dy,
                        width: picture.width - dx,
                        height: picture.height - dy,
                    };
                    shown.draw(inner, frame.buffer_mut());
                }
                Some(Err(_)) => empty(model, frame, picture, "no picture"),
                None => empty(model, frame, picture, "..."),
            }
        }
        let cells = usize::from(place.width.saturating_sub(1));
        let marked = if model.library.marked.contains(&row.id) { symbols.marked() } else { " " };
        let score = row.result.as_ref().map_or_else(|| "-".to_owned(), |b| format!("{:.0}", b.score));
        let burst = if entry.burst > 0 { format!("({}) ", entry.burst) } else { String::new() };
        let first = format!("{marked}{} {score} ", sign(model, row).content);
        let name = middle(&file_name(&row.path), cells.saturating_sub(width(&first) + width(&burst)), symbols.cut());
        let style = if at == model.library.cursor { theme.cursor } else { Style::new() };
        let words = pad(&format!("{first}{burst}{name}"), cells, symbols.cut());
        let bottom = Rect { y: place.y + place.height.saturating_sub(2), height: 1.min(place.height), ..place };
        frame.render_widget(Span::styled(words, style), bottom);
        if at == model.library.cursor {
            // A second sign where styles don't show.
            let sign = if symbols.ascii { "^" } else { "▔" };
            let below = Rect { y: bottom.y + 1, ..bottom };
            frame.render_widget(Span::styled(sign.repeat(cells), theme.accent), below.intersection(areas.list.inner));
        }
    }
}
