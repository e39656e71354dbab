//! Whatever happens in whatever order: nothing panics, the screen can be drawn, and cursors are in their lists.

use crate::app::action::{Action, Mouse};
use crate::app::command::{Command, Context};
use crate::app::effect::{Effect, Target};
use crate::app::fixtures::{
    METRICS, NOW, answer, answered, details, frame, heat, other_report, report, rows, status, surveyed,
};
use crate::app::keys::{Key, Keymap};
use crate::app::layout::fits;
use crate::app::model::{Model, Popup, Pulse, Screen};
use crate::app::picture::{Overlay, Scene, Shown, View};
use crate::app::query::Entry;
use crate::app::update::update;
use crate::app::view::draw;
use giqa_core::{Attribute, Decision};
use giqa_watch::store::{Batch, Row, State};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::{Position, Size};
use std::sync::Arc;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Act(Action),
    /// A worker brings what was asked for, or says that it could not.
    Answer(usize, bool),
    /// Lists are brought.
    Lists,
}

fn keys() -> impl Strategy<Value = Key> {
    let map = Keymap::default();
    let bound: Vec<Key> = Context::ALL.iter().flat_map(|c| map.of(*c)).flat_map(|(_, keys)| keys.to_vec()).collect();
    let typed = any::<char>().prop_filter_map("a key", |c| c.to_string().parse().ok());
    prop_oneof![6 => select(bound), 1 => typed, 1 => "[a-z:<>0-9]".prop_map(|c| c.parse().unwrap())]
}

fn size() -> impl Strategy<Value = Size> {
    let any = (0..300_u16, 0..300_u16);
    prop_oneof![1 => any, 6 => (60..140_u16, 20..50_u16)].prop_map(|(width, height)| Size { width, height })
}

fn mouse() -> impl Strategy<Value = Action> {
    let what = select(vec![Mouse::Press, Mouse::Drag, Mouse::Release, Mouse::WheelUp, Mouse::WheelDown]);
    (what, 0..130_u16, 0..50_u16).prop_map(|(what, x, y)| Action::Mouse(what, Position { x, y }))
}

fn row() -> impl Strategy<Value = Row> {
    let hand = select(vec![None, Some(Decision::Accept), Some(Decision::Reject)]);
    (0..rows().len(), select(State::ALL.to_vec()), hand, any::<bool>(), -9..99_i64, 0..3_u16, any::<f32>()).prop_map(
        |(nth, state, hand, same, age, pending, score)| {
            let mut row = rows().remove(nth);
            if !same {
                (row.state, row.hand, row.pending, row.acted) = (state, hand, pending, pending);
                row.updated = NOW - age;
                row.result.iter_mut().for_each(|brief| brief.score = score);
            }
            row
        },
    )
}

fn batches() -> impl Strategy<Value = Action> {
    let metrics = (0..=METRICS.len()).prop_map(|n| METRICS[..n].iter().map(|m| (*m).to_owned()).collect());
    (vec(row(), 0..12), vec(-3..20_i64, 0..4), metrics)
        .prop_map(|(rows, removed, metrics)| Action::Rows(Batch { rows, removed, metrics }))
}

