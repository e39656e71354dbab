//! Looking: at what events point to, at folders, and at files whose time has come.

use super::pending::{Now, Pending};
use super::roots::{Root, roots};
use super::{Event, Message, Note, SourceError, SourceOptions, Stat};
use notify::EventKind;
use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify_debouncer_full::DebounceEventResult;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender};
use std::time::{Duration, Instant};
use walkdir::WalkDir;

/// Waits at least this long between two rounds, so that a burst of timers is one round.
const BREATH: Duration = Duration::from_millis(5);

pub(super) struct Looker {
    options: SourceOptions,
    roots: Vec<Root>,
    pending: Pending,
    /// What was reported of each file that is there.
    reported: HashMap<PathBuf, Stat>,
    /// What was noted of a path, so that it is noted once.
    noted: HashSet<Note>,
    next_rescan: Instant,
    messages: Sender<Message>,
    sink: SyncSender<Event>,
    /// Nobody listens any more, or a stop was asked for.
    ended: bool,
    first: bool,
}

impl Looker {
    pub(super) fn new(
        options: SourceOptions,
        messages: Sender<Message>,
        sink: SyncSender<Event>,
    ) -> Result<Self, SourceError> {
        Ok(Self {
            roots: roots(&options.roots)?,
            pending: Pending::new(options.settle),
            reported: HashMap::new(),
            noted: HashSet::new(),
            next_rescan: Instant::now() + options.rescan,
            messages,
            sink,
            ended: false,
            first: true,
            options,
        })
    }

    pub(super) fn run(mut self, inbox: &Receiver<Message>) {
        // Watch first, then scan: nothing falls between.
        for number in 0..self.roots.len() {
            self.begin(number);
        }
        (0..self.roots.len()).for_each(|number| self.scan(number, None));
        self.say(Event::Ready);
        self.first = false;
        while !self.ended {
            self.round();
            if self.options.once && self.pending.is_empty() {
                self.say(Event::Drained);
                return;
            }
            let now = Instant::now();
            let next = self.next_turn();
            match inbox.recv_timeout(next.saturating_duration_since(now).max(BREATH)) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // What has gathered meanwhile belongs to the same round.
            while let Ok(message) = inbox.try_recv() {
                self.take(message);
            }
        }
    }

