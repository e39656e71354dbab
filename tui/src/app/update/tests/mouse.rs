//! The mouse.

use crate::app::action::{Action, Mouse};
use crate::app::effect::Effect;
use crate::app::fixtures::{Session, batch, row};
use crate::app::layout::{Areas, areas};
use crate::app::model::Screen;
use crate::app::picture::Zoom;

fn places(session: &Session) -> Areas {
    areas(&session.model)
}

/// Lines enough to scroll.
fn long(width: u16, height: u16) -> Session {
    let mut session = Session::blank(width, height);
    session.act(Action::Rows(batch((1..=200).map(|id| row(id, &format!("{id}.jpg"), 50.0)).collect())));
    session.act(Action::Loaded);
    session
}

#[test]
fn tabs_are_clicked() {
    for width in [60, 80, 120] {
        let mut session = Session::new(width, 24);
        for (place, screen) in places(&session).tab {
            session.mouse(Mouse::Press, place.right() - 1, place.y);
            assert_eq!(session.model.screen, screen);
        }
    }
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut session = long(80, 24);
    let list = places(&session).list.inner;
    session.press("G");
    session.mouse(Mouse::Press, list.x + 5, list.y + 3);
    assert_eq!(session.model.library.cursor, session.model.library.top + 2);
    assert_eq!(session.model.screen, Screen::Library);
    let photo = session.photo();
    session.mouse(Mouse::Press, list.x + 5, list.y + 3);
    assert_eq!((session.model.screen, session.photo()), (Screen::Photo, photo));
}

#[test]
fn clicks_hit_the_line_that_shows_on_every_list() {
    let mut session = long(80, 24).at(Screen::Live);
    let list = places(&session).list.inner;
    session.press("G");
    session.mouse(Mouse::Press, list.x, list.y + 2);
    let (top, cursor) = (session.model.live.top, session.model.live.cursor);
    assert_eq!((cursor, top), (top + 1, 200 - usize::from(list.height - 1)), "nothing moved under the mouse");
    let photo = session.photo();
    session.mouse(Mouse::Press, list.x, list.y + 2);
    assert_eq!((session.model.screen, session.photo()), (Screen::Photo, photo));
    let mut session = Session::new(80, 24).at(Screen::Plugins);
    let list = places(&session).list.inner;
    session.mouse(Mouse::Press, list.x, list.y + 3);
    assert_eq!(session.model.plugins.cursor, 2);
    session.mouse(Mouse::Press, list.x, list.y);
    assert_eq!(session.model.plugins.cursor, 2, "the line above the first");
}

#[test]
fn thumbnails_are_clicked() {
    let mut session = long(100, 24);
    session.press("t");
    let list = places(&session).list.inner;
    session.mouse(Mouse::Press, list.x + 45, list.y + 12);
    assert_eq!(session.model.library.cursor, 6, "four in a row");
    session.mouse(Mouse::Press, list.x + 5, list.bottom() - 1);
    assert_eq!(session.model.library.cursor, 6, "below the last whole one there is none");
    session.mouse(Mouse::WheelDown, 5, 5);
    assert_eq!(session.model.library.cursor, 10);
}

#[test]
fn the_wheel_moves_what_is_under_it() {
    let mut session = long(80, 24);
    session.mouse(Mouse::WheelDown, 5, 5);
    assert_eq!(session.model.library.cursor, 3);
    session.mouse(Mouse::WheelUp, 5, 5);
    session.mouse(Mouse::WheelUp, 5, 5);
    assert_eq!(session.model.library.cursor, 0);
    let mut session = Session::new(80, 24).on(1).at(Screen::Photo);
    let (picture, panel) = (places(&session).pictures[0].inner, places(&session).panel.inner);
    session.mouse(Mouse::WheelDown, panel.x, panel.y);
    assert_eq!((session.model.photo.scroll, session.model.photo.view.zoom), (3, Zoom::Fit));
    session.mouse(Mouse::WheelUp, picture.x, picture.y);
    assert!(matches!(session.model.photo.view.zoom, Zoom::Times(_)));
}

