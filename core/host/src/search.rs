//! Where libraries are looked for.

use crate::error::HostError;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

/// The environment variable with further folders, separated like `PATH`.
pub const PLUGIN_PATH_VARIABLE: &str = "GIQA_PLUGIN_PATH";

/// The search path, in order: folders named by hand, `GIQA_PLUGIN_PATH`, plugins.toml, beside the program, the
/// user's data folder. Only absolute, existing folders are in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchPath {
    /// Folders that may replace built-in plugins.
    chosen: Vec<PathBuf>,
    /// Folders in which cargo leaves copies of built-in plugins: for other plugins only.
    build: Vec<PathBuf>,
}

impl SearchPath {
    /// The search path of this process.
    #[must_use]
    pub fn new(by_hand: &[PathBuf], configured: &[PathBuf]) -> Self {
        let mut chosen: Vec<PathBuf> =
            by_hand.iter().map(|p| std::path::absolute(p).unwrap_or_else(|_| p.clone())).collect();
        if let Some(value) = std::env::var_os(PLUGIN_PATH_VARIABLE) {
            for path in std::env::split_paths(&value).filter(|p| !p.as_os_str().is_empty()) {
                if path.is_absolute() {
                    chosen.push(path);
                } else {
                    tracing::warn!("{PLUGIN_PATH_VARIABLE}: '{}' is not absolute and is left out", path.display());
                }
            }
        }
        chosen.extend(configured.iter().cloned());
        let mut build = Vec::new();
        if let Some(beside) = std::env::current_exe().ok().and_then(|exe| exe.canonicalize().ok())
            && let Some(bin) = beside.parent()
        {
            build.extend([bin.to_owned(), bin.join("deps")]);
            chosen.extend(bin.parent().map(|prefix| prefix.join("lib/giqa/plugins")));
        }
        chosen.extend(data_dir().map(|d| d.join("giqa/plugins")));
        let existing = |list: Vec<PathBuf>| list.into_iter().filter(|p| p.is_dir()).collect();
        Self { chosen: existing(chosen), build: existing(build) }
    }

    /// All folders, in order.
    pub fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.chosen.iter().chain(&self.build)
    }

    /// The library of this name. Built-in plugins are only looked for where somebody put a library on purpose.
    #[must_use]
    pub fn find(&self, library: &str, builtin: bool) -> Option<PathBuf> {
        let file = file_name(library);
        let folders: Box<dyn Iterator<Item = &PathBuf>> =
            if builtin { Box::new(self.chosen.iter()) } else { Box::new(self.folders()) };
        folders.map(|folder| folder.join(&file)).find(|path| path.is_file())
    }

    /// All libraries whose names begin with `giqa_`, first come first.
    #[must_use]
    pub fn all(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = Vec::new();
        for folder in self.folders() {
            let mut here: Vec<PathBuf> = std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|e| e.path())
                .filter(|p| library_name(p).is_some_and(|n| n.starts_with("giqa_")) && p.is_file())
                .collect();
            here.sort();
            here.retain(|p| !found.iter().any(|f| f.file_name() == p.file_name()));
            found.extend(here);
        }
        found
    }

    /// The error of a library that is nowhere.
    pub(crate) fn not_found(&self, plugin: &str, library: &str) -> HostError {
        HostError::NotFound {
            plugin: plugin.to_owned(),
            library: file_name(library),
            looked_in: self.folders().cloned().collect(),
        }
    }
}

/// The file name of a library: `giqa_torch` -> `libgiqa_torch.so`.
pub(crate) fn file_name(library: &str) -> String {
    if library.ends_with(DLL_SUFFIX) { library.to_owned() } else { format!("{DLL_PREFIX}{library}{DLL_SUFFIX}") }
}

/// The name in a library's file name: `libgiqa_torch.so` -> `giqa_torch`.
pub(crate) fn library_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_prefix(DLL_PREFIX)?.strip_suffix(DLL_SUFFIX)
}

/// The library name that a plugin has unless plugins.toml says otherwise.
pub(crate) fn default_library(plugin: &str) -> String {
    format!("giqa_{}", plugin.replace('-', "_"))
}

fn data_dir() -> Option<PathBuf> {
    let absolute = |p: PathBuf| p.is_absolute().then_some(p);
    std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .and_then(absolute)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_folder_wins_and_missing_ones_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::create_dir_all(&a).unwrap();
        std::fs::create_dir_all(&b).unwrap();
        let file = file_name("giqa_x");
        std::fs::write(a.join(&file), "").unwrap();
        std::fs::write(b.join(&file), "").unwrap();
        std::fs::write(b.join("notes.txt"), "").unwrap();
        let path = SearchPath::new(&[b.clone(), dir.path().join("missing")], std::slice::from_ref(&a));
        assert_eq!(path.folders().next(), Some(&b));
        assert!(!path.folders().any(|f| f.ends_with("missing")));
        assert_eq!(path.find("giqa_x", true), Some(b.join(&file)));
        assert_eq!(path.all().iter().filter(|p| p.ends_with(&file)).count(), 1);
        assert_eq!(path.find("giqa_nothing_like_it", false), None);
        assert!(path.not_found("x", "giqa_y").to_string().contains(&b.display().to_string()));
    }

    #[test]
    fn names() {
        assert_eq!(default_library("my-plugin"), "giqa_my_plugin");
        assert_eq!(library_name(Path::new(&file_name("giqa_x"))), Some("giqa_x"));
        assert_eq!(library_name(Path::new("x.txt")), None);
    }
}
