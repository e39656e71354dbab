//! From what happens to what is known next, and what is to be done: without a look at the disk, the clock or the
//! terminal.

mod ask;
mod command;
mod field;
mod library;
mod mouse;
mod photo;
mod popup;
#[cfg(test)]
mod tests;

use super::action::Action;
use super::command::Command;
use super::effect::Effect;
use super::layout::{self, Areas};
use super::model::library::scrolled;
use super::model::{Load, Model, Popup, Screen, Slot};
use super::query::{Population, Request};
use super::scenes::scenes;
use super::view;
use giqa_watch::store::State;

/// Takes in what happened. Returns what is to be done.
pub fn update(model: &mut Model, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    take(model, action, &mut effects);
    settle(model, &mut effects);
    effects
}

fn take(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Key(key) => field::key(model, key, effects),
        Action::Paste(text) => field::paste(model, &text),
        Action::Mouse(mouse, at) => mouse::mouse(model, mouse, at, effects),
        Action::Command(command) => command::run(model, command, effects),
        Action::Resize(size) => {
            // What was on the screen is not there any more.
            model.size = size;
            effects.push(Effect::Redraw);
        }
        Action::Tick(now) => {
            model.now = now;
            model.notice.take_if(|n| n.until <= now);
        }
        Action::Terminate => effects.push(Effect::Quit),
        Action::Rows(mut batch) => {
            model.trouble = None;
            let removed = std::mem::take(&mut batch.removed);
            let moved = model.table.take(batch);
            model.table.remove(&removed);
            model.library.stale = true;
            model.library.marked.retain(|id| model.table.number(*id).is_some());
            let ended = |n: u32| model.table.rows.get(n).is_some_and(|r| r.state >= State::Done);
            let arrived: Vec<u32> = moved.into_iter().filter(|n| model.loaded && ended(*n)).collect();
            model.live.arrived(&arrived, ended);
        }
        Action::Loaded => {
            model.loaded = true;
            model.library.stale = true;
            if model.live.latest.is_empty() {
                let mut ended: Vec<_> = model.table.rows.iter().filter(|(_, r)| r.state >= State::Done).collect();
                ended.sort_unstable_by_key(|(_, r)| std::cmp::Reverse(r.updated));
                model.live.latest = ended.iter().take(super::model::live::LATEST).map(|(n, _)| *n).collect();
            }
        }
        Action::StoreTrouble(why) => model.trouble = Some(why),
        Action::Entries(tag, entries) => library::entries(model, tag, entries),
        Action::Details(tag, result) => photo::details(model, tag, result),
        Action::Picture(shown) => {
            if let Some(slot) = model.slots.iter_mut().find(|s| s.scene == shown.scene) {
                slot.frame = Some(shown.frame);
            }
        }
        Action::Heat(tag, attribute, result) => {
            let failed = result.as_ref().err().map(|why| format!("no heat map of {}: {why}", attribute.name()));
            if model.photo.heat_map.take(tag, result)
                && let Some(failed) = failed
            {
                model.photo.heat = None;
                model.say(Err(failed));
            }
        }
        Action::Answer(tag, result) => ask::answer(model, tag, result),
        Action::Compared(tag, target, result) => {
            model.compare.reports[target.at()].take(tag, result);
        }
        Action::Pulse(pulse) => {
            let now = model.now;
            model.live.take(*pulse, now);
        }
        Action::Surveyed(tag, result) => {
            if model.plugins.again == Some(tag) {
                model.plugins.surveyed = Load::Coming(tag);
            }
            if model.plugins.surveyed.take(tag, result) {
                let components = model.plugins.surveyed.here().map_or(0, |s| s.components.len());
                model.plugins.cursor = model.plugins.cursor.min(components.saturating_sub(1));
            }
        }
        Action::Log(tag, lines) => {
            // The newest end of the log is the right one, whoever asked for it.
            model.plugins.log.clone_from(&lines);
            if let Some(Popup::Log { lines: wanted, .. }) = &mut model.popup {
                wanted.take(tag, Ok(lines));
            }
        }
        Action::Said(said) => {
            model.say(said);
            if model.screen == Screen::Plugins {
                survey(model, effects);
            }
        }
    }
}

/// Asks for what the screen needs now and does not have.
fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let areas = layout::areas(model);
    scroll(model, &areas);
    if model.library.stale && model.library.listing.is_none() {
        list(model, effects);
    }
    // A session may begin on such a screen.
    if matches!(model.screen, Screen::Plugins | Screen::Compare) && matches!(model.plugins.surveyed, Load::Nothing) {
        survey(model, effects);
    }
    look(model, &areas, effects);
    match model.screen {
        Screen::Photo => photo::heat(model, effects),
        Screen::Compare => photo::compare(model, effects),
        _ => {}
    }
    pictures(model, &areas, effects);
    let memory = model.memory();
    if memory != model.remembered {
        model.remembered = memory.clone();
        effects.push(Effect::Remember(Box::new(memory)));
    }
}

