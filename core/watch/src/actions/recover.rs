//! After a crash: did it happen?

use super::append::has_line;
use super::error::ActionError;
use super::files::{Moving, done_moving, hash, move_all};
use super::place::temporary;
use super::{Intent, Outcome, Step, holds};

/// Looks whether an action that was begun has happened, and finishes what was half done. `None`: it has not, and can be
/// done anew.
///
/// # Errors
/// [`ActionError`] when it can't be told.
pub fn recover(intent: &Intent) -> Result<Option<Outcome>, ActionError> {
    match &intent.step {
        Step::Move { files } => {
            let Some((from, to)) = files.first() else { return Ok(None) };
            for (_, to) in files {
                let _ = std::fs::remove_file(temporary(&to.0, &intent.id));
            }
            match (from.0.exists(), to.0.exists()) {
                (false, true) => {}
                // Copied to another file system, and not removed here yet.
                (true, true) if hash(&from.0)? == hash(&to.0)? => {
                    std::fs::remove_file(&from.0).map_err(|e| ActionError::io(&from.0, &e))?;
                }
                _ => return Ok(None),
            }
            // Its sidecars may be on their way.
            let rest: Vec<_> = files[1..].iter().filter(|(from, _)| from.0.exists()).cloned().collect();
            match move_all(&rest, &intent.id) {
                Ok(()) | Err(Moving::Taken) => Ok(Some(done_moving(files))),
                Err(Moving::Failed(error)) => Err(error),
            }
        }
        Step::Copy { from, to } => {
            let _ = std::fs::remove_file(temporary(&to.0, &intent.id));
            let same = to.0.exists() && from.0.exists() && hash(&from.0)? == hash(&to.0)?;
            Ok(same.then(|| Outcome::told(format!("put at {}", to.0.display()))))
        }
        Step::Link { from, to } => {
            use std::os::unix::fs::MetadataExt;
            let place = |p| std::fs::metadata(p).ok().map(|m| (m.dev(), m.ino()));
            let same = place(&from.0).is_some() && place(&from.0) == place(&to.0);
            Ok(same.then(|| Outcome::told(format!("put at {}", to.0.display()))))
        }
        Step::Write { path, after, .. } => {
            let _ = std::fs::remove_file(temporary(&path.0, &intent.id));
            Ok(holds(&path.0, after).then(|| Outcome::told(format!("wrote {}", path.0.display()))))
        }
        Step::Append { file, .. } => {
            let there = has_line(&file.0, &intent.id).unwrap_or(false);
            Ok(there.then(|| Outcome::told(format!("a line in {}", file.0.display()))))
        }
        // At least once: nobody can see whether they ran.
        Step::Command { .. } | Step::Webhook { .. } => Ok(None),
    }
}
