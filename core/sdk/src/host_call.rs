//! The host's table for the length of one call, made safe.

use crate::Services;
use giqa_abi::{GIQA_DIR_CACHE, GIQA_DIR_WEIGHTS, GIQA_EMIT_ERROR, GIQA_EMIT_TOKEN, GIQA_OK, GiqaHost, GiqaStr};
use giqa_core::{CancelToken, ComponentError, ErrorKind, Observer};
use std::mem::size_of;
use std::path::PathBuf;

/// The host's table for the length of one call.
pub(crate) struct HostCall<'a> {
    host: &'a GiqaHost,
    pub(crate) cancel: CancelToken,
}

// SAFETY: the host's functions are [thread-safe] until the call returns (giqa-abi), and 'a ends before that.
unsafe impl Sync for HostCall<'_> {}
// SAFETY: as above.
unsafe impl Send for HostCall<'_> {}

impl<'a> HostCall<'a> {
    /// # Safety
    /// `host` must be null or a host table valid for `'a`.
    pub(crate) unsafe fn new(host: *const GiqaHost) -> Option<Self> {
        // SAFETY: by the caller's promise.
        let host = unsafe { host.as_ref() }?;
        ((host.struct_size as usize) >= size_of::<GiqaHost>()).then(|| Self { host, cancel: CancelToken::new() })
    }

    /// Writes a line to the host's log.
    pub(crate) fn log(&self, level: u32, target: &str, text: &str) {
        if let Some(log) = self.host.log {
            // SAFETY: the table is valid for 'a; both strings are lent for the call.
            unsafe {
                log(self.host.ctx, level, GiqaStr::borrowed(target.as_bytes()), GiqaStr::borrowed(text.as_bytes()))
            };
        }
    }

    /// Hands over a payload.
    ///
    /// # Errors
    /// `Failed` when the host refuses it.
    pub(crate) fn emit(&self, item: u32, kind: u32, payload: &[u8]) -> Result<(), ComponentError> {
        let refused = || ComponentError::new(ErrorKind::Failed, "the host did not take a result");
        let emit = self.host.emit.ok_or_else(refused)?;
        // SAFETY: the table is valid for 'a; the payload is lent for the call.
        let code = unsafe { emit(self.host.ctx, item, kind, GiqaStr::borrowed(payload)) };
        if code == GIQA_OK { Ok(()) } else { Err(refused()) }
    }

    pub(crate) fn emit_error(&self, item: u32, error: &ComponentError) {
        if let Ok(json) = serde_json::to_vec(error) {
            // A host that refuses an error has nobody left to tell.
            let _ = self.emit(item, GIQA_EMIT_ERROR, &json);
        }
    }

    /// Asks the host and, once it says stop, remembers it in the token that components poll.
    pub(crate) fn poll(&self) -> bool {
        if let Some(cancelled) = self.host.cancelled {
            // SAFETY: the table is valid for 'a.
            if unsafe { cancelled(self.host.ctx) } != 0 {
                self.cancel.cancel();
            }
        }
        self.cancel.is_cancelled()
    }

    fn directory(&self, which: u32) -> Option<PathBuf> {
        let directory = self.host.directory?;
        // SAFETY: the table is valid for 'a; the text lives as long as the process.
        let bytes = unsafe { directory(self.host.ctx, which).as_bytes() };
        std::str::from_utf8(bytes).ok().filter(|s| !s.is_empty()).map(PathBuf::from)
    }

    pub(crate) fn services(&self) -> Services {
        Services { cache_dir: self.directory(GIQA_DIR_CACHE), weights_dir: self.directory(GIQA_DIR_WEIGHTS) }
    }
}

impl Observer for HostCall<'_> {
    fn progress(&self, fraction: f32, message: &str) {
        self.poll();
        if let Some(progress) = self.host.progress {
            // SAFETY: the table is valid for 'a; the text is lent for the call.
            unsafe { progress(self.host.ctx, fraction, GiqaStr::borrowed(message.as_bytes())) };
        }
    }

    fn token(&self, item: usize, text: &str) {
        self.poll();
        // Tokens are a courtesy; the result repeats them.
        let _ = self.emit(item as u32, GIQA_EMIT_TOKEN, text.as_bytes());
    }
}
