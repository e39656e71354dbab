//! Where things are put: folders inside the watched one, names that nobody has.

use super::error::{ActionError, At};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Names that are tried before giving up.
const MOST_NAMES: u32 = 10_000;

/// A folder as configured: relative to the watched one and inside it, or absolute as it was written. It is made if it
/// is missing.
pub(super) fn folder(root: &Path, configured: &str) -> Result<PathBuf, ActionError> {
    let path = inside(root, configured)?;
    std::fs::create_dir_all(&path).at(&path)?;
    Ok(path)
}

/// A path as configured, which must not lead out of the watched folder by `..`.
pub(super) fn inside(root: &Path, configured: &str) -> Result<PathBuf, ActionError> {
    let path = Path::new(configured);
    if path.components().any(|c| c == Component::ParentDir) || configured.contains('\0') {
        return Err(ActionError::refused(
            path,
            "leads out of the watched folder; name a folder in it, or an absolute path",
        ));
    }
    Ok(root.join(path))
}

/// `name`, `name-2`, `name-3` ... in a folder: those that are free.
pub(super) fn free_names(folder: &Path, name: &Path) -> impl Iterator<Item = PathBuf> {
    let (folder, name) = (folder.to_owned(), name.to_owned());
    (1..MOST_NAMES).map(move |n| folder.join(numbered(&name, n))).filter(|p| std::fs::symlink_metadata(p).is_err())
}

fn numbered(name: &Path, n: u32) -> OsString {
    if n == 1 {
        return name.as_os_str().to_owned();
    }
    let mut stem = name.file_stem().unwrap_or_default().to_owned();
    stem.push(format!("-{n}"));
    if let Some(extension) = name.extension() {
        stem.push(".");
        stem.push(extension);
    }
    stem
}

/// The temporary file that becomes `to`; hidden, and named after the action, so that it can be found after a crash.
pub(super) fn temporary(to: &Path, id: &str) -> PathBuf {
    to.with_file_name(format!(".giqa-{id}.tmp"))
}

/// The sidecars of a photo that are there: `NAME.xmp`, `NAME.jpg.xmp`, `NAME.giqa.json`.
pub(super) fn sidecars(photo: &Path) -> Vec<PathBuf> {
    let with = |ending: &str| {
        let mut name = photo.file_name().unwrap_or_default().to_owned();
        name.push(ending);
        photo.with_file_name(name)
    };
    let all = [photo.with_extension("xmp"), with(".xmp"), photo.with_extension("giqa.json")];
    all.into_iter().filter(|p| p.is_file()).collect()
}
