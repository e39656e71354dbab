//! Sidecars: the report as JSON, and XMP for other programs.

use super::error::{ActionError, At};
use super::place::{folder, inside};
use super::{FilePath, Intent, Journal, Outcome, Step, Subject, write, xmp};
use crate::rules::Naming;
use std::path::{Path, PathBuf};

pub(super) fn json(
    subject: &Subject,
    to: &str,
    intent: &dyn Fn(Step) -> Intent,
    journal: &mut dyn Journal,
) -> Result<(Intent, Outcome), ActionError> {
    let path = if to == "." {
        subject.path.with_extension("giqa.json")
    } else {
        let name = subject.path.with_extension("giqa.json");
        folder(&subject.root, to)?.join(name.file_name().unwrap_or_default())
    };
    let mut text =
        serde_json::to_string_pretty(&subject.report).map_err(|e| ActionError::refused(&path, &e.to_string()))?;
    text.push('\n');
    written(path, text, intent, journal)
}

pub(super) fn xmp(
    subject: &Subject,
    naming: Naming,
    intent: &dyn Fn(Step) -> Intent,
    journal: &mut dyn Journal,
) -> Result<(Intent, Outcome), ActionError> {
    let path = match naming {
        Naming::Lightroom => subject.path.with_extension("xmp"),
        Naming::Darktable => {
            let mut name = subject.path.file_name().unwrap_or_default().to_owned();
            name.push(".xmp");
            subject.path.with_file_name(name)
        }
    };
    let before = read(&path)?;
    let text = xmp::merged(before.as_deref(), &subject.report)
        .map_err(|why| ActionError::refused(&path, &format!("{why}; the sidecar was left as it is")))?;
    written(path, text, intent, journal)
}

fn written(
    path: PathBuf,
    text: String,
    intent: &dyn Fn(Step) -> Intent,
    journal: &mut dyn Journal,
) -> Result<(Intent, Outcome), ActionError> {
    let before = read(&path)?;
    let after = blake3::hash(text.as_bytes()).to_hex().to_string();
    let intent = intent(Step::Write { path: FilePath(path.clone()), before, after });
    journal.begin(&intent)?;
    write::whole(&path, &intent.id, text.as_bytes())?;
    Ok((intent, Outcome::told(format!("wrote {}", path.display()))))
}

fn read(path: &Path) -> Result<Option<String>, ActionError> {
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| ActionError::refused(path, "it is not UTF-8 text")),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).at(path),
    }
}

/// A file as configured, whose folder is made.
pub(super) fn file(root: &Path, configured: &str) -> Result<PathBuf, ActionError> {
    let path = inside(root, configured)?;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).at(parent)?;
    }
    Ok(path)
}
