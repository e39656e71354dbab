//! Keeps what shall survive a restart, and reads the log.

use super::Out;
use crate::app::action::Action;
use crate::app::effect::Tag;
use crate::app::memory::Memory;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

/// What changes again within this time is written once.
const CALM: Duration = Duration::from_millis(500);
/// The end of the log that is read, in bytes.
const TAIL: u64 = 64 << 10;

pub enum Job {
    Remember(Box<Memory>),
    ReadLog(Tag),
    Finish(Sender<()>),
}

pub fn run(dir: &Path, log: &Path, jobs: &Receiver<Job>, out: &Out) {
    let mut unsaved: Option<Box<Memory>> = None;
    loop {
        let job = match &unsaved {
            None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => jobs.recv_timeout(CALM),
        };
        match job {
            Ok(Job::Remember(memory)) => unsaved = Some(memory),
            Ok(Job::ReadLog(tag)) => drop(out.send(Action::Log(tag, tail(log).unwrap_or_default()))),
            Ok(Job::Finish(done)) => {
                save(dir, unsaved.take());
                let _ = done.send(());
                return;
            }
            Err(RecvTimeoutError::Timeout) => save(dir, unsaved.take()),
            Err(RecvTimeoutError::Disconnected) => return save(dir, unsaved.take()),
        }
    }
}

/// Where one was is no reason to disturb anybody: what can't be kept goes to the log.
fn save(dir: &Path, memory: Option<Box<Memory>>) {
    if let Some(memory) = memory
        && let Err(error) = memory.save(dir)
    {
        tracing::warn!("{}: {error}", Memory::file(dir).display());
    }
}

fn tail(log: &Path) -> std::io::Result<Vec<String>> {
    let mut file = std::fs::File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line may have lost its beginning.
    let whole = usize::from(length > TAIL);
    Ok(text.lines().skip(whole).map(ToOwned::to_owned).collect())
}
