//! Commands that mean the same everywhere, and to whom the others go.

use super::{ask, go, library, photo, popup, survey};
use crate::app::command::Command;
use crate::app::effect::{Effect, Target};
use crate::app::memory::Memory;
use crate::app::model::{Choice, Model, Pick, Popup, Screen};
use giqa_core::Decision;

/// Does what is asked for.
pub fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Quit | Command::QuitNow => effects.push(Effect::Quit),
        Command::Suspend => effects.push(Effect::Suspend),
        Command::Redraw => effects.push(Effect::Redraw),
        Command::Back => back(model),
        Command::Help => model.popup = Some(Popup::Help { scroll: 0 }),
        Command::Log => popup::log(model, effects),
        Command::Palette => popup::palette(model),
        Command::Live => go(model, Screen::Live, effects),
        Command::Library => go(model, Screen::Library, effects),
        Command::Photo => go(model, Screen::Photo, effects),
        Command::Ask => go(model, Screen::Ask, effects),
        Command::Compare => go(model, Screen::Compare, effects),
        Command::Plugins => go(model, Screen::Plugins, effects),
        Command::Theme => {
            let theme = model.settings.theme_name.next();
            model.settings.set_theme(theme);
            remember(model, effects, |memory| memory.theme = Some(theme));
            model.say(Ok(format!("theme: {}", theme.name())));
        }
        Command::Mouse => {
            model.settings.mouse = !model.settings.mouse;
            effects.push(Effect::CaptureMouse(model.settings.mouse));
            let off = !model.settings.mouse;
            remember(model, effects, |memory| memory.no_mouse = off);
            let whose = if model.settings.mouse { "on" } else { "off: the terminal selects text" };
            model.say(Ok(format!("mouse {whose}")));
        }
        Command::Pictures => {
            model.settings.pictures = !model.settings.pictures;
            let off = !model.settings.pictures;
            remember(model, effects, |memory| memory.no_pictures = off);
            model.say(Ok(format!("pictures {}", if model.settings.pictures { "on" } else { "off" })));
        }
        Command::Accept => judge(model, Some(Decision::Accept), effects),
        Command::Review => judge(model, Some(Decision::Review), effects),
        Command::Reject => judge(model, Some(Decision::Reject), effects),
        Command::TakeBack => judge(model, None, effects),
        Command::Note => popup::note(model),
        Command::Undo => {
            let acted = |model: &Model, id: i64| row(model, id).is_some_and(|r| r.acted > 0);
            sure(model, "rules did nothing to", acted, "Undo what rules did to", Effect::Undo);
        }
        Command::Confirm => sure(model, NOTHING_WAITS, pending, "Carry out what rules propose for", Effect::Confirm),
        Command::Refuse => sure(model, NOTHING_WAITS, pending, "Drop what rules propose for", Effect::Refuse),
        Command::UseProfile => profiles(model, "Inspect with", Choice::Profile),
        Command::PickLeft => profiles(model, "On the left", |name| Choice::Side(Target::Left, name)),
        Command::PickRight => profiles(model, "On the right", |name| Choice::Side(Target::Right, name)),
        Command::Restart => effects.push(Effect::Restart),
        Command::Toggle => toggle(model, effects),
        Command::Submit | Command::Clear => {}
        _ => place(model, command, effects),
    }
}

/// What a person said of how things look holds after the next start, too.
fn remember(model: &mut Model, effects: &mut Vec<Effect>, change: impl FnOnce(&mut Memory)) {
    change(&mut model.remembered);
    model.remembered = model.memory();
    effects.push(Effect::Remember(Box::new(model.remembered.clone())));
}

/// What depends on the screen.
fn place(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    if model.popup.is_some() {
        return popup::run(model, command);
    }
    match model.screen {
        Screen::Live => live(model, command, effects),
        Screen::Library => library::run(model, command, effects),
        Screen::Photo => photo::run(model, command, effects),
        Screen::Ask => ask::run(model, command, effects),
        Screen::Compare => match command {
            Command::NextPhoto => model.library.step(1),
            Command::PreviousPhoto => model.library.step(-1),
            _ => super::field::scroll(&mut model.compare.scroll, command),
        },
        Screen::Plugins => {
            let last = model.plugins.surveyed.here().map_or(0, |s| s.components.len().saturating_sub(1));
            if matches!(command, Command::PageUp | Command::PageDown) {
                return super::field::scroll(&mut model.plugins.scroll, command);
            }
            step(&mut model.plugins.cursor, last, command);
            model.plugins.scroll = 0;
        }
    }
}

