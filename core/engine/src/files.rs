//! Output files with names made of names from outside.

use crate::safe_text::shown;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: can't be written: {source}", shown(path))]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// A folder that files are put into. No name leads out of it, no file there is ever replaced (a taken name gets `-2`,
/// `-3`, ...), and a file is there whole or not at all.
#[derive(Debug, Clone)]
pub struct OutputDir(PathBuf);

impl OutputDir {
    /// The folder, made if it is missing.
    ///
    /// # Errors
    /// [`WriteError`] when it can't be made.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        std::fs::create_dir_all(path).map_err(|source| WriteError { path: path.to_owned(), source })?;
        Ok(Self(path.to_owned()))
    }

    /// Writes `<stem>.<extension>`; the stem is made safe first.
    ///
    /// # Errors
    /// [`WriteError`] when it can't be written.
    pub fn write(&self, stem: &str, extension: &str, bytes: &[u8]) -> Result<PathBuf, WriteError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = self.0.join(format!(".giqa-{}-{n}.tmp", std::process::id()));
        let fail = |path: &Path, source| WriteError { path: path.to_owned(), source };
        let result = write_whole(&temporary, bytes).map_err(|e| fail(&temporary, e)).and_then(|()| {
            let path = self.claim(&safe_stem(stem), extension)?;
            // The empty file that claims the name is ours; the rename fills it in one step.
            std::fs::rename(&temporary, &path).map_err(|e| {
                let _ = std::fs::remove_file(&path);
                fail(&path, e)
            })?;
            Ok(path)
        });
        if result.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        result
    }

    fn claim(&self, stem: &str, extension: &str) -> Result<PathBuf, WriteError> {
        for n in 1_u32.. {
            let name = if n == 1 { format!("{stem}.{extension}") } else { format!("{stem}-{n}.{extension}") };
            let path = self.0.join(name);
            match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(_) => return Ok(path),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && n < 100_000 => {}
                Err(source) => return Err(WriteError { path, source }),
            }
        }
        Err(WriteError { path: self.0.join(stem), source: std::io::ErrorKind::AlreadyExists.into() })
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

const MAX_STEM: usize = 180;

/// Letters, digits, `-`, `_` and `.` (not first) of any name; the rest becomes `_`. Never empty, at most [`MAX_STEM`] bytes.
fn safe_stem(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        // File systems count bytes, and the ending needs some of the usual 255.
        .scan(0, |bytes, c| {
            *bytes += c.len_utf8();
            (*bytes <= MAX_STEM).then_some(c)
        })
        .collect();
    let safe = safe.trim_start_matches('.').trim_end_matches('.');
    if safe.is_empty() { "image".to_owned() } else { safe.to_owned() }
}

/// The stem of an image's file name, for names of files that are made from it.
#[must_use]
pub fn stem_of(path: &str) -> String {
    Path::new(path).file_stem().map_or_else(|| "image".to_owned(), |s| s.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_the_folder() {
        for (name, safe) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a/b\\c:d", "a_b_c_d"),
            ("..", "image"),
            ("", "image"),
            ("\u{1b}[2J\n", "__2J_"),
            ("Grüße.1", "Grüße.1"),
        ] {
            assert_eq!(safe_stem(name), safe);
        }
        assert!(safe_stem(&"x".repeat(500)).len() <= MAX_STEM);
        assert_eq!(stem_of("/a/b.c/photo.x.jpg"), "photo.x");
    }

    #[test]
    fn taken_names_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let out = OutputDir::create(&dir.path().join("new/deep")).unwrap();
        let first = out.write("a", "png", b"1").unwrap();
        let second = out.write("a", "png", b"2").unwrap();
        assert_eq!(second.file_name().unwrap(), "a-2.png");
        assert_eq!((std::fs::read(first).unwrap(), std::fs::read(second).unwrap()), (b"1".to_vec(), b"2".to_vec()));
        assert_eq!(std::fs::read_dir(dir.path().join("new/deep")).unwrap().count(), 2, "no temporary files are left");
    }
}
