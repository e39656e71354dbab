//! A log that does not grow for ever.

use anyhow::{Context, Result};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

const MOST_BYTES: u64 = 10 << 20;
const KEPT: u32 = 5;

/// A file that becomes FILE.1 when it is full, and that FILE.2, and so on.
pub struct Rotating {
    path: PathBuf,
    file: Option<File>,
    size: u64,
    most: u64,
}

impl Rotating {
    /// Goes on at the end of the file.
    pub fn open(path: &Path) -> Result<Self> {
        Self::with_limit(path, MOST_BYTES)
    }

    fn with_limit(path: &Path, most: u64) -> Result<Self> {
        let file = File::options().append(true).create(true).open(path);
        let file = file.with_context(|| format!("--log {}", path.display()))?;
        let size = file.metadata().map_or(0, |m| m.len());
        Ok(Self { path: path.to_owned(), file: Some(file), size, most })
    }

    /// Writes a line; a log that can't be written is no reason to stop watching.
    pub fn write(&mut self, line: &str) {
        if self.size > 0 && self.size + line.len() as u64 > self.most {
            self.rotate();
        }
        if let Some(file) = &mut self.file
            && file.write_all(line.as_bytes()).is_ok()
        {
            self.size += line.len() as u64;
        }
    }

    fn rotate(&mut self) {
        let numbered = |n: u32| PathBuf::from(format!("{}.{n}", self.path.display()));
        for n in (1..KEPT).rev() {
            let _ = std::fs::rename(numbered(n), numbered(n + 1));
        }
        let _ = std::fs::rename(&self.path, numbered(1));
        self.file = File::options().append(true).create(true).open(&self.path).ok();
        self.size = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_lines_move_on_and_the_oldest_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = Rotating::with_limit(&path, 8).unwrap();
        (0..9).for_each(|i| log.write(&format!("line {i}\n")));
        let mut log = Rotating::with_limit(&path, 8).unwrap();
        log.write("line 9\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "line 9\n");
        assert_eq!(std::fs::read_to_string(dir.path().join("log.5")).unwrap(), "line 4\n");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 6);
    }
}
