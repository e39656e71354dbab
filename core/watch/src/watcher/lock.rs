//! One watcher a state folder.

use crate::store::StoreError;
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

const FILE: &str = "watch.lock";
const DESK: &str = "desk.lock";

/// Held as long as it lives; the system gives it back when the process ends, however that is.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "it locks as long as it is open")] File);

impl Lock {
    /// Takes the lock of a state folder.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it, [`StoreError::Folder`] when there can be none.
    pub fn take(state_dir: &Path) -> Result<Self, StoreError> {
        let path = state_dir.join(FILE);
        let folder = |source| StoreError::Folder { path: path.clone(), reason: source };
        std::fs::create_dir_all(state_dir).map_err(folder)?;
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(folder)?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(StoreError::InUse { pid: pid_in(&mut file), path });
        }
        // Only for people and `giqa status`; a full disk is no reason not to watch.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self(file))
    }
}

impl Lock {
    /// Waits until nobody else carries out what people confirmed: nothing is done twice.
    pub(crate) fn await_desk(state_dir: &Path) -> Result<Self, StoreError> {
        let path = state_dir.join(DESK);
        let folder = |reason| StoreError::Folder { path: path.clone(), reason };
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(folder)?;
        flock(&file, FlockOperation::LockExclusive).map_err(|e| folder(e.into()))?;
        Ok(Self(file))
    }
}

fn pid_in(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// The process that watches with a state folder; `None` when there is none.
#[must_use]
pub fn watcher_of(state_dir: &Path) -> Option<u32> {
    let mut file = File::open(state_dir.join(FILE)).ok()?;
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => None,
        Err(_) => Some(pid_in(&mut file).unwrap_or(0)),
    }
}

/// Ends the process without waiting for its threads: the store knows what was in work.
pub(super) fn abandon() -> ! {
    std::process::exit(130)
}