/// What workers bring, with tags that may be wanted, stale, or of something else.
fn brought() -> impl Strategy<Value = Action> {
    let tag = 0..60_u64;
    let target = select(vec![Target::Left, Target::Right]);
    let entry = (0..30_u32, 0..4_u32, any::<bool>()).prop_map(|(row, burst, member)| Entry { row, burst, member });
    let failed = || Err::<(), String>("it \x1b[31mfailed".into());
    let or = move |ok: bool| if ok { Ok(()) } else { failed() };
    let attribute = select(Attribute::ALL.to_vec());
    prop_oneof![
        (tag.clone(), vec(entry, 0..9)).prop_map(|(tag, entries)| Action::Entries(tag, entries)),
        (tag.clone(), any::<bool>())
            .prop_map(move |(tag, ok)| Action::Details(tag, or(ok).map(|()| Arc::new(details())))),
        (tag.clone(), any::<bool>())
            .prop_map(move |(tag, ok)| Action::Answer(tag, or(ok).map(|()| Box::new(answer())))),
        (tag.clone(), target, any::<bool>()).prop_map(move |(tag, to, ok)| Action::Compared(
            tag,
            to,
            or(ok).map(|()| Arc::new(report()))
        )),
        (tag.clone(), any::<bool>())
            .prop_map(move |(tag, ok)| Action::Surveyed(tag, or(ok).map(|()| Arc::new(surveyed())))),
        (tag.clone(), attribute, any::<bool>()).prop_map(move |(tag, attribute, ok)| Action::Heat(
            tag,
            attribute,
            or(ok).map(|()| heat())
        )),
        (tag, vec("\\PC{0,90}", 0..30)).prop_map(|(tag, lines)| Action::Log(tag, lines)),
        size().prop_map(|area| {
            let overlay = Overlay { heat: Some(heat()), ..Overlay::default() };
            let scene = Scene { path: "/else".into(), blake3: None, area, view: View::default(), overlay };
            Action::Picture(Shown { scene, frame: Ok(frame(9, 9)) })
        }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        30 => keys().prop_map(Action::Key),
        6 => mouse(),
        5 => select(Command::ALL.to_vec()).prop_map(Action::Command),
        4 => batches(),
        8 => brought(),
        2 => size().prop_map(Action::Resize),
        1 => ".{0,20}".prop_map(Action::Paste),
        1 => (0..100_000_i64).prop_map(|ms| Action::Tick(NOW + ms)),
        1 => Just(Action::Loaded),
        1 => Just(Action::StoreTrouble("\u{202e}gone".into())),
        1 => Just(Action::Terminate),
        1 => Just(Action::Said(Ok("done".into()))),
        1 => Just(Action::Pulse(Box::default())),
        1 => Just(Action::Pulse(Box::new(Pulse { status: Some(status()), own: false }))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => action().prop_map(Step::Act),
        4 => (0..50_usize, any::<bool>()).prop_map(|(nth, ok)| Step::Answer(nth, ok)),
        4 => Just(Step::Lists),
    ]
}

/// A model, and what workers have not brought yet.
#[derive(Default)]
struct World {
    model: Model,
    asked: Vec<Effect>,
}

impl World {
    fn act(&mut self, action: Action) {
        let told = format!("{action:?}");
        let effects = update(&mut self.model, action);
        let ends = effects.iter().filter(|e| matches!(e, Effect::Quit)).count();
        assert!(ends <= 1, "{ends} ends after {told}");
        self.asked.extend(effects);
        self.check();
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Act(action) => self.act(action),
            Step::Answer(nth, ok) if !self.asked.is_empty() => {
                let effect = self.asked.remove(nth % self.asked.len());
                let actions = answered(effect).unwrap_or_default();
                actions.into_iter().for_each(|action| self.act(if ok { action } else { failed(action) }));
            }
            Step::Answer(..) => {}
            Step::Lists => {
                let (lists, rest) = self.asked.drain(..).partition(|e| matches!(e, Effect::List(..)));
                self.asked = rest;
                let lists: Vec<Effect> = lists;
                lists.into_iter().flat_map(|e| answered(e).unwrap_or_default()).for_each(|a| self.act(a));
            }
        }
    }

    fn check(&self) {
        let model = &self.model;
        let inside = |cursor: usize, len: usize| cursor < len.max(1);
        assert!(inside(model.library.cursor, model.library.entries.len()));
        let listed = model.screen == Screen::Library && fits(model.size);
        assert!(!listed || inside(model.library.top, model.library.entries.len()));
        assert!(inside(model.live.cursor, model.live.latest.len()));
        assert!(inside(model.plugins.cursor, model.plugins.surveyed.here().map_or(0, |s| s.components.len())));
        if let Some(Popup::Pick(pick)) = &model.popup {
            assert!(inside(pick.cursor, pick.found.len()));
        }
        assert!(model.chosen().iter().all(|id| model.table.number(*id).is_some()), "only what is there is chosen");
        let mut terminal = Terminal::new(TestBackend::new(model.size.width, model.size.height)).unwrap();
        terminal.draw(|frame| draw(model, frame)).unwrap();
        let steers = |symbol: &str| symbol.chars().any(|c| c.is_control() || c == '\u{202e}');
        assert!(!terminal.backend().buffer().content.iter().any(|cell| steers(cell.symbol())));
    }
}

/// The same, gone wrong.
fn failed(action: Action) -> Action {
    let why = || "it failed".to_owned();
    match action {
        Action::Details(tag, _) => Action::Details(tag, Err(why())),
        Action::Heat(tag, attribute, _) => Action::Heat(tag, attribute, Err(why())),
        Action::Answer(tag, _) => Action::Answer(tag, Err(why())),
        Action::Compared(tag, target, _) => Action::Compared(tag, target, Err(why())),
        Action::Surveyed(tag, _) => Action::Surveyed(tag, Err(why())),
        Action::Picture(shown) => Action::Picture(Shown { frame: Err(why()), ..shown }),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_panics(steps in vec(step(), 1..60), filled: bool) {
        let mut world = World::default();
        world.act(Action::Resize(Size { width: 100, height: 30 }));
        if filled {
            world.act(Action::Rows(crate::app::fixtures::batch(rows())));
            world.act(Action::Loaded);
            world.act(Action::Compared(0, Target::Left, Ok(Arc::new(other_report()))));
            world.step(Step::Lists);
        }
        steps.into_iter().for_each(|step| world.step(step));
        // Esc leads out of everything, and ends nothing.
        world.asked.clear();
        for _ in 0..16 {
            world.act(Action::Key("esc".parse().unwrap()));
        }
        prop_assert!(world.model.popup.is_none() && world.model.context() != Context::Field);
        prop_assert!(!world.asked.iter().any(|e| matches!(e, Effect::Quit)));
        // What is known then is what was told to be remembered.
        prop_assert_eq!(&world.model.memory(), &world.model.remembered);
    }
}
