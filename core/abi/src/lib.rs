//! # giqa-abi
//!
//! The plugin border, version 1: `repr(C)` types and numbers alone, no dependencies, no functions to link.
//! `include/giqa_plugin.h` is generated from this crate by `cargo xtask header`.
//!
//! A plugin is a shared library that exports one static of type [`GiqaPluginV1`] under the name
//! `GIQA_PLUGIN_V1`. The name carries the major version: a library without that symbol is not a giqa ABI v1
//! plugin. Everything else only ever grows at the end: each struct begins with its size, and a reader uses a field
//! only if that size covers it. Ids and numbers are never given a new meaning.
//!
//! ## Who owns what
//!
//! - Whatever the host passes (images, strings, the host table) is borrowed until the call returns.
//! - Results go through [`GiqaHost::emit`]; the host copies them before it returns. No memory is freed across the
//!   border.
//! - Instances belong to the plugin: made by `create`, freed by `destroy`.
//! - A library is never unloaded.
//!
//! ## Who calls from where
//!
//! Each function names its rule: `[thread-safe]` = any thread at any time; `[one thread per instance]` = calls on
//! one instance never overlap (unless the manifest's `threading` is `any`). With `threading` `process` no two calls
//! into the plugin overlap. The functions of [`GiqaHost`] may be called from any thread until the call that
//! received the table returns.
//!
//! No panic, exception or `longjmp` may cross the border.
#![no_std]

use core::ffi::c_void;

/// Major version of the border; a plugin of another major is not loaded.
pub const GIQA_ABI_MAJOR: u16 = 1;
/// Minor version of the border; grows with each field that is added at the end of a struct.
pub const GIQA_ABI_MINOR: u16 = 0;

/// Name of the exported static, with the terminating zero.
pub const GIQA_PLUGIN_SYMBOL: &[u8] = b"GIQA_PLUGIN_V1\0";

/// Done.
pub const GIQA_OK: i32 = 0;
/// The work failed; an error payload says why.
pub const GIQA_FAILED: i32 = 1;
/// The host asked to stop.
pub const GIQA_CANCELLED: i32 = 2;
/// The plugin panicked; caught inside the plugin.
pub const GIQA_PANICKED: i32 = 3;
/// The configuration is wrong.
pub const GIQA_BAD_CONFIG: i32 = 4;
/// The request does not fit the component.
pub const GIQA_BAD_REQUEST: i32 = 5;
/// Memory ran out.
pub const GIQA_OUT_OF_MEMORY: i32 = 6;

/// Payload of [`GiqaHost::emit`]: the result of an item, UTF-8 JSON (docs/plugins.md has the schemas).
pub const GIQA_EMIT_RESULT: u32 = 1;
/// Payload: an error, UTF-8 JSON `{code, message, hint?, retryable?}`.
pub const GIQA_EMIT_ERROR: u32 = 2;
/// Payload: a dense map: `u32` columns, `u32` rows (little-endian), then `rows * columns` little-endian `f32`,
/// row-major; NaN = not measurable there.
pub const GIQA_EMIT_MAP: u32 = 3;
/// Payload: a further piece of a model's text, UTF-8.
pub const GIQA_EMIT_TOKEN: u32 = 4;

/// The `item` of an emitted error that concerns the whole call.
pub const GIQA_ALL_ITEMS: u32 = u32::MAX;

/// Pixels: 8-bit R, G, B; 3 bytes a pixel.
pub const GIQA_PIXELS_RGB8: u32 = 1;
/// Colour space: sRGB (IEC 61966-2-1).
pub const GIQA_COLOUR_SRGB: u32 = 1;

/// Log level: something failed.
pub const GIQA_LOG_ERROR: u32 = 1;
/// Log level: something is odd.
pub const GIQA_LOG_WARN: u32 = 2;
/// Log level: worth knowing.
pub const GIQA_LOG_INFO: u32 = 3;
/// Log level: for whoever looks for a mistake.
pub const GIQA_LOG_DEBUG: u32 = 4;
/// Log level: everything.
pub const GIQA_LOG_TRACE: u32 = 5;

