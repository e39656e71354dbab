//! One photo, and two profiles on it.

use super::{ask, go};
use crate::app::command::Command;
use crate::app::effect::{Effect, Tag, Target};
use crate::app::model::{Details, Load, Model, PhotoScreen, Screen};
use crate::app::picture::{View, Zoom};
use giqa_core::Attribute;
use std::sync::Arc;

/// Smallest and largest zoom.
const ZOOM: (f64, f64) = (0.02, 16.0);
/// One step of it.
const STEP: f64 = 1.5;

/// Another photo is looked at. How one looks at photos stays, what was looked at does not.
pub fn begin(model: &mut Model, id: i64) {
    let old = &model.photo;
    let zoom = if matches!(old.view.zoom, Zoom::Part(_)) { Zoom::Fit } else { old.view.zoom };
    let view = View { zoom, ..old.view };
    model.photo = PhotoScreen {
        id: Some(id),
        view,
        boxes: old.boxes,
        heat: old.heat,
        before: old.before,
        ..PhotoScreen::default()
    };
    (model.ask.selected, model.ask.draft, model.ask.about, model.ask.scroll) = (None, None, None, 0);
}

/// All about it is there.
pub fn details(model: &mut Model, tag: Tag, result: Result<Arc<Details>, String>) {
    if model.photo.asked != Some(tag) {
        return;
    }
    model.photo.asked = None;
    let marks = result.as_ref().map_or(0, |d| d.marks.len());
    model.photo.selected.take_if(|n| *n > marks);
    model.photo.details = match result {
        Ok(details) => Load::Here(details),
        Err(why) => Load::Failed(why),
    };
}

/// Does what is asked for.
pub fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::NextPhoto | Command::Right => model.library.step(1),
        Command::PreviousPhoto | Command::Left => model.library.step(-1),
        Command::NextMark | Command::Down => select(model, 1),
        Command::PreviousMark | Command::Up => select(model, -1),
        Command::Heat => {
            let all = Attribute::ALL;
            let next = match model.photo.heat {
                None => Some(all[0]),
                Some(now) => all.iter().position(|a| *a == now).and_then(|at| all.get(at + 1)).copied(),
            };
            (model.photo.heat, model.photo.heat_map) = (next, Load::Nothing);
        }
        Command::Before => {
            let past = model.photo.details.here().is_some_and(|d| !d.past.is_empty());
            if !past && !model.photo.before {
                return model.say(Err("this photo was inspected only once".into()));
            }
            model.photo.before = !model.photo.before;
        }
        Command::Question => {
            go(model, Screen::Ask, effects);
            model.ask.typing = true;
        }
        Command::DrawBox => {
            go(model, Screen::Ask, effects);
            ask::begin_box(model);
        }
        _ if zoom(model, command) => {}
        _ => super::field::scroll(&mut model.photo.scroll, command),
    }
}

/// The next numbered place, or the one before; behind the last and before the first there is none.
fn select(model: &mut Model, by: isize) {
    let marks = model.photo.details.here().map_or(0, |d| d.marks.len());
    model.photo.selected = cycle(model.photo.selected, marks, by);
}

/// From none over 1 to the last and to none again.
pub fn cycle(now: Option<usize>, marks: usize, by: isize) -> Option<usize> {
    let places = marks + 1;
    let next = (now.unwrap_or(0) + places).saturating_add_signed(by) % places;
    (next > 0).then_some(next)
}

