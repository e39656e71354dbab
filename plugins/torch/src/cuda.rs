//! libtorch's CUDA half. The plugin is not linked with it, since it would then load on no machine without CUDA; it is
//! opened here, before libtorch is asked for anything, because libtorch looks for it once.

use crate::error::{Result, TorchError};
use std::path::PathBuf;
use std::sync::OnceLock;
use tch::{Cuda, Device};

/// What the manifest's `needs` names as well.
const VARIABLE: &str = "GIQA_LIBTORCH";
const LIBRARY: &str = "libtorch_cuda.so";

static OPENED: OnceLock<Result<(), String>> = OnceLock::new();

/// The device of a name: `cpu`, `cuda`, `cuda:N`, or `auto`, a GPU where there is one.
///
/// # Errors
/// A GPU that isn't there.
pub fn device(name: &str) -> Result<Device> {
    // First of all, even for the CPU: a later component may want the GPU.
    let opened = open();
    let there = if Cuda::is_available() { Cuda::device_count() as usize } else { 0 };
    let number = match name {
        "cpu" => return Ok(Device::Cpu),
        "auto" if there == 0 => return Ok(Device::Cpu),
        "auto" | "cuda" => 0,
        other => other.strip_prefix("cuda:").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX),
    };
    if number < there {
        return Ok(Device::Cuda(number));
    }
    Err(TorchError::Device {
        device: name.to_owned(),
        problem: match there {
            0 => opened.err().unwrap_or_else(|| "libtorch sees no CUDA device; is there a driver?".to_owned()),
            n => format!("there are {n}, cuda:0 to cuda:{}", n - 1),
        },
        hint: "device = \"cpu\" runs anywhere; CUDA needs a driver and the CUDA libraries of torch 2.11".to_owned(),
    })
}

/// Opens it, the first time; `Err` says why there is no CUDA, which is no error on a machine that has none.
pub fn open() -> Result<(), String> {
    OPENED.get_or_init(find).clone()
}

#[cfg(unix)]
fn find() -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_LAZY};
    #[expect(unsafe_code, reason = "loading a library runs its constructors")]
    // SAFETY: it is libtorch's own other half, from the folder of the half that is running already.
    let library = unsafe { Library::open(Some(place(LIBRARY)), RTLD_LAZY | RTLD_GLOBAL) };
    match library {
        Ok(library) => {
            // It registers itself with libtorch and must stay.
            let _ = std::mem::ManuallyDrop::new(library);
            Ok(())
        }
        Err(e) => Err(std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string)),
    }
}

#[cfg(not(unix))]
fn find() -> Result<(), String> {
    Err("CUDA is only used on Linux".to_owned())
}

/// Where a library of libtorch lies: in the folder that is named, else the bare name, which is looked for where the
/// plugin's own libraries are.
pub(crate) fn place(library: &str) -> PathBuf {
    let named = std::env::var_os(VARIABLE).map(PathBuf::from).filter(|p| p.is_absolute());
    named.map_or_else(|| PathBuf::from(library), |folder| folder.join(library))
}
