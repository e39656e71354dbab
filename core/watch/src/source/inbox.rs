//! Where hints of the watchers and requests of the owner wait for the source's thread.
//!
//! Hints about one path become one, and it is taken when nothing was said of the path for a while. That bounds the
//! memory while the thread is held up, and a photo that is written in bursts is looked at once.

use super::options::Fault;
use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// More paths than this at once are not kept one by one; their root is scanned instead.
const MOST_HINTS: usize = 1 << 16;
/// Hints that come due this close together are taken together.
const GRAIN: Duration = Duration::from_millis(5);

/// What was said of a path. What is true, `stat` knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hint {
    /// It was closed after writing, or renamed into place, and not written to since.
    pub closed: bool,
    /// It was written to and not closed since.
    pub writer: bool,
    /// It went away, or was replaced.
    pub left: bool,
}

/// Why a root needs a scan.
#[derive(Debug)]
pub(super) enum Doubt {
    Overflow,
    Error(notify::Error),
}

/// What the owner asks for.
#[derive(Debug)]
pub(super) enum Request {
    Rescan(Option<PathBuf>),
    Retry(PathBuf, Instant),
    Filter(super::Filter),
}

/// What there is to do.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub stop: bool,
    pub requests: VecDeque<Request>,
    pub doubts: Vec<(usize, Doubt)>,
    pub hints: Vec<(usize, PathBuf, Hint)>,
}

#[derive(Debug)]
pub(super) struct Inbox {
    state: Mutex<State>,
    bell: Condvar,
    debounce: Duration,
    fault: Option<Fault>,
}

#[derive(Debug, Default)]
struct State {
    stop: bool,
    requests: VecDeque<Request>,
    doubts: BTreeMap<usize, (Instant, Doubt)>,
    hints: HashMap<(usize, PathBuf), (Instant, Hint)>,
    /// When the thread wakes by itself; nothing due later needs the bell.
    wakes: Option<Instant>,
}

impl Inbox {
    pub fn new(debounce: Duration, fault: Option<Fault>) -> Self {
        Self { state: Mutex::default(), bell: Condvar::new(), debounce, fault }
    }

    /// What a watcher says about a root. Called on the watcher's thread.
    pub fn tell(&self, root: usize, said: notify::Result<Event>) {
        let due = Instant::now() + self.debounce;
        let mut state = self.lock();
        match said {
            Ok(event) if event.need_rescan() => state.doubt(root, due, Doubt::Overflow),
            Ok(event) if is_idle(event.kind) => return,
            Ok(_) if self.fault == Some(Fault::Overflow) => state.doubt(root, due, Doubt::Overflow),
            Ok(event) => {
                for (nth, path) in event.paths.into_iter().enumerate() {
                    state.hint(root, path, due, |hint| hint.learn(event.kind, nth));
                }
            }
            // An error is seldom alone, and what it means is for the thread to find out.
            Err(error) => state.doubt(root, due, Doubt::Error(error)),
        }
        if state.wakes.is_none_or(|wakes| due < wakes) {
            self.bell.notify_one();
        }
    }

    pub fn ask(&self, request: Request) {
        self.lock().requests.push_back(request);
        self.bell.notify_one();
    }

    pub fn stop(&self) {
        self.lock().stop = true;
        self.bell.notify_one();
    }

    /// Whether nothing is kept, due or not.
    pub fn is_empty(&self) -> bool {
        let state = self.lock();
        state.requests.is_empty() && state.doubts.is_empty() && state.hints.is_empty()
    }

    /// Waits until there is something to do, `until` at the latest.
    pub fn wait(&self, until: Option<Instant>) -> Batch {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if let Some(batch) = state.take(now + GRAIN) {
                return batch;
            }
            if until.is_some_and(|until| until <= now) {
                return Batch::default();
            }
            state.wakes = [until, state.next_due()].into_iter().flatten().min();
            state = match state.wakes {
                Some(wakes) => {
                    let timeout = wakes.saturating_duration_since(now);
                    self.bell.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.bell.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn hint(&mut self, root: usize, path: PathBuf, due: Instant, learn: impl FnOnce(&mut Hint)) {
        if self.hints.len() >= MOST_HINTS && !self.hints.contains_key(&(root, path.clone())) {
            return self.doubt(root, due, Doubt::Overflow);
        }
        let (wait, hint) = self.hints.entry((root, path)).or_insert((due, Hint::default()));
        *wait = due;
        learn(hint);
    }

    /// The first doubt sets the time, so that a storm of them can't put the scan off.
    fn doubt(&mut self, root: usize, due: Instant, doubt: Doubt) {
        if matches!(doubt, Doubt::Overflow) {
            // The scan will see what these told of, but not that a file was closed.
            self.doubts.entry(root).or_insert((due, doubt));
        } else {
            let due = self.doubts.get(&root).map_or(due, |(first, _)| *first);
            self.doubts.insert(root, (due, doubt));
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let hints = self.hints.values().map(|(due, _)| *due);
        hints.chain(self.doubts.values().map(|(due, _)| *due)).min()
    }

    fn take(&mut self, now: Instant) -> Option<Batch> {
        let hints = self.hints.extract_if(|_, (due, _)| *due <= now);
        let hints = hints.map(|((root, path), (_, hint))| (root, path, hint)).collect();
        let doubts = self.doubts.extract_if(.., |_, (due, _)| *due <= now);
        let doubts = doubts.map(|(root, (_, doubt))| (root, doubt)).collect();
        let batch = Batch { stop: self.stop, requests: std::mem::take(&mut self.requests), doubts, hints };
        let nothing = !batch.stop && batch.requests.is_empty() && batch.doubts.is_empty() && batch.hints.is_empty();
        (!nothing).then_some(batch)
    }
}

impl Hint {
    fn learn(&mut self, kind: EventKind, nth: usize) {
        match kind {
            EventKind::Access(_) => (self.closed, self.writer) = (true, false),
            // A rename in one event names both ends.
            EventKind::Modify(ModifyKind::Name(mode)) => {
                let gone = mode == RenameMode::From || mode == RenameMode::Both && nth == 0;
                *self = Self { closed: !gone, writer: false, left: gone || self.left };
            }
            EventKind::Modify(ModifyKind::Metadata(_)) => {}
            EventKind::Modify(_) => (self.closed, self.writer) = (false, true),
            EventKind::Remove(_) => *self = Self { left: true, ..Self::default() },
            EventKind::Create(_) => (self.closed, self.writer) = (false, false),
            EventKind::Any | EventKind::Other => {}
        }
    }
}

/// Reading changes nothing; and giqa reads.
fn is_idle(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

#[cfg(test)]
mod tests;
