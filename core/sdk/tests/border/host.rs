//! A host of its own, as small as the table allows.

use crate::probe::Probe;
use giqa_abi::{
    GIQA_BAD_REQUEST, GIQA_COLOUR_SRGB, GIQA_DIR_CACHE, GIQA_EMIT_ERROR, GIQA_EMIT_RESULT, GIQA_OK, GIQA_PIXELS_RGB8,
    GiqaHost, GiqaImage, GiqaItem, GiqaPluginV1, GiqaStr,
};
use giqa_sdk::border::table;
use serde_json::Value;
use std::ffi::c_void;
use std::mem::size_of;
use std::ptr::{from_ref, null, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct Record {
    pub log: Vec<(u32, String, String)>,
    pub emitted: Vec<(u32, u32, Vec<u8>)>,
    pub progress: Vec<(f32, String)>,
    /// The host says stop from this many questions on.
    pub cancel_after: Option<usize>,
    pub asked: usize,
    pub refuses: bool,
}

pub struct Host {
    pub record: Box<Mutex<Record>>,
    // Log lines go to the newest call of the process: one test at a time.
    pub _alone: MutexGuard<'static, ()>,
}

pub static ALONE: Mutex<()> = Mutex::new(());

/// # Safety
/// `ctx` is the `Mutex<Record>` of a [`Host`] that lives for `'a`.
pub unsafe fn record<'a>(ctx: *mut c_void) -> MutexGuard<'a, Record> {
    // SAFETY: by the caller's promise.
    unsafe { &*ctx.cast_const().cast::<Mutex<Record>>() }.lock().unwrap()
}

/// # Safety
/// As [`GiqaStr::as_bytes`], for the length of this call.
pub unsafe fn string(text: GiqaStr) -> String {
    // SAFETY: by the caller's promise.
    String::from_utf8(unsafe { text.as_bytes() }.to_vec()).unwrap()
}

unsafe extern "C" fn log(ctx: *mut c_void, level: u32, target: GiqaStr, text: GiqaStr) {
    // SAFETY: `ctx` is the host's own, and the plugin lends both strings.
    unsafe { record(ctx).log.push((level, string(target), string(text))) };
}

unsafe extern "C" fn emit(ctx: *mut c_void, item: u32, kind: u32, payload: GiqaStr) -> i32 {
    // SAFETY: `ctx` is the host's own, and the plugin lends the payload.
    let (mut record, payload) = unsafe { (record(ctx), payload.as_bytes().to_vec()) };
    if record.refuses {
        return GIQA_BAD_REQUEST;
    }
    record.emitted.push((item, kind, payload));
    GIQA_OK
}

unsafe extern "C" fn cancelled(ctx: *mut c_void) -> i32 {
    // SAFETY: `ctx` is the host's own.
    let mut record = unsafe { record(ctx) };
    record.asked += 1;
    i32::from(record.cancel_after.is_some_and(|n| record.asked > n))
}

unsafe extern "C" fn progress(ctx: *mut c_void, fraction: f32, text: GiqaStr) {
    // SAFETY: `ctx` is the host's own, and the plugin lends the text.
    unsafe { record(ctx).progress.push((fraction, string(text))) };
}

unsafe extern "C" fn directory(_: *mut c_void, which: u32) -> GiqaStr {
    if which == GIQA_DIR_CACHE { GiqaStr::new("/cache/probe") } else { GiqaStr::EMPTY }
}

unsafe extern "C" fn get_service(_: *mut c_void, _: GiqaStr) -> *const c_void {
    null()
}

impl Host {
    pub fn new() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        Self { record: Box::default(), _alone: alone }
    }

    pub fn cancelling_after(questions: usize) -> Self {
        let host = Self::new();
        host.record.lock().unwrap().cancel_after = Some(questions);
        host
    }

    pub fn table(&self) -> GiqaHost {
        GiqaHost {
            struct_size: size_of::<GiqaHost>() as u32,
            abi_minor: 0,
            ctx: from_ref(&*self.record).cast_mut().cast(),
            log: Some(log),
            emit: Some(emit),
            cancelled: Some(cancelled),
            progress: Some(progress),
            directory: Some(directory),
            get_service: Some(get_service),
        }
    }

    pub fn try_create(&self, name: &[u8], config: &[u8]) -> Result<Component<'_>, i32> {
        let (host, mut instance) = (self.table(), null_mut());
        let create = PROBE.create.unwrap();
        // SAFETY: all that is lent lives until the call returns.
        let code = unsafe { create(&host, GiqaStr::borrowed(name), GiqaStr::borrowed(config), &mut instance) };
        assert_eq!(instance.is_null(), code != GIQA_OK, "an instance comes with GIQA_OK, and only then");
        if code == GIQA_OK { Ok(Component { host: self, instance }) } else { Err(code) }
    }

    pub fn create(&self, name: &str, config: &str) -> Component<'_> {
        self.try_create(name.as_bytes(), config.as_bytes()).unwrap_or_else(|code| panic!("{name}: status {code}"))
    }

    /// The payloads of one kind: item, JSON.
    pub fn payloads(&self, kind: u32) -> Vec<(u32, Value)> {
        let record = self.record.lock().unwrap();
        let wanted = record.emitted.iter().filter(|e| e.1 == kind);
        wanted.map(|(item, _, bytes)| (*item, serde_json::from_slice(bytes).unwrap())).collect()
    }

    /// Each result's item and value.
    pub fn values(&self) -> Vec<(u32, f64)> {
        let results = self.payloads(GIQA_EMIT_RESULT);
        results.into_iter().map(|(item, result)| (item, result["value"].as_f64().unwrap())).collect()
    }

    /// Each error's item and code.
    pub fn errors(&self) -> Vec<(u32, String)> {
        let errors = self.payloads(GIQA_EMIT_ERROR);
        errors.into_iter().map(|(item, e)| (item, e["code"].as_str().unwrap().to_owned())).collect()
    }
}

