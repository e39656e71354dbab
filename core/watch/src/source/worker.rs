//! The source's thread: takes hints, looks at what is true, tells of what is complete.

use super::Event;
use super::filter::Filter;
use super::inbox::{Batch, Doubt, Hint, Inbox, Request};
use super::note::{Note, PollingReason};
use super::options::SourceOptions;
use super::paths::resolved;
use super::root::Root;
use super::scan::{Found, Purpose, Scan};
use super::seen::Seen;
use super::settle::{Pending, Sighting};
use super::stat::Stat;
use std::collections::{HashMap, VecDeque};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A scan goes on for this long before live changes get their turn.
const SCAN_TURN: Duration = Duration::from_millis(20);

pub(super) struct Worker {
    options: SourceOptions,
    filter: Arc<Filter>,
    inbox: Arc<Inbox>,
    roots: Vec<Root>,
    sink: Box<dyn FnMut(Event) + Send>,
    seen: Seen,
    pending: Pending,
    scans: VecDeque<Scan>,
    scans_begun: u64,
    /// Trouble that was told of, with the last scan that met it: told again only after it was mended.
    troubles: HashMap<Note, u64>,
    next_check: Instant,
    ready: bool,
    /// `Drained` was told, and nothing was asked for since.
    drained: bool,
    /// With `once`: all was reported and the roots are not watched any more.
    ended: bool,
}

impl Worker {
    pub fn new(
        options: SourceOptions,
        inbox: Arc<Inbox>,
        roots: Vec<Root>,
        sink: Box<dyn FnMut(Event) + Send>,
    ) -> Self {
        Self {
            filter: Arc::new(options.filter.clone()),
            pending: Pending::new(options.settle),
            next_check: Instant::now() + options.poll_interval,
            options,
            inbox,
            roots,
            sink,
            seen: Seen::default(),
            scans: VecDeque::new(),
            scans_begun: 0,
            troubles: HashMap::new(),
            ready: false,
            drained: false,
            ended: false,
        }
    }

    pub fn run(mut self, notes: Vec<Note>) {
        notes.into_iter().for_each(|note| self.tell(Event::Note(note)));
        self.scan_all(Purpose::First);
        loop {
            let batch = self.inbox.wait(self.wakes());
            if batch.stop {
                return;
            }
            self.answer(batch);
            self.look_at_due();
            if !self.ended {
                self.keep_time();
            }
            self.scan_on();
            self.tell_milestones();
        }
    }

    /// When there is something to do even if nobody says anything.
    fn wakes(&self) -> Option<Instant> {
        if !self.scans.is_empty() {
            return Some(Instant::now());
        }
        let own = self.pending.next_look();
        if self.ended {
            return own;
        }
        let scans = self.roots.iter().filter_map(|root| root.next_scan);
        scans.chain(own).chain([self.next_check]).min()
    }

    fn answer(&mut self, batch: Batch) {
        for (root, doubt) in batch.doubts {
            self.doubt(root, doubt);
        }
        for (root, path, hint) in batch.hints {
            self.follow(root, &path, hint);
        }
        for request in batch.requests {
            match request {
                Request::Rescan(below) => self.rescan(below),
                Request::Retry(path, due) => self.owe(&resolved(&path), due),
                Request::Filter(filter) => {
                    self.filter = Arc::new(filter);
                    self.scan_all(Purpose::Look);
                }
            }
        }
    }

    /// Events of a root were lost.
    fn doubt(&mut self, root: usize, doubt: Doubt) {
        let path = self.roots[root].path.clone();
        if !self.still_there(root) {
            return;
        }
        match doubt {
            Doubt::Overflow => self.tell(Event::Note(Note::Overflow { root: path.clone() })),
            Doubt::Error(error) => match PollingReason::of(&error) {
                PollingReason::Failed(reason) => {
                    self.tell(Event::Note(Note::WatchError { root: path.clone(), reason }));
                }
                limit => self.poll(root, limit),
            },
        }
        self.scan(root, path, Purpose::Look);
    }

