//! The mouse: click, wheel, and boxes drawn by dragging.

use super::{command, field, go};
use crate::app::action::Mouse;
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::layout::{self, Areas};
use crate::app::model::{BoxDraft, Model, Screen};
use crate::app::view::photo;
use giqa_core::NormBox;
use ratatui::layout::Position;

/// Lines that the wheel moves.
const WHEEL: isize = 3;
/// What is drawn smaller was a click, as a share of the picture.
const CLICK: f64 = 0.01;

/// The mouse did something somewhere.
pub fn mouse(model: &mut Model, mouse: Mouse, at: Position, effects: &mut Vec<Effect>) {
    let areas = layout::areas(model);
    if model.popup.is_some() {
        let command = match mouse {
            Mouse::WheelUp => Command::Up,
            Mouse::WheelDown => Command::Down,
            Mouse::Press if !areas.popup.outer.contains(at) => Command::Back,
            _ => return,
        };
        return command::run(model, command, effects);
    }
    match mouse {
        Mouse::WheelUp | Mouse::WheelDown => wheel(model, &areas, mouse == Mouse::WheelUp, at, effects),
        Mouse::Press => press(model, &areas, at, effects),
        Mouse::Drag => drag(model, &areas, at),
        Mouse::Release => release(model, effects),
    }
}

fn wheel(model: &mut Model, areas: &Areas, up: bool, at: Position, effects: &mut Vec<Effect>) {
    if areas.pictures[0].inner.contains(at) && matches!(model.screen, Screen::Photo | Screen::Ask) {
        return command::run(model, if up { Command::ZoomIn } else { Command::ZoomOut }, effects);
    }
    match model.screen {
        Screen::Library => {
            let columns = isize::try_from(areas.columns).unwrap_or(1);
            let by = if model.shows_grid() { columns } else { WHEEL };
            model.library.step(if up { -by } else { by });
        }
        Screen::Photo => (0..WHEEL).for_each(|_| {
            field::scroll(&mut model.photo.scroll, if up { Command::Up } else { Command::Down });
        }),
        _ => (0..WHEEL).for_each(|_| command::run(model, if up { Command::Up } else { Command::Down }, effects)),
    }
}

fn press(model: &mut Model, areas: &Areas, at: Position, effects: &mut Vec<Effect>) {
    if let Some((_, screen)) = areas.tab.iter().find(|(place, _)| place.contains(at)) {
        return go(model, *screen, effects);
    }
    if let Some(line) = areas.line_at(at) {
        return press_line(model, line, effects);
    }
    if model.screen == Screen::Photo && areas.panel.inner.contains(at) && model.before().is_none() {
        let line = usize::from(at.y - areas.panel.inner.y);
        model.photo.selected = photo::mark_at(model, areas, line).or(model.photo.selected);
    }
    if areas.field.outer.contains(at) {
        model.ask.typing = true;
    }
    if areas.bar.contains(at) {
        model.library.typing = true;
    }
    if let Some(place) = photo_place(model, areas, at) {
        match model.screen {
            Screen::Photo | Screen::Ask => {
                if let Ok(bounds) = NormBox::new(place.0, place.1, place.0, place.1) {
                    model.ask.draft = Some(BoxDraft { bounds, from: Some(place) });
                }
            }
            Screen::Library => go(model, Screen::Photo, effects),
            _ => {}
        }
    }
}

fn press_line(model: &mut Model, line: usize, effects: &mut Vec<Effect>) {
    match model.screen {
        Screen::Library => {
            let to = model.library.top + line;
            if to >= model.library.entries.len() {
                return;
            }
            // A second click opens.
            if to == model.library.cursor {
                return go(model, Screen::Photo, effects);
            }
            model.library.typing = false;
            model.library.go(to);
        }
        Screen::Live => {
            let to = model.live.top + line;
            if to >= model.live.latest.len() {
                return;
            }
            if to == model.live.cursor {
                return go(model, Screen::Photo, effects);
            }
            model.live.cursor = to;
        }
        Screen::Plugins => {
            let components = model.plugins.surveyed.here().map_or(0, |s| s.components.len());
            model.plugins.cursor = (model.plugins.top + line).min(components.saturating_sub(1));
        }
        _ => {}
    }
}

/// Which place of the photo is at a place of the screen.
fn photo_place(model: &Model, areas: &Areas, at: Position) -> Option<(f64, f64)> {
    let nth = areas.pictures.iter().position(|p| p.inner.contains(at))?;
    let inner = areas.pictures[nth].inner;
    let frame = model.slots.get(nth)?.frame.as_ref()?.as_ref().ok()?;
    frame.placement.at(at.x - inner.x, at.y - inner.y)
}

fn drag(model: &mut Model, areas: &Areas, at: Position) {
    let Some(to) = photo_place(model, areas, at) else { return };
    if let Some(draft) = &mut model.ask.draft
        && let Some(from) = draft.from
        && let Ok(bounds) = NormBox::new(from.0.min(to.0), from.1.min(to.1), from.0.max(to.0), from.1.max(to.1))
    {
        draft.bounds = bounds;
    }
}

fn release(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((from, bounds)) = model.ask.draft.and_then(|d| Some((d.from?, d.bounds))) else { return };
    model.ask.draft = None;
    if bounds.x2() - bounds.x1() > CLICK && bounds.y2() - bounds.y1() > CLICK {
        go(model, Screen::Ask, effects);
        (model.ask.about, model.ask.typing) = (Some(bounds), true);
    } else if model.screen == Screen::Photo {
        // A click selects the smallest place there.
        let marks = model.photo.details.here().map(|d| &*d.marks).unwrap_or_default();
        let there = marks.iter().filter(|m| {
            let b = m.bounds;
            (b.x1()..=b.x2()).contains(&from.0) && (b.y1()..=b.y2()).contains(&from.1)
        });
        let smallest = there.min_by(|a, b| a.bounds.area().total_cmp(&b.bounds.area()));
        model.photo.selected = smallest.map(|m| m.number);
    }
}