pub static PROBE: GiqaPluginV1 = table::<Probe>();

/// An instance, destroyed at the end.
pub struct Component<'a> {
    pub host: &'a Host,
    pub instance: *mut c_void,
}

impl Component<'_> {
    pub fn run(&self, items: &[*const GiqaItem]) -> (i32, Vec<i32>) {
        let host = self.host.table();
        let mut statuses = vec![i32::MIN; items.len()];
        let run = PROBE.run.unwrap();
        // SAFETY: a live instance; all that is lent lives until the call returns, and there is room for the statuses.
        let code = unsafe { run(self.instance, &host, items.as_ptr(), items.len() as u32, statuses.as_mut_ptr()) };
        (code, statuses)
    }

    pub fn run_one(&self, image: Option<&GiqaImage>, input: &str) -> (i32, Vec<i32>) {
        let item = item(image, input.as_bytes());
        self.run(&[&item])
    }
}

impl Drop for Component<'_> {
    fn drop(&mut self) {
        // SAFETY: a live instance, destroyed once.
        unsafe { PROBE.destroy.unwrap()(self.instance) };
    }
}

pub fn item(image: Option<&GiqaImage>, input: &[u8]) -> GiqaItem {
    GiqaItem {
        struct_size: size_of::<GiqaItem>() as u32,
        reserved: 0,
        image: image.map_or(null(), from_ref),
        reference: null(),
        input: GiqaStr::borrowed(input),
    }
}

pub fn image(width: u32, height: u32, stride: isize, bytes: &[u8]) -> GiqaImage {
    let top = if stride < 0 { stride.unsigned_abs() * (height as usize - 1) } else { 0 };
    assert!(top + width as usize * 3 <= bytes.len());
    GiqaImage {
        struct_size: size_of::<GiqaImage>() as u32,
        format: GIQA_PIXELS_RGB8,
        width,
        height,
        stride,
        data: bytes.as_ptr().wrapping_add(top),
        colour_space: GIQA_COLOUR_SRGB,
        flags: 0,
        id: 7,
    }
}

pub const GREY: [u8; 6] = [1, 1, 1, 2, 2, 2];
pub const RED: [u8; 6] = [255, 0, 0, 9, 9, 9];
