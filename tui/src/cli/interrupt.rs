//! Ctrl-C: the first finishes what is in flight, the second ends at once.

use super::exit::Exit;
use anyhow::Result;
use giqa_core::CancelToken;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A token that Ctrl-C (or SIGTERM) cancels.
pub fn token() -> Result<CancelToken> {
    let token = CancelToken::new();
    let twice = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the check for the second comes before the first is remembered.
        signal_hook::flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, Arc::clone(&twice))?;
        signal_hook::flag::register(signal, Arc::clone(&twice))?;
    }
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let cancelled = token.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if signals.forever().next().is_some() {
            cancelled.cancel();
        }
    })?;
    Ok(token)
}
