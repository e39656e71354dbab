//! The list.

use super::go;
use crate::app::command::Command;
use crate::app::effect::{Effect, Tag};
use crate::app::layout;
use crate::app::model::{Choice, Model, Pick, Popup, Screen};
use crate::app::query::{Entry, Sort};
use tui_input::Input;

/// Does what is asked for.
pub fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    let areas = layout::areas(model);
    let (page, columns) = (areas.lines().saturating_sub(1).max(1), usize::from(areas.columns.max(1)));
    let grid = model.shows_grid();
    let library = &mut model.library;
    let (line, page) = (columns.cast_signed(), (page * columns).cast_signed());
    match command {
        Command::Up => library.step(-line),
        Command::Down => library.step(line),
        Command::Left if grid => library.step(-1),
        Command::Right if grid => library.step(1),
        Command::Right => open(model, effects),
        Command::PageUp => library.step(-page),
        Command::PageDown => library.step(page),
        Command::First => library.go(0),
        Command::Last => library.go(usize::MAX),
        Command::Open => open(model, effects),
        Command::Filter => library.typing = true,
        Command::ClearFilter => {
            library.filter = Input::default();
            again(model);
        }
        Command::Sort => {
            library.sort = match library.sort {
                Sort::Time => Sort::Score,
                Sort::Score => Sort::Faults,
                Sort::Faults => Sort::Name,
                Sort::Name => Sort::Taken,
                Sort::Taken | Sort::Metric(_) => Sort::Time,
            };
            again(model);
        }
        Command::SortMetric => {
            let metrics = model.table.rows.metrics.iter();
            let all: Vec<_> = metrics.map(|m| (m.clone(), Choice::Metric(m.clone()))).collect();
            if all.is_empty() {
                return model.say(Err("no photo was measured yet".into()));
            }
            model.popup = Some(Popup::Pick(Pick::new("Sort by", all)));
        }
        Command::Reverse => {
            library.reversed = !library.reversed;
            again(model);
        }
        Command::Grid => {
            if !model.settings.shows_pictures() {
                return model.say(Err("pictures are switched off".into()));
            }
            library.grid = !library.grid;
        }
        Command::Bursts => {
            library.bursts = !library.bursts;
            again(model);
        }
        Command::Expand => expand(model),
        Command::Mark => {
            if let Some(id) = model.row().map(|r| r.id) {
                let library = &mut model.library;
                if !library.marked.remove(&id) {
                    library.marked.insert(id);
                }
                library.step(1);
            }
        }
        Command::MarkAll => {
            let rows = &model.table.rows;
            let shown = library.entries.iter().filter_map(|e| rows.get(e.row)).map(|r| r.id);
            library.marked = if library.marked.is_empty() { shown.collect() } else { Default::default() };
        }
        _ => {}
    }
}

fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.row().is_some() {
        go(model, Screen::Photo, effects);
    }
}

/// The list is made anew, and the cursor stays on its photo.
pub fn again(model: &mut Model) {
    model.library.stale = true;
    model.library.listing = None;
}

fn expand(model: &mut Model) {
    let at = model.library.cursor;
    // Of a member, the line above that leads its burst.
    let head = model.library.entries.iter().take(at + 1).rev().find(|e| !e.member);
    let Some((entry, row)) = head.and_then(|e| Some((*e, model.table.rows.get(e.row)?))) else { return };
    if entry.burst == 0 {
        return model.say(Err(if model.library.bursts {
            "this photo is in no burst".into()
        } else {
            "bursts are not gathered".into()
        }));
    }
    let id = row.id;
    if !model.library.open.remove(&id) {
        model.library.open.insert(id);
    }
    model.library.wanted = Some(id);
    again(model);
}

/// The list is there.
pub fn entries(model: &mut Model, tag: Tag, entries: Vec<Entry>) {
    if model.library.listing != Some(tag) {
        return;
    }
    let under = model.library.wanted.or_else(|| {
        let entry = model.library.entries.get(model.library.cursor)?;
        model.table.rows.get(entry.row).map(|r| r.id)
    });
    model.library.listing = None;
    model.library.entries = entries;
    if !find(model, under) {
        let cursor = model.library.cursor;
        model.library.go(cursor);
    }
    // While the store is still read, the photo of the last session may be yet to come.
    if model.loaded {
        model.library.wanted = None;
    }
}

/// Puts the cursor on the photo that is under the cursor of the latest; what hides it is taken away.
pub fn show(model: &mut Model) {
    let Some(id) = model.row().map(|r| r.id) else { return };
    if !find(model, Some(id)) {
        let library = &mut model.library;
        (library.filter, library.bursts, library.wanted) = (Input::default(), false, Some(id));
        // Until the list is there, no other photo is taken for this one.
        library.entries.clear();
        library.go(0);
        again(model);
    }
}

/// Puts the cursor on a photo, if it is in the list.
pub fn find(model: &mut Model, id: Option<i64>) -> bool {
    let number = id.and_then(|id| model.table.number(id));
    let at = number.and_then(|n| model.library.entries.iter().position(|e| e.row == n));
    if let Some(at) = at {
        model.library.cursor = at;
    }
    at.is_some()
}