fn live(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    if command == Command::Open {
        return go(model, Screen::Photo, effects);
    }
    let last = model.live.latest.len().saturating_sub(1);
    step(&mut model.live.cursor, last, command);
}

/// Moves a cursor between 0 and the last line.
pub fn step(cursor: &mut usize, last: usize, command: Command) {
    let to = match command {
        Command::Up => cursor.saturating_sub(1),
        Command::Down => *cursor + 1,
        Command::PageUp => cursor.saturating_sub(10),
        Command::PageDown => *cursor + 10,
        Command::First => 0,
        Command::Last => last,
        _ => *cursor,
    };
    *cursor = to.min(last);
}

/// Closes the uppermost thing that is open; never ends the program.
fn back(model: &mut Model) {
    if model.popup.take().is_some() {
    } else if model.library.typing && model.screen == Screen::Library {
        model.library.typing = false;
    } else if model.screen == Screen::Ask && (model.ask.typing || model.ask.draft.is_some()) {
        (model.ask.typing, model.ask.draft) = (false, None);
    } else if model.screen == Screen::Ask && model.ask.about.take().is_some() {
    } else if model.screen == Screen::Photo && model.photo.before {
        model.photo.before = false;
    } else if model.screen == Screen::Photo && model.photo.selected.take().is_some() {
    } else if model.screen == Screen::Library && !model.library.marked.is_empty() {
        model.library.marked.clear();
    } else if let Some(screen) = model.trail.pop() {
        model.screen = screen;
    } else if model.screen.is_of_photo() {
        // A session may begin with a photo.
        model.screen = Screen::Library;
    }
}

fn judge(model: &mut Model, decision: Option<Decision>, effects: &mut Vec<Effect>) {
    let photos = model.chosen();
    if photos.is_empty() {
        return model.say(Err("there is no photo under the cursor".into()));
    }
    effects.push(Effect::Judge(photos, decision));
}

const NOTHING_WAITS: &str = "nothing waits to be confirmed for";

fn row(model: &Model, id: i64) -> Option<&giqa_watch::store::Row> {
    model.table.number(id).and_then(|n| model.table.rows.get(n))
}

fn pending(model: &Model, id: i64) -> bool {
    row(model, id).is_some_and(|r| r.pending > 0)
}

/// Asks before something is done to the chosen photos that it can be done to.
fn sure(model: &mut Model, else_: &str, can: fn(&Model, i64) -> bool, question: &str, then: fn(Vec<i64>) -> Effect) {
    let mut photos = model.chosen();
    photos.retain(|id| can(model, *id));
    let n = photos.len();
    if n == 0 {
        return model.say(Err(format!("{else_} this photo")));
    }
    let what = if n == 1 { "this photo".to_owned() } else { format!("these {n} photos") };
    model.popup = Some(Popup::Sure { question: format!("{question} {what}?"), then: Box::new(then(photos)) });
}

fn profiles(model: &mut Model, title: &str, choice: impl Fn(String) -> Choice) {
    let Some(surveyed) = model.plugins.surveyed.here() else {
        return model.say(Err("the profiles are not known yet".into()));
    };
    let all = surveyed.profiles.iter().map(|name| (name.clone(), choice(name.clone()))).collect();
    model.popup = Some(Popup::Pick(Pick::new(title, all)));
}

fn toggle(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(surveyed) = model.plugins.surveyed.here() else { return };
    let Some(component) = surveyed.components.get(model.plugins.cursor) else { return };
    let (id, off, in_profile) = (component.id.clone(), component.off, component.in_profile);
    if !in_profile && !off {
        return model.say(Err(format!("{id} is not in this profile; add it to plugins.toml")));
    }
    effects.push(Effect::Switch(id, off));
    survey(model, effects);
}
