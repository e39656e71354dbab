//! What a key press and a filter cost with 100,000 results.
//!
//! `cargo bench -p giqa-benches --bench screen`. Limits: a key is answered within 16 ms at the 99th percentile, draw time
//! included; a filter over all rows within 50 ms. The peer of the drawing is the limit of 60 frames a second.

#![allow(missing_docs, reason = "criterion_group! writes undocumented functions")]
#![expect(clippy::print_stdout, clippy::panic, clippy::expect_used, reason = "a bench has nobody else to tell")]

use criterion::{Criterion, criterion_group, criterion_main};
use giqa_core::{Attribute, Decision, Level};
use giqa_tui::app::action::Action;
use giqa_tui::app::effect::Effect;
use giqa_tui::app::keys::Key;
use giqa_tui::app::model::Model;
use giqa_tui::app::query::run;
use giqa_tui::app::update::update;
use giqa_tui::app::view;
use giqa_watch::store::{Batch, Brief, Key as Components, Row, State};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::hint::black_box;
use std::io::{Sink, sink};
use std::time::{Duration, Instant};

const PHOTOS: i64 = 100_000;
const SIZE: Size = Size { width: 120, height: 40 };
const METRICS: [&str; 19] = [
    "sharpness",
    "noise",
    "exposure",
    "contrast",
    "colour",
    "cast",
    "lighting",
    "tint",
    "blockiness",
    "jpeg-quality",
    "motion",
    "banding",
    "pixelation",
    "haze",
    "aberration",
    "moire",
    "brisque",
    "niqe",
    "piqe",
];

fn row(n: i64, key: &Components) -> Row {
    // Well spread, the same each time.
    let random = |salt: i64| ((n + 1) * (2_654_435_761 + salt * 97) % 10_007) as f32 / 10_007.0;
    let score = random(1) * 100.0;
    let mut faults = [0; Attribute::ALL.len()];
    faults[n as usize % faults.len()] = (random(2) * 255.0) as u8;
    Row {
        id: n + 1,
        path: format!("/archive/2026/{:03}/IMG_{n:06}.jpg", n / 500).into(),
        state: State::Done,
        reason: None,
        decision: Some([Decision::Accept, Decision::Review, Decision::Reject][n as usize % 3]),
        hand: None,
        noted: false,
        pending: 0,
        acted: 0,
        gone: false,
        updated: 1_790_000_000_000 + n * 1000,
        result: Some(Brief {
            blake3: format!("{n:064x}").into(),
            key: key.clone(),
            score,
            level: [Level::Bad, Level::Poor, Level::Fair, Level::Good, Level::Excellent][(score / 20.01) as usize],
            faults,
            scores: (0..METRICS.len() as u16).map(|m| (m, random(i64::from(m) + 3))).collect(),
            look: Some((n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            taken: Some(1_790_000_000 + n),
        }),
    }
}

/// All photos, in batches as the store gives them.
fn model() -> Model {
    let mut model = Model { size: SIZE, ..Model::default() };
    let key = Components::of([]);
    let metrics: Vec<String> = METRICS.iter().map(|m| format!("classic.{m}")).collect();
    for from in (0..PHOTOS).step_by(4096) {
        let rows = (from..PHOTOS.min(from + 4096)).map(|n| row(n, &key)).collect();
        act(&mut model, Action::Rows(Batch { rows, metrics: metrics.clone(), ..Batch::default() }));
    }
    act(&mut model, Action::Loaded);
    model
}

/// Takes an action, and what the list's worker would bring.
fn act(model: &mut Model, action: Action) {
    for effect in update(model, action) {
        if let Effect::List(tag, request) = effect {
            let entries = run(&request);
            drop(request);
            act(model, Action::Entries(tag, entries));
        }
    }
}

fn terminal() -> Terminal<CrosstermBackend<Sink>> {
    let whole = Rect::new(0, 0, SIZE.width, SIZE.height);
    let options = TerminalOptions { viewport: Viewport::Fixed(whole) };
    Terminal::with_options(CrosstermBackend::new(sink()), options).expect("a terminal")
}

fn key(text: &str) -> Action {
    Action::Key(text.parse::<Key>().expect("a key"))
}

/// Press, update, draw, as the loop does it; how long each took.
fn press(model: &mut Model, keys: &[&str], times: usize) -> Vec<Duration> {
    let mut terminal = terminal();
    let mut took = Vec::with_capacity(times);
    for n in 0..times {
        let action = key(keys[n % keys.len()]);
        let began = Instant::now();
        black_box(update(model, Action::Tick(n as i64)));
        black_box(update(model, action));
        terminal.draw(|frame| view::draw(model, frame)).expect("a frame");
        took.push(began.elapsed());
    }
    took.sort_unstable();
    took
}

fn keys(c: &mut Criterion) {
    let mut model = model();
    for (name, keys) in [("down", &["j"][..]), ("page down", &["pagedown"]), ("last, first", &["G", "g"])] {
        let took = press(&mut model, keys, 2000);
        let at = |q: f64| took[((took.len() - 1) as f64 * q) as usize];
        println!("keys/{name}: median {:?}, p99 {:?}, longest {:?} (limit: p99 16 ms)", at(0.5), at(0.99), at(1.0));
    }
    // With rows coming in all the while.
    let components = Components::of([]);
    let mut terminal = terminal();
    c.bench_function("screen/key", |b| {
        b.iter(|| {
            black_box(update(&mut model, key("j")));
            terminal.draw(|frame| view::draw(&model, frame)).expect("a frame");
        });
    });
    let mut n = PHOTOS;
    c.bench_function("screen/key while photos arrive", |b| {
        b.iter(|| {
            n += 1;
            let rows = vec![row(n, &components)];
            black_box(update(&mut model, Action::Rows(Batch { rows, ..Batch::default() })));
            black_box(update(&mut model, key("k")));
            terminal.draw(|frame| view::draw(&model, frame)).expect("a frame");
        });
    });
}

fn filters(c: &mut Criterion) {
    let filters = [
        "",
        "level:poor",
        "verdict:reject fault:noise>0.5",
        "score<40 sharpness>0.5",
        "img0123",
        "2026 99.jpg",
        "path:07",
    ];
    for filter in filters {
        let mut model = model();
        act(&mut model, key("/"));
        let mut wanted = None;
        let effects = update(&mut model, Action::Paste(filter.to_owned()));
        // Nothing typed, nothing new to find.
        let effects = if filter.is_empty() {
            update(&mut model, key("esc")).into_iter().chain(update(&mut model, key("s"))).collect()
        } else {
            effects
        };
        for effect in effects {
            if let Effect::List(_, request) = effect {
                wanted = Some(request);
            }
        }
        let Some(request) = wanted else { panic!("no list was asked for by {filter:?}") };
        println!("filter/{filter:?}: {} of {PHOTOS} found (limit: 50 ms)", run(&request).len());
        c.bench_function(&format!("filter/{filter}"), |b| b.iter(|| black_box(run(&request))));
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    targets = keys, filters
}
criterion_main!(benches);
