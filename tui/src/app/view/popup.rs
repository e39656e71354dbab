//! What lies over the screen.

use super::text::{Piece, cut, pad, wrap};
use super::{frame as chrome, lines};
use crate::app::command::Context;
use crate::app::layout::{Areas, Pane};
use crate::app::model::{Load, Model, Pick, Popup};
use giqa_engine::safe_text::escaped;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

/// Draws it.
pub fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    match &model.popup {
        None => {}
        Some(Popup::Help { scroll }) => {
            open(model, areas.popup, "keys", frame);
            lines(model, frame, areas.popup, &help(model, areas.popup), *scroll);
        }
        Some(Popup::Log { lines: log, scroll }) => {
            open(model, areas.popup, "log", frame);
            let all = logged(model, log, areas.popup);
            let from = all.len().saturating_sub(usize::from(areas.popup.inner.height) + scroll);
            lines(model, frame, areas.popup, &all, from);
        }
        Some(Popup::Pick(pick)) => choose(model, areas.popup, pick, frame),
        Some(Popup::Note { field, photos }) => {
            let title = if photos.len() == 1 { "note".to_owned() } else { format!("note on {} photos", photos.len()) };
            let pane = low(areas.popup, 3);
            open(model, pane, &title, frame);
            chrome::field(model, pane.inner, "> ", field, true, frame);
        }
        Some(Popup::Sure { question, .. }) => {
            let theme = &model.settings.theme;
            let cells = usize::from(areas.popup.inner.width);
            let mut rows = wrap(&[Piece::new(question.as_str(), theme.text)], cells, 0);
            rows.extend(wrap(&[Piece::new("y or enter: yes, n or esc: no", theme.accent)], cells, 0));
            let pane = low(areas.popup, rows.len() as u16 + 2);
            open(model, pane, "sure?", frame);
            lines(model, frame, pane, &rows.into_iter().map(|r| r.line).collect::<Vec<_>>(), 0);
        }
    }
}

/// The same place, so many lines high.
fn low(pane: Pane, high: u16) -> Pane {
    let high = high.min(pane.outer.height);
    let y = pane.outer.y + (pane.outer.height - high) / 3;
    Rect { y, height: high, ..pane.outer }.into()
}

fn open(model: &Model, pane: Pane, title: &str, frame: &mut Frame<'_>) {
    frame.render_widget(Clear, pane.outer);
    frame.buffer_mut().set_style(pane.outer, model.settings.theme.text);
    chrome::pane(model, pane, title, frame);
}

/// The log, wrapped.
fn logged(model: &Model, log: &Load<Vec<String>>, pane: Pane) -> Vec<Line<'static>> {
    let (theme, cells) = (&model.settings.theme, usize::from(pane.inner.width));
    let wrapped = |l: &String| wrap(&[Piece::new(l.as_str(), theme.text)], cells, 2);
    match log {
        Load::Here(log) if log.is_empty() => vec![Line::styled("nothing happened yet", theme.dim)],
        Load::Here(log) => log.iter().flat_map(wrapped).map(|r| r.line).collect(),
        _ => vec![Line::styled("...", theme.dim)],
    }
}

/// How many lines there are of what scrolls.
pub fn length(model: &Model, areas: &Areas) -> usize {
    match &model.popup {
        Some(Popup::Help { .. }) => help(model, areas.popup).len(),
        Some(Popup::Log { lines, .. }) => logged(model, lines, areas.popup).len(),
        _ => 0,
    }
}

/// All keys: made of the table that keys are looked up in.
fn help(model: &Model, pane: Pane) -> Vec<Line<'static>> {
    let theme = &model.settings.theme;
    let cells = usize::from(pane.inner.width);
    let mut all: Vec<Line<'static>> = Vec::new();
    // What holds here comes first.
    let screen = model.screen.context();
    let others = Context::ALL.into_iter().filter(|c| *c != screen);
    for context in std::iter::once(screen).chain(others) {
        let title = match context {
            Context::Global => "everywhere",
            Context::Box => "while a box is drawn",
            Context::Field => "in a field of text",
            Context::Popup => "over the screen",
            other => other.name(),
        };
        all.push(Line::styled(title.to_owned(), theme.accent));
        for (command, keys) in model.settings.keys.of(context) {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let keys = pad(&keys.join(" "), 22, model.settings.symbols.cut());
            all.push(Line::from(vec![
                Span::styled(format!("  {keys} "), theme.text),
                Span::styled(cut(command.what(), cells.saturating_sub(25), model.settings.symbols.cut()), theme.dim),
            ]));
        }
        all.push(Line::default());
    }
    all.push(Line::styled("own keys: [keys.CONTEXT] in tui.toml, see docs/screen.md", theme.dim));
    all
}

fn choose(model: &Model, pane: Pane, pick: &Pick, frame: &mut Frame<'_>) {
    let theme = &model.settings.theme;
    open(model, pane, &pick.title, frame);
    let inner = pane.inner;
    let field = Rect { height: 1, ..inner };
    chrome::field(model, field, "> ", &pick.field, true, frame);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let high = usize::from(list.height);
    let top = (pick.cursor + 1).saturating_sub(high);
    let cells = usize::from(list.width);
    let mut rows = Vec::new();
    for (at, number) in pick.found.iter().enumerate().skip(top).take(high) {
        let Some((text, _)) = pick.all.get(*number) else { continue };
        let text = pad(&format!(" {}", escaped(text)), cells, model.settings.symbols.cut());
        rows.push(Line::styled(text, if at == pick.cursor { theme.cursor } else { theme.text }));
    }
    if rows.is_empty() {
        rows.push(Line::styled(" nothing of that name", theme.dim));
    }
    frame.render_widget(Paragraph::new(rows), list);
    if pick.found.len() > high {
        let shown = format!("{}-{} of {}", top + 1, top + high, pick.found.len());
        chrome::below(model, pane, &shown, frame);
    }
}