#[test]
fn a_box_is_drawn_and_a_click_selects_a_place() {
    let mut session = Session::new(80, 24).on(1).at(Screen::Photo);
    let picture = places(&session).pictures[0].inner;
    let (x, y) = (picture.x + picture.width / 5, picture.y + picture.height / 5);
    session.mouse(Mouse::Press, x, y);
    session.mouse(Mouse::Release, x, y);
    assert_eq!((session.model.screen, session.model.photo.selected), (Screen::Photo, Some(1)), "the smallest there");
    session.mouse(Mouse::Press, x, y);
    session.mouse(Mouse::Drag, picture.right() - 1, picture.bottom() - 1);
    assert!(session.model.slots[0].scene.overlay.drawn.is_some_and(|b| b.area() > 0.5), "it shows while it is drawn");
    session.mouse(Mouse::Drag, 0, 0);
    let done = session.mouse(Mouse::Release, 0, 0);
    assert!(done.is_empty());
    let drawn = session.model.ask.about.unwrap();
    assert_eq!((session.model.screen, session.model.ask.typing), (Screen::Ask, true));
    assert!((drawn.x1() - 0.2).abs() < 0.05 && drawn.x2() > 0.95 && drawn.y2() > 0.95, "{drawn:?}");
    session.write("here?");
    session.press("enter");
    assert_eq!(session.model.ask.history[0].boxes, [drawn]);
    // Backwards, on the screen of questions.
    let picture = places(&session).pictures[0].inner;
    session.mouse(Mouse::Press, picture.right() - 1, picture.bottom() - 1);
    session.mouse(Mouse::Drag, picture.x, picture.y);
    session.mouse(Mouse::Release, picture.x, picture.y);
    assert!(session.model.ask.about.is_some_and(|b| b.area() > 0.8));
}

#[test]
fn a_click_on_words_selects_the_place_that_they_speak_of() {
    let mut session = Session::new(120, 40).on(1).at(Screen::Photo);
    let panel = places(&session).panel.inner;
    session.mouse(Mouse::Press, panel.x, panel.y + 11);
    assert_eq!(session.model.photo.selected, Some(1));
    session.mouse(Mouse::Press, panel.x, panel.y + 13);
    assert_eq!(session.model.photo.selected, Some(2));
    session.mouse(Mouse::Press, panel.x, panel.y);
    assert_eq!(session.model.photo.selected, Some(2), "words of no place change nothing");
}

#[test]
fn fields_are_clicked() {
    let mut session = Session::new(80, 24);
    let bar = places(&session).bar;
    session.mouse(Mouse::Press, bar.x + 3, bar.y);
    assert!(session.model.library.typing);
    session.press("esc");
    session = session.at(Screen::Ask);
    let field = places(&session).field.inner;
    session.mouse(Mouse::Press, field.x, field.y);
    assert!(session.model.ask.typing);
}

#[test]
fn beside_what_lies_over_the_screen_a_click_closes_it() {
    let mut session = Session::new(80, 24);
    session.press("?");
    session.mouse(Mouse::WheelDown, 40, 12);
    session.mouse(Mouse::Press, 40, 12);
    session.mouse(Mouse::Drag, 41, 12);
    session.mouse(Mouse::Release, 41, 12);
    assert!(session.model.popup.is_some());
    session.mouse(Mouse::Press, 0, 0);
    assert!(session.model.popup.is_none() && session.model.screen == Screen::Library);
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let mut session = Session::new(80, 24);
    assert!(matches!(&session.press("ctrl-t")[..], [Effect::CaptureMouse(false)]));
    assert!(matches!(&session.press("ctrl-t")[..], [Effect::CaptureMouse(true)]));
}
