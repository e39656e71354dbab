//! What a person should know about the watched folders.

use giqa_engine::safe_text::shown;
use std::path::PathBuf;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Note {
    /// There are no events from this kind of file system.
    #[error(
        "{}: on a network or foreign file system ({kind}), which sends no events; it is looked at every {seconds} s",
        shown(root)
    )]
    Network {
        /// The folder.
        root: PathBuf,
        /// The file system.
        kind: &'static str,
        /// Between two looks.
        seconds: u64,
    },
    /// The kernel's limit is reached.
    #[error(
        "{}: the limit of watched folders is reached ({reason}); it is looked at every {seconds} s instead. To raise the limit: sudo sysctl fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024",
        shown(root)
    )]
    Limit {
        /// The folder.
        root: PathBuf,
        /// What the kernel said.
        reason: String,
        /// Between two looks.
        seconds: u64,
    },
    /// Events were lost; everything is scanned.
    #[error("{}: events were lost; everything below is looked at again", shown(root))]
    Overflow {
        /// The folder.
        root: PathBuf,
    },
    /// A folder or file that can't be looked at.
    #[error("{}: {reason}", shown(path))]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The watched folder is gone.
    #[error("{}: the watched folder is gone; it is waited for", shown(root))]
    RootGone {
        /// The folder.
        root: PathBuf,
    },
    /// It came back.
    #[error("{}: the watched folder is back", shown(root))]
    RootBack {
        /// The folder.
        root: PathBuf,
    },
}