/// Directory for caches of this plugin.
pub const GIQA_DIR_CACHE: u32 = 1;
/// Directory of weight files.
pub const GIQA_DIR_WEIGHTS: u32 = 2;

/// UTF-8 text (or bytes): not zero-terminated, `data` may be null when `len` is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct GiqaStr {
    /// First byte.
    pub data: *const u8,
    /// Number of bytes.
    pub len: usize,
}

impl GiqaStr {
    /// No text.
    pub const EMPTY: GiqaStr = GiqaStr { data: core::ptr::null(), len: 0 };

    /// Text that lives for ever.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { data: text.as_ptr(), len: text.len() }
    }

    /// Borrows bytes; whoever receives it must not keep it longer than the bytes live.
    #[must_use]
    pub const fn borrowed(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), len: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// `data` must point to `len` readable bytes that outlive `'a`, or `len` must be 0.
    #[must_use]
    pub const unsafe fn as_bytes<'a>(self) -> &'a [u8] {
        if self.len == 0 || self.data.is_null() {
            return &[];
        }
        // SAFETY: promised by the caller; null and empty were handled above.
        unsafe { core::slice::from_raw_parts(self.data, self.len) }
    }
}

/// A picture, borrowed until the call returns: upright (EXIF orientation applied), top-left origin.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct GiqaImage {
    /// Size of this struct as the writer knows it.
    pub struct_size: u32,
    /// Pixel format: `GIQA_PIXELS_RGB8` so far. Answer `GIQA_BAD_REQUEST` to one you don't know.
    pub format: u32,
    /// Columns, at least 1.
    pub width: u32,
    /// Rows, at least 1.
    pub height: u32,
    /// Bytes from one row to the next; may be larger than the row, or negative.
    pub stride: isize,
    /// First byte of the top row.
    pub data: *const u8,
    /// Colour space: `GIQA_COLOUR_SRGB` so far.
    pub colour_space: u32,
    /// Unused, 0.
    pub flags: u32,
    /// Identity of the pixels: the same non-zero id in one process means the same pixels. 0 = unknown.
    pub id: u64,
}

/// One item of a batch.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct GiqaItem {
    /// Size of this struct as the writer knows it.
    pub struct_size: u32,
    /// Unused, 0.
    pub reserved: u32,
    /// The picture; null for requests without one.
    pub image: *const GiqaImage,
    /// The original, for full-reference metrics; null otherwise.
    pub reference: *const GiqaImage,
    /// What is asked, UTF-8 JSON; depends on the component's kind (docs/plugins.md).
    pub input: GiqaStr,
}

/// What the host offers during a call. Valid until the call that received it returns. `[thread-safe]` throughout.
#[repr(C)]
pub struct GiqaHost {
    /// Size of this struct as the host knows it.
    pub struct_size: u32,
    /// The host's minor version of the border.
    pub abi_minor: u32,
    /// The first argument of each function below; opaque.
    pub ctx: *mut c_void,
    /// Writes a line to the host's log: level (`GIQA_LOG_*`), target (who speaks), text.
    pub log: Option<unsafe extern "C" fn(ctx: *mut c_void, level: u32, target: GiqaStr, text: GiqaStr)>,
    /// Hands over a result of item `item`: kind (`GIQA_EMIT_*`) and payload, copied before it returns.
    /// Returns `GIQA_OK`, or `GIQA_BAD_REQUEST` for an unknown item or kind.
    pub emit: Option<unsafe extern "C" fn(ctx: *mut c_void, item: u32, kind: u32, payload: GiqaStr) -> i32>,
    /// Not 0 when the call should stop; then return `GIQA_CANCELLED`. Poll it at least every 50 ms.
    pub cancelled: Option<unsafe extern "C" fn(ctx: *mut c_void) -> i32>,
    /// Says that `fraction` (0..1) of the call is done, with a short word on the current step.
    pub progress: Option<unsafe extern "C" fn(ctx: *mut c_void, fraction: f32, text: GiqaStr)>,
    /// Absolute path of a directory (`GIQA_DIR_*`), empty when there is none. Lives as long as the process.
    pub directory: Option<unsafe extern "C" fn(ctx: *mut c_void, which: u32) -> GiqaStr>,
    /// A further service by name, null when there is none. None is defined so far.
    pub get_service: Option<unsafe extern "C" fn(ctx: *mut c_void, name: GiqaStr) -> *const c_void>,
}

