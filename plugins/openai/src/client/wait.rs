//! Waiting for a turn, for as long as somebody wants the answer.

use giqa_core::{ComponentError, Context};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// The longest sleep between two looks at the wish to cancel.
pub(super) const LOOK: Duration = Duration::from_millis(20);
/// How often the host hears that we are only waiting: it stops calls that say nothing for too long.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// One call that may have to wait.
#[derive(Debug)]
pub(super) struct Waiter<'a> {
    context: Context<'a>,
    said: Cell<Instant>,
}

impl<'a> Waiter<'a> {
    pub(super) fn new(context: &Context<'a>) -> Self {
        Self { context: *context, said: Cell::new(Instant::now()) }
    }

    /// To be asked at least every [`LOOK`]: whether to go on waiting.
    pub(super) fn goes_on(&self) -> bool {
        if self.said.get().elapsed() >= SIGN_OF_LIFE {
            self.said.set(Instant::now());
            self.context.observer().progress(0.0, "waits for its turn at the server");
        }
        !self.context.is_cancelled()
    }

    /// Waits for so long.
    ///
    /// # Errors
    /// When nobody wants the answer any more.
    pub(super) fn sleep(&self, time: Duration) -> Result<(), ComponentError> {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            if !self.goes_on() {
                return Err(ComponentError::cancelled());
            }
            std::thread::sleep(left.min(LOOK));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use giqa_core::{CancelToken, Observer};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Observer for Counter {
        fn progress(&self, _: f32, _: &str) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn who_waits_says_so_and_stops_when_asked() {
        let (cancel, heard) = (CancelToken::new(), Counter::default());
        let context = Context::new(&cancel, &heard);
        let waiter = Waiter::new(&context);
        waiter.said.set(Instant::now() - SIGN_OF_LIFE);
        waiter.sleep(LOOK * 3).unwrap();
        assert_eq!(heard.0.load(Ordering::SeqCst), 1);
        cancel.cancel();
        assert!(waiter.sleep(Duration::from_secs(3600)).is_err());
    }
}
