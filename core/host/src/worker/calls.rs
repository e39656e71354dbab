//! Who waits for which frames of a worker.

use super::protocol::{self, FromWorker};
use crate::services::log_line;
use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Stands for the call of frames that belong to none.
pub(super) const NO_CALL: u64 = 0;
/// Frames that may wait for one call; the worker waits when there are more.
const WAITING: usize = 64;

/// What the worker says to one call; closed when the worker is gone or talks nonsense.
pub(super) type Frames = Receiver<(FromWorker, Vec<u8>)>;

/// The calls that a worker has in hand.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<u64, SyncSender<(FromWorker, Vec<u8>)>>,
    /// How many calls there were when the worker ended.
    lost: Option<usize>,
}

impl Calls {
    /// Begins a call.
    pub(super) fn begin(&self, call: u64) -> Frames {
        let (sender, frames) = sync_channel(WAITING);
        let mut state = self.lock();
        if state.lost.is_none() {
            state.waiting.insert(call, sender);
        }
        frames
    }

    /// A call is over; what still comes for it is dropped.
    pub(super) fn end(&self, call: u64) {
        self.lock().waiting.remove(&call);
    }

    /// How many calls the worker had in hand when it ended; 0 while it lives.
    pub(super) fn lost(&self) -> usize {
        self.lock().lost.unwrap_or(0)
    }

    /// Reads frames on a thread of its own, so that neither side ever waits for the other's full pipe.
    pub(super) fn read(&self, plugin: &str, stdout: impl Read + Send + 'static) -> std::io::Result<()> {
        let (calls, plugin) = (self.clone(), plugin.to_owned());
        let mut input = BufReader::with_capacity(1 << 16, stdout);
        let work = move || {
            // A frame that can't be read is as good as the end: nothing behind it means anything.
            while let Ok(Some((frame, blob))) = protocol::read(&mut input) {
                match frame {
                    FromWorker::Log { level, target, text } => log_line(&plugin, level, &target, &text),
                    frame => calls.deliver(frame, blob),
                }
            }
            calls.close();
        };
        std::thread::Builder::new().name("worker-frames".to_owned()).spawn(work)?;
        Ok(())
    }

    fn deliver(&self, frame: FromWorker, blob: Vec<u8>) {
        let waiting = self.lock().waiting.get(&frame.call()).cloned();
        // One that doesn't wait any more was cancelled.
        let _ = waiting.map(|sender| sender.send((frame, blob)));
    }

    fn close(&self) {
        let mut state = self.lock();
        state.lost = Some(state.waiting.len());
        state.waiting.clear();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_hears_its_own_frames_until_the_end() {
        let calls = Calls::default();
        let [one, two, none] = [1, 2, NO_CALL].map(|call| calls.begin(call));
        let mut bytes = Vec::new();
        for call in [2, 1, 7] {
            let frame = FromWorker::Token { call, item: call as usize, text: String::new() };
            protocol::write(&mut bytes, &frame, &[]).unwrap();
        }
        protocol::write(&mut bytes, &FromWorker::OpenFailed { reason: "r".into() }, &[]).unwrap();
        bytes.extend(b"nonsense");
        calls.read("p", std::io::Cursor::new(bytes)).unwrap();
        for (frames, item) in [(one, 1), (two, 2)] {
            assert!(matches!(frames.recv().unwrap().0, FromWorker::Token { item: i, .. } if i == item));
            assert!(frames.recv().is_err());
        }
        assert!(matches!(none.recv().unwrap().0, FromWorker::OpenFailed { .. }));
        assert!(none.recv().is_err() && calls.lost() == 3);
        assert!(calls.begin(9).recv().is_err(), "a worker that is gone says nothing");
    }
}
