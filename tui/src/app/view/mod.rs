//! Draws what is known. Nothing here decides anything.

mod ask;
mod compare;
mod frame;
mod library;
mod live;
pub mod photo;
mod plugins;
mod popup;
mod report;
#[cfg(test)]
mod tests;
pub mod text;

use super::layout::{self, Areas, LEAST, Pane};
use super::model::{Model, Screen};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph, Wrap};

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let whole = frame.area();
    frame.buffer_mut().set_style(whole, model.settings.theme.text);
    if !layout::fits(model.size) {
        return too_small(model, frame);
    }
    let areas = layout::areas(model);
    frame::tabs(model, &areas, frame);
    match model.screen {
        Screen::Live => live::draw(model, &areas, frame),
        Screen::Library => library::draw(model, &areas, frame),
        Screen::Photo => photo::draw(model, &areas, frame),
        Screen::Ask => ask::draw(model, &areas, frame),
        Screen::Compare => compare::draw(model, &areas, frame),
        Screen::Plugins => plugins::draw(model, &areas, frame),
    }
    frame::footer(model, &areas, frame);
    popup::draw(model, &areas, frame);
}

/// How far what scrolls now can be scrolled: no key shall be pressed for nothing on the way back.
pub fn furthest(model: &Model, areas: &Areas) -> usize {
    let high = |pane: layout::Pane| usize::from(pane.inner.height);
    let (all, high) = match (&model.popup, model.screen) {
        (Some(_), _) => (popup::length(model, areas), high(areas.popup)),
        (None, Screen::Photo) => (photo::length(model, areas), high(areas.panel)),
        (None, Screen::Ask) => (ask::words(model, areas).len(), high(areas.panel)),
        (None, Screen::Compare) => (compare::words(model, areas).len(), high(areas.panel)),
        (None, Screen::Plugins) => (plugins::words(model, areas).len(), high(areas.panel)),
        (None, Screen::Live | Screen::Library) => (0, 0),
    };
    all.saturating_sub(high)
}

fn too_small(model: &Model, frame: &mut Frame<'_>) {
    let words = format!(
        "giqa needs {} x {} cells; there are {} x {}. Make the window larger, or the font smaller. q quits.",
        LEAST.width, LEAST.height, model.size.width, model.size.height
    );
    let whole = frame.area();
    frame.render_widget(Clear, whole);
    frame.render_widget(Paragraph::new(words).wrap(Wrap { trim: true }), whole);
}

/// Draws lines from one on in a pane, and says which they are where there are more. The last page is full.
fn lines(model: &Model, frame: &mut Frame<'_>, pane: Pane, all: &[Line<'static>], from: usize) {
    let high = usize::from(pane.inner.height);
    let from = from.min(all.len().saturating_sub(high));
    let shown: Vec<Line<'static>> = all.iter().skip(from).take(high).cloned().collect();
    frame.render_widget(Paragraph::new(shown), pane.inner);
    if all.len() > high {
        frame::below(model, pane, &format!("{}-{} of {}", from + 1, from + high, all.len()), frame);
    }
}

/// A line as it looks under the cursor: what it is made of must not hide that.
fn under_cursor(model: &Model, line: Line<'static>) -> Line<'static> {
    let cursor = model.settings.theme.cursor;
    let line = line.patch_style(cursor);
    let spans = line.spans.into_iter().map(|span| span.patch_style(cursor)).collect();
    Line { spans, ..line }
}

/// Words in the middle of an area: what there is not, and what to do.
fn empty(model: &Model, frame: &mut Frame<'_>, area: Rect, words: &str) {
    let pieces = [text::Piece::new(words, model.settings.theme.dim)];
    let rows = text::wrap(&pieces, usize::from(area.width.saturating_sub(2)), 0);
    let high = (rows.len() as u16).min(area.height);
    let top = area.y + (area.height - high) / 2;
    let place = Rect { x: area.x + area.width.min(1), y: top, width: area.width.saturating_sub(2), height: high };
    frame.render_widget(Paragraph::new(rows.into_iter().map(|r| r.line.centered()).collect::<Vec<_>>()), place);
}

/// What is asked for of an area, and the pictures in it.
fn picture(model: &Model, areas: &Areas, nth: usize, title: &str, frame: &mut Frame<'_>) {
    let pane = areas.pictures[nth];
    frame::pane(model, pane, title, frame);
    let inner = pane.inner;
    if !model.settings.shows_pictures() {
        return empty(model, frame, inner, "pictures are off");
    }
    let Some(slot) = model.slots.get(nth) else {
        return empty(model, frame, inner, "no picture");
    };
    match &slot.frame {
        Some(Ok(shown)) => shown.draw(inner, frame.buffer_mut()),
        Some(Err(why)) => empty(model, frame, inner, why),
        None => empty(model, frame, inner, "..."),
    }
}
