//! Photos are moved, copied and linked; what is there is never replaced.

use super::error::{ActionError, At, Trouble};
use super::place::{folder, free_names, sidecars, temporary};
use super::{FilePath, Intent, Journal, Outcome, Step, Subject};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

type Made = Result<(Intent, Outcome), ActionError>;

pub(super) fn moved(subject: &Subject, to: &str, intent: &dyn Fn(Step) -> Intent, journal: &mut dyn Journal) -> Made {
    let to = folder(&subject.root, to)?;
    let from = &subject.path;
    if from.parent() == Some(to.as_path()) {
        let intent = intent(Step::Move { files: Vec::new() });
        journal.begin(&intent)?;
        return Ok((intent, Outcome::told("it lies there already")));
    }
    let name = PathBuf::from(from.file_name().unwrap_or_default());
    for target in free_names(&to, &name) {
        let mut files = vec![(FilePath::from(from.as_path()), FilePath(target.clone()))];
        for sidecar in sidecars(from) {
            files.push((FilePath(sidecar.clone()), FilePath(beside(&target, from, &sidecar))));
        }
        let intent = intent(Step::Move { files: files.clone() });
        journal.begin(&intent)?;
        match move_all(&files, &intent.id) {
            Ok(()) => return Ok((intent, done_moving(&files))),
            // Somebody was faster with that name.
            Err(Moving::Taken) => {}
            Err(Moving::Failed(error)) => return Err(error),
        }
    }
    Err(ActionError::refused(&to, "every name for it is taken there"))
}

pub(super) fn done_moving(files: &[(FilePath, FilePath)]) -> Outcome {
    let moved_to = files.first().map(|(_, to)| to.clone());
    let note = moved_to.as_ref().map_or_else(String::new, |to| format!("moved to {}", to.0.display()));
    Outcome { moved_to, note }
}

/// Where a sidecar belongs when its photo is at `target`.
fn beside(target: &Path, photo: &Path, sidecar: &Path) -> PathBuf {
    let (photo, sidecar) = (photo.file_name().unwrap_or_default(), sidecar.file_name().unwrap_or_default());
    let ending = sidecar.as_encoded_bytes().strip_prefix(photo.as_encoded_bytes());
    match ending.and_then(|e| std::str::from_utf8(e).ok()) {
        // NAME.jpg.xmp
        Some(ending) => {
            let mut name = target.file_name().unwrap_or_default().to_owned();
            name.push(ending);
            target.with_file_name(name)
        }
        None if sidecar.as_encoded_bytes().ends_with(b".giqa.json") => target.with_extension("giqa.json"),
        None => target.with_extension("xmp"),
    }
}

pub(super) enum Moving {
    Taken,
    Failed(ActionError),
}

/// The photo first: once it is there, the move counts as done, and the sidecars follow even after a crash.
pub(super) fn move_all(files: &[(FilePath, FilePath)], id: &str) -> Result<(), Moving> {
    for (i, (from, to)) in files.iter().enumerate() {
        match move_one(&from.0, &to.0, id) {
            Ok(()) => {}
            Err(Moving::Taken) if i > 0 => {}
            Err(Moving::Failed(_)) if i > 0 && !from.0.exists() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn move_one(from: &Path, to: &Path, id: &str) -> Result<(), Moving> {
    match rename_new(from, to) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(Moving::Taken),
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => move_across(from, to, id),
        Err(e) => Err(Moving::Failed(ActionError::io(from, &e))),
    }
}

/// To another file system: whole and checked there before it goes here.
pub(super) fn move_across(from: &Path, to: &Path, id: &str) -> Result<(), Moving> {
    copy_new(from, to, id)?;
    std::fs::remove_file(from).at(from).map_err(Moving::Failed)
}

/// Renames, unless there is something at `to`.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // File systems that don't know the flag.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        other => other.map_err(io::Error::from),
    }
}

/// Copies to a hidden file, sees that it is the same, and gives it its name, unless that is taken.
fn copy_new(from: &Path, to: &Path, id: &str) -> Result<(), Moving> {
    let temporary = temporary(to, id);
    let copied = || -> Result<bool, ActionError> {
        let _ = std::fs::remove_file(&temporary);
        std::fs::copy(from, &temporary).at(&temporary)?;
        let copy = File::options().read(true).write(true).open(&temporary).at(&temporary)?;
        if let Ok(modified) = std::fs::metadata(from).and_then(|m| m.modified()) {
            // The time is the photo's, where the file system can keep it.
            let _ = copy.set_modified(modified);
        }
        copy.sync_all().at(&temporary)?;
        Ok(hash(from)? == hash(&temporary)?)
    };
    let result = match copied() {
        Ok(true) => rename_new(&temporary, to).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => Moving::Taken,
            _ => Moving::Failed(ActionError::io(to, &e)),
        }),
        Ok(false) => Err(Moving::Failed(ActionError::new(
            Trouble::Path,
            format!("{}: its copy differs; it changed meanwhile, or the disk is failing", from.display()),
        ))),
        Err(error) => Err(Moving::Failed(error)),
    };
    if result.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    result
}

pub(super) fn hash(path: &Path) -> Result<blake3::Hash, ActionError> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path).at(path)?;
    io::copy(&mut file, &mut hasher).at(path)?;
    Ok(hasher.finalize())
}

pub(super) fn copied(subject: &Subject, to: &str, intent: &dyn Fn(Step) -> Intent, journal: &mut dyn Journal) -> Made {
    put(subject, to, journal, |from, to| intent(Step::Copy { from, to }), copy_new)
}

pub(super) fn linked(subject: &Subject, to: &str, intent: &dyn Fn(Step) -> Intent, journal: &mut dyn Journal) -> Made {
    let link = |from: &Path, to: &Path, _: &str| {
        std::fs::hard_link(from, to).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => Moving::Taken,
            io::ErrorKind::CrossesDevices => Moving::Failed(ActionError::refused(
                to,
                "a hard link can't lead to another file system; use copy instead",
            )),
            _ => Moving::Failed(ActionError::io(to, &e)),
        })
    };
    put(subject, to, journal, |from, to| intent(Step::Link { from, to }), link)
}

fn put(
    subject: &Subject,
    to: &str,
    journal: &mut dyn Journal,
    intent: impl Fn(FilePath, FilePath) -> Intent,
    act: impl Fn(&Path, &Path, &str) -> Result<(), Moving>,
) -> Made {
    let to = folder(&subject.root, to)?;
    let from = &subject.path;
    let name = PathBuf::from(from.file_name().unwrap_or_default());
    for target in free_names(&to, &name) {
        let intent = intent(FilePath::from(from.as_path()), FilePath(target.clone()));
        journal.begin(&intent)?;
        match act(from, &target, &intent.id) {
            Ok(()) => return Ok((intent, Outcome::told(format!("put at {}", target.display())))),
            Err(Moving::Taken) => {}
            Err(Moving::Failed(error)) => return Err(error),
        }
    }
    Err(ActionError::refused(&to, "every name for it is taken there"))
}
