//! Who wants what, who is at what, and what is there already. No threads in here.

use super::super::display::{Display, Protocol};
use super::super::frame::Frame;
use super::super::lru::Lru;
use super::super::scene::Scene;
use super::source::Source;
use giqa_engine::decode::Decoded;
use giqa_engine::overlay::Canvas;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;
/// Encoded pictures: a second visit is instant.
const FRAMES: usize = 48 * MIB;
/// Photos at the size of a screen: another box is selected without decoding.
const BASES: usize = 40 * MIB;
/// Photos in full, for looking closely: two of 12 megapixels.
const FULLS: usize = 80 * MIB;

/// A photo at the size of a screen.
pub(super) struct Base {
    pub(super) canvas: Canvas,
    /// Size of the photo.
    pub(super) photo: (u32, u32),
}

/// Something to do with a wish.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) id: u64,
    pub(super) scene: Scene,
    pub(super) display: Display,
}

struct Wish {
    id: u64,
    scene: Scene,
    /// Not to be decoded before.
    due: Instant,
    state: State,
}

enum State {
    New,
    /// Not in the cache.
    Waiting(Source),
    Working,
    Told,
}

/// What a maker does next.
#[expect(clippy::large_enum_variant, reason = "one at a time, moved once")]
pub(super) enum Next {
    Make(Task, Source),
    /// Nothing yet; until then unless the bell rings, or until it rings.
    Wait(Option<Duration>),
    Leave,
}

pub(super) struct Desk {
    display: Display,
    wait: Duration,
    wishes: Vec<Wish>,
    count: u64,
    closed: bool,
    /// What makers are at: nobody decodes the same photo beside them.
    busy: Vec<Source>,
    frames: Lru<(Source, Scene), Arc<Frame>>,
    bases: Lru<Source, Arc<Base>>,
    fulls: Lru<Source, Arc<Decoded>>,
    /// A photo too large for these, while it is looked at closely.
    huge: Option<(Source, Arc<Decoded>)>,
}

impl Desk {
    pub(super) fn new(display: Display, wait: Duration) -> Self {
        Self {
            display,
            wait,
            wishes: Vec::new(),
            count: 0,
            closed: false,
            busy: Vec::new(),
            frames: Lru::new(FRAMES),
            bases: Lru::new(BASES),
            fulls: Lru::new(FULLS),
            huge: None,
        }
    }

    pub(super) fn want(&mut self, scenes: Vec<Scene>) {
        let due = Instant::now() + self.wait;
        let mut old = std::mem::take(&mut self.wishes);
        for scene in scenes {
            let wish = match old.iter().position(|w| w.scene == scene) {
                Some(index) => old.swap_remove(index),
                None => {
                    self.count += 1;
                    Wish { id: self.count, scene, due, state: State::New }
                }
            };
            self.wishes.push(wish);
        }
        self.huge.take_if(|(s, _)| self.wishes.iter().all(|w| w.scene.path != s.path));
    }

    pub(super) fn set_display(&mut self, display: Display) {
        self.display = display;
        self.frames.clear();
        for wish in &mut self.wishes {
            // A new number: what is being made of it now is for the old terminal.
            self.count += 1;
            (wish.id, wish.state) = (self.count, State::New);
        }
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
        self.wishes.clear();
        self.frames.clear();
    }

    pub(super) fn closed(&self) -> bool {
        self.closed
    }

    /// The first wish that was not looked up yet.
    pub(super) fn unseen(&self) -> Option<Task> {
        let wish = self.wishes.iter().find(|w| matches!(w.state, State::New))?;
        Some(Task { id: wish.id, scene: wish.scene.clone(), display: self.display.clone() })
    }

    /// The answer to a wish if it is known already; otherwise the wish waits to be made.
    pub(super) fn answer(&mut self, task: &Task, source: Source) -> Option<Result<Arc<Frame>, String>> {
        if task.display.protocol == Protocol::Off {
            return self.tell(task.id).then(|| Err(super::super::OFF.to_owned()));
        }
        if let Some(frame) = self.frames.get(|(s, scene)| *s == source && *scene == task.scene) {
            return self.tell(task.id).then_some(Ok(frame));
        }
        if let Some(wish) = self.wishes.iter_mut().find(|w| w.id == task.id) {
            wish.state = State::Waiting(source);
        }
        None
    }

    pub(super) fn next(&mut self, now: Instant) -> Next {
        if self.closed {
            return Next::Leave;
        }
        let mut soonest: Option<Instant> = None;
        for wish in &mut self.wishes {
            let State::Waiting(source) = &wish.state else { continue };
            if self.busy.contains(source) {
                continue;
            }
            if wish.due > now && !self.bases.has(|s| s == source) {
                soonest = Some(soonest.map_or(wish.due, |s| s.min(wish.due)));
                continue;
            }
            let source = source.clone();
            wish.state = State::Working;
            self.busy.push(source.clone());
            let task = Task { id: wish.id, scene: wish.scene.clone(), display: self.display.clone() };
            return Next::Make(task, source);
        }
        Next::Wait(soonest.map(|s| s.saturating_duration_since(now)))
    }

    /// Whether anybody still waits for it.
    pub(super) fn wanted(&self, id: u64) -> bool {
        self.wishes.iter().any(|w| w.id == id)
    }

    /// Whether it is to be told; from now on it is.
    pub(super) fn tell(&mut self, id: u64) -> bool {
        let wish = self.wishes.iter_mut().find(|w| w.id == id);
        wish.map(|w| w.state = State::Told).is_some()
    }

    /// A maker is done with this photo.
    pub(super) fn done(&mut self, source: &Source) {
        if let Some(index) = self.busy.iter().position(|s| s == source) {
            self.busy.swap_remove(index);
        }
    }

    pub(super) fn base(&mut self, source: &Source) -> Option<Arc<Base>> {
        self.bases.get(|s| s == source)
    }

    pub(super) fn full(&mut self, source: &Source) -> Option<Arc<Decoded>> {
        let huge = self.huge.as_ref().filter(|(s, _)| s == source).map(|(_, d)| Arc::clone(d));
        huge.or_else(|| self.fulls.get(|s| s == source))
    }

    pub(super) fn keep_base(&mut self, source: &Source, base: &Arc<Base>) {
        self.bases.put(source.clone(), Arc::clone(base), base.canvas.pixels().len(), |s| s == source);
    }

    /// `needed` when more than the base shows.
    pub(super) fn keep_full(&mut self, source: &Source, full: &Arc<Decoded>, needed: bool) {
        if full.pixels().len() > FULLS {
            self.huge = needed.then(|| (source.clone(), Arc::clone(full))).or(self.huge.take());
            return;
        }
        self.fulls.put(source.clone(), Arc::clone(full), full.pixels().len(), |s| s == source);
    }

    /// Unless it was made for another terminal than the one of now.
    pub(super) fn keep_frame(&mut self, source: &Source, task: &Task, frame: &Arc<Frame>) {
        if task.display == self.display {
            let key = (source.clone(), task.scene.clone());
            let is = |(s, scene): &(Source, Scene)| s == source && *scene == task.scene;
            self.frames.put(key, Arc::clone(frame), frame.bytes(), is);
        }
    }
}
