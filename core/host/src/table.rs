//! A plugin's table, checked once and then safe to call.

use crate::error::HostError;
use crate::services::{CallServices, Directories};
use crate::transport::{Emitted, Transport, WireItem};
use giqa_abi::{
    GIQA_ABI_MAJOR, GIQA_COLOUR_SRGB, GIQA_OK, GIQA_PIXELS_RGB8, GiqaImage, GiqaItem, GiqaPluginV1, GiqaStr,
};
use giqa_core::{CancelToken, ComponentError, Context, ErrorKind, ImageView, PluginManifest, Silent, Threading};
use std::ffi::c_void;
use std::mem::{offset_of, size_of};
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

type CreateFn = unsafe extern "C" fn(*const giqa_abi::GiqaHost, GiqaStr, GiqaStr, *mut *mut c_void) -> i32;
type RunFn = unsafe extern "C" fn(*mut c_void, *const giqa_abi::GiqaHost, *const *const GiqaItem, u32, *mut i32) -> i32;
type DestroyFn = unsafe extern "C" fn(*mut c_void);

/// A plugin in this process.
#[derive(Debug)]
pub(crate) struct Table {
    create: CreateFn,
    run: RunFn,
    destroy: DestroyFn,
    manifest: PluginManifest,
    directories: Directories,
    /// Held during calls of a plugin whose threading is `process`.
    one_call: Mutex<()>,
}

impl Table {
    /// Checks a table. `path` is for messages: the library, or the name of a built-in plugin.
    ///
    /// # Errors
    /// [`HostError::Abi`] for another major version or missing functions, [`HostError::Manifest`] for a bad manifest.
    ///
    /// # Safety
    /// `table` must be null or point to a table that follows giqa-abi, in a library that is never unloaded.
    pub(crate) unsafe fn new(
        table: *const GiqaPluginV1,
        path: &Path,
        directories: Directories,
    ) -> Result<Arc<Self>, HostError> {
        let abi = |reason: String| HostError::Abi { path: path.to_owned(), reason };
        if table.is_null() {
            return Err(abi("its GIQA_PLUGIN_V1 is null".to_owned()));
        }
        // SAFETY: not null; the first 8 bytes are the same in every version of the struct.
        let (size, major, minor) = unsafe { ((*table).struct_size as usize, (*table).abi_major, (*table).abi_minor) };
        if major != GIQA_ABI_MAJOR {
            return Err(abi(format!("it speaks ABI {major}.{minor}")));
        }
        if size < offset_of!(GiqaPluginV1, get_extension) {
            return Err(abi(format!("its table of {size} bytes is too short")));
        }
        // SAFETY: `size` covers these fields. They are read one by one: a plugin built against an older minor version
        // may have a table that ends after `destroy`.
        let (manifest, create, run, destroy) =
            unsafe { ((*table).manifest, (*table).create, (*table).run, (*table).destroy) };
        let (Some(create), Some(run), Some(destroy)) = (create, run, destroy) else {
            return Err(abi("a function of its table is null".to_owned()));
        };
        // SAFETY: a static text of a library that is never unloaded.
        let bytes = unsafe { manifest.as_bytes::<'static>() };
        let manifest = crate::manifest::parse(bytes, path)?;
        Ok(Arc::new(Self { create, run, destroy, manifest, directories, one_call: Mutex::new(()) }))
    }

    pub(crate) fn manifest(&self) -> &PluginManifest {
        &self.manifest
    }

    fn turn(&self) -> Option<std::sync::MutexGuard<'_, ()>> {
        let alone = self.manifest.threading == Threading::Process;
        alone.then(|| self.one_call.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a component.
    ///
    /// # Errors
    /// What the plugin says.
    pub(crate) fn create(self: &Arc<Self>, component: &str, config: &str) -> Result<Live, ComponentError> {
        let token = CancelToken::new();
        let services = CallServices::new(&self.manifest.name, &self.directories, Context::new(&token, &Silent), 0);
        let mut instance = ptr::null_mut();
        let status = {
            let _turn = self.turn();
            let host = services.table();
            // SAFETY: the table was checked; all that is lent outlives the call.
            unsafe {
                (self.create)(
                    &raw const host,
                    GiqaStr::borrowed(component.as_bytes()),
                    GiqaStr::borrowed(config.as_bytes()),
                    &raw mut instance,
                )
            }
        };
        if status != GIQA_OK {
            return Err(services.into_collector().create_error(status));
        }
        if instance.is_null() {
            return Err(ComponentError::new(ErrorKind::Garbage, "the plugin made a component that is null"));
        }
        Ok(Live { table: Arc::clone(self), instance, one_call: Mutex::new(()) })
    }
}

/// A component instance in this process.
#[derive(Debug)]
pub(crate) struct Live {
    table: Arc<Table>,
    instance: *mut c_void,
    /// Held during calls of an instance that takes one at a time.
    one_call: Mutex<()>,
}

// SAFETY: the plugin's threading rule (manifest) is kept by the locks in `run` and by `destroy` needing `&mut`.
unsafe impl Send for Live {}
// SAFETY: as above.
unsafe impl Sync for Live {}

impl Drop for Live {
    fn drop(&mut self) {
        let _turn = self.table.turn();
        // SAFETY: made by this table's `create`, destroyed once; `&mut` shows that no call is running.
        unsafe { (self.table.destroy)(self.instance) };
    }
}

impl Transport for Live {
    fn run(&self, context: &Context<'_>, items: &[WireItem<'_>]) -> Vec<Result<Emitted, ComponentError>> {
        let images: Vec<_> = items.iter().map(|i| (i.image.map(describe), i.reference.map(describe))).collect();
        let wire: Vec<_> = items
            .iter()
            .zip(&images)
            .map(|(item, (image, reference))| GiqaItem {
                struct_size: size_of::<GiqaItem>() as u32,
                reserved: 0,
                image: image.as_ref().map_or(ptr::null(), ptr::from_ref),
                reference: reference.as_ref().map_or(ptr::null(), ptr::from_ref),
                input: GiqaStr::borrowed(item.input.as_bytes()),
            })
            .collect();
        let pointers: Vec<_> = wire.iter().map(ptr::from_ref).collect();
        // An item whose status the plugin forgets to set counts as failed.
        let mut statuses = vec![giqa_abi::GIQA_FAILED; items.len()];
        let services = CallServices::new(&self.table.manifest.name, &self.table.directories, *context, items.len());
        let status = {
            let _turn = self.table.turn();
            let alone = self.table.manifest.threading != Threading::Any;
            let _mine = alone.then(|| self.one_call.lock().unwrap_or_else(PoisonError::into_inner));
            let host = services.table();
            // SAFETY: `instance` is alive (destroyed only on drop); items, statuses and the host table outlive the
            // call; the locks keep the plugin's threading rule.
            unsafe {
                (self.table.run)(
                    self.instance,
                    &raw const host,
                    pointers.as_ptr(),
                    items.len() as u32,
                    statuses.as_mut_ptr(),
                )
            }
        };
        services.into_collector().settle(status, &statuses)
    }
}

/// An image as the border describes it; valid as long as the view's pixels.
fn describe(view: ImageView<'_>) -> GiqaImage {
    GiqaImage {
        struct_size: size_of::<GiqaImage>() as u32,
        format: GIQA_PIXELS_RGB8,
        width: view.width(),
        height: view.height(),
        stride: view.stride(),
        data: view.row(0).as_ptr(),
        colour_space: GIQA_COLOUR_SRGB,
        flags: 0,
        id: view.id(),
    }
}
