//! Which picture is meant: a file that was replaced is another one.

use super::super::scene::Scene;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A photo, by its path and what tells its contents apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    version: Version,
}

#[derive(Debug, Clone, PartialEq)]
enum Version {
    Hash(Arc<str>),
    File(u64, Option<SystemTime>),
    Unknown,
}

impl Source {
    /// Asks the file system where the hash is not known.
    pub(super) fn of(scene: &Scene) -> Self {
        let version = match &scene.blake3 {
            Some(hash) => Version::Hash(Arc::clone(hash)),
            None => signature(&scene.path),
        };
        Self { path: scene.path.clone(), version }
    }
}

fn signature(path: &Path) -> Version {
    std::fs::metadata(path).map_or(Version::Unknown, |m| Version::File(m.len(), m.modified().ok()))
}
