use super::stat::Stat;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};

/// The files that were told of, as they were then. Holds as much as there are files.
#[derive(Default)]
pub(super) struct Seen {
    files: BTreeMap<PathBuf, Known>,
}

struct Known {
    stat: Stat,
    /// The last scan that met the file.
    scan: u64,
}

impl Seen {
    /// Whether the file was told of with this very stat.
    pub fn has(&self, path: &Path, stat: Stat) -> bool {
        self.files.get(path).is_some_and(|known| known.stat == stat)
    }

    pub fn insert(&mut self, path: &Path, stat: Stat, scan: u64) {
        self.files.insert(path.to_owned(), Known { stat, scan });
    }

    pub fn remove(&mut self, path: &Path) -> bool {
        self.files.remove(path).is_some()
    }

    /// The scan met the file.
    pub fn met(&mut self, path: &Path, scan: u64) {
        if let Some(known) = self.files.get_mut(path) {
            known.scan = scan;
        }
    }

    /// The path itself and all below it.
    pub fn below(&self, path: &Path) -> Vec<PathBuf> {
        self.range(path).map(|(file, _)| file.clone()).collect()
    }

    /// Those below the path that the scan did not meet.
    pub fn not_met(&self, path: &Path, scan: u64) -> Vec<PathBuf> {
        self.range(path).filter(|(_, known)| known.scan != scan).map(|(file, _)| file.clone()).collect()
    }

    /// Those that lie in none of the folders: reached by links.
    pub fn outside<'a>(&self, folders: impl Iterator<Item = &'a Path> + Clone) -> Vec<PathBuf> {
        let is_outside = |file: &&PathBuf| !folders.clone().any(|folder| file.starts_with(folder));
        self.files.keys().filter(is_outside).cloned().collect()
    }

    fn range<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = (&'a PathBuf, &'a Known)> {
        // Paths are ordered name by name, so all that lies in a folder comes right after it.
        let from = (Bound::Included(path), Bound::Unbounded);
        self.files.range::<Path, _>(from).take_while(move |(file, _)| file.starts_with(path))
    }
}
