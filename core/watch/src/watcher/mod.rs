//! The watcher: from files that are complete to verdicts that were acted on.
//!
//! ```text
//! source thread -> intake thread -> store (what waits)  <- claim - workers: inspect, decide, act, settle
//! ```
//!
//! The store is the only memory: whatever moment the process ends at, each photo is in one state, and the next start goes
//! on from there. What was in work waits again; what was decided is carried out, each action looked for in the journal
//! first.

mod act;
mod event;
mod groups;
mod inspect;
mod lock;
mod turn;

pub use event::{Summary, WatchEvent};
pub use lock::{Lock, watcher_of};

use crate::rules::Rules;
use crate::source::{Event, Filter, Source, SourceError, SourceOptions};
use crate::status::Board;
use crate::store::{Key, Store, StoreError};
use giqa_engine::{Inspector, Limits};
use groups::Held;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Starts of giqa that a photo may end before it is left alone.
const MOST_STARTS: u32 = 5;
/// Events between the source and the store.
const EVENTS: usize = 256;
/// A worker looks for work at least this often; mostly it is told.
const IDLE: Duration = Duration::from_secs(1);
/// After trouble with the store.
const TROUBLE: Duration = Duration::from_secs(1);

/// What inspects and decides; replaced as a whole.
#[derive(Clone)]
pub struct Backend {
    /// Which files count: what the rules write is none of them.
    pub filter: Filter,
    /// Inspects.
    pub inspector: Inspector,
    /// Decides.
    pub rules: Rules,
}

impl Backend {
    fn key(&self) -> Key {
        let profile = self.inspector.profile();
        let components = profile.proposers.iter().map(|c| &c.provenance);
        let components = components.chain(profile.metrics.iter().map(|c| &c.provenance));
        Key::of(components.chain(profile.model.iter().map(|c| &c.provenance)))
    }
}

/// How to watch.
pub struct WatchOptions {
    /// What is watched.
    pub source: SourceOptions,
    /// Where the store and the lock are.
    pub state_dir: PathBuf,
    /// Photos at the same time.
    pub jobs: usize,
    /// Limits for each picture.
    pub limits: Limits,
    /// Decide, and say what would be done.
    pub dry_run: bool,
    /// How long the next photo of a burst is waited for, where rules ask for groups.
    pub group_wait: Duration,
    /// Waits before a file that is cut short is read again.
    pub retries: Vec<Duration>,
    /// Waits before a photo is inspected again whose components failed for a reason that may pass, such as a server that
    /// is down. Then what there is must do.
    pub patience: Vec<Duration>,
    /// How long photos in work may take after a stop.
    pub drain: Duration,
}

impl WatchOptions {
    /// The usual waits.
    #[must_use]
    pub fn new(mut source: SourceOptions, state_dir: PathBuf, jobs: usize) -> Self {
        // As the source tells of files; what is not there is its to complain about.
        for root in &mut source.roots {
            *root = root.canonicalize().unwrap_or_else(|_| root.clone());
        }
        let waits = |seconds: &[u64]| seconds.iter().copied().map(Duration::from_secs).collect();
        Self {
            retries: waits(if source.once { &[1, 2] } else { &[1, 4, 15, 60] }),
            patience: waits(if source.once { &[1, 5] } else { &[5, 30, 120, 300] }),
            source,
            state_dir,
            jobs: jobs.max(1),
            limits: Limits::default(),
            dry_run: false,
            group_wait: Duration::from_secs(5),
            drain: Duration::from_secs(30),
        }
    }
}

/// What a watcher can be told.
pub enum Control {
    /// Finish what is in work, and end.
    Stop,
    /// Go on with these.
    Replace(Box<Backend>),
    /// Something to be told, such as why a new configuration was not taken.
    Note(String),
}

/// Watching could not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folders.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Told of everything that happens; called on several threads.
pub type Tell<'a> = &'a (dyn Fn(&WatchEvent) + Sync);

struct Flags {
    stopping: bool,
    /// The source has nothing more to come.
    drained: bool,
}

/// What the threads share.
struct Shared<'a> {
    options: &'a WatchOptions,
    store: Mutex<Store>,
    backend: RwLock<Arc<Backend>>,
    flags: Mutex<Flags>,
    changed: Condvar,
    held: Mutex<Held>,
    run: String,
    board: &'a Board,
    tell: Tell<'a>,
}

impl Shared<'_> {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn backend(&self) -> Arc<Backend> {
        Arc::clone(&self.backend.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn flags(&self) -> MutexGuard<'_, Flags> {
        self.flags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, text: impl Into<String>) {
        let text = text.into();
        self.board.note(&text);
        (self.tell)(&WatchEvent::Note { text });
    }

    /// Waits for something to change.
    fn wait(&self, longest: Duration) {
        let flags = self.flags();
        if !flags.stopping {
            drop(self.changed.wait_timeout(flags, longest));
        }
    }
}

