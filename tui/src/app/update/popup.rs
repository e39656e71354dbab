//! What lies over the screen.

use super::{library, run as command};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::keys::Keymap;
use crate::app::model::{Choice, Load, Model, Pick, Popup};
use crate::app::query::Sort;
use tui_input::Input;

/// All commands that mean something here, with their keys.
pub fn palette(model: &mut Model) {
    let context = if model.popup.is_some() { model.screen.context() } else { model.context() };
    let (keys, usual) = (&model.settings.keys, Keymap::default());
    // What has a key here means something here; also when a person took the key away.
    let here = |c: Command| !usual.keys(context, c).is_empty() || !keys.keys(context, c).is_empty();
    let all = Command::ALL.iter().filter(|c| **c != Command::Palette && here(**c));
    let all = all.map(|c| {
        let keys: Vec<String> = keys.keys(context, *c).iter().map(ToString::to_string).collect();
        (format!("{:15} {:15} {}", c.name(), keys.join(" "), c.what()), Choice::Command(*c))
    });
    model.popup = Some(Popup::Pick(Pick::new("Command", all.collect())));
}

/// The end of the log.
pub fn log(model: &mut Model, effects: &mut Vec<Effect>) {
    let tag = model.tag();
    model.popup = Some(Popup::Log { lines: Load::Coming(tag), scroll: 0 });
    effects.push(Effect::ReadLog(tag));
}

/// A note on the chosen photos.
pub fn note(model: &mut Model) {
    let photos = model.chosen();
    if photos.is_empty() {
        return model.say(Err("there is no photo under the cursor".into()));
    }
    let known = model.photo.details.here().filter(|_| photos.len() == 1 && model.photo.id == photos.first().copied());
    let old = known.and_then(|d| d.verdicts.first()).map(|v| v.note.clone()).unwrap_or_default();
    model.popup = Some(Popup::Note { field: Input::new(old), photos });
}

/// Moves within it.
pub fn run(model: &mut Model, command: Command) {
    match &mut model.popup {
        Some(Popup::Help { scroll }) => super::field::scroll(scroll, command),
        Some(Popup::Log { scroll, .. }) => {
            *scroll = match command {
                Command::Up => *scroll + 1,
                Command::Down => scroll.saturating_sub(1),
                Command::PageUp => *scroll + 10,
                Command::PageDown => scroll.saturating_sub(10),
                Command::Last => 0,
                _ => *scroll,
            }
            .min(10_000);
        }
        Some(Popup::Pick(pick)) => match command {
            Command::Up => pick.step(-1),
            Command::Down => pick.step(1),
            _ => {}
        },
        _ => {}
    }
}

/// Takes what was chosen or typed.
pub fn submit(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.popup.take() {
        Some(Popup::Pick(pick)) => {
            if let Some(choice) = pick.chosen() {
                choose(model, choice.clone(), effects);
            }
        }
        Some(Popup::Note { field, photos }) => effects.push(Effect::Note(photos, field.value().trim().to_owned())),
        Some(Popup::Sure { then, .. }) => effects.push(*then),
        _ => {}
    }
}

fn choose(model: &mut Model, choice: Choice, effects: &mut Vec<Effect>) {
    match choice {
        Choice::Command(chosen) => command(model, chosen, effects),
        Choice::Metric(name) => {
            model.library.sort = Sort::Metric(name);
            library::again(model);
        }
        Choice::Profile(name) => effects.push(Effect::UseProfile(name)),
        Choice::Side(target, name) => {
            model.compare.profiles[target.at()] = name;
            model.compare.reports[target.at()] = Load::Nothing;
        }
    }
}
