//! Which picture is meant: a file that was replaced is another one.

use super::super::scene::{Heat, Scene};
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

/// Whether two scenes are one: as `==`, but what can't be told in a heat map is the same as itself.
pub(super) fn same(a: &Scene, b: &Scene) -> bool {
    let heat = |a: &Heat, b: &Heat| {
        let bits = |h: &Heat| h.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        (a.columns, a.rows) == (b.columns, b.rows) && bits(a) == bits(b)
    };
    let heats = match (&a.overlay.heat, &b.overlay.heat) {
        (None, None) => true,
        (Some(a), Some(b)) => Arc::ptr_eq(a, b) || heat(a, b),
        _ => false,
    };
    let marks = Arc::ptr_eq(&a.overlay.marks, &b.overlay.marks) || a.overlay.marks == b.overlay.marks;
    heats
        && marks
        && (a.overlay.selected, a.overlay.drawn) == (b.overlay.selected, b.overlay.drawn)
        && (&a.path, &a.blake3, a.area, a.view) == (&b.path, &b.blake3, b.area, b.view)
}
