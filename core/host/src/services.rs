//! What the host offers a plugin during a call: the functions behind `GiqaHost`.
//!
//! No panic may leave these functions, so whatever calls foreign code (observers) is guarded.

use crate::transport::Collector;
use giqa_abi::{
    GIQA_ABI_MINOR, GIQA_BAD_REQUEST, GIQA_DIR_CACHE, GIQA_DIR_WEIGHTS, GIQA_EMIT_TOKEN, GIQA_LOG_DEBUG,
    GIQA_LOG_ERROR, GIQA_LOG_INFO, GIQA_LOG_WARN, GIQA_OK, GiqaHost, GiqaStr,
};
use giqa_core::Context;
use std::ffi::c_void;
use std::mem::size_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Where plugins keep caches and find weights.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Directories {
    /// For what can be made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<PathBuf>,
    /// For weight files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
}

/// The services of one call.
pub(crate) struct CallServices<'a> {
    plugin: &'a str,
    directories: &'a Directories,
    context: Context<'a>,
    collector: Mutex<Collector>,
}

impl<'a> CallServices<'a> {
    pub(crate) fn new(plugin: &'a str, directories: &'a Directories, context: Context<'a>, items: usize) -> Self {
        Self { plugin, directories, context, collector: Mutex::new(Collector::new(items)) }
    }

    /// The table to lend to the plugin; valid as long as `self`.
    pub(crate) fn table(&self) -> GiqaHost {
        GiqaHost {
            struct_size: size_of::<GiqaHost>() as u32,
            abi_minor: u32::from(GIQA_ABI_MINOR),
            ctx: std::ptr::from_ref(self).cast_mut().cast(),
            log: Some(log),
            emit: Some(emit),
            cancelled: Some(cancelled),
            progress: Some(progress),
            directory: Some(directory),
            get_service: Some(get_service),
        }
    }

    pub(crate) fn into_collector(self) -> Collector {
        self.collector.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// # Safety
/// `ctx` must be the one of a table made by [`CallServices::table`] whose services still live.
unsafe fn services<'a>(ctx: *mut c_void) -> Option<&'a CallServices<'a>> {
    // SAFETY: by the caller's promise; null is handled.
    unsafe { ctx.cast::<CallServices<'a>>().as_ref() }
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

unsafe extern "C" fn log(ctx: *mut c_void, level: u32, target: GiqaStr, line: GiqaStr) {
    // SAFETY: the plugin passes the ctx of its call and strings that it lends.
    let (services, target, line) = unsafe { (services(ctx), target.as_bytes(), line.as_bytes()) };
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let plugin = services.map_or("?", |s| s.plugin);
        log_line(plugin, level, &text(target), &text(line));
    }));
}

/// Writes a plugin's line to our log, under the plugin's name.
pub(crate) fn log_line(plugin: &str, level: u32, target: &str, line: &str) {
    match level {
        GIQA_LOG_ERROR => tracing::error!(plugin, target, "{line}"),
        GIQA_LOG_WARN => tracing::warn!(plugin, target, "{line}"),
        GIQA_LOG_INFO => tracing::info!(plugin, target, "{line}"),
        GIQA_LOG_DEBUG => tracing::debug!(plugin, target, "{line}"),
        _ => tracing::trace!(plugin, target, "{line}"),
    }
}

unsafe extern "C" fn emit(ctx: *mut c_void, item: u32, kind: u32, payload: GiqaStr) -> i32 {
    // SAFETY: the plugin passes the ctx of its call and a payload that it lends.
    let (Some(services), payload) = (unsafe { (services(ctx), payload.as_bytes()) }) else { return GIQA_BAD_REQUEST };
    let taken = catch_unwind(AssertUnwindSafe(|| {
        if kind == GIQA_EMIT_TOKEN {
            services.context.observer().token(item as usize, &text(payload));
            return true;
        }
        services.collector.lock().unwrap_or_else(PoisonError::into_inner).emit(item, kind, payload)
    }));
    if matches!(taken, Ok(true)) { GIQA_OK } else { GIQA_BAD_REQUEST }
}

unsafe extern "C" fn cancelled(ctx: *mut c_void) -> i32 {
    // SAFETY: the plugin passes the ctx of its call.
    unsafe { services(ctx) }.map_or(0, |s| i32::from(s.context.is_cancelled()))
}

unsafe extern "C" fn progress(ctx: *mut c_void, fraction: f32, words: GiqaStr) {
    // SAFETY: the plugin passes the ctx of its call and a text that it lends.
    let (Some(services), words) = (unsafe { (services(ctx), words.as_bytes()) }) else { return };
    let fraction = if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) };
    let _ = catch_unwind(AssertUnwindSafe(|| services.context.observer().progress(fraction, &text(words))));
}

unsafe extern "C" fn directory(ctx: *mut c_void, which: u32) -> GiqaStr {
    // SAFETY: the plugin passes the ctx of its call.
    let Some(services) = (unsafe { services(ctx) }) else { return GiqaStr::EMPTY };
    let path = match which {
        GIQA_DIR_CACHE => services.directories.cache.as_ref(),
        GIQA_DIR_WEIGHTS => services.directories.weights.as_ref(),
        _ => None,
    };
    path.and_then(|p| p.to_str()).map_or(GiqaStr::EMPTY, |s| GiqaStr::borrowed(s.as_bytes()))
}

unsafe extern "C" fn get_service(_: *mut c_void, _: GiqaStr) -> *const c_void {
    std::ptr::null()
}
