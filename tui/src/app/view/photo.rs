//! One photo: the picture with its numbered places, and the words that speak of them.

use super::compare::differences;
use super::text::Row;
use super::{frame as chrome, lines, picture, report};
use crate::app::layout::Areas;
use crate::app::model::{Load, Model};
use crate::app::picture::Zoom;
use ratatui::Frame;

/// Draws the screen.
pub fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let cells = usize::from(areas.panel.inner.width);
    if let (Some(details), Some(past)) = (model.photo.details.here(), model.before()) {
        picture(model, areas, 0, &format!("before, {}", report::when(model, past.at)), frame);
        picture(model, areas, 1, "now", frame);
        chrome::pane(model, areas.panel, "what changed", frame);
        let rows = differences(model, ["before", "now"], [&past.report, &details.report], cells);
        let rows: Vec<_> = rows.into_iter().map(|r| r.line).collect();
        lines(model, frame, areas.panel, &rows, model.photo.scroll);
        return;
    }
    picture(model, areas, 0, &title(model), frame);
    let rows = report::all(model, cells);
    let high = usize::from(areas.panel.inner.height);
    let from = scroll(&rows, model.photo.scroll, model.photo.selected, high);
    chrome::pane(model, areas.panel, "", frame);
    let rows: Vec<_> = rows.into_iter().map(|r| r.line).collect();
    lines(model, frame, areas.panel, &rows, from);
}

/// How many lines of words there are.
pub fn length(model: &Model, areas: &Areas) -> usize {
    let cells = usize::from(areas.panel.inner.width);
    let before = model.photo.details.here().and_then(|d| Some((d, model.before()?)));
    match before {
        Some((details, past)) => differences(model, ["before", "now"], [&past.report, &details.report], cells).len(),
        None => report::all(model, cells).len(),
    }
}

/// The numbered place that a line of the panel speaks of, counted from the first that shows.
pub fn mark_at(model: &Model, areas: &Areas, line: usize) -> Option<usize> {
    let rows = report::all(model, usize::from(areas.panel.inner.width));
    let from = scroll(&rows, model.photo.scroll, model.photo.selected, usize::from(areas.panel.inner.height));
    rows.get(from + line)?.marks.first().copied()
}

/// The photo's name, and how one looks at it.
pub fn title(model: &Model) -> String {
    let mut title = chrome::title_of(model);
    let shown = model.slots.first().and_then(|s| s.frame.as_ref()).and_then(|f| f.as_ref().ok()).map(|f| f.placement);
    match (model.photo.view.zoom, shown) {
        (Zoom::Times(1.0), _) => title += "  1:1",
        (Zoom::Times(_) | Zoom::Part(_), Some(p)) => title += &format!("  {:.0}%", 100.0 / p.scale.max(1e-6)),
        _ => {}
    }
    if let Some(attribute) = model.photo.heat {
        let coming = if matches!(model.photo.heat_map, Load::Coming(_)) { " ..." } else { "" };
        title += &format!("  heat: {}{coming}", attribute.name());
    }
    title
}

/// Where to begin so that the words of the selected place show.
fn scroll(rows: &[Row], wanted: usize, selected: Option<usize>, high: usize) -> usize {
    let wanted = wanted.min(rows.len().saturating_sub(high));
    let Some(at) = selected.and_then(|n| rows.iter().position(|r| r.marks.contains(&n))) else { return wanted };
    if at < wanted || at >= wanted + high { at.saturating_sub(high / 3) } else { wanted }
}
