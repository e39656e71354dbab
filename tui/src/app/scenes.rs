//! Which pictures the screen wants.

use super::layout::{Areas, Pane, THUMBNAIL};
use super::model::{Model, Screen};
use super::picture::{Overlay, Scene, View};
use giqa_engine::marks::{Mark, marks};
use giqa_watch::store::Row;
use ratatui::layout::{Rect, Size};
use std::sync::Arc;

/// The pictures of this screen, the most important first.
#[must_use]
pub fn scenes(model: &Model, areas: &Areas) -> Vec<Scene> {
    if !model.settings.shows_pictures() {
        return Vec::new();
    }
    if model.screen == Screen::Library && model.shows_grid() {
        return thumbnails(model, areas);
    }
    let Some(row) = model.row() else { return Vec::new() };
    let mut scenes = Vec::new();
    let mut add = |pane: Pane, view: View, overlay: Overlay| {
        if pane.inner.width > 1 && pane.inner.height > 1 {
            scenes.push(scene(row, size(pane.inner), view, overlay));
        }
    };
    let details = model.photo.details.here().filter(|_| model.photo.id == Some(row.id));
    let boxes = |marks: Arc<[Mark]>, selected| Overlay {
        marks: if model.photo.boxes { marks } else { Arc::default() },
        selected,
        ..Overlay::default()
    };
    let known = details.map(|d| Arc::clone(&d.marks)).unwrap_or_default();
    let view = model.photo.view;
    match model.screen {
        Screen::Library => add(areas.pictures[0], View::default(), boxes(known, None)),
        Screen::Photo => {
            let heat = model.photo.heat.and(model.photo.heat_map.here()).cloned();
            // Of what the mouse draws; what keys draw is on the screen of questions.
            let drawn = model.ask.draft.filter(|d| d.from.is_some() && d.bounds.area() > 0.0).map(|d| d.bounds);
            let now = Overlay { heat, drawn, ..boxes(known, model.photo.selected) };
            if let Some(past) = model.before().filter(|_| details.is_some()) {
                add(areas.pictures[0], view, boxes(marks(&past.report).into(), None));
                add(areas.pictures[1], view, now);
            } else {
                add(areas.pictures[0], view, now);
            }
        }
        Screen::Ask => {
            let last = model.ask.history.iter().rev().find(|e| e.photo == row.id);
            let marks = last.map(|e| Arc::clone(&e.marks)).unwrap_or_default();
            let drawn = model.ask.draft.map(|d| d.bounds).or(model.ask.about);
            add(areas.pictures[0], view, Overlay { drawn, ..boxes(marks, model.ask.selected) });
        }
        Screen::Compare => {
            for (pane, report) in areas.pictures.iter().zip(&model.compare.reports) {
                let marks = report.here().map(|r| marks(r).into()).unwrap_or_default();
                add(*pane, View::default(), boxes(marks, None));
            }
        }
        Screen::Live | Screen::Plugins => {}
    }
    scenes
}

fn thumbnails(model: &Model, areas: &Areas) -> Vec<Scene> {
    let shown = model.library.entries.iter().skip(model.library.top).enumerate();
    let places = shown.map_while(|(nth, entry)| Some((areas.thumbnail(nth)?, entry)));
    let area = |place: Rect| Size { width: place.width.saturating_sub(2), height: THUMBNAIL.height - 2 };
    places
        .filter_map(|(place, entry)| {
            let row = model.table.rows.get(entry.row)?;
            (place.height >= THUMBNAIL.height && place.width > 4)
                .then(|| scene(row, area(place), View::default(), Overlay::default()))
        })
        .collect()
}

fn size(rect: Rect) -> Size {
    Size { width: rect.width, height: rect.height }
}

fn scene(row: &Row, area: Size, view: View, overlay: Overlay) -> Scene {
    let blake3 = row.result.as_ref().map(|b| Arc::from(&*b.blake3));
    Scene { path: row.path.clone(), blake3, area, view, overlay }
}
