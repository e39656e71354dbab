//! What can go wrong with an action.

use giqa_engine::safe_text::{escaped, shown};
use std::path::Path;

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The disk is full: it can be done later.
    Full,
    /// A file or folder can't be used.
    Path,
    /// What is configured can't be done.
    Refused,
    /// A program failed or took too long.
    Command,
    /// Nobody took what was sent.
    Webhook,
    /// The journal could not be written.
    Journal,
}

/// An action failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ActionError {
    /// What kind.
    pub trouble: Trouble,
    /// What happened, to what, and what to do.
    pub message: String,
}

impl ActionError {
    pub(super) fn new(trouble: Trouble, message: impl Into<String>) -> Self {
        Self { trouble, message: message.into() }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        let full = matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded);
        let (trouble, hint) =
            if full { (Trouble::Full, "; make room, it is tried again") } else { (Trouble::Path, "") };
        Self::new(trouble, format!("{}: {error}{hint}", shown(path)))
    }

    pub(super) fn refused(path: &Path, why: &str) -> Self {
        Self::new(Trouble::Refused, format!("{}: {why}", shown(path)))
    }

    /// The journal could not be written.
    #[must_use]
    pub fn journal(error: &crate::store::StoreError) -> Self {
        let trouble = if error.is_full() { Trouble::Full } else { Trouble::Journal };
        Self::new(trouble, format!("the journal: {error}"))
    }

    pub(super) fn of_command(program: &str, why: &str) -> Self {
        Self::new(Trouble::Command, format!("command '{}': {}", escaped(program), escaped(why)))
    }
}

/// Adds the path to an error of the system.
pub(super) trait At<T> {
    fn at(self, path: &Path) -> Result<T, ActionError>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T, ActionError> {
        self.map_err(|e| ActionError::io(path, &e))
    }
}

impl<T> At<T> for rustix::io::Result<T> {
    fn at(self, path: &Path) -> Result<T, ActionError> {
        self.map_err(|e| ActionError::io(path, &std::io::Error::from(e)))
    }
}
