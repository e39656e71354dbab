//! Paths from the command line to image files.

use crate::decode::has_image_extension;
use crate::safe_text::shown;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The images below the given paths.
#[derive(Debug, Default)]
pub struct Collected {
    /// Files in the order of the given paths, sorted by name within each folder.
    pub images: Vec<PathBuf>,
    /// Folders and entries that could not be read.
    pub errors: Vec<CollectError>,
}

/// A folder or entry that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: can't be read: {reason}", shown(path))]
pub struct CollectError {
    /// The folder or entry.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// Walks folders (all levels) and takes files as they are.
///
/// A file that is named is always taken: if it is no image, inspecting it says so. Inside folders, hidden entries and
/// files without an image extension are passed over. Links are followed; a link back to a folder above it is reported
/// and cut.
#[must_use]
pub fn collect<P: AsRef<Path>>(paths: &[P]) -> Collected {
    let mut all = Collected::default();
    for path in paths.iter().map(AsRef::as_ref) {
        if path.is_dir() {
            walk(path, &mut all);
        } else {
            all.images.push(path.to_owned());
        }
    }
    all
}

fn walk(root: &Path, all: &mut Collected) {
    let walker = WalkDir::new(root).follow_links(true).sort_by_file_name();
    for entry in walker.into_iter().filter_entry(|e| e.depth() == 0 || !is_hidden(e)) {
        match entry {
            Ok(e) if e.file_type().is_file() && has_image_extension(e.path()) => all.images.push(e.into_path()),
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                let reason = match (error.loop_ancestor(), error.io_error()) {
                    (Some(above), _) => format!("the link leads back to {}", shown(above)),
                    (None, Some(io)) => io.to_string(),
                    (None, None) => error.to_string(),
                };
                all.errors.push(CollectError { path, reason });
            }
        }
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().first() == Some(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_and_files_are_taken() {
        let dir = tempfile::tempdir().unwrap();
        let at = |p: &str| dir.path().join(p);
        for folder in ["b", ".hidden"] {
            std::fs::create_dir(at(folder)).unwrap();
        }
        for file in ["b/z.JPG", "b/a.png", "c.webp", "notes.txt", ".x.jpg", ".hidden/d.jpg"] {
            std::fs::write(at(file), "").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path(), at("b/loop")).unwrap();
        let got = collect(&[dir.path().to_owned(), at("notes.txt"), at("gone.jpg")]);
        let expected = ["b/a.png", "b/z.JPG", "c.webp", "notes.txt", "gone.jpg"].map(at);
        assert_eq!(got.images, expected);
        #[cfg(unix)]
        assert!(
            got.errors.len() == 1 && got.errors[0].to_string().contains("b/loop: can't be read: the link leads back")
        );
    }
}
