//! The plugin's side of the border: the functions behind `GIQA_PLUGIN_V1`. For [`export_plugin!`](crate::export_plugin).

use crate::guard::guarded;
use crate::host_call::HostCall;
use crate::{Instance, Plugin, calls, items, log};
use giqa_abi::{
    GIQA_ABI_MAJOR, GIQA_ABI_MINOR, GIQA_ALL_ITEMS, GIQA_BAD_CONFIG, GIQA_BAD_REQUEST, GIQA_CANCELLED, GIQA_FAILED,
    GIQA_OK, GIQA_OUT_OF_MEMORY, GIQA_PANICKED, GiqaHost, GiqaItem, GiqaPluginV1, GiqaStr,
};
use giqa_core::{ComponentError, ErrorKind};
use std::ffi::c_void;
use std::mem::size_of;

/// The entry table of a plugin.
#[must_use]
pub const fn table<P: Plugin>() -> GiqaPluginV1 {
    GiqaPluginV1 {
        struct_size: size_of::<GiqaPluginV1>() as u32,
        abi_major: GIQA_ABI_MAJOR,
        abi_minor: GIQA_ABI_MINOR,
        manifest: GiqaStr::new(P::MANIFEST),
        create: Some(create::<P>),
        run: Some(run),
        destroy: Some(destroy),
        get_extension: Some(get_extension),
    }
}

/// The bytes of a manifest as an array, so that they can be placed in a section.
#[must_use]
pub const fn manifest_bytes<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut out = [0; N];
    let mut i = 0;
    while i < N {
        out[i] = bytes[i];
        i += 1;
    }
    out
}

/// The status code of an error.
fn status(error: &ComponentError) -> i32 {
    match error.kind {
        ErrorKind::Cancelled => GIQA_CANCELLED,
        ErrorKind::Panicked => GIQA_PANICKED,
        ErrorKind::BadConfig => GIQA_BAD_CONFIG,
        ErrorKind::BadRequest => GIQA_BAD_REQUEST,
        ErrorKind::OutOfMemory => GIQA_OUT_OF_MEMORY,
        _ => GIQA_FAILED,
    }
}

unsafe extern "C" fn create<P: Plugin>(
    host: *const GiqaHost,
    component: GiqaStr,
    config: GiqaStr,
    instance: *mut *mut c_void,
) -> i32 {
    // SAFETY: the host passes its table, valid until this call returns.
    let Some(host) = (unsafe { HostCall::new(host) }) else { return GIQA_BAD_REQUEST };
    let _logging = log::forward_to(&host);
    // SAFETY: the host lends both strings until this call returns.
    let (name, config) = unsafe { (component.as_bytes(), config.as_bytes()) };
    let made = guarded(|| {
        let bad =
            |what: &str, e: &dyn std::fmt::Display| ComponentError::new(ErrorKind::BadConfig, format!("{what}: {e}"));
        let name = std::str::from_utf8(name).map_err(|e| bad("the component's name", &e))?;
        let config = serde_json::from_slice(if config.is_empty() { b"{}" } else { config })
            .map_err(|e| bad("the configuration is not JSON", &e))?;
        P::create(&host.services(), name, &config)
    });
    match made {
        Ok(_) if instance.is_null() => GIQA_BAD_REQUEST,
        Ok(made) => {
            // SAFETY: not null, and the host lends it for this write.
            unsafe { *instance = Box::into_raw(Box::new(made)).cast() };
            GIQA_OK
        }
        Err(error) => {
            host.emit_error(GIQA_ALL_ITEMS, &error);
            status(&error)
        }
    }
}

unsafe extern "C" fn run(
    instance: *mut c_void,
    host: *const GiqaHost,
    items: *const *const GiqaItem,
    n: u32,
    statuses: *mut i32,
) -> i32 {
    // SAFETY: the host passes its table, valid until this call returns.
    let Some(host) = (unsafe { HostCall::new(host) }) else { return GIQA_BAD_REQUEST };
    let _logging = log::forward_to(&host);
    // SAFETY: `instance` came from `create` (a `Box<Instance>`) and was not destroyed; shared access is enough.
    let Some(instance) = (unsafe { instance.cast::<Instance>().cast_const().as_ref() }) else {
        return GIQA_BAD_REQUEST;
    };
    if n == 0 {
        return GIQA_OK;
    }
    if items.is_null() || statuses.is_null() {
        return GIQA_BAD_REQUEST;
    }
    // SAFETY: the host lends `n` item pointers until this call returns.
    let pointers = unsafe { std::slice::from_raw_parts(items, n as usize) };
    // SAFETY: each is null or valid for this call, by the border's rules.
    let batch: Vec<_> = pointers.iter().map(|&item| unsafe { items::read(item) }).collect();
    let outcomes = calls::run(instance, &host, batch);
    for (i, outcome) in outcomes.iter().enumerate() {
        let code = match outcome {
            Ok(()) => GIQA_OK,
            Err(error) => {
                host.emit_error(i as u32, error);
                status(error)
            }
        };
        // SAFETY: the host lends room for `n` statuses and `outcomes` has `n` entries (calls::run promises it).
        unsafe { statuses.add(i).write(code) };
    }
    if outcomes.iter().any(|o| o.as_ref().is_err_and(|e| e.kind == ErrorKind::Cancelled)) {
        GIQA_CANCELLED
    } else {
        GIQA_OK
    }
}

unsafe extern "C" fn destroy(instance: *mut c_void) {
    if !instance.is_null() {
        // SAFETY: it came from `create` (a `Box<Instance>`), and the host destroys it once.
        let owned = unsafe { Box::from_raw(instance.cast::<Instance>()) };
        // A destructor that panics is its author's mistake, but no reason to end the host.
        let _ = guarded(|| {
            drop(owned);
            Ok(())
        });
    }
}

unsafe extern "C" fn get_extension(_: GiqaStr) -> *const c_void {
    std::ptr::null()
}
