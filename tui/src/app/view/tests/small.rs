//! Terminals that are too small, and signs in plain ASCII.

use super::sheet::{drawn, text};
use crate::app::action::Action;
use crate::app::fixtures::{Session, batch, row};
use crate::app::model::{Pulse, Screen};
use crate::app::picture::Display;
use ratatui::layout::Size;

#[test]
fn a_terminal_that_is_too_small_says_so() {
    for (width, height, words) in [(40, 10, "giqa needs 60 x 20 cells"), (10, 3, "giqa needs"), (59, 20, "59 x 20")] {
        let shown = text(&drawn(&Session::new(width, height), width, height)).join("\n");
        assert!(shown.contains(words), "{shown}");
    }
    for (width, height) in [(1, 1), (0, 0), (1, 100), (300, 1)] {
        drawn(&Session::new(width, height), width, height);
    }
}

#[test]
fn a_terminal_of_another_size_than_was_told_is_drawn_on() {
    let mut session = Session::new(120, 40);
    for screen in Screen::ALL {
        session = session.at(screen);
        for keys in ["", "esc ?", "esc :", "esc L"] {
            session.press(keys);
            for (width, height) in [(60, 20), (3, 2), (200, 60)] {
                drawn(&session, width, height);
            }
        }
        session.press("esc");
    }
}

/// Names without anything but ASCII.
fn plain(width: u16, height: u16) -> Session {
    let mut session = Session::blank(width, height);
    session.model.settings.symbols.ascii = true;
    let name = |id: i64| format!("{}-{id}.jpg", "long".repeat(id as usize * 5));
    session.act(Action::Rows(batch((1..=9).map(|id| row(id, &name(id), 10.0 * id as f32)).collect())));
    session.act(Action::Loaded);
    session
}

#[test]
fn the_ascii_signs_are_ascii_everywhere() {
    for size in [Size::new(60, 20), Size::new(80, 24), Size::new(120, 40)] {
        for screen in Screen::ALL {
            let mut session = plain(size.width, size.height).at(screen);
            let mut status = crate::app::fixtures::status();
            status.roots.truncate(1);
            session.act(Action::Pulse(Box::new(Pulse { status: Some(status), own: true })));
            session.model.library.marked.insert(1);
            for keys in ["", "R", "b", "?", "esc :", "esc u", "esc t", "n"] {
                session.press(keys);
                let shown = text(&drawn(&session, size.width, size.height)).join("\n");
                let other: String = shown.chars().filter(|c| !c.is_ascii() && !"看板".contains(*c)).collect();
                assert!(other.is_empty(), "{other:?} on {screen:?} after {keys:?}:\n{shown}");
            }
        }
    }
}

#[test]
fn without_pictures_there_is_no_grid_of_nothing() {
    let mut session = Session::new(80, 24);
    session.press("t");
    let grid = text(&drawn(&session, 80, 24));
    session.model.settings.display = Display { protocol: crate::app::picture::Protocol::Off, ..Display::default() };
    session.press("j");
    let table = text(&drawn(&session, 80, 24));
    assert!(!grid.join("\n").contains("score level"), "{grid:?}");
    assert!(table.join("\n").contains("score level"), "{table:?}");
}
