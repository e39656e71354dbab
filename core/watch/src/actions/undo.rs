//! Undoing.

use super::append::{is_of, locked};
use super::error::{ActionError, At, Trouble};
use super::files::{Moving, hash, move_all};
use super::{FilePath, Intent, Step, holds, write};

/// Takes back what was done; what a person has changed since stays. Returns where the photo lies now if that changed.
///
/// # Errors
/// [`ActionError`] when it can't be taken back; then nothing was changed.
pub fn undo(intent: &Intent) -> Result<Option<FilePath>, ActionError> {
    match &intent.step {
        Step::Move { files } => {
            let Some((from, to)) = files.first() else { return Ok(None) };
            if !to.0.exists() {
                return Err(ActionError::refused(&to.0, "it is not there any more; it can't be moved back"));
            }
            if let Some(parent) = from.0.parent() {
                std::fs::create_dir_all(parent).at(parent)?;
            }
            let back: Vec<(FilePath, FilePath)> =
                files.iter().filter(|(_, to)| to.0.exists()).map(|(from, to)| (to.clone(), from.clone())).collect();
            match move_all(&back, &intent.id) {
                Ok(()) => Ok(Some(from.clone())),
                Err(Moving::Taken) => {
                    Err(ActionError::refused(&from.0, "there is another file now; move that away, then undo again"))
                }
                Err(Moving::Failed(error)) => Err(error),
            }
        }
        Step::Copy { from, to } | Step::Link { from, to } => {
            if to.0.exists() {
                let original = from.0.exists();
                if original && hash(&from.0)? != hash(&to.0)? {
                    return Err(ActionError::refused(&to.0, "it was changed since; it stays"));
                }
                if !original {
                    return Err(ActionError::refused(&from.0, "the original is gone; the copy stays"));
                }
                std::fs::remove_file(&to.0).at(&to.0)?;
            }
            Ok(None)
        }
        Step::Write { path, before, after } => {
            if !path.0.exists() {
                return Ok(None);
            }
            if !holds(&path.0, after) {
                return Err(ActionError::refused(&path.0, "it was changed since; it stays"));
            }
            match before {
                Some(before) => write::whole(&path.0, &intent.id, before.as_bytes())?,
                None => std::fs::remove_file(&path.0).at(&path.0)?,
            }
            Ok(None)
        }
        Step::Append { file, .. } => {
            let _locked = locked(&file.0)?;
            let text = std::fs::read_to_string(&file.0).at(&file.0)?;
            let kept: String = text.split_inclusive('\n').filter(|line| !is_of(line, &intent.id)).collect();
            write::whole(&file.0, &intent.id, kept.as_bytes())?;
            Ok(None)
        }
        Step::Command { command } => {
            Err(ActionError::new(Trouble::Refused, format!("a command can't be taken back: {:?}", command)))
        }
        Step::Webhook { url } => {
            Err(ActionError::new(Trouble::Refused, format!("what was sent can't be taken back: {url}")))
        }
    }
}
