//! Work on several threads, results in order, a bounded way ahead.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

struct State<T> {
    /// The next index that a worker takes.
    next: usize,
    /// Results up to here have been handed out.
    delivered: usize,
    ready: BTreeMap<usize, T>,
    /// Workers that still run; the caller must not wait for results of none.
    workers: usize,
}

/// Runs `work(0..count)` on `threads` threads and hands results to `deliver` on this thread, in order. No worker takes
/// an index that is `ahead` or more past the next one to deliver.
pub(super) fn for_each<T: Send>(
    count: usize,
    threads: usize,
    ahead: usize,
    work: impl Fn(usize) -> T + Sync,
    mut deliver: impl FnMut(usize, T),
) {
    let threads = threads.clamp(1, count.max(1));
    let state = Mutex::new(State { next: 0, delivered: 0, ready: BTreeMap::new(), workers: threads });
    let changed = Condvar::new();
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    let wait = |guard| -> MutexGuard<'_, State<T>> { changed.wait(guard).unwrap_or_else(PoisonError::into_inner) };

    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                // Also runs when `work` panics, so that the caller is never left waiting.
                let _leaving = OnDrop(|| {
                    lock().workers -= 1;
                    changed.notify_all();
                });
                loop {
                    let mut guard = lock();
                    while guard.next < count && guard.next >= guard.delivered + ahead {
                        guard = wait(guard);
                    }
                    if guard.next >= count {
                        break;
                    }
                    let index = guard.next;
                    guard.next += 1;
                    drop(guard);
                    let result = work(index);
                    lock().ready.insert(index, result);
                    changed.notify_all();
                }
            });
        }
        let mut guard = lock();
        while guard.delivered < count {
            let index = guard.delivered;
            if let Some(result) = guard.ready.remove(&index) {
                guard.delivered += 1;
                drop(guard);
                changed.notify_all();
                deliver(index, result);
                guard = lock();
            } else if guard.workers == 0 {
                // A worker died with this index; the scope passes its panic on.
                break;
            } else {
                guard = wait(guard);
            }
        }
        // Lets workers go that wait for the room ahead.
        guard.next = count;
        drop(guard);
        changed.notify_all();
    });
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[test]
    fn results_come_in_order_and_not_too_far_ahead() {
        let delivered = AtomicUsize::new(0);
        let furthest = AtomicUsize::new(0);
        let work = |i: usize| {
            furthest.fetch_max(i - delivered.load(Ordering::SeqCst).min(i), Ordering::SeqCst);
            // The first of each five is slow, so the others overtake it.
            std::thread::sleep(Duration::from_millis(if i.is_multiple_of(5) { 8 } else { 0 }));
            i * 2
        };
        let mut seen = Vec::new();
        for_each(60, 4, 6, work, |i, v| {
            delivered.fetch_add(1, Ordering::SeqCst);
            seen.push((i, v));
        });
        assert_eq!(seen, (0..60).map(|i| (i, 2 * i)).collect::<Vec<_>>());
        assert!(furthest.into_inner() <= 7);
    }

    #[test]
    fn nothing_to_do_and_more_threads_than_work() {
        for_each(0, 8, 1, |_| (), |_, ()| unreachable!());
        let mut n = 0;
        for_each(2, 8, 1, |i| i, |_, _| n += 1);
        assert_eq!(n, 2);
    }
}
