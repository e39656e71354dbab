//! Keys, and fields of text.

use super::{ask, command, library, popup};
use crate::app::command::{Command, Context};
use crate::app::effect::Effect;
use crate::app::keys::Key;
use crate::app::model::{Model, Popup, Screen};
use crossterm::event::KeyCode;
use tui_input::{Input, InputRequest};

/// The most that is typed into a field.
const LONGEST: usize = 2000;

/// A key was pressed.
pub fn key(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let context = model.context();
    let bound = model.settings.keys.command(context, key);
    if context != Context::Field {
        // A question is answered by its own keys as well.
        if let Some(Popup::Sure { .. }) = &model.popup {
            return match (key.typed(), bound) {
                (Some('y'), _) | (_, Some(Command::Submit)) => popup::submit(model, effects),
                (Some('n'), _) => model.popup = None,
                (_, Some(bound @ (Command::Back | Command::QuitNow | Command::Redraw))) => {
                    command::run(model, bound, effects);
                }
                _ => {}
            };
        }
        if let Some(bound) = bound {
            if bound == Command::Submit {
                return popup::submit(model, effects);
            }
            command::run(model, bound, effects);
        }
        return;
    }
    match bound {
        Some(Command::Submit) => submit(model, effects),
        Some(Command::Clear) => edit(model, |field| field.reset()),
        Some(bound @ (Command::Up | Command::Down)) => match (&mut model.popup, model.screen) {
            (Some(_), _) => popup::run(model, bound),
            // The list is walked through while the filter is typed.
            (None, Screen::Library) => library::run(model, bound, effects),
            _ => {}
        },
        Some(bound) => command::run(model, bound, effects),
        None => type_key(model, key),
    }
}

fn type_key(model: &mut Model, key: Key) {
    let request = match (key.typed(), key.code()) {
        (Some(c), _) if !c.is_control() => InputRequest::InsertChar(c),
        (_, KeyCode::Backspace) => InputRequest::DeletePrevChar,
        (_, KeyCode::Delete) => InputRequest::DeleteNextChar,
        (_, KeyCode::Left) => InputRequest::GoToPrevChar,
        (_, KeyCode::Right) => InputRequest::GoToNextChar,
        (_, KeyCode::Home) => InputRequest::GoToStart,
        (_, KeyCode::End) => InputRequest::GoToEnd,
        (_, KeyCode::Char('w')) => InputRequest::DeletePrevWord,
        (_, KeyCode::Char('a')) => InputRequest::GoToStart,
        (_, KeyCode::Char('e')) => InputRequest::GoToEnd,
        (_, KeyCode::Char('k')) => InputRequest::DeleteTillEnd,
        _ => return,
    };
    edit(model, |field| {
        if !matches!(request, InputRequest::InsertChar(_)) || field.value().len() < LONGEST {
            let _ = field.handle(request);
        }
    });
}

/// Text from the clipboard: of lines, the first; of the rest, what can be typed.
pub fn paste(model: &mut Model, text: &str) {
    if model.context() != Context::Field {
        return;
    }
    let line: String = text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    edit(model, |field| {
        for c in line.chars().take(LONGEST.saturating_sub(field.value().len())) {
            let _ = field.handle(InputRequest::InsertChar(c));
        }
    });
}

/// Changes the field that keys go to.
fn edit(model: &mut Model, change: impl FnOnce(&mut Input)) {
    if let Some(popup) = &mut model.popup {
        if let Some(field) = popup.field_mut() {
            change(field);
        }
        if let Popup::Pick(pick) = popup {
            pick.search();
        }
    } else if model.screen == Screen::Library {
        change(&mut model.library.filter);
        model.library.stale = true;
        // Each letter asks anew; what comes of the ones before is dropped.
        model.library.listing = None;
    } else if model.screen == Screen::Ask {
        change(&mut model.ask.input);
    }
}

fn submit(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.popup.is_some() {
        popup::submit(model, effects);
    } else if model.screen == Screen::Library {
        model.library.typing = false;
    } else {
        ask::submit(model, effects);
    }
}

/// Scrolls words.
pub fn scroll(top: &mut usize, command: Command) {
    *top = match command {
        Command::Up => top.saturating_sub(1),
        Command::Down => top.saturating_add(1),
        Command::PageUp => top.saturating_sub(10),
        Command::PageDown => top.saturating_add(10),
        Command::First => 0,
        Command::Last => usize::MAX,
        _ => *top,
    }
    // The drawing stops at the last line; what is beyond all words is not kept.
    .min(10_000);
}