    /// Looks at what a hint may have been about.
    fn follow(&mut self, root: usize, path: &Path, hint: Hint) {
        let home = self.roots[root].path.clone();
        if hint.left && path == home {
            // What is at the path now, if anything, is another folder, even if its inode got the same number.
            return self.lose(root);
        }
        let taken = |takes: fn(&Filter, &Path, &Path) -> bool| {
            self.roots[root].names(path).find(|name| takes(&self.filter, &home, name))
        };
        match path.metadata() {
            Ok(meta) if meta.is_dir() => {
                if let Some(name) = taken(Filter::takes_dir) {
                    self.scan(root, name, Purpose::Look);
                }
            }
            Ok(meta) if meta.is_file() && taken(Filter::takes).is_some() => {
                let (file, stat) = (resolved(path), Stat::of(&meta));
                if self.filter.output_with(&file).is_none() {
                    self.see(&file, stat, hint.closed, Sighting { writer: hint.writer, backlog: false });
                }
            }
            Ok(_) => {}
            Err(error) if is_gone(&error) => {
                if self.still_there(root) {
                    self.gone(&self.seen.below(&resolved(path)));
                }
            }
            // A scan will tell if that lasts.
            Err(_) => {}
        }
    }

    /// A file is there. `closed`: nobody writes to it any more.
    fn see(&mut self, path: &Path, stat: Stat, closed: bool, how: Sighting) {
        if self.seen.has(path, stat) && !self.pending.is_owed(path) {
            self.pending.forget(path);
        } else if closed && stat.bytes > 0 {
            self.complete(path, stat);
        } else {
            self.pending.see(path, stat, how, Instant::now());
        }
    }

    fn complete(&mut self, path: &Path, stat: Stat) {
        let fresh = !self.pending.forget(path).unwrap_or_default().backlog;
        self.seen.insert(path, stat, self.scans_begun);
        self.tell(Event::File { path: path.to_owned(), stat, fresh });
    }

    /// Tells of those that are really gone.
    fn gone(&mut self, files: &[PathBuf]) {
        for path in files {
            if Stat::read(path).is_err_and(|error| is_gone(&error)) {
                let owed = self.pending.forget(path).unwrap_or_default().owed;
                if self.seen.remove(path) || owed {
                    self.tell(Event::Gone { path: path.clone() });
                }
            }
        }
    }

    fn owe(&mut self, path: &Path, due: Instant) {
        self.drained = false;
        // A file that can't be looked at now is looked at when its time comes.
        let unknown = Stat { bytes: 0, modified_ns: 0, inode: 0, device: 0 };
        self.pending.owe(path, Stat::read(path).unwrap_or(unknown), due);
    }

    fn look_at_due(&mut self) {
        let now = Instant::now();
        while let Some(path) = self.pending.take_due(now) {
            match path.metadata() {
                Ok(meta) if meta.is_file() => {
                    let stat = Stat::of(&meta);
                    if self.pending.look(&path, stat, now) {
                        self.complete(&path, stat);
                    }
                }
                Err(error) if !is_gone(&error) => {
                    self.tell(Event::Note(Note::Unreadable { path: path.clone(), reason: error.to_string() }));
                    self.give_up(path);
                }
                _ => self.give_up(path),
            }
        }
    }

    /// Waits no longer for a file that isn't there or can't be looked at; a retry still gets its answer.
    fn give_up(&mut self, path: PathBuf) {
        let owed = self.pending.forget(&path).unwrap_or_default().owed;
        let is_away = self.roots.iter().any(|root| path.starts_with(&root.path) && !root.is_there());
        let was_told = (owed || !is_away) && self.seen.remove(&path);
        if owed || was_told {
            self.tell(Event::Gone { path });
        }
    }

    fn tell(&mut self, event: Event) {
        (self.sink)(event);
    }

    fn tell_milestones(&mut self) {
        if !self.scans.is_empty() {
            return;
        }
        if !self.ready && !self.pending.has_backlog() {
            self.ready = true;
            self.tell(Event::Ready);
        }
        if self.options.once && self.ready && !self.drained && self.pending.is_empty() && self.inbox.is_empty() {
            (self.drained, self.ended) = (true, true);
            self.roots.iter_mut().for_each(Root::close);
            self.tell(Event::Drained);
        }
    }
}

fn is_gone(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

mod roots;
mod scans;
