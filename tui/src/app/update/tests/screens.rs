//! Ways between screens.

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::fixtures::{NOW, Session};
use crate::app::model::{Load, Screen};
use ratatui::layout::Size;

#[test]
fn each_screen_is_reached_by_its_key_and_left_by_esc() {
    for screen in Screen::ALL {
        let mut session = Session::new(120, 40);
        let home = if screen == Screen::Library { Screen::Live } else { Screen::Library };
        session = session.at(home).at(screen);
        assert!(session.press("esc").is_empty());
        assert_eq!(session.model.screen, home, "back from {screen:?}");
    }
}

#[test]
fn esc_goes_back_all_the_way_and_never_quits() {
    let mut session = Session::new(120, 40).on(1);
    session.press("enter tab / x esc esc");
    assert_eq!((session.model.screen, session.model.photo.selected), (Screen::Photo, Some(1)));
    session.press("esc");
    assert_eq!((session.model.screen, session.model.photo.selected), (Screen::Photo, None));
    let done = session.press("esc esc esc esc");
    assert!(done.is_empty(), "{done:?}");
    assert_eq!(session.model.screen, Screen::Library);
}

#[test]
fn a_session_that_begins_with_a_photo_has_a_way_back() {
    for screen in [Screen::Photo, Screen::Ask, Screen::Compare] {
        let mut session = Session::new(120, 40);
        session.model.screen = screen;
        session.press("esc");
        assert_eq!(session.model.screen, Screen::Library);
    }
}

#[test]
fn quit_ends_and_so_does_terminate() {
    for (keys, ends) in [("q", true), ("ctrl-c", true), ("/ ctrl-c", true), ("/ q", false), ("? q", true)] {
        let done = Session::new(80, 24).press(keys);
        assert_eq!(matches!(done.as_slice(), [Effect::Quit]), ends, "{keys}: {done:?}");
    }
    assert!(matches!(Session::new(80, 24).act(Action::Terminate)[..], [Effect::Quit]));
    assert!(matches!(Session::new(80, 24).press("ctrl-z")[..], [Effect::Suspend]));
}

#[test]
fn a_screens_key_closes_what_lies_over_it() {
    let mut session = Session::new(80, 24);
    session.press("? 6");
    assert_eq!((session.model.screen, session.model.popup.is_none()), (Screen::Plugins, true));
    session.press("? 6");
    assert!(session.model.popup.is_none());
}

#[test]
fn a_photo_is_looked_at_from_the_list_and_the_next_one() {
    let mut session = Session::new(80, 24).on(3);
    session.press("enter");
    assert_eq!((session.model.screen, session.model.photo.id), (Screen::Photo, Some(3)));
    assert!(session.model.photo.details.here().is_some());
    session.press("right right left");
    assert_eq!((session.photo(), session.model.photo.id), (Some(4), Some(4)));
    session.press("tab tab");
    assert_eq!(session.model.photo.selected, Some(2));
    session.press("backtab backtab backtab");
    assert_eq!(session.model.photo.selected, Some(4), "around, over none");
    session.press("right");
    assert_eq!(session.model.photo.selected, None);
}

#[test]
fn a_photo_without_a_report_is_not_looked_up() {
    let mut session = Session::new(80, 24).on(12);
    session.press("enter");
    assert!(matches!(session.model.photo.details, Load::Nothing));
}

#[test]
fn zoom_and_pan() {
    use crate::app::picture::Zoom;
    let mut session = Session::new(120, 40).on(1).at(Screen::Photo);
    session.press("z");
    assert_eq!(session.model.photo.view.zoom, Zoom::Fit, "nothing is selected");
    assert!(session.model.notice.as_ref().is_some_and(|n| n.bad));
    session.press("tab z");
    assert!(matches!(session.model.photo.view.zoom, Zoom::Part(_)));
    session.press("o");
    assert_eq!(session.model.photo.view.zoom, Zoom::Times(1.0));
    session.press(&"+ ".repeat(40));
    assert_eq!(session.model.photo.view.zoom, Zoom::Times(16.0));
    session.press(&"- ".repeat(80));
    assert_eq!(session.model.photo.view.zoom, Zoom::Times(0.02));
    session.press("o H H H H H H K K K K K");
    let (x, y) = session.model.photo.view.centre;
    assert!((0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y));
    session.press("f");
    assert_eq!(session.model.photo.view.zoom, Zoom::Fit);
    session.press("B");
    assert!(!session.model.photo.boxes);
}

#[test]
fn words_are_scrolled_to_their_end_and_no_further() {
    let mut session = Session::new(80, 24).on(1).at(Screen::Photo);
    session.press("end");
    let end = session.model.photo.scroll;
    assert!(end > 0 && end < 100);
    session.press("pagedown pagedown");
    assert_eq!(session.model.photo.scroll, end);
    session.press("pageup");
    assert_eq!(session.model.photo.scroll, end - 10);
    session.press("g");
    assert_eq!(session.model.photo.scroll, 0);
}

#[test]
fn the_heat_map_is_asked_for_once_and_again_for_another_photo() {
    let heats = |done: Vec<Effect>| done.len();
    let mut session = Session::new(120, 40).on(1).at(Screen::Photo);
    assert_eq!(heats(session.press("m")), 0);
    assert!(session.model.photo.heat_map.here().is_some());
    session.press("right");
    assert!(session.model.photo.heat_map.here().is_some(), "of the next photo");
    // Elsewhere, another photo is looked at beside the list.
    session.press("esc down esc 3");
    assert!(session.model.photo.heat_map.here().is_some(), "of the photo that was chosen in the list");
    session.press(&"m ".repeat(10));
    assert!(session.model.photo.heat.is_none() && session.model.photo.heat_map.here().is_none());
}

#[test]
fn any_size_is_taken() {
    let mut session = Session::new(80, 24);
    for screen in Screen::ALL {
        session = session.at(screen);
        for (width, height) in [(0, 0), (1, 1), (59, 20), (60, 19), (60, 20), (300, 1), (1, 300), (300, 300)] {
            let done = session.act(Action::Resize(Size { width, height }));
            assert!(matches!(done.as_slice(), [Effect::Redraw]), "{done:?}");
            session.press("j pagedown k G g");
        }
    }
    // Thumbnails have no place at all then.
    let mut session = Session::new(80, 24);
    session.press("t");
    session.act(Action::Resize(Size::ZERO));
    session.press("j l");
}

#[test]
fn a_notice_goes_away() {
    let mut session = Session::new(80, 24);
    session.act(Action::Said(Ok("done".into())));
    session.act(Action::Tick(NOW + 4999));
    assert!(session.model.notice.is_some());
    session.act(Action::Tick(NOW + 5000));
    assert!(session.model.notice.is_none());
    session.act(Action::Said(Err("it failed".into())));
    session.act(Action::Tick(NOW + 5000 + 11_999));
    assert!(session.model.notice.is_some(), "what went wrong stays longer");
    session.act(Action::StoreTrouble("gone".into()));
    assert!(session.model.trouble.is_some());
    session.act(Action::Rows(Default::default()));
    assert!(session.model.trouble.is_none());
}