/// The exported table of a plugin.
#[repr(C)]
pub struct GiqaPluginV1 {
    /// Size of this struct as the plugin knows it.
    pub struct_size: u32,
    /// `GIQA_ABI_MAJOR`.
    pub abi_major: u16,
    /// `GIQA_ABI_MINOR`.
    pub abi_minor: u16,
    /// The manifest, UTF-8 JSON `giqa.manifest/1`; the same bytes as in the section `.giqa.manifest` (ELF),
    /// `__DATA,__giqa_manifest` (Mach-O), `.giqam` (PE), or as in `<library>.giqa.json` beside the library.
    pub manifest: GiqaStr,
    /// Makes a component: its name, its configuration as a JSON object. `*instance` is set on `GIQA_OK`; otherwise
    /// an error is emitted for `GIQA_ALL_ITEMS`. `[thread-safe]`
    pub create: Option<
        unsafe extern "C" fn(
            host: *const GiqaHost,
            component: GiqaStr,
            config: GiqaStr,
            instance: *mut *mut c_void,
        ) -> i32,
    >,
    /// Works on `n` items (0 is allowed) and emits one result or error for each. `statuses[i]` (`GIQA_*`) is set for
    /// each item; the return value is `GIQA_OK` unless the call failed as a whole. `[one thread per instance]`
    pub run: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            host: *const GiqaHost,
            items: *const *const GiqaItem,
            n: u32,
            statuses: *mut i32,
        ) -> i32,
    >,
    /// Frees an instance. `[one thread per instance]`
    pub destroy: Option<unsafe extern "C" fn(instance: *mut c_void)>,
    /// An optional part by name, null when there is none. None is defined so far. `[thread-safe]`
    pub get_extension: Option<unsafe extern "C" fn(name: GiqaStr) -> *const c_void>,
}

// SAFETY: the table is immutable data; its pointers refer to statics and functions that live as long as the library,
// which is never unloaded. The functions' own threading rules are stated on each.
unsafe impl Sync for GiqaPluginV1 {}
// SAFETY: as above.
unsafe impl Send for GiqaPluginV1 {}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::{offset_of, size_of};

    // The layout is the contract with libraries that were built years ago: these numbers never change.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn layout_of_version_one() {
        assert_eq!(size_of::<GiqaStr>(), 16);
        assert_eq!((size_of::<GiqaImage>(), offset_of!(GiqaImage, stride), offset_of!(GiqaImage, id)), (48, 16, 40));
        assert_eq!((size_of::<GiqaItem>(), offset_of!(GiqaItem, image), offset_of!(GiqaItem, input)), (40, 8, 24));
        assert_eq!((size_of::<GiqaHost>(), offset_of!(GiqaHost, ctx), offset_of!(GiqaHost, get_service)), (64, 8, 56));
        assert_eq!(
            (size_of::<GiqaPluginV1>(), offset_of!(GiqaPluginV1, manifest), offset_of!(GiqaPluginV1, create)),
            (56, 8, 24)
        );
    }

    #[test]
    fn strings_may_be_empty_or_null() {
        // SAFETY: a static string, and a null one of length 0.
        unsafe {
            assert_eq!(GiqaStr::new("abc").as_bytes(), b"abc");
            assert_eq!(GiqaStr::EMPTY.as_bytes(), b"");
            assert_eq!(GiqaStr::borrowed(b"x").as_bytes(), b"x");
        }
    }

    #[test]
    fn the_symbol_ends_with_a_zero() {
        assert_eq!(GIQA_PLUGIN_SYMBOL.last(), Some(&0));
    }
}
