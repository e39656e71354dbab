//! Two profiles on one photo, and what inspects.

use crate::app::action::Action;
use crate::app::effect::{Effect, Target};
use crate::app::fixtures::{Session, surveyed};
use crate::app::model::{Load, Popup, Screen};
use crate::app::update::update;
use std::sync::Arc;

#[test]
fn two_profiles_are_chosen_at_first_and_others_by_hand() {
    let mut session = Session::new(120, 40).on(1).at(Screen::Compare);
    assert_eq!(session.model.compare.profiles, ["default", "fast"]);
    assert!(session.model.compare.reports.iter().all(|r| r.here().is_some()));
    session.press("]");
    session.write("thor");
    let effects = update(&mut session.model, Action::Key("enter".parse().unwrap()));
    let asked: Vec<_> = effects
        .iter()
        .filter_map(|e| if let Effect::Inspect(_, t, s, p) = e { Some((*t, s.id, p)) } else { None })
        .collect();
    assert_eq!(asked, [(Target::Right, 1, &"thorough".to_owned())], "only that side is inspected anew");
    assert!(session.model.compare.reports[0].here().is_some());
}

#[test]
fn what_is_compared_is_always_the_photo_under_the_cursor() {
    let mut session = Session::new(120, 40).on(1).at(Screen::Compare);
    session.press("right");
    assert_eq!((session.photo(), session.model.compare.id), (Some(2), Some(2)));
    // The list shows another photo beside it; back at once.
    session.press("2 down down 5");
    assert_eq!(session.model.compare.id, Some(4));
    session.press("2 down esc");
    assert_eq!((session.model.screen, session.model.compare.id, session.photo()), (Screen::Compare, Some(5), Some(5)));
    assert!(session.model.compare.reports.iter().all(|r| r.here().is_some()));
}

#[test]
fn a_session_that_begins_here_asks_for_what_it_needs() {
    for screen in [Screen::Compare, Screen::Plugins] {
        let mut session = Session::new(120, 40);
        session.model.screen = screen;
        session.act(Action::Tick(1));
        assert!(session.model.plugins.surveyed.here().is_some());
        assert_eq!(session.model.compare.id.is_some(), screen == Screen::Compare);
    }
}

#[test]
fn profiles_are_not_chosen_before_they_are_known() {
    let mut session = Session::new(120, 40).on(1);
    let _ = update(&mut session.model, Action::Command(crate::app::command::Command::Compare));
    session.press("[");
    assert!(session.model.popup.is_none() && session.model.notice.as_ref().is_some_and(|n| n.bad));
}

#[test]
fn components_are_switched_and_profiles_used() {
    let mut session = Session::new(120, 40).at(Screen::Plugins);
    let done = session.press("space");
    assert!(matches!(&done[..], [Effect::Switch(id, false)] if id == "classic.sharpness"), "{done:?}");
    let done = session.press("down down space");
    assert!(matches!(&done[..], [Effect::Switch(id, true)] if id == "classic.noise"), "{done:?}");
    assert!(session.press("G space").is_empty(), "it is not in the profile");
    assert!(session.model.notice.as_ref().is_some_and(|n| n.text.contains("openai.words")));
    assert!(matches!(&session.press("r")[..], [Effect::Restart]));
    session.press("p");
    assert!(matches!(session.model.popup, Some(Popup::Pick(_))));
    session.write("fast");
    let done = session.press("enter");
    assert!(matches!(&done[..], [Effect::UseProfile(name)] if name == "fast"), "{done:?}");
}

#[test]
fn what_was_done_is_looked_at_again_and_the_cursor_stays_in_the_list() {
    let mut session = Session::new(80, 24).at(Screen::Plugins);
    session.press("G");
    assert_eq!(session.model.plugins.cursor, 4);
    let effects = update(&mut session.model, Action::Said(Ok("nn was started".into())));
    let tag = effects.iter().find_map(|e| if let Effect::Survey(tag) = e { Some(*tag) } else { None }).unwrap();
    assert!(session.model.plugins.surveyed.here().is_some(), "what is known stays until then");
    let mut fewer = surveyed();
    fewer.components.truncate(2);
    session.act(Action::Surveyed(tag, Ok(Arc::new(fewer))));
    assert_eq!(session.model.plugins.cursor, 1);
    // All that is said of it shows already.
    session.press("pagedown pagedown");
    assert_eq!((session.model.plugins.cursor, session.model.plugins.scroll), (1, 0));
    session.press("up");
    assert_eq!((session.model.plugins.cursor, session.model.plugins.scroll), (0, 0));
    assert!(matches!(session.model.plugins.surveyed, Load::Here(_)));
}
