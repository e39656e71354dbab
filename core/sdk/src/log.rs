//! Log forwarding: a library has its own copy of `tracing`'s global state, so its lines would vanish.
//!
//! During each call the host's `log` is known here; the subscriber below hands every event to it. When no call is
//! running (a stray thread of the plugin), lines are dropped.

use crate::host_call::HostCall;
use giqa_abi::{GIQA_LOG_DEBUG, GIQA_LOG_ERROR, GIQA_LOG_INFO, GIQA_LOG_TRACE, GIQA_LOG_WARN};
use std::ffi::c_void;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// A host call that is running; removed from [`ACTIVE`] before it ends.
struct Entry(*const HostCall<'static>);

// SAFETY: HostCall is Sync; the pointer is only followed under the lock, while its call is still running.
unsafe impl Send for Entry {}

// Global, since `tracing`'s subscriber is global too; it only ever holds calls that are running.
static ACTIVE: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

fn active() -> MutexGuard<'static, Vec<Entry>> {
    ACTIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the forwarding to one call when dropped.
pub(crate) struct Forwarding<'a> {
    call: &'a HostCall<'a>,
}

/// Forwards log lines to this call's host until the guard is dropped.
pub(crate) fn forward_to<'a>(call: &'a HostCall<'a>) -> Forwarding<'a> {
    // Where giqa itself is linked in (the static twin), its own subscriber stands already and serves the plugin too.
    if !tracing::dispatcher::has_been_set() {
        let _ = tracing::subscriber::set_global_default(Forward);
    }
    active().push(Entry(std::ptr::from_ref(call).cast()));
    Forwarding { call }
}

impl Drop for Forwarding<'_> {
    fn drop(&mut self) {
        let mine: *const c_void = std::ptr::from_ref(self.call).cast();
        active().retain(|e| e.0.cast::<c_void>() != mine);
    }
}

struct Forward;

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::DEBUG
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let level = match *event.metadata().level() {
            Level::ERROR => GIQA_LOG_ERROR,
            Level::WARN => GIQA_LOG_WARN,
            Level::INFO => GIQA_LOG_INFO,
            Level::DEBUG => GIQA_LOG_DEBUG,
            Level::TRACE => GIQA_LOG_TRACE,
        };
        let calls = active();
        if let Some(entry) = calls.last() {
            // SAFETY: the entry is removed, under this lock, before its call ends.
            let call = unsafe { &*entry.0 };
            call.log(level, event.metadata().target(), &text.0);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The message first, then `name=value` for each further field.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a String does not fail.
        let _ = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}
