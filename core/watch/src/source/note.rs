use std::path::{Path, PathBuf};
use std::time::Duration;

/// Something a person should know. The text says what happened, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Note {
    /// The root is looked through every so often instead of being told of changes.
    #[error("{root:?} is polled every {interval:?}: {why}")]
    Polling {
        /// The root.
        root: PathBuf,
        /// Time from the end of one look to the next.
        interval: Duration,
        /// Why.
        why: PollingReason,
    },
    /// A folder or entry can't be looked at; what lies in it is not seen until that is mended.
    #[error("{path:?} can't be read and is passed over until it can: {reason}")]
    Unreadable {
        /// The folder or entry.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A link to a folder above itself; it is not followed.
    #[error("{path:?} is not followed: the link leads back to {above:?}, which is watched already")]
    LinkLoop {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        above: PathBuf,
    },
    /// More happened at once than could be kept; the root is scanned instead. Nothing is lost.
    #[error(
        "more changed below {root:?} at once than the queue of events holds; the folder is scanned again, nothing is \
         lost (to make it rarer: sysctl fs.inotify.max_queued_events=65536)"
    )]
    Overflow {
        /// The root.
        root: PathBuf,
    },
    /// The system's watch reported an error; the root is scanned instead.
    #[error("watching {root:?} met an error; the folder is scanned again: {reason}")]
    WatchError {
        /// The root.
        root: PathBuf,
        /// What was reported.
        reason: String,
    },
    /// The root is away: removed, renamed or unmounted.
    #[error("{root:?} is not there any more (removed, renamed or unmounted); watching goes on when it is back")]
    RootLost {
        /// The root.
        root: PathBuf,
    },
    /// The root is there again, watched and being scanned.
    #[error("{root:?} is back; it is watched again and scanned for what changed meanwhile")]
    RootBack {
        /// The root.
        root: PathBuf,
    },
}

impl Note {
    /// Whether it is about the folder or something in it.
    pub(super) fn is_below(&self, folder: &Path) -> bool {
        let (Self::Unreadable { path, .. }
        | Self::LinkLoop { path, .. }
        | Self::Polling { root: path, .. }
        | Self::Overflow { root: path }
        | Self::WatchError { root: path, .. }
        | Self::RootLost { root: path }
        | Self::RootBack { root: path }) = self;
        path.starts_with(folder)
    }
}

/// Why a root is polled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PollingReason {
    /// The settings say so.
    #[error("polling was asked for")]
    Asked,
    /// Other machines can change the files without this one being told.
    #[error("it lies on a {0} file system, which does not tell of changes made elsewhere")]
    FileSystem(String),
    /// The kernel's number of watched folders is used up (`ENOSPC`).
    #[error(
        "the limit of watched folders is used up; to be told of changes at once: \
         sysctl fs.inotify.max_user_watches=1048576, then start again"
    )]
    Watches,
    /// The kernel's number of watchers, or of open files, is used up (`EMFILE`).
    #[error(
        "the limit of watchers or of open files is used up; to be told of changes at once: \
         sysctl fs.inotify.max_user_instances=1024 (and ulimit -n 65536), then start again"
    )]
    Instances,
    /// Watching failed in another way.
    #[error("it can't be watched: {0}")]
    Failed(String),
}

const ENOSPC: i32 = 28;
const EMFILE: i32 = 24;

impl PollingReason {
    pub(super) fn of(error: &notify::Error) -> Self {
        let errno = match &error.kind {
            notify::ErrorKind::Io(io) => io.raw_os_error(),
            notify::ErrorKind::MaxFilesWatch => Some(ENOSPC),
            _ => None,
        };
        match errno {
            Some(ENOSPC) => Self::Watches,
            Some(EMFILE) => Self::Instances,
            _ => Self::Failed(error.to_string()),
        }
    }
}
