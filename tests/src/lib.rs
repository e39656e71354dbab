//! End-to-end tests on the real binary: what they share.
//!
//! Every command runs in a clean environment with a home folder of its own; nothing of the machine's configuration
//! gets in, nothing is left behind, and no command outlives [`PATIENCE`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod build;
mod command;
pub mod gallery;
pub mod plugins;
pub mod process;
pub mod reports;
pub mod screen;
pub mod svg;
pub mod tmux;
pub mod watching;

pub use build::{built, library_file, root, target_dir};
pub use command::{Giqa, PATIENCE, Ran, Running, giqa};

use std::path::{Path, PathBuf};

/// A file of tests/fixtures.
#[must_use]
pub fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// A photograph of examples/photos.
#[must_use]
pub fn photo(name: &str) -> PathBuf {
    root().join("examples/photos").join(name)
}

/// A temporary folder, only ours, gone when it is dropped.
#[must_use]
pub fn temp() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Writes a file and gives its path.
pub fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A path as text.
#[must_use]
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
