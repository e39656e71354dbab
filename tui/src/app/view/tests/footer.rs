//! What the footer says can be done.

use super::super::frame::hints;
use super::sheet::{drawn, text};
use crate::app::action::Action;
use crate::app::command::{Command, Context};
use crate::app::fixtures::{Session, answered};
use crate::app::update::update;

#[test]
fn all_that_the_footer_names_does_something() {
    let places: [(Context, &str); 8] = [
        (Context::Live, "1"),
        (Context::Library, ""),
        (Context::Photo, "3"),
        (Context::Ask, "4"),
        (Context::Compare, "5"),
        (Context::Plugins, "6"),
        (Context::Box, "4 d"),
        (Context::Popup, "?"),
    ];
    for (context, keys) in places {
        let mut session = Session::new(80, 24).on(1);
        session.press(keys);
        for command in hints(&session.model) {
            let mut session = Session::new(80, 24).on(1);
            session.press(keys);
            match context {
                Context::Photo => drop(session.press("tab")),
                // An answer with places.
                Context::Ask => {
                    session.press("/ x enter");
                }
                _ => {}
            }
            assert_eq!(session.model.context(), context);
            let before = format!("{:?}", session.model);
            let key = *session.model.settings.keys.keys(context, *command).first().unwrap();
            let effects = update(&mut session.model, Action::Key(key));
            let rest = effects.into_iter().filter(|e| answered(e.clone()).is_err()).count();
            let up = [Command::Up, Command::PageUp].contains(command);
            assert!(up || rest > 0 || format!("{:?}", session.model) != before, "{context:?}: {command:?}");
        }
    }
}

#[test]
fn help_and_the_way_back_are_the_last_to_go() {
    for (keys, last) in [
        ("", "? help  q quit"),
        ("3", "? help  esc back"),
        ("space", "? help  esc back"),
        ("4 d", "enter box-done  esc back"),
    ] {
        let mut session = Session::new(60, 20);
        session.press(keys);
        let footer = text(&drawn(&session, 60, 20)).pop().unwrap_or_default();
        assert!(footer.trim_end().ends_with(last), "{footer}");
    }
}
