//! The store: what became of each photo, exactly one state each.
//!
//! One SQLite file in the state folder, never beside the pictures (WAL does not work on network file systems). The store
//! is the queue as well: what waits is in it, so memory is bounded, one path waits once, and nothing is lost with the
//! process. Everything that must hold together changes in one transaction.

mod briefs;
mod confirm;
mod desk;
mod error;
mod export;
mod journal;
mod list;
mod open;
mod past;
mod photos;
mod proposals;
mod reader;
mod results;
mod stats;

pub use confirm::ConfirmOutcome;
pub use desk::{Desk, UndoOutcome};
pub use error::StoreError;
pub use export::Exported;
pub use journal::{Entry, RunJournal};
pub use list::{ATTRIBUTES, Batch, Brief, HandVerdict, Row};
pub use past::Past;
pub use photos::{Claimed, Seen, Settled, State};
pub use proposals::Proposal;
pub use reader::Reader;
pub use results::{Key, StoredResult};
pub use stats::{Counts, Pruned};

use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// An open store. Writers share one behind a lock; readers open their own with [`Store::read`].
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Milliseconds since 1970. Only told and compared for retries; no decision depends on clocks being right.
pub(crate) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}

#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod tests;
