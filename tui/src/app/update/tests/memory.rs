//! What survives a restart.

use crate::app::action::Action;
use crate::app::fixtures::{NOW, Session, batch, rows};
use crate::app::memory::Memory;
use crate::app::model::Screen;
use crate::app::picture::Zoom;
use crate::app::query::Sort;
use crate::app::theme::ThemeName;
use ratatui::layout::Size;

/// The program is left and started again.
fn restarted(memory: Memory) -> Session {
    let text = serde_json::to_string(&memory).unwrap();
    let mut session = Session::blank(80, 24);
    session.model.recall(serde_json::from_str(&text).unwrap());
    session.act(Action::Resize(Size::new(80, 24)));
    session
}

fn filled(mut session: Session) -> Session {
    // The store comes in parts.
    for row in rows() {
        session.act(Action::Rows(batch(vec![row])));
    }
    session.act(Action::Loaded);
    session
}

#[test]
fn a_session_goes_on_where_the_last_one_was() {
    let mut before = Session::new(80, 24);
    before.press("/");
    before.write("jpg");
    before.press("enter s R b T");
    before = before.on(3).at(Screen::Photo);
    before.press("o + B");
    let after = filled(restarted(before.model.memory()));
    assert_eq!((after.model.screen, after.photo()), (Screen::Photo, Some(3)));
    assert_eq!(after.model.library.filter.value(), "jpg");
    assert_eq!((&after.model.library.sort, after.model.library.reversed), (&Sort::Score, true));
    assert!(after.model.library.bursts && !after.model.photo.boxes);
    assert_eq!(after.model.photo.view.zoom, Zoom::Times(1.5));
    assert_eq!(after.model.settings.theme_name, ThemeName::Light);
    assert_eq!(after.model.memory(), before.model.memory());
}

#[test]
fn only_what_a_person_switched_is_remembered() {
    let mut session = Session::new(80, 24);
    session.model.settings.mouse = false;
    session.model.settings.pictures = false;
    session.press("j");
    let memory = session.model.memory();
    assert!(!memory.no_mouse && !memory.no_pictures, "options hold for one session");
    session.press("ctrl-t ctrl-t I I I");
    let after = restarted(session.model.memory());
    assert!(!after.model.settings.mouse && after.model.settings.pictures);
    let remembered = &session.model.remembered;
    assert_eq!(*remembered, session.model.memory(), "and it was told to the workers");
}

#[test]
fn nonsense_is_not_believed() {
    for zoom in [(f64::NAN, 0.5, 0.5), (1e9, 0.5, 0.5), (-1.0, 0.5, 0.5), (1.0, f64::INFINITY, 0.0)] {
        let mut session = Session::blank(80, 24);
        session.model.recall(Memory { zoom: Some(zoom), photo: Some(i64::MIN), ..Memory::default() });
        assert_eq!(session.model.photo.view.zoom, Zoom::Fit, "{zoom:?}");
        let session = filled(session);
        assert!(session.photo().is_some());
    }
    let mut session = Session::blank(80, 24);
    session.model.recall(Memory { zoom: Some((2.0, 7.0, -3.0)), ..Memory::default() });
    assert_eq!(session.model.photo.view.centre, (1.0, 0.0));
}

#[test]
fn the_theme_changes_at_once() {
    let mut session = Session::new(80, 24);
    for theme in [ThemeName::Light, ThemeName::HighContrast, ThemeName::Mono, ThemeName::Dark] {
        session.press("T");
        assert_eq!((session.model.settings.theme_name, session.model.memory().theme), (theme, Some(theme)));
    }
    session.act(Action::Tick(NOW + 60_000));
    assert!(session.model.notice.is_none());
}
