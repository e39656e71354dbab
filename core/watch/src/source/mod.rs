//! Folders over time: which files are there, and complete.
//!
//! An event is a hint: it says where to look, `stat` says what is there. A folder that appears, a name that changes, an
//! overflow of the kernel's queue: all lead to a scan of what lies below. The watch begins before the first scan, and a
//! slow scan of everything is the net below it all. A file counts as complete when it was closed after writing or renamed
//! into place, or when its size and time stay the same for a while.

mod filter;
mod look;
mod note;
mod pending;
mod roots;

pub use filter::{Filter, FilterError};
pub use note::Note;

use look::Looker;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, SyncSender, channel};
use std::time::Duration;

/// Size, time and place of a file, from one look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stat {
    /// Its size.
    pub bytes: u64,
    /// When it was changed last, ns since 1970.
    pub modified_ns: i128,
    /// Its number on its device.
    pub inode: u64,
    /// Its device.
    pub device: u64,
}

impl Stat {
    /// Of a file's metadata.
    #[must_use]
    pub fn of(meta: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            bytes: meta.len(),
            modified_ns: i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec()),
            inode: meta.ino(),
            device: meta.dev(),
        }
    }
}

/// How changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Polling {
    /// By the kernel's events; by looking every now and then on network mounts and where the kernel's limits are reached.
    #[default]
    Auto,
    /// By looking every now and then.
    Always,
}

/// What to watch, and how.
#[derive(Debug, Clone)]
pub struct SourceOptions {
    /// The folders, each with everything below it.
    pub roots: Vec<PathBuf>,
    /// Which files count.
    pub filter: Filter,
    /// How long a file that was not seen to be closed must stay the same.
    pub settle: Duration,
    /// How long events are gathered.
    pub debounce: Duration,
    /// Between two scans of everything.
    pub rescan: Duration,
    /// How changes are noticed.
    pub polling: Polling,
    /// Between two looks where there are no events.
    pub poll_interval: Duration,
    /// End when nothing is pending.
    pub once: bool,
    /// For tests: every event looks like an overflow of the kernel's queue.
    #[doc(hidden)]
    pub overflow: bool,
}

impl SourceOptions {
    /// These folders, with the usual times.
    #[must_use]
    pub fn new(roots: Vec<PathBuf>, filter: Filter) -> Self {
        Self {
            roots,
            filter,
            settle: Duration::from_secs(1),
            debounce: Duration::from_millis(100),
            rescan: Duration::from_secs(300),
            polling: Polling::Auto,
            poll_interval: Duration::from_secs(5),
            once: false,
            overflow: false,
        }
    }
}

/// What the source says.
#[derive(Debug)]
pub enum Event {
    /// A file that is complete as far as can be told.
    File {
        /// The watched folder.
        root: PathBuf,
        /// The file.
        path: PathBuf,
        /// What it was when it was looked at.
        stat: Stat,
        /// It came while watching.
        fresh: bool,
    },
    /// A file that was reported is not there any more.
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Something that a person should know.
    Note(Note),
    /// The first scan is over.
    Ready,
    /// Nothing is pending any more, and that was to be the end.
    Drained,
}

/// A folder can't be watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It is not there, or no folder.
    #[error("{}: {reason}; name a folder that is there", giqa_engine::safe_text::shown(path))]
    Root {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No thread.
    #[error("can't start to watch: {0}")]
    Thread(std::io::Error),
}

pub(crate) enum Message {
    /// Events below the root of this number.
    Events(usize, notify_debouncer_full::DebounceEventResult),
    Rescan,
    Again(PathBuf, Duration),
    Stop,
}

/// A thread that looks at folders. Ends when dropped.
#[derive(Debug)]
pub struct Source {
    messages: Sender<Message>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Source {
    /// Begins to watch. When `sink` is full, the source waits: events are gathered by the kernel meanwhile, and its
    /// overflow leads to a scan.
    ///
    /// # Errors
    /// [`SourceError`] when a folder is not there.
    pub fn start(options: SourceOptions, sink: SyncSender<Event>) -> Result<Self, SourceError> {
        let (messages, inbox) = channel();
        let looker = Looker::new(options, messages.clone(), sink)?;
        let thread = std::thread::Builder::new().name("source".into()).spawn(move || looker.run(&inbox));
        Ok(Self { messages, thread: Some(thread.map_err(SourceError::Thread)?) })
    }

    /// Scans everything again.
    pub fn rescan(&self) {
        let _ = self.messages.send(Message::Rescan);
    }

    /// Reports a file again after a while, or when it has changed.
    pub fn again(&self, path: PathBuf, after: Duration) {
        let _ = self.messages.send(Message::Again(path, after));
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
