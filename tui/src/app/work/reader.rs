//! Brings photos as the store has them, and how the watcher is doing.

use super::{Board, Out};
use crate::app::action::Action;
use crate::app::model::Pulse;
use giqa_watch::status;
use giqa_watch::store::{Reader, StoreError};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Between two looks at the store; a look that finds nothing costs next to nothing.
const LOOK: Duration = Duration::from_millis(200);
/// Between two questions to the watcher.
const PULSE: Duration = Duration::from_secs(1);

/// Looks until the screen is gone. `watched`: a store that is not there yet will be.
pub fn run(dir: &Path, watched: bool, board: Board, nudges: &Receiver<()>, out: &Out) {
    let mut reader = None;
    let (mut loaded, mut told) = (false, None::<String>);
    let mut last_pulse = Pulse::default();
    let mut next_pulse = Instant::now();
    loop {
        match look(dir, &mut reader, out) {
            Ok(()) => {
                told = None;
                if !loaded {
                    loaded = true;
                    let _ = out.send(Action::Loaded);
                }
            }
            // Nothing was inspected yet.
            Err(StoreError::Missing { .. }) if !loaded => {
                if !watched {
                    loaded = true;
                    let _ = out.send(Action::Loaded);
                }
            }
            Err(error) => {
                let why = error.to_string();
                if told.as_ref() != Some(&why) {
                    let _ = out.send(Action::StoreTrouble(why.clone()));
                    told = Some(why);
                }
                reader = None;
            }
        }
        if Instant::now() >= next_pulse {
            next_pulse = Instant::now() + PULSE;
            let pulse = pulse(dir, &board);
            let still = pulse.status.is_none() && last_pulse.status.is_none();
            last_pulse = pulse.clone();
            if !still && out.send(Action::Pulse(Box::new(pulse))).is_err() {
                return;
            }
        }
        match nudges.recv_timeout(LOOK) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => while nudges.try_recv().is_ok() {},
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn look(dir: &Path, reader: &mut Option<Reader>, out: &Out) -> Result<(), StoreError> {
    let reader = match reader {
        Some(reader) => reader,
        none => none.insert(Reader::open(dir)?),
    };
    reader.changes(&mut |batch| out.send(Action::Rows(batch)).is_ok())
}

fn pulse(dir: &Path, board: &Board) -> Pulse {
    match board {
        Some(board) => Pulse { status: Some(board.status()), own: true },
        None => Pulse { status: status::ask(dir), own: false },
    }
}
