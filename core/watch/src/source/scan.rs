//! A walk through a folder that can be done bit by bit, so that live changes are not kept waiting.

use super::filter::Filter;
use super::note::Note;
use super::paths::resolved;
use super::stat::Stat;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::{DirEntry, IntoIter, WalkDir};

/// What to do with the files of a scan; a later one does for an earlier one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// Something may have changed.
    Look,
    /// The scan at the start: what is there is the backlog.
    First,
    /// Asked for: also what was reported is reported again.
    Again,
}

pub(super) enum Found {
    /// A regular file that the filter takes, by its resolved path.
    File(PathBuf, Stat),
    /// A link to a folder, which is followed, and where it leads.
    Link(PathBuf, PathBuf),
    Trouble(Note),
}

/// One walk. Links are followed, and cut where they lead back.
pub(super) struct Scan {
    pub root: usize,
    pub base: PathBuf,
    pub purpose: Purpose,
    /// Tells this scan's sightings from those of others; 0 until it begins.
    pub number: u64,
    root_path: PathBuf,
    pub filter: Arc<Filter>,
    walk: IntoIter,
    /// Whether paths below the base are resolved already, as long as no link is met.
    plain: bool,
    /// How deep the link lies that the walk is below.
    link: Option<usize>,
}

impl Scan {
    pub fn new(root: usize, root_path: &Path, base: PathBuf, purpose: Purpose, filter: Arc<Filter>) -> Self {
        let plain = base.canonicalize().is_ok_and(|real| real == base);
        let walk = WalkDir::new(&base).follow_links(true).into_iter();
        Self { root, base, purpose, number: 0, root_path: root_path.to_owned(), filter, walk, plain, link: None }
    }

    /// Whether all of the root is walked through.
    pub fn is_whole(&self) -> bool {
        self.base == self.root_path
    }

    fn entry(&mut self, entry: &DirEntry) -> Option<Found> {
        if self.link.is_some_and(|depth| entry.depth() <= depth) {
            self.link = None;
        }
        if entry.file_type().is_dir() {
            if !self.filter.takes_dir(&self.root_path, entry.path()) {
                self.walk.skip_current_dir();
                return None;
            }
            if !entry.path_is_symlink() {
                return None;
            }
            let (path, target) = (entry.path().to_owned(), entry.path().canonicalize().ok()?);
            // The walk knows what lies above it only as far as its base.
            if resolved(path.parent()?).starts_with(&target) {
                self.walk.skip_current_dir();
                return Some(Found::Trouble(Note::LinkLoop { path, above: target }));
            }
            self.link.get_or_insert(entry.depth());
            return Some(Found::Link(path, target));
        }
        if !entry.file_type().is_file() || !self.filter.takes(&self.root_path, entry.path()) {
            return None;
        }
        // A file that vanished since is no trouble: its event, or the next scan, says so.
        let stat = Stat::of(&entry.metadata().ok()?);
        let path = if self.plain && self.link.is_none() && !entry.path_is_symlink() {
            entry.path().to_owned()
        } else {
            entry.path().canonicalize().ok()?
        };
        self.filter.output_with(&path).is_none().then_some(Found::File(path, stat))
    }

    fn trouble(&self, error: &walkdir::Error) -> Option<Found> {
        let path = error.path().unwrap_or(&self.base);
        if !self.filter.takes_dir(&self.root_path, path) {
            return None;
        }
        let path = path.to_owned();
        match (error.loop_ancestor(), error.io_error()) {
            (Some(above), _) => Some(Note::LinkLoop { path, above: above.to_owned() }),
            // Vanished meanwhile, or a link to nothing.
            (None, Some(io)) if io.kind() == std::io::ErrorKind::NotFound => None,
            (None, Some(io)) => Some(Note::Unreadable { path, reason: io.to_string() }),
            (None, None) => Some(Note::Unreadable { path, reason: error.to_string() }),
        }
        .map(Found::Trouble)
    }
}

impl Iterator for Scan {
    /// `None` for an entry that is of no interest: a caller can stop between any two.
    type Item = Option<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.walk.next()? {
            Ok(entry) => self.entry(&entry),
            Err(error) => self.trouble(&error),
        })
    }
}
