//! Cancellation and progress: what a caller hands to a component beside its work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that says "stop when you next can". Clones share the flag.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everybody who holds a clone to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Hears how a call goes on. Both methods may be called from any thread, and often.
pub trait Observer: Send + Sync {
    /// `fraction` of the call is done (`0..=1`), with a short word on the current step.
    fn progress(&self, fraction: f32, message: &str) {
        let _ = (fraction, message);
    }

    /// A model produced a further piece of text for the `item`-th input of the batch.
    fn token(&self, item: usize, text: &str) {
        let _ = (item, text);
    }
}

/// The observer that doesn't care.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {}

/// What travels with each call: may I go on, and who listens.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    cancel: &'a CancelToken,
    observer: &'a dyn Observer,
}

impl<'a> Context<'a> {
    /// A context of its parts.
    #[must_use]
    pub fn new(cancel: &'a CancelToken, observer: &'a dyn Observer) -> Self {
        Self { cancel, observer }
    }

    /// The token, to hand on.
    #[must_use]
    pub fn cancel_token(&self) -> &'a CancelToken {
        self.cancel
    }

    /// Whether the caller wants the work to stop. Long loops poll this at least every 50 ms.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// The observer, to hand on.
    #[must_use]
    pub fn observer(&self) -> &'a dyn Observer {
        self.observer
    }
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("cancelled", &self.is_cancelled()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_flag() {
        let token = CancelToken::new();
        let clone = token.clone();
        let context = Context::new(&clone, &Silent);
        assert!(!context.is_cancelled());
        token.cancel();
        assert!(context.is_cancelled() && context.cancel_token().is_cancelled());
        context.observer().progress(0.5, "half");
        context.observer().token(0, "word");
        assert_eq!(format!("{context:?}"), "Context { cancelled: true, .. }");
    }
}