/// What is under a cursor shows, where its list does; words end with their last line.
fn scroll(model: &mut Model, areas: &Areas) {
    if model.scrolled().is_some_and(|scroll| *scroll > 0) {
        let furthest = view::furthest(model, areas);
        if let Some(scroll) = model.scrolled() {
            *scroll = furthest.min(*scroll);
        }
    }
    if areas.list.inner.is_empty() {
        return;
    }
    let lines = areas.lines();
    match model.screen {
        Screen::Live => {
            let live = &mut model.live;
            live.top = scrolled(live.top, live.cursor, lines, live.latest.len());
        }
        Screen::Plugins => {
            let plugins = &mut model.plugins;
            let all = plugins.surveyed.here().map_or(0, |s| s.components.len());
            plugins.top = scrolled(plugins.top, plugins.cursor, lines, all);
        }
        Screen::Library => model.library.scroll(lines, usize::from(areas.columns)),
        _ => {}
    }
}

/// Filters and sorts anew.
fn list(model: &mut Model, effects: &mut Vec<Effect>) {
    let tag = model.tag();
    let library = &mut model.library;
    let query = library.query();
    library.mistakes.clone_from(&query.mistakes);
    library.listing = Some(tag);
    library.stale = false;
    let mut query = query;
    if let Some(within) = &model.about.within {
        query.terms.push(super::query::Term::Within(within.clone()));
    }
    if let Some((_, photos)) = &model.about.run {
        query.terms.push(super::query::Term::Among(std::sync::Arc::clone(photos)));
    }
    let request = Request {
        rows: model.table.rows.clone(),
        query,
        sort: library.sort.clone(),
        reversed: library.reversed,
        bursts: library.bursts.then(|| library.open.clone()),
    };
    effects.push(Effect::List(tag, Box::new(request)));
}

/// Looks at the photo under the cursor where the screen speaks of it.
fn look(model: &mut Model, areas: &Areas, effects: &mut Vec<Effect>) {
    let speaks = model.screen.is_of_photo() || (model.screen == Screen::Library && !areas.panel.inner.is_empty());
    let Some(row) = model.row().filter(|_| speaks) else { return };
    let (id, updated) = (row.id, row.updated);
    if model.photo.id == Some(id) && model.photo.updated == updated {
        return;
    }
    let (subject, population) = (super::model::subject(row), Population::around(&model.table.rows, &row.path));
    if model.photo.id != Some(id) {
        photo::begin(model, id);
    }
    model.photo.updated = updated;
    let tag = model.tag();
    model.photo.asked = Some(tag);
    if subject.result.is_some() {
        effects.push(Effect::Look(tag, subject, population));
    } else {
        model.photo.details = Load::Nothing;
    }
    // Of what it was before.
    model.photo.heat_map = Load::Nothing;
}

/// Tells which pictures are wanted, when that changed.
fn pictures(model: &mut Model, areas: &Areas, effects: &mut Vec<Effect>) {
    let wanted = scenes(model, areas);
    if wanted.len() == model.slots.len() && wanted.iter().zip(&model.slots).all(|(w, s)| *w == s.scene) {
        return;
    }
    let old = std::mem::take(&mut model.slots);
    model.slots = wanted
        .iter()
        .map(|scene| {
            // Until the new one is there, the same part of the same photo with other boxes will do.
            let same =
                |s: &&Slot| s.scene.path == scene.path && s.scene.area == scene.area && s.scene.view == scene.view;
            let frame = old.iter().find(same).and_then(|s| s.frame.clone());
            Slot { scene: scene.clone(), frame: frame.filter(Result::is_ok) }
        })
        .collect();
    effects.push(Effect::Pictures(wanted));
}

/// Asks what inspects.
fn survey(model: &mut Model, effects: &mut Vec<Effect>) {
    let tag = model.tag();
    // What is known stays on the screen until then.
    if model.plugins.surveyed.here().is_none() {
        model.plugins.surveyed = Load::Coming(tag);
    } else {
        model.plugins.again = Some(tag);
    }
    effects.push(Effect::Survey(tag));
    effects.push(Effect::ReadLog(model.tag()));
}

/// Goes to a screen.
fn go(model: &mut Model, screen: Screen, effects: &mut Vec<Effect>) {
    model.popup = None;
    if model.screen == screen {
        return;
    }
    if screen.is_of_photo() && model.screen == Screen::Live {
        library::show(model);
    }
    model.trail.retain(|s| *s != screen);
    model.trail.push(model.screen);
    model.screen = screen;
    if matches!(screen, Screen::Plugins | Screen::Compare) {
        survey(model, effects);
    }
}

/// Runs a command, as a key would.
fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    command::run(model, command, effects);
}
