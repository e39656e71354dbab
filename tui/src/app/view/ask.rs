//! Questions about a photo, and answers with boxes.

use super::text::{Piece, Row, wrap};
use super::{frame as chrome, lines, photo, picture, report};
use crate::app::command::{Command, Context};
use crate::app::layout::Areas;
use crate::app::model::{Exchange, Load, Model};
use ratatui::Frame;
use ratatui::style::Modifier;
use ratatui::text::Line;

/// Draws the screen.
pub fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    picture(model, areas, 0, &photo::title(model), frame);
    chrome::pane(model, areas.panel, "questions", frame);
    let all = words(model, areas);
    // The last answer shows, unless one scrolled back.
    let from = all.len().saturating_sub(usize::from(areas.panel.inner.height) + model.ask.scroll);
    lines(model, frame, areas.panel, &all, from);
    let title = match (model.ask.draft, model.ask.about) {
        (Some(draft), _) if draft.from.is_none() => "arrows move the box, shift resizes",
        (_, Some(_)) => "question about the box",
        _ => "question",
    };
    chrome::pane(model, areas.field, title, frame);
    chrome::field(model, areas.field.inner, "> ", &model.ask.input, model.ask.typing, frame);
}

/// Questions and answers about this photo.
pub fn words(model: &Model, areas: &Areas) -> Vec<Line<'static>> {
    let cells = usize::from(areas.panel.inner.width);
    let mut rows: Vec<Row> = Vec::new();
    let here: Vec<&Exchange> =
        model.ask.history.iter().filter(|e| Some(e.photo) == model.row().map(|r| r.id)).collect();
    for (at, exchange) in here.iter().enumerate() {
        let last = at + 1 == here.len();
        rows.extend(said(model, exchange, last, cells));
        rows.push(Row::default());
    }
    let theme = &model.settings.theme;
    if here.is_empty() {
        let keys = model.settings.keys.keys(Context::Ask, Command::DrawBox);
        let with = keys.first().map_or_else(String::new, |key| format!("with {key}, or "));
        let words = format!(
            "Ask anything about this photo: \"Is the subject sharp?\", \"What is wrong with it?\". \
             A box can be drawn {with}with the mouse, and be asked about."
        );
        rows.extend(wrap(&[Piece::new(words, theme.dim)], cells, 0));
    }
    rows.into_iter().map(|r| r.line).collect()
}

fn said(model: &Model, exchange: &Exchange, last: bool, cells: usize) -> Vec<Row> {
    let theme = &model.settings.theme;
    let about = if exchange.boxes.is_empty() { "" } else { " (about the box)" };
    let question = format!("> {}{about}", exchange.question);
    let mut rows = wrap(&[Piece::new(question, theme.accent.add_modifier(Modifier::BOLD))], cells, 2);
    match &exchange.answer {
        Load::Here(answer) => {
            let spans = answer.spans.iter().map(|s| (s.start, s.end, s.boxes.as_slice()));
            let selected = model.ask.selected.filter(|_| last);
            rows.extend(report::grounded(model, &answer.text, spans, &exchange.marks, selected, cells));
            for option in &answer.options {
                let bar = model.settings.symbols.bar(option.probability, 10);
                let words = format!("{bar} {:.0}% {}", option.probability * 100.0, option.option);
                rows.extend(wrap(&[Piece::new(words, theme.dim)], cells, 2));
            }
            for warning in &answer.warnings {
                rows.extend(wrap(&[Piece::new(format!("! {warning}"), theme.fair)], cells, 2));
            }
        }
        Load::Failed(why) => rows.extend(wrap(&[Piece::new(why.as_str(), theme.error)], cells, 2)),
        Load::Coming(_) | Load::Nothing => rows.extend(wrap(&[Piece::new("...", theme.dim)], cells, 2)),
    }
    rows
}
