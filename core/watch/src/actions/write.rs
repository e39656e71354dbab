//! Files of ours are there whole or not at all.

use super::error::{ActionError, At};
use super::place::temporary;
use std::io::Write;
use std::path::Path;

/// Replaces a file in one step.
pub(super) fn whole(path: &Path, id: &str, bytes: &[u8]) -> Result<(), ActionError> {
    let temporary = temporary(path, id);
    let write = || {
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().at(path).inspect_err(|_| {
        let _ = std::fs::remove_file(&temporary);
    })
}
