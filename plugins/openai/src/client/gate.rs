//! How many requests run at a time: in this process, and over all worker processes of this user.
//!
//! Between processes, a request holds one of `max` lock files. The system gives a lock back when its process ends,
//! however it ends.

use super::wait::{LOOK, Waiter};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How often slots that other processes hold are tried again.
const RETRY: Duration = Duration::from_millis(4);

/// Lets at most `max` requests run at a time.
#[derive(Debug)]
pub(super) struct Gate {
    max: usize,
    inside: Mutex<usize>,
    left: Condvar,
    slots: Option<PathBuf>,
}

/// The right to send one request.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    gate: &'a Gate,
    /// The lock; given back when the file is closed.
    _slot: Option<File>,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut inside = self.gate.inside.lock().unwrap_or_else(PoisonError::into_inner);
        *inside = inside.saturating_sub(1);
        self.gate.left.notify_one();
    }
}

impl Gate {
    /// With a folder for lock files, the limit holds over processes.
    pub(super) fn new(max: usize, folder: Option<&Path>) -> Self {
        let made = folder.map(|f| f.join("slots")).filter(|f| {
            let made = std::fs::create_dir_all(f);
            made.inspect_err(|e| tracing::warn!("max_concurrency holds for each worker alone: {}: {e}", f.display()))
                .is_ok()
        });
        Self { max: max.max(1), inside: Mutex::new(0), left: Condvar::new(), slots: made }
    }

    /// Waits for a permit; `None` when cancelled.
    pub(super) fn enter(&self, waiter: &Waiter<'_>) -> Option<Permit<'_>> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        while *inside >= self.max {
            if !waiter.goes_on() {
                return None;
            }
            inside = self.left.wait_timeout(inside, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        *inside += 1;
        drop(inside);
        let mut permit = Permit { gate: self, _slot: None };
        if let Some(folder) = &self.slots {
            permit._slot = loop {
                match self.slot(folder) {
                    Slot::Held(file) => break Some(file),
                    Slot::Unknown => break None,
                    Slot::AllTaken if !waiter.goes_on() => return None,
                    Slot::AllTaken => std::thread::sleep(RETRY),
                }
            };
        }
        Some(permit)
    }

    /// Tries all slots once, from a random one on, so that processes rarely meet.
    fn slot(&self, folder: &Path) -> Slot {
        let first = fastrand::usize(..self.max);
        for n in 0..self.max {
            let name = folder.join(format!("{:04}", (first + n) % self.max));
            let Ok(file) = File::options().create(true).truncate(false).write(true).open(name) else {
                return Slot::Unknown;
            };
            match file.try_lock() {
                Ok(()) => return Slot::Held(file),
                Err(TryLockError::WouldBlock) => {}
                // A file system without locks.
                Err(TryLockError::Error(_)) => return Slot::Unknown,
            }
        }
        Slot::AllTaken
    }
}

enum Slot {
    Held(File),
    AllTaken,
    /// Slots can't be had here: the limit holds in this process alone.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use giqa_core::{CancelToken, Context, Silent};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Two gates on one folder are two processes: locks belong to open files.
    #[test]
    fn the_limit_holds_over_processes() {
        let dir = tempfile::tempdir().unwrap();
        let gates = [Gate::new(3, Some(dir.path())), Gate::new(3, Some(dir.path()))];
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for n in 0..16 {
                let (gates, now, most) = (&gates, &now, &most);
                scope.spawn(move || {
                    let _permit =
                        gates[n % 2].enter(&Waiter::new(&Context::new(&CancelToken::new(), &Silent))).unwrap();
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(most.into_inner(), 3);
    }

    #[test]
    fn waiting_ends_when_cancelled() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (Gate::new(1, Some(dir.path())), Gate::new(1, Some(dir.path())));
        let cancelled = CancelToken::new();
        let context = Context::new(&cancelled, &Silent);
        let waiter = Waiter::new(&context);
        let _held = one.enter(&waiter).unwrap();
        cancelled.cancel();
        assert!(one.enter(&waiter).is_none() && other.enter(&waiter).is_none());
        assert!(Gate::new(1, Some(Path::new("/proc/nowhere"))).enter(&waiter).is_some());
    }
}