    fn next_turn(&self) -> Instant {
        let looks = self.roots.iter().filter_map(|r| r.next_look);
        looks.chain(self.pending.next()).fold(self.next_rescan, Instant::min)
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Events(number, events) => self.events(number, events),
            Message::Rescan => self.next_rescan = Instant::now(),
            Message::Again(path, after) => {
                let root = self.roots.iter().position(|r| path.starts_with(&r.path));
                if let (Some(root), Ok(meta)) = (root, std::fs::metadata(&path)) {
                    self.reported.remove(&path);
                    self.pending.again(root, &path, Stat::of(&meta), after);
                }
            }
            Message::Stop => self.ended = true,
        }
    }

    /// What time has brought.
    fn round(&mut self) {
        let now = Instant::now();
        for (path, root, fresh) in self.pending.due() {
            self.look(root, &path, fresh, false);
        }
        let all = self.next_rescan <= now;
        if all {
            self.next_rescan = now + self.options.rescan;
        }
        for number in 0..self.roots.len() {
            let due = self.roots.get(number).is_some_and(|r| r.next_look.is_some_and(|at| at <= now));
            if all || due {
                self.scan(number, None);
                let options = self.options.clone();
                if let Some(root) = self.roots.get_mut(number) {
                    root.look_later(&options);
                }
            }
        }
    }

    fn begin(&mut self, number: usize) {
        let (options, messages) = (self.options.clone(), self.messages.clone());
        let note = self.roots.get_mut(number).and_then(|root| root.begin(number, &options, &messages));
        note.into_iter().for_each(|n| self.note(n));
    }

    fn events(&mut self, number: usize, events: DebounceEventResult) {
        let Some(root) = self.roots.get(number).map(|r| r.path.clone()) else { return };
        let lost = match &events {
            Ok(events) => self.options.overflow || events.iter().any(|e| e.need_rescan()),
            Err(_) => true,
        };
        if lost {
            self.note(Note::Overflow { root });
            return self.scan(number, None);
        }
        for event in events.into_iter().flatten() {
            let closed = match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
                // Our own reading.
                EventKind::Access(_) => continue,
                EventKind::Modify(ModifyKind::Name(mode)) => matches!(mode, RenameMode::To | RenameMode::Both),
                _ => false,
            };
            for path in &event.paths {
                self.at(number, path, closed);
            }
        }
    }

    /// Something happened at a path.
    fn at(&mut self, number: usize, path: &Path, closed: bool) {
        let Some(root) = self.roots.get(number) else { return };
        if !root.path.is_dir() {
            return self.scan(number, None);
        }
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.scan(number, Some(path)),
            Ok(_) => self.look(number, path, true, closed),
            Err(_) => {
                self.gone(path);
                // It may have been a folder.
                let below: Vec<PathBuf> = self.reported.keys().filter(|p| p.starts_with(path)).cloned().collect();
                below.iter().for_each(|p| self.gone(p));
            }
        }
    }

    /// Looks at one file.
    fn look(&mut self, number: usize, path: &Path, fresh: bool, closed: bool) {
        let Some(root) = self.roots.get(number).map(|r| r.path.clone()) else { return };
        if !self.options.filter.takes(&root, path) {
            return;
        }
        let stat = match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() => Stat::of(&meta),
            Ok(_) => return,
            Err(_) => return self.gone(path),
        };
        if self.reported.get(path) == Some(&stat) {
            self.pending.forget(path);
            return;
        }
        if self.pending.look(number, path, stat, fresh, closed) == Now::Complete {
            self.reported.insert(path.to_owned(), stat);
            self.say(Event::File { root, path: path.to_owned(), stat, fresh });
        }
    }

    fn gone(&mut self, path: &Path) {
        self.pending.forget(path);
        if self.reported.remove(path).is_some() {
            self.say(Event::Gone { path: path.to_owned() });
        }
    }

    /// Looks at everything below a watched folder, or a folder in it.
    fn scan(&mut self, number: usize, below: Option<&Path>) {
        let Some(root) = self.roots.get(number) else { return };
        let (path, missing) = (root.path.clone(), root.is_missing());
        match (path.is_dir(), missing) {
            (true, true) => {
                self.begin(number);
                self.note_again(Note::RootBack { root: path.clone() });
            }
            (false, false) => {
                if let Some(root) = self.roots.get_mut(number) {
                    root.lose();
                }
                self.note_again(Note::RootGone { root: path });
                return;
            }
            (false, true) => return,
            (true, false) => {}
        }
        let from = below.unwrap_or(&path);
        let filter = self.options.filter.clone();
        let inner = path.clone();
        let walker = WalkDir::new(from).follow_links(true).into_iter();
        let mut seen = HashSet::new();
        for entry in walker.filter_entry(move |e| !e.file_type().is_dir() || filter.enters(&inner, e.path())) {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    self.look(number, entry.path(), !self.first, false);
                    seen.insert(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => self.stumbled(&path, &error),
            }
            if self.ended {
                return;
            }
        }
        let gone = |p: &&PathBuf| p.starts_with(from) && !seen.contains(*p);
        let gone: Vec<PathBuf> = self.reported.keys().filter(gone).cloned().collect();
        gone.iter().for_each(|p| self.gone(p));
    }

    fn stumbled(&mut self, root: &Path, error: &walkdir::Error) {
        let path = error.path().unwrap_or(root).to_owned();
        // What was there a moment ago and is gone is nothing to tell.
        if error.io_error().is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
            return;
        }
        let reason = match error.loop_ancestor() {
            Some(above) => format!("the link leads back to {}, it is not followed", above.display()),
            None => error.io_error().map_or_else(|| error.to_string(), ToString::to_string),
        };
        self.note(Note::Unreadable { path, reason });
    }

    fn note(&mut self, note: Note) {
        // Overflows are told each time.
        if matches!(note, Note::Overflow { .. }) || self.noted.insert(note.clone()) {
            self.say(Event::Note(note));
        }
    }

    fn note_again(&mut self, note: Note) {
        // At the start a watched folder is neither gone nor back.
        if !self.first {
            self.say(Event::Note(note));
        }
    }

    fn say(&mut self, event: Event) {
        if !self.ended && self.sink.send(event).is_err() {
            self.ended = true;
        }
    }
}
