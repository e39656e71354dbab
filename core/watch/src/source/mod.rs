//! Folders over time: which files are there, and complete.
//!
//! ```text
//! watchers (notify) --hints--> inbox --quiet for a while--> worker: stat, scan --> settle --> File, Gone, Note, ...
//! ```
//!
//! Events lie in known ways: they come before a file is complete, don't come for files in new folders, and are dropped
//! when there are too many. So an event only names a path to look at; a folder, an overflow or an error names a folder
//! to scan; and all is scanned every few minutes anyway. A root is watched first and scanned then.

mod filesystem;
mod filter;
mod inbox;
mod note;
mod options;
mod paths;
mod root;
mod scan;
mod seen;
mod settle;
mod stat;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
mod worker;

pub use filter::{Filter, FilterError, FilterOptions};
pub use note::{Note, PollingReason};
#[doc(hidden)]
pub use options::Fault;
pub use options::{Polling, SourceOptions};
pub use stat::Stat;

use inbox::{Inbox, Request};
use root::Root;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use worker::Worker;

/// What the source tells. Paths are resolved: free of links, one name for each file however it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A file that is complete as far as can be told: closed after writing, renamed into place, or unchanged for a while.
    /// Told once for each stat, but again after a retry, and after a rescan that was asked for.
    File {
        /// The file.
        path: PathBuf,
        /// What was known of it when it counted as complete.
        stat: Stat,
        /// It arrived or changed while watching, and doesn't belong to what was there at the start.
        fresh: bool,
    },
    /// A file that was told of is not there any more. Not told while its root is away.
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Something a person should know.
    Note(Note),
    /// The first scan is over, and all that was there then is reported.
    Ready,
    /// With [`SourceOptions::once`]: nothing is pending any more. The source ended, but still answers
    /// [`Source::retry`] and [`Source::rescan`], and says this again when the answers are given.
    Drained,
}

/// Watches folders on a thread of its own, until it is dropped.
///
/// The sink is called on that thread. While it blocks, changes are gathered in bounded memory and none is lost; a sink
/// that blocks for good would also block the drop.
#[derive(Debug)]
pub struct Source {
    inbox: Arc<Inbox>,
    thread: Option<JoinHandle<()>>,
}

/// Why watching can't begin.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No folder was named.
    #[error("no folder to watch was named; name at least one")]
    NoRoots,
    /// A root doesn't exist, or can't be looked at.
    #[error("{root:?} can't be watched: {reason}; create the folder, mount it or correct the name")]
    Missing {
        /// The root as given.
        root: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A root is not a folder.
    #[error("{root:?} is not a folder; name the folder it lies in, and include only this file")]
    NotAFolder {
        /// The root as given.
        root: PathBuf,
    },
    /// What giqa writes is ignored, and the root is part of that.
    #[error("{root:?} lies in {output:?}, where giqa writes to, so all of it would be ignored; write somewhere else")]
    InOutput {
        /// The root as given.
        root: PathBuf,
        /// The output.
        output: PathBuf,
    },
    /// The root can't be watched, and polling is off.
    #[error("{root:?} can't be watched, and polling is switched off: {reason}")]
    Watch {
        /// The root.
        root: PathBuf,
        /// Why, and the remedy.
        reason: PollingReason,
    },
    /// The system has no thread left.
    #[error("no thread could be started for watching: {0}")]
    Thread(std::io::Error),
}

impl Source {
    /// Watches the roots, then scans them.
    ///
    /// # Errors
    /// When a root is not there or can't be watched. Later trouble is told as [`Event::Note`].
    pub fn start(mut options: SourceOptions, sink: impl FnMut(Event) + Send + 'static) -> Result<Self, SourceError> {
        options.keep_sane();
        let inbox = Arc::new(Inbox::new(options.debounce, options.fault));
        let mut roots: Vec<Root> = Vec::new();
        let mut notes = Vec::new();
        for given in &options.roots {
            let path = checked(given, &options.filter)?;
            if roots.iter().any(|known| known.path == path) {
                continue;
            }
            let mut root = Root::new(roots.len(), path);
            let note = root
                .open(&options, &inbox)
                .map_err(|error| SourceError::Watch { root: given.clone(), reason: PollingReason::of(&error) })?;
            notes.extend(note);
            roots.push(root);
        }
        if roots.is_empty() {
            return Err(SourceError::NoRoots);
        }
        let worker = Worker::new(options, Arc::clone(&inbox), roots, Box::new(sink));
        let thread = std::thread::Builder::new().name("giqa-source".to_owned());
        let thread = thread.spawn(move || worker.run(notes)).map_err(SourceError::Thread)?;
        Ok(Self { inbox, thread: Some(thread) })
    }

    /// Scans a folder, or everything, and tells of every complete file there again, whether it changed or not: for a
    /// queue that could not take them all.
    pub fn rescan(&self, below: Option<PathBuf>) {
        self.inbox.ask(Request::Rescan(below));
    }

    /// Looks again at a file that was told of but turned out truncated or unreadable: when it changes, or after the
    /// delay. Each call is answered by one `File` or `Gone`; calls before the answer share it, with the last delay.
    pub fn retry(&self, path: PathBuf, after: Duration) {
        self.inbox.ask(Request::Retry(path, Instant::now() + after.min(options::LONGEST)));
    }

    /// Goes on with another filter, and tells of the files that only the new one takes.
    pub fn set_filter(&self, filter: Filter) {
        self.inbox.ask(Request::Filter(filter));
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.inbox.stop();
        // A panic of the sink has been reported by its thread.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn checked(root: &Path, filter: &Filter) -> Result<PathBuf, SourceError> {
    let missing = |reason| SourceError::Missing { root: root.to_owned(), reason };
    let path = root.canonicalize().map_err(missing)?;
    if !path.metadata().map_err(missing)?.is_dir() {
        return Err(SourceError::NotAFolder { root: root.to_owned() });
    }
    // A folder that can't be listed would look like an empty one.
    std::fs::read_dir(&path).map_err(missing)?;
    match filter.output_with(&path) {
        Some(output) => Err(SourceError::InOutput { root: root.to_owned(), output: output.to_owned() }),
        None => Ok(path),
    }
}