/// Zoom and place of the view; whether the command was about these.
pub fn zoom(model: &mut Model, command: Command) -> bool {
    // How large it is now; where all of it shows, the frame knows.
    let shown = model.slots.first().and_then(|s| s.frame.as_ref()).and_then(|f| f.as_ref().ok()).map(|f| f.placement);
    let scale = shown.map_or(1.0, |p| p.scale).max(1e-6);
    let part = shown.map_or([0.0, 0.0, 1.0, 1.0], |p| p.part);
    let now = match model.photo.view.zoom {
        Zoom::Times(times) => times,
        _ => 1.0 / scale,
    };
    let middle = ((part[0] + part[2]) / 2.0, (part[1] + part[3]) / 2.0);
    let to = |times: f64| View { zoom: Zoom::Times(times.clamp(ZOOM.0, ZOOM.1)), centre: middle };
    let pan = |x: f64, y: f64| {
        let (w, h) = (part[2] - part[0], part[3] - part[1]);
        let inside = |middle: f64, size: f64| middle.clamp((size / 2.0).min(0.5), (1.0 - size / 2.0).max(0.5));
        let centre = (inside(middle.0 + x * w, w), inside(middle.1 + y * h, h));
        View { zoom: Zoom::Times(now), centre }
    };
    model.photo.view = match command {
        Command::Fit => View::default(),
        Command::OneToOne => to(1.0),
        Command::ZoomIn => to(now * STEP),
        Command::ZoomOut => to(now / STEP),
        Command::ZoomBox => {
            let Some(bounds) = selected_box(model) else {
                let keys = model.settings.keys.keys(model.context(), Command::NextMark);
                let how = keys.first().map_or_else(String::new, |key| format!("; {key} selects one"));
                model.say(Err(format!("no place is selected{how}")));
                return true;
            };
            View { zoom: Zoom::Part(bounds), centre: (0.5, 0.5) }
        }
        Command::PanLeft => pan(-0.25, 0.0),
        Command::PanRight => pan(0.25, 0.0),
        Command::PanUp => pan(0.0, -0.25),
        Command::PanDown => pan(0.0, 0.25),
        Command::Boxes => {
            model.photo.boxes = !model.photo.boxes;
            return true;
        }
        _ => return false,
    };
    true
}

fn selected_box(model: &Model) -> Option<giqa_core::NormBox> {
    let (marks, selected) = match model.screen {
        Screen::Ask => {
            let last = model.ask.history.iter().rev().find(|e| Some(e.photo) == model.photo.id)?;
            (&last.marks, model.ask.selected?)
        }
        _ => (&model.photo.details.here()?.marks, model.photo.selected?),
    };
    marks.iter().find(|m| m.number == selected).map(|m| m.bounds)
}

/// Asks for the heat map that is wanted, unless it is there.
pub fn heat(model: &mut Model, effects: &mut Vec<Effect>) {
    let (Some(attribute), Some(subject)) = (model.photo.heat, model.subject()) else { return };
    if !matches!(model.photo.heat_map, Load::Nothing) {
        return;
    }
    let tag = model.tag();
    model.photo.heat_map = Load::Coming(tag);
    effects.push(Effect::Heat(tag, subject, attribute));
}

/// Chooses two profiles where none were chosen: the one that is on, and the next.
fn default_profiles(model: &mut Model) {
    let Some(surveyed) = model.plugins.surveyed.here() else { return };
    if !model.compare.profiles.iter().all(String::is_empty) {
        return;
    }
    let other = surveyed.profiles.iter().find(|p| **p != surveyed.profile).unwrap_or(&surveyed.profile);
    model.compare.profiles = [surveyed.profile.clone(), other.clone()];
}

/// Asks for the reports of both profiles, unless they are there.
pub fn compare(model: &mut Model, effects: &mut Vec<Effect>) {
    default_profiles(model);
    let Some(subject) = model.subject() else { return };
    let another = model.compare.id != Some(subject.id);
    model.compare.id = Some(subject.id);
    for target in [Target::Left, Target::Right] {
        if model.compare.profiles[target.at()].is_empty() {
            continue;
        }
        if another || matches!(model.compare.reports[target.at()], Load::Nothing) {
            let tag = model.tag();
            model.compare.reports[target.at()] = Load::Coming(tag);
            let profile = model.compare.profiles[target.at()].clone();
            effects.push(Effect::Inspect(tag, target, subject.clone(), profile));
        }
    }
}
