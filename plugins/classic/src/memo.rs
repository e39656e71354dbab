//! What was computed for a picture serves whoever asks next.
//!
//! The one piece of shared state in this plugin. Components are called one by one and side by side, and know nothing of
//! each other; but the quality map is made of the maps of metrics that are measured beside it, and BRISQUE and NIQE look
//! at the same field. The host says which views show the same pixels ([`giqa_core::ImageView::id`]); what depends on
//! the pixels alone is kept for as many pictures as may be in work at the same time, and no longer. Only small results
//! are kept (maps, sums), never planes of pixels.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

/// Pictures that are remembered: two for each that is in work when there is one a core.
static KEPT: LazyLock<usize> =
    LazyLock::new(|| 2 + 2 * std::thread::available_parallelism().map_or(1, std::num::NonZero::get));

/// A result, and whether somebody sees to it.
#[derive(Debug)]
struct Slot<T> {
    result: OnceLock<T>,
    taken: AtomicBool,
}

/// Results of one kind by picture, the latest first.
pub struct Memo<T>(Mutex<VecDeque<(u64, Arc<Slot<T>>)>>);

impl<T: Clone> Memo<T> {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// The result for the picture of this id, computed once even when several ask at the same time. Nothing is known of
    /// pictures without an id (0).
    pub fn of(&self, id: u64, compute: impl FnOnce() -> T) -> T {
        if id == 0 {
            return compute();
        }
        let slot = self.slot(id);
        // A thread of rayon's pool must not wait for another's result: while that one waits for its own parallel work, the
        // pool may be waiting here.
        if slot.taken.swap(true, Ordering::Relaxed) && rayon::current_thread_index().is_some() {
            return slot.result.get().cloned().unwrap_or_else(compute);
        }
        slot.result.get_or_init(compute).clone()
    }

    fn slot(&self, id: u64) -> Arc<Slot<T>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().position(|(known, _)| *known == id).and_then(|i| kept.remove(i));
        let (_, slot) =
            known.unwrap_or_else(|| (id, Arc::new(Slot { result: OnceLock::new(), taken: AtomicBool::new(false) })));
        kept.push_front((id, Arc::clone(&slot)));
        kept.truncate(*KEPT);
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn computes_once_for_all_who_ask() {
        let (memo, computed) = (Memo::new(), AtomicUsize::new(0));
        let compute = || computed.fetch_add(1, Ordering::Relaxed) + 1;
        std::thread::scope(|scope| {
            (0..4).for_each(|_| {
                scope.spawn(|| assert_eq!(memo.of(7, compute), 1));
            });
        });
        assert_eq!((memo.of(0, compute), memo.of(0, compute), memo.of(7, compute)), (2, 3, 1));
    }

    #[test]
    fn forgets_the_oldest() {
        let memo = Memo::new();
        let last = *KEPT as u64 + 1;
        (1..=last).for_each(|id| assert_eq!(memo.of(id, || id), id));
        assert_eq!((memo.of(2, || 0), memo.of(1, || 0)), (2, 0));
        assert_eq!(memo.0.lock().unwrap().len(), *KEPT);
    }

    #[test]
    fn a_thread_of_the_pool_does_not_wait() {
        let memo = Memo::new();
        let inner = || rayon::join(|| memo.of(1, || 1), || memo.of(1, || 1));
        assert_eq!(memo.of(1, || rayon::scope(|_| inner().0)), 1);
    }

    #[test]
    fn a_thread_of_the_pool_remembers() {
        let memo = Memo::new();
        assert_eq!(rayon::scope(|_| [1, 2].map(|v| memo.of(1, || v))), [1, 1]);
    }
}