/// Watches until told to stop, or (`once`) until nothing is left to do.
///
/// # Errors
/// [`WatchError`] when it can't begin. What goes wrong later is told and stored.
pub fn watch(
    options: &WatchOptions,
    backend: Backend,
    control: &Receiver<Control>,
    board: &Board,
    tell: Tell<'_>,
) -> Result<Summary, WatchError> {
    let _lock = Lock::take(&options.state_dir)?;
    let (mut store, aside) = Store::open(&options.state_dir)?;
    let (again, failed) = store.resume(MOST_STARTS)?;
    let run = format!("{}-{}", jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S"), std::process::id());
    let key = backend.key();
    store.requeue(&key)?;
    let profile = backend.inspector.profile().name.clone();
    let shared = Shared {
        options,
        store: Mutex::new(store),
        backend: RwLock::new(Arc::new(backend)),
        flags: Mutex::new(Flags { stopping: false, drained: false }),
        changed: Condvar::new(),
        held: Mutex::default(),
        run,
        board,
        tell,
    };
    aside.into_iter().for_each(|note| shared.note(note));
    if again + failed > 0 {
        shared.note(format!("the last run ended in the middle: {again} photos go on, {failed} are set aside"));
    }
    let (sink, events) = sync_channel(EVENTS);
    // When the store is slow, the sink waits; the source gathers what changes meanwhile.
    let tell_of = move |event| drop(sink.send(event));
    let source = Source::start(options.source.clone(), tell_of)?;
    board.begin(&shared.run, &profile, &options.source.roots);
    tell(&WatchEvent::Started {
        run: shared.run.clone(),
        profile,
        roots: options.source.roots.clone(),
        pid: std::process::id(),
    });
    let everyone = &shared;
    std::thread::scope(|scope| {
        scope.spawn(move || intake(everyone, &events));
        let workers: Vec<_> = (0..options.jobs).map(|_| scope.spawn(|| work(&shared))).collect();
        let mut stop_by = None;
        loop {
            let done = workers.iter().all(std::thread::ScopedJoinHandle::is_finished);
            if done {
                break;
            }
            match control.recv_timeout(Duration::from_millis(50)) {
                Ok(Control::Stop) => {
                    stop_by.get_or_insert_with(|| Instant::now() + options.drain);
                    shared.flags().stopping = true;
                    shared.changed.notify_all();
                }
                Ok(Control::Replace(backend)) => replace(&shared, *backend, &source),
                Ok(Control::Note(text)) => shared.note(text),
                Err(RecvTimeoutError::Timeout) => {}
                // Nobody can tell us to stop any more; `once` ends by itself.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(Duration::from_millis(50)),
            }
            if stop_by.is_some_and(|by| Instant::now() > by) {
                // What is still in work waits again at the next start, as after a crash.
                shared.note("photos in work took too long after the stop; they go on at the next start");
                tell(&WatchEvent::Stopped { summary: board.summary() });
                lock::abandon();
            }
        }
        // Ends the intake as well.
        drop(source);
    });
    let summary = board.summary();
    tell(&WatchEvent::Stopped { summary });
    Ok(summary)
}

fn replace(shared: &Shared<'_>, backend: Backend, source: &Source) {
    let key = backend.key();
    source.set_filter(backend.filter.clone());
    *shared.backend.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(backend);
    let requeued = shared.store().requeue(&key);
    match requeued {
        Ok(n) => shared.note(format!("configuration and rules were read again; {n} photos are inspected anew")),
        Err(error) => shared.note(error.to_string()),
    }
    source.rescan(None);
    shared.changed.notify_all();
}

/// From the source into the store.
fn intake(shared: &Shared<'_>, events: &Receiver<Event>) {
    for event in events {
        // What can't be stored is tried again: the source waits meanwhile, and nothing is lost.
        let mut told = false;
        while let Err(error) = take(shared, &event) {
            if !told {
                shared.note(error.to_string());
                told = true;
            }
            if shared.flags().stopping {
                return;
            }
            std::thread::sleep(TROUBLE);
        }
    }
}

fn take(shared: &Shared<'_>, event: &Event) -> Result<(), StoreError> {
    match event {
        Event::File { path, stat, fresh } => {
            let key = shared.backend().key();
            // A link may lead out of all of them.
            let root = shared.options.source.roots.iter().find(|root| path.starts_with(root));
            let root = root.map_or(path.parent().unwrap_or(path), PathBuf::as_path);
            shared.store().seen(root, path, *stat, &key, *fresh)?;
            shared.changed.notify_one();
        }
        Event::Gone { path } => shared.store().gone(path)?,
        Event::Note(note) => shared.note(note.to_string()),
        Event::Ready => (shared.tell)(&WatchEvent::Ready),
        Event::Drained => {
            shared.flags().drained = true;
            shared.changed.notify_all();
        }
    }
    Ok(())
}

/// One worker: photos, one after the other.
fn work(shared: &Shared<'_>) {
    loop {
        if shared.flags().stopping {
            return;
        }
        turn::groups_that_are_complete(shared);
        let claimed = shared.store().claim();
        match claimed {
            Ok(Some(photo)) => turn::turn(shared, photo),
            Ok(None) => {
                let drained = shared.flags().drained;
                // Bound first: nobody waits with the store in hand.
                let next = shared.store().next_turn();
                let idle = shared.store().is_idle();
                match (idle, next) {
                    (Ok(true), _) if drained => {
                        shared.changed.notify_all();
                        return;
                    }
                    (_, Ok(next)) => {
                        let group = shared.held().next(shared.options.group_wait);
                        shared.wait(until(next).min(group));
                    }
                    (_, Err(_)) => shared.wait(TROUBLE),
                }
            }
            Err(error) => {
                shared.note(error.to_string());
                shared.wait(TROUBLE);
            }
        }
    }
}

fn until(turn: Option<i64>) -> Duration {
    let now = crate::store::now_ms();
    turn.map_or(IDLE, |at| Duration::from_millis(at.saturating_sub(now).max(5).cast_unsigned())).min(IDLE)
}
