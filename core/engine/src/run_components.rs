//! Runs a list of component calls on a few threads of their own and keeps the order of the results.
//!
//! Not on rayon's pool: a component may hold a lock (plugins that allow one call at a time) while it waits for its own
//! parallel work, and a pool thread that waits takes on other work, which may want the same lock.

use giqa_core::{ComponentError, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A call that has come back.
pub(crate) struct Done<T> {
    pub(crate) result: Result<T, ComponentError>,
    /// How long it took.
    pub(crate) took: Duration,
    /// When it came back, since the start of the list.
    pub(crate) at: Duration,
}

/// One call of a component.
pub(crate) type Call<'a, T> = Box<dyn Fn() -> Result<T, ComponentError> + Send + Sync + 'a>;

/// Runs all calls, at most `threads` at a time, in the order given; results come in the order of the calls.
pub(crate) fn run_all<T: Send>(calls: &[Call<'_, T>], threads: usize) -> Vec<Done<T>> {
    let start = Instant::now();
    let next = AtomicUsize::new(0);
    let slots: Vec<Mutex<Option<Done<T>>>> = calls.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        while let Some((call, slot)) = {
            let i = next.fetch_add(1, Ordering::Relaxed);
            calls.get(i).zip(slots.get(i))
        } {
            let begun = Instant::now();
            let result = guarded(call);
            let done = Done { result, took: begun.elapsed(), at: start.elapsed() };
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(calls.len()) {
            scope.spawn(work);
        }
        work();
    });
    let never = || Done {
        result: Err(ComponentError::new(ErrorKind::Failed, "it was not run")),
        took: Duration::ZERO,
        at: Duration::ZERO,
    };
    slots.into_iter().map(|s| s.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(never)).collect()
}

/// A call whose panic costs this component's part alone. Dynamic plugins catch their own; plain Rust types are caught
/// here.
pub(crate) fn guarded<T>(call: impl Fn() -> Result<T, ComponentError>) -> Result<T, ComponentError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(ComponentError::new(ErrorKind::Panicked, format!("it panicked: {}", said.unwrap_or("without a message"))))
    })
}

/// The one result of a batch of one.
pub(crate) fn only<T>(mut results: Vec<Result<T, ComponentError>>) -> Result<T, ComponentError> {
    match (results.pop(), results.len()) {
        (Some(result), 0) => result,
        (None, _) => Err(ComponentError::new(ErrorKind::Garbage, "it answered nothing for the image")),
        (Some(_), n) => {
            Err(ComponentError::new(ErrorKind::Garbage, format!("it answered {} times for one image", n + 1)))
        }
    }
}
