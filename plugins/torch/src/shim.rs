//! CUDA graphs, through the C++ of `shim/graph.cpp`: what a token costs on a GPU is mostly the launching of some hundred
//! small kernels, and a graph launches them all at once. Without the library nothing changes but the speed.
//!
//! The only module beside [`crate::cuda`] with `unsafe`: tch has no binding for graphs.

use crate::error::{Result, TorchError};
use libloading::Library;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

/// Built by `cargo xtask torch --cuda`, beside libtorch's own libraries.
const LIBRARY: &str = "libgiqa_torch_graph.so";

type OfGraph = unsafe extern "C" fn(*mut c_void) -> c_int;

/// The library's functions. It stays loaded, so they stay valid.
struct Shim {
    error: unsafe extern "C" fn() -> *const c_char,
    new: unsafe extern "C" fn(c_int, *mut *mut c_void) -> c_int,
    begin: OfGraph,
    end: OfGraph,
    replay: OfGraph,
    free: unsafe extern "C" fn(*mut c_void),
    memory: unsafe extern "C" fn(c_int, *mut u64, *mut u64) -> c_int,
}

static SHIM: OnceLock<Option<Shim>> = OnceLock::new();

fn shim() -> Option<&'static Shim> {
    SHIM.get_or_init(load).as_ref()
}

/// Whether steps can be recorded.
#[must_use]
pub fn is_there() -> bool {
    shim().is_some()
}

#[expect(unsafe_code, reason = "loading a library and naming its functions' types")]
fn load() -> Option<Shim> {
    crate::cuda::open().ok()?;
    // Beside libtorch, or wherever the system looks for libraries.
    let places = [crate::cuda::place(LIBRARY), LIBRARY.into()];
    // SAFETY: the library's constructors are those of the C++ runtime; it is built from shim/graph.cpp.
    let library = places.iter().find_map(|place| unsafe { Library::new(place) }.ok());
    let Some(library) = library else {
        tracing::debug!("no CUDA graphs: there is no {LIBRARY}");
        return None;
    };
    let library = Box::leak(Box::new(library));
    // SAFETY: the names and types are those of shim/graph.cpp, which is versioned together with this file.
    let found = unsafe {
        (|| {
            Ok::<_, libloading::Error>(Shim {
                error: *library.get(b"giqa_shim_error\0")?,
                new: *library.get(b"giqa_graph_new\0")?,
                begin: *library.get(b"giqa_graph_begin\0")?,
                end: *library.get(b"giqa_graph_end\0")?,
                replay: *library.get(b"giqa_graph_replay\0")?,
                free: *library.get(b"giqa_graph_free\0")?,
                memory: *library.get(b"giqa_memory\0")?,
            })
        })()
    };
    found.inspect_err(|e| tracing::warn!("{LIBRARY}: {e}; build it anew")).ok()
}

impl Shim {
    /// What a call reported.
    fn told(&self, code: c_int) -> Result<()> {
        if code == 0 {
            return Ok(());
        }
        #[expect(unsafe_code, reason = "a C string of the shim")]
        // SAFETY: the text is NUL-terminated, of this thread, and stays until the thread's next failing call.
        let text = unsafe { CStr::from_ptr((self.error)()) };
        Err(TorchError::Torch(format!("CUDA graph: {}", text.to_string_lossy())))
    }
}

/// Bytes of tensors on a GPU now, and at most so far; `None` without the library.
#[must_use]
pub fn memory(device: usize) -> Option<(u64, u64)> {
    let shim = shim()?;
    let (mut now, mut peak) = (0, 0);
    #[expect(unsafe_code, reason = "a call of the shim")]
    // SAFETY: both pointers are to numbers that outlive the call.
    let code = unsafe { (shim.memory)(device as c_int, &raw mut now, &raw mut peak) };
    shim.told(code).ok().map(|()| (now, peak))
}

/// Work on a GPU that was recorded once and is repeated, on the same tensors.
pub struct Graph {
    shim: &'static Shim,
    recording: *mut c_void,
}

impl Graph {
    /// Runs `work` once, then records it, which does not run it. `None` without the library.
    ///
    /// The tensors that it reads and writes must stay where they are, and nothing in it may wait for the GPU.
    ///
    /// # Errors
    /// What `work` reports; work that can't be recorded.
    pub fn of(device: usize, work: &mut dyn FnMut() -> Result<()>) -> Result<Option<Self>> {
        let Some(shim) = shim() else { return Ok(None) };
        let mut recording = std::ptr::null_mut();
        #[expect(unsafe_code, reason = "a call of the shim")]
        // SAFETY: the pointer outlives the call, which sets it where it gives 0.
        shim.told(unsafe { (shim.new)(device as c_int, &raw mut recording) })?;
        let graph = Self { shim, recording };
        // First on the stream that is recorded: libraries set themselves up for it.
        let worked = work();
        let begun = worked.and_then(|()| graph.call(shim.begin));
        let recorded = if begun.is_ok() { work() } else { Ok(()) };
        // In any case, since it gives the stream from before back.
        let ended = graph.call(shim.end);
        begun.and(recorded).and(ended)?;
        Ok(Some(graph))
    }

    /// Does the work again.
    ///
    /// # Errors
    /// What CUDA reports.
    pub fn replay(&self) -> Result<()> {
        self.call(self.shim.replay)
    }

    fn call(&self, function: OfGraph) -> Result<()> {
        #[expect(unsafe_code, reason = "a call of the shim")]
        // SAFETY: the recording is one that `new` made, and is freed only when this is dropped.
        self.shim.told(unsafe { function(self.recording) })
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a call of the shim")]
        // SAFETY: made by `new`, freed here once.
        unsafe {
            (self.shim.free)(self.recording);
        }
    }
}
