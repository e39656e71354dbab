//! Help, log, palette.

use crate::app::action::Action;
use crate::app::command::{Command, Context};
use crate::app::effect::Effect;
use crate::app::fixtures::{Session, log};
use crate::app::keys::{Keymap, RawKeys};
use crate::app::model::{Choice, Load, Popup, Screen};
use crate::app::update::update;

fn choices(session: &Session) -> Vec<Command> {
    let Some(Popup::Pick(pick)) = &session.model.popup else { return Vec::new() };
    let command = |choice: &Choice| if let Choice::Command(c) = choice { Some(*c) } else { None };
    pick.all.iter().filter_map(|(_, choice)| command(choice)).collect()
}

#[test]
fn the_palette_finds_and_runs_a_command() {
    let mut session = Session::new(80, 24);
    session.press(":");
    session.write("revrs");
    session.press("enter");
    assert!(session.model.library.reversed && session.model.popup.is_none());
    session.press("ctrl-p");
    session.write("quit");
    assert!(matches!(&session.press("enter")[..], [Effect::Quit]));
    session.press(":");
    session.write("no such thing");
    assert!(session.press("enter").is_empty() && session.model.popup.is_none());
    session.press(": down down up esc");
    assert!(session.model.popup.is_none());
}

#[test]
fn the_palette_offers_what_means_something_here() {
    let mut session = Session::new(80, 24);
    session.press(":");
    let here = choices(&session);
    assert!(here.contains(&Command::Grid) && here.contains(&Command::Help));
    assert!(!here.contains(&Command::Heat) && !here.contains(&Command::Toggle) && !here.contains(&Command::Submit));
    session.press("esc");
    session = session.at(Screen::Photo);
    session.press("? :");
    assert!(choices(&session).contains(&Command::Heat), "over what lies over the screen, too");
    // Whose key was taken away can still be found.
    let own: RawKeys = toml::from_str("[library]\ngrid = []").unwrap();
    session.model.settings.keys = Keymap::with(&own).unwrap();
    session.press("esc 2 :");
    assert!(choices(&session).contains(&Command::Grid));
}

#[test]
fn every_command_has_a_key_and_the_palette_offers_it_somewhere() {
    let keys = Keymap::default();
    for command in Command::ALL {
        let has = |context: &Context| keys.of(*context).any(|(c, _)| c == *command);
        assert!(Context::ALL.iter().any(has), "{command:?} has no key");
        assert!(!command.what().is_empty() && Command::named(command.name()) == Some(*command));
    }
    let mut offered: Vec<Command> = vec![Command::Palette, Command::Submit, Command::Clear];
    for keys in ["1", "2", "3", "4", "5", "6", "4 d"] {
        let mut session = Session::new(80, 24).on(1);
        session.press(keys);
        session.press(":");
        offered.extend(choices(&session));
    }
    let missing: Vec<_> = Command::ALL.iter().filter(|c| !offered.contains(c)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn help_scrolls_and_closes() {
    for keys in ["?", "f1"] {
        let mut session = Session::new(80, 24);
        session.press(keys);
        session.press("down pagedown up");
        assert!(matches!(session.model.popup, Some(Popup::Help { scroll: 10 })));
        session.press("esc");
        assert!(session.model.popup.is_none());
    }
}

#[test]
fn the_log_is_read_when_it_is_opened() {
    let mut session = Session::new(80, 24);
    session.press("L up pageup down");
    let Some(Popup::Log { lines: Load::Here(lines), scroll: 0 }) = &session.model.popup else { panic!("no log") };
    assert_eq!(*lines, log());
    session.press("esc");
    let effects = update(&mut session.model, Action::Command(Command::Log));
    assert!(matches!(&effects[..], [Effect::ReadLog(_)]));
}

#[test]
fn keys_in_a_field_are_text() {
    let mut session = Session::new(80, 24);
    session.press("n");
    session.write("q1?:Lx ");
    let Some(Popup::Note { field, .. }) = &session.model.popup else { panic!("no note") };
    assert_eq!(field.value(), "q1?:Lx ");
    assert_eq!(session.model.screen, Screen::Library);
}
