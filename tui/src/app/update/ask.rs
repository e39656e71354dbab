//! Questions, and boxes to ask about.

use super::photo::{cycle, zoom};
use crate::app::command::Command;
use crate::app::effect::{Effect, Question, Tag};
use crate::app::model::{BoxDraft, Exchange, Load, Model};
use giqa_core::NormBox;
use giqa_engine::Answer;
use giqa_engine::marks::Mark;
use std::sync::Arc;

/// What a key moves or grows a box by.
const STEP: f64 = 0.02;
/// No box is smaller.
const LEAST: f64 = 0.02;

/// Does what is asked for.
pub fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    if model.ask.draft.is_some() && draw(model, command) {
        return;
    }
    match command {
        Command::Question | Command::Open => model.ask.typing = true,
        Command::DrawBox => begin_box(model),
        Command::NextMark | Command::PreviousMark => {
            let last = model.ask.history.iter().rev().find(|e| Some(e.photo) == model.photo.id);
            let marks = last.map_or(0, |e| e.marks.len());
            let by = if command == Command::NextMark { 1 } else { -1 };
            model.ask.selected = cycle(model.ask.selected, marks, by);
        }
        Command::NextPhoto => model.library.step(1),
        Command::PreviousPhoto => model.library.step(-1),
        _ if zoom(model, command) => {}
        // The last answer is at the end, so that up leads into the past.
        Command::Up => model.ask.scroll = (model.ask.scroll + 1).min(10_000),
        Command::Down => model.ask.scroll = model.ask.scroll.saturating_sub(1),
        Command::PageUp => model.ask.scroll = (model.ask.scroll + 10).min(10_000),
        Command::PageDown => model.ask.scroll = model.ask.scroll.saturating_sub(10),
        Command::Last => model.ask.scroll = 0,
        _ => {}
    }
    let _ = effects;
}

/// A box in the middle, to be moved.
pub fn begin_box(model: &mut Model) {
    if model.row().is_none() {
        return model.say(Err("there is no photo to draw on".into()));
    }
    let bounds = model.ask.about.or_else(|| NormBox::new(0.35, 0.35, 0.65, 0.65).ok());
    model.ask.draft = bounds.map(|bounds| BoxDraft { bounds, from: None });
}

/// Moves or grows the box; whether the command was about that.
fn draw(model: &mut Model, command: Command) -> bool {
    let Some(draft) = &mut model.ask.draft else { return false };
    let b = draft.bounds;
    let (mut x, mut y, mut w, mut h) = (b.x1(), b.y1(), b.x2() - b.x1(), b.y2() - b.y1());
    match command {
        Command::Left => x -= STEP,
        Command::Right => x += STEP,
        Command::Up => y -= STEP,
        Command::Down => y += STEP,
        Command::BoxWider => w += STEP,
        Command::BoxNarrower => w -= STEP,
        Command::BoxTaller => h += STEP,
        Command::BoxShorter => h -= STEP,
        Command::BoxDone | Command::Open => {
            model.ask.about = Some(b);
            (model.ask.draft, model.ask.typing) = (None, true);
            return true;
        }
        _ => return false,
    }
    (w, h) = (w.clamp(LEAST, 1.0), h.clamp(LEAST, 1.0));
    (x, y) = (x.clamp(0.0, 1.0 - w), y.clamp(0.0, 1.0 - h));
    if let Ok(bounds) = NormBox::new(x, y, (x + w).min(1.0), (y + h).min(1.0)) {
        draft.bounds = bounds;
    }
    true
}

/// Asks what is in the field.
pub fn submit(model: &mut Model, effects: &mut Vec<Effect>) {
    let words = model.ask.input.value().trim().to_owned();
    if words.is_empty() {
        model.ask.typing = false;
        return;
    }
    let Some(subject) = model.subject() else {
        return model.say(Err("there is no photo to ask about".into()));
    };
    let boxes: Vec<NormBox> = model.ask.about.into_iter().collect();
    let tag = model.tag();
    model.ask.history.push(Exchange {
        photo: subject.id,
        question: words.clone(),
        boxes: boxes.clone(),
        answer: Load::Coming(tag),
        marks: Arc::default(),
    });
    model.ask.input.reset();
    (model.ask.typing, model.ask.about, model.ask.scroll) = (false, None, 0);
    let details = model.photo.details.here().filter(|_| model.photo.id == Some(subject.id));
    let report = details.map(|d| Arc::clone(&d.report));
    effects.push(Effect::Ask(tag, Box::new(Question { subject, report, words, boxes })));
}

/// An answer is there.
pub fn answer(model: &mut Model, tag: Tag, result: Result<Box<Answer>, String>) {
    let known = model.photo.details.here().map(|d| Arc::clone(&d.marks)).unwrap_or_default();
    for exchange in model.ask.history.iter_mut().rev() {
        let known = if model.photo.id == Some(exchange.photo) { &*known } else { &[] };
        let answered = result.as_ref().map(|a| marks_of(a, known)).unwrap_or_default();
        if exchange.answer.take(tag, result.clone()) {
            exchange.marks = answered;
            model.ask.selected = None;
            return;
        }
    }
}

/// Numbered places of an answer. Those that the report speaks of, too, are as bad as there.
fn marks_of(answer: &Answer, known: &[Mark]) -> Arc<[Mark]> {
    let mut marks: Vec<Mark> = Vec::new();
    for (label, bounds) in answer.spans.iter().flat_map(|s| s.boxes.iter().map(|b| (&s.label, *b))) {
        if giqa_engine::marks::number_at(&marks, &bounds).is_none() {
            let number = marks.len() + 1;
            let same = giqa_engine::marks::number_at(known, &bounds).and_then(|n| known.iter().find(|m| m.number == n));
            let faults = same.map(|m| m.faults.clone()).unwrap_or_default();
            marks.push(Mark { number, region: None, name: label.clone(), bounds, faults });
        }
    }
    marks.into()
}
