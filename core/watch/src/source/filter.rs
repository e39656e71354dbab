//! Which files count.

use giqa_engine::decode::has_image_extension;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Endings of files that are still being written or are nobody's photos.
const TEMPORARY: [&str; 6] = ["part", "partial", "crdownload", "tmp", "temp", "filepart"];

/// A pattern that can't be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "{option} {pattern}: {reason}; patterns are like *.jpg, raw/** or {{a,b}}/*.png, relative to the watched folder"
)]
pub struct FilterError {
    option: &'static str,
    pattern: String,
    reason: String,
}

/// Which files count: photographs by their ending, not hidden, not temporary, not our own outputs, and as the patterns say.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
    outputs: Vec<PathBuf>,
}

impl Filter {
    /// Patterns are relative to the watched folder; without an include pattern everything counts that is not excluded.
    /// `outputs` are folders (or files) that giqa itself writes to.
    ///
    /// # Errors
    /// [`FilterError`] for the first pattern that can't be read.
    pub fn new(include: &[String], exclude: &[String], outputs: Vec<PathBuf>) -> Result<Self, FilterError> {
        let set = |option: &'static str, patterns: &[String]| {
            let mut set = GlobSetBuilder::new();
            let wrong = |pattern: &str, error: &globset::Error| FilterError {
                option,
                pattern: pattern.to_owned(),
                reason: error.kind().to_string(),
            };
            for pattern in patterns {
                // A bare name is meant at any depth.
                let anywhere = if pattern.contains('/') { pattern.clone() } else { format!("**/{pattern}") };
                set.add(Glob::new(&anywhere).map_err(|e| wrong(pattern, &e))?);
            }
            set.build().map_err(|e| wrong("", &e))
        };
        let included = set("--include", include)?;
        Ok(Self { include: (!include.is_empty()).then_some(included), exclude: set("--exclude", exclude)?, outputs })
    }

    /// Whether a file below `root` counts.
    #[must_use]
    pub fn takes(&self, root: &Path, path: &Path) -> bool {
        let Ok(relative) = path.strip_prefix(root) else { return false };
        has_image_extension(path)
            && !is_temporary(path)
            && relative.parent().is_none_or(|folders| folders.components().all(|c| !is_hidden(c.as_os_str())))
            && path.file_name().is_some_and(|name| !is_hidden(name))
            && !self.is_output(path)
            && self.include.as_ref().is_none_or(|set| set.is_match(relative))
            && !self.exclude.is_match(relative)
    }

    /// Whether there is any use in looking into a folder below `root`.
    #[must_use]
    pub fn enters(&self, root: &Path, path: &Path) -> bool {
        path == root || (path.file_name().is_some_and(|name| !is_hidden(name)) && !self.is_output(path))
    }

    fn is_output(&self, path: &Path) -> bool {
        self.outputs.iter().any(|output| path.starts_with(output))
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    name.last() == Some(&b'~') || name.starts_with(b"~$") || TEMPORARY.contains(&ending.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts() {
        let strings = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        let plain = Filter::new(&[], &[], vec!["/w/rejects".into()]).unwrap();
        let chosen = Filter::new(&strings(&["*.jpg", "raw/**"]), &strings(&["*_edit*"]), Vec::new()).unwrap();
        for (path, by_plain, by_chosen) in [
            ("/w/a.jpg", true, true),
            ("/w/deep/er/A.JPG", true, false),
            ("/w/raw/b.png", true, true),
            ("/w/b.png", true, false),
            ("/w/a_edit2.jpg", true, false),
            ("/w/rejects/a.jpg", false, true),
            ("/w/rejects2/a.jpg", true, true),
            ("/w/.a.jpg", false, false),
            ("/w/.cache/a.jpg", false, false),
            ("/w/a.jpg.part", false, false),
            ("/w/a.jpg~", false, false),
            ("/w/notes.txt", false, false),
            ("/elsewhere/a.jpg", false, false),
        ] {
            let path = Path::new(path);
            assert_eq!(
                (plain.takes(Path::new("/w"), path), chosen.takes(Path::new("/w"), path)),
                (by_plain, by_chosen),
                "{path:?}"
            );
        }
        assert!(
            !plain.enters(Path::new("/w"), Path::new("/w/rejects")) && plain.enters(Path::new("/w"), Path::new("/w"))
        );
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let error = Filter::new(&["a[".to_owned()], &[], Vec::new()).unwrap_err().to_string();
        assert!(error.starts_with("--include a[: "), "{error}");
    }
}
