//! What can go wrong with the store.

use giqa_engine::safe_text::shown;
use std::path::PathBuf;

/// The store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk is full: what was to be written can be written later.
    #[error("{}: the disk is full; make room, giqa goes on by itself", shown(path))]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds it.
    #[error("{}: another giqa{} is watching with this state folder; stop it, or choose another with --state-dir", shown(path), pid.map_or(String::new(), |p| format!(" (process {p})")))]
    InUse {
        /// The lock.
        path: PathBuf,
        /// Who has it.
        pid: Option<u32>,
    },
    /// A newer giqa wrote it.
    #[error(
        "{}: it was written by a newer giqa (version {found} of the store, this one knows {known}); use that giqa, or another --state-dir",
        shown(path)
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version of this program.
        known: i64,
    },
    /// An older giqa wrote it and is using it.
    #[error(
        "{}: it was written by an older giqa (version {found} of the store, this one uses {known}) that is still watching{}; stop that, then it is brought up to date", shown(path), pid.map_or(String::new(), |p| format!(" (process {p})"))
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version of this program.
        known: i64,
        /// Who has it.
        pid: Option<u32>,
    },
    /// There is none.
    #[error("{}: there is no store yet; `giqa watch` makes one", shown(path))]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The folder can't be used.
    #[error("{}: {reason}; choose another folder with --state-dir", shown(path))]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// Anything else that SQLite says.
    #[error("{}: {reason}; `giqa store verify` looks at the file", shown(path))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: rusqlite::Error,
    },
    /// Something in it can't be read by this version.
    #[error("{}: {what}; `giqa store verify` looks at the file", shown(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// What.
        what: String,
    },
}

impl StoreError {
    /// Whether waiting may help.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }
}
