//! Files that are not known to be complete yet.

use super::Stat;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// An empty file is given so many times longer: many writers make it first and fill it later.
const EMPTY: u32 = 5;

#[derive(Debug, Clone)]
struct Waiting {
    root: usize,
    stat: Stat,
    fresh: bool,
    /// When it will have been the same for long enough.
    due: Instant,
}

/// Files and when they will be complete.
#[derive(Debug)]
pub(super) struct Pending {
    settle: Duration,
    files: BTreeMap<PathBuf, Waiting>,
}

/// What a look at a file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Now {
    Complete,
    Wait,
}

impl Pending {
    pub(super) fn new(settle: Duration) -> Self {
        Self { settle, files: BTreeMap::new() }
    }

    /// A file was looked at. `closed`: its writer is known to be done.
    pub(super) fn look(&mut self, root: usize, path: &Path, stat: Stat, fresh: bool, closed: bool) -> Now {
        let now = Instant::now();
        let patience = if stat.bytes == 0 { self.settle * EMPTY } else { self.settle };
        if (closed && stat.bytes > 0) || (!self.files.contains_key(path) && is_old(stat, patience)) {
            self.files.remove(path);
            return Now::Complete;
        }
        match self.files.get_mut(path) {
            Some(known) if known.stat == stat && known.due <= now => {
                self.files.remove(path);
                Now::Complete
            }
            Some(known) if known.stat == stat => Now::Wait,
            Some(known) => {
                *known = Waiting { root, stat, fresh: known.fresh || fresh, due: now + patience };
                Now::Wait
            }
            None => {
                self.files.insert(path.to_owned(), Waiting { root, stat, fresh, due: now + patience });
                Now::Wait
            }
        }
    }

    pub(super) fn forget(&mut self, path: &Path) {
        self.files.remove(path);
    }

    /// Looks at this file again after a while, even when it is old.
    pub(super) fn again(&mut self, root: usize, path: &Path, stat: Stat, after: Duration) {
        self.files.insert(path.to_owned(), Waiting { root, stat, fresh: true, due: Instant::now() + after });
    }

    /// Those whose time has come, with their roots and whether they are fresh.
    pub(super) fn due(&self) -> Vec<(PathBuf, usize, bool)> {
        let now = Instant::now();
        self.files.iter().filter(|(_, w)| w.due <= now).map(|(p, w)| (p.clone(), w.root, w.fresh)).collect()
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.files.values().map(|w| w.due).min()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Whether a file was last changed long enough ago that nobody is writing it. Clocks may lie: what is from the future is
/// waited for, and what is wrongly taken for old will be found to be cut short.
fn is_old(stat: Stat, patience: Duration) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as i128);
    now - stat.modified_ns > 2 * patience.as_nanos() as i128
}
