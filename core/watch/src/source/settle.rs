//! Files that may still be written to: waited for until they stay as they are.

use super::stat::Stat;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An empty file, and one that is known to be open for writing, get this many times the usual wait: uploads stall.
const PATIENCE: u32 = 5;

/// How a file came to notice.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sighting {
    /// It was written to and not closed since.
    pub writer: bool,
    /// It belongs to what was there at the start.
    pub backlog: bool,
}

/// Files that are waited for. All waiting is by [`Instant`]; times of files are only compared for equality.
pub(super) struct Pending {
    settle: Duration,
    files: HashMap<PathBuf, Candidate>,
    /// When to look at which file. An entry that doesn't match its file's `due` is out of date and skipped.
    looks: BinaryHeap<Reverse<(Instant, PathBuf)>>,
    backlog: usize,
}

struct Candidate {
    stat: Stat,
    due: Instant,
    writer: bool,
    backlog: bool,
    /// The answer to a retry: to be reported even if nothing changed.
    owed: bool,
}

impl Pending {
    pub fn new(settle: Duration) -> Self {
        Self { settle, files: HashMap::new(), looks: BinaryHeap::new(), backlog: 0 }
    }

    /// The file is there, with this stat, and not known to be complete.
    pub fn see(&mut self, path: &Path, stat: Stat, how: Sighting, now: Instant) {
        let Some(file) = self.files.get_mut(path) else {
            let candidate = Candidate { stat, due: now, writer: how.writer, backlog: how.backlog, owed: false };
            self.backlog += usize::from(how.backlog);
            self.files.insert(path.to_owned(), candidate);
            return self.wait(path, now);
        };
        let opened = how.writer && !file.writer;
        file.writer |= how.writer;
        if file.stat != stat || opened {
            // What changes after the start is not what was there at the start.
            self.backlog -= usize::from(std::mem::take(&mut file.backlog));
            file.stat = stat;
            self.wait(path, now);
        }
    }

    /// The file is to be reported at `due` even if nothing changes, and sooner if something does.
    pub fn owe(&mut self, path: &Path, stat: Stat, due: Instant) {
        let fresh = Candidate { stat, due, writer: false, backlog: false, owed: true };
        let file = self.files.entry(path.to_owned()).or_insert(fresh);
        (file.owed, file.due) = (true, due);
        self.looks.push(Reverse((due, path.to_owned())));
    }

    /// The next file whose time has come. It is to be answered with [`Self::look`] or [`Self::forget`].
    pub fn take_due(&mut self, now: Instant) -> Option<PathBuf> {
        while self.looks.peek().is_some_and(|Reverse((due, _))| *due <= now) {
            let Reverse((due, path)) = self.looks.pop()?;
            if self.files.get(&path).is_some_and(|file| file.due == due) {
                return Some(path);
            }
        }
        None
    }

    /// A look at a file whose time has come: whether it is complete. If not, it is waited for again.
    pub fn look(&mut self, path: &Path, stat: Stat, now: Instant) -> bool {
        if self.files.get(path).is_some_and(|file| file.stat == stat) {
            return true;
        }
        self.see(path, stat, Sighting::default(), now);
        false
    }

    /// The file needs no more waiting. Returns whether it was waited for, and how.
    pub fn forget(&mut self, path: &Path) -> Option<Farewell> {
        let file = self.files.remove(path)?;
        self.backlog -= usize::from(file.backlog);
        Some(Farewell { owed: file.owed, backlog: file.backlog })
    }

    pub fn is_owed(&self, path: &Path) -> bool {
        self.files.get(path).is_some_and(|file| file.owed)
    }

    pub fn next_look(&self) -> Option<Instant> {
        self.looks.peek().map(|Reverse((due, _))| *due)
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether something that was there at the start is still waited for.
    pub fn has_backlog(&self) -> bool {
        self.backlog > 0
    }

    fn wait(&mut self, path: &Path, now: Instant) {
        if let Some(file) = self.files.get_mut(path) {
            let times = if file.writer || file.stat.bytes == 0 { PATIENCE } else { 1 };
            file.due = now + self.settle * times;
            self.looks.push(Reverse((file.due, path.to_owned())));
        }
    }
}

/// What a file that was waited for leaves behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Farewell {
    pub owed: bool,
    pub backlog: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_millis(100);

    fn stat(bytes: u64) -> Stat {
        Stat { bytes, modified_ns: -5, inode: 1, device: 1 }
    }

    fn path() -> &'static Path {
        Path::new("/in/a.jpg")
    }

    fn pending(how: Sighting, bytes: u64) -> (Pending, Instant) {
        let (mut pending, now) = (Pending::new(SETTLE), Instant::now());
        pending.see(path(), stat(bytes), how, now);
        (pending, now)
    }

    #[test]
    fn an_unchanged_file_is_complete_at_the_second_look() {
        let (mut pending, now) = pending(Sighting::default(), 7);
        assert_eq!(pending.take_due(now + SETTLE / 2), None);
        pending.see(path(), stat(7), Sighting::default(), now + SETTLE / 2);
        assert_eq!(pending.take_due(now + SETTLE).as_deref(), Some(path()));
        assert!(pending.look(path(), stat(7), now + SETTLE));
        assert_eq!(pending.forget(path()), Some(Farewell::default()));
        assert!(pending.is_empty());
    }

    #[test]
    fn a_growing_file_is_waited_for() {
        let (mut pending, now) = pending(Sighting { backlog: true, ..Sighting::default() }, 7);
        assert!(pending.has_backlog());
        assert!(pending.take_due(now + SETTLE).is_some());
        assert!(!pending.look(path(), stat(8), now + SETTLE));
        assert!(!pending.has_backlog(), "it changed after the start");
        pending.see(path(), stat(9), Sighting::default(), now + SETTLE * 3 / 2);
        assert_eq!(pending.take_due(now + SETTLE * 2), None, "the look that was planned is out of date");
        assert!(pending.take_due(now + SETTLE * 5 / 2).is_some());
        assert!(pending.look(path(), stat(9), now + SETTLE * 5 / 2));
    }

    #[test]
    fn empty_and_open_files_get_more_time() {
        for (how, bytes) in [(Sighting::default(), 0), (Sighting { writer: true, ..Sighting::default() }, 7)] {
            let (mut pending, now) = pending(how, bytes);
            assert_eq!(pending.take_due(now + SETTLE * (PATIENCE - 1)), None);
            assert!(pending.take_due(now + SETTLE * PATIENCE).is_some());
            assert!(pending.look(path(), stat(bytes), now + SETTLE * PATIENCE));
        }
    }

    #[test]
    fn what_is_owed_comes_at_its_time_or_when_it_changed() {
        let now = Instant::now();
        let mut pending = Pending::new(SETTLE);
        pending.owe(path(), stat(7), now + SETTLE * 9);
        assert_eq!(pending.take_due(now + SETTLE * 8), None);
        assert!(pending.take_due(now + SETTLE * 9).is_some());
        pending.owe(path(), stat(7), now + SETTLE * 20);
        pending.see(path(), stat(8), Sighting::default(), now + SETTLE * 10);
        assert!(pending.take_due(now + SETTLE * 11).is_some(), "it changed, and settled");
        assert!(pending.look(path(), stat(8), now + SETTLE * 11));
        assert_eq!(pending.forget(path()), Some(Farewell { owed: true, backlog: false }));
    }
}
