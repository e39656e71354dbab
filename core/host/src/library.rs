//! Opening a library: the checks that come before any of its code runs, then libloading.

use crate::error::HostError;
use crate::services::Directories;
use crate::table::Table;
use giqa_abi::{GIQA_PLUGIN_SYMBOL, GiqaPluginV1};
use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Checks that a library may be loaded: absolute, there, not writable for everybody (nor its folder), and the one
/// that plugins.toml pins.
///
/// # Errors
/// [`HostError::Io`], [`HostError::WorldWritable`] or [`HostError::Pin`].
pub(crate) fn vet(path: &Path, pin: Option<&str>) -> Result<PathBuf, HostError> {
    let io = |source| HostError::Io { path: path.to_owned(), source };
    // Links are followed first: what matters is the file that would be loaded.
    let real = path.canonicalize().map_err(io)?;
    for place in [real.as_path(), real.parent().unwrap_or(&real)] {
        if is_world_writable(place).map_err(io)? {
            return Err(HostError::WorldWritable { path: real.clone(), writable: place.to_owned() });
        }
    }
    if let Some(expected) = pin {
        let mut hasher = blake3::Hasher::new();
        std::io::copy(&mut File::open(&real).map_err(io)?, &mut hasher).map_err(io)?;
        let actual = hasher.finalize().to_hex().to_string();
        if !actual.eq_ignore_ascii_case(expected) {
            return Err(HostError::Pin { path: real, expected: expected.to_owned(), actual });
        }
    }
    Ok(real)
}

#[cfg(unix)]
fn is_world_writable(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode();
    // A sticky folder (/tmp) lets others add files, but not replace this one.
    Ok(mode & 0o002 != 0 && mode & 0o1000 == 0)
}

#[cfg(not(unix))]
fn is_world_writable(_: &Path) -> std::io::Result<bool> {
    Ok(false)
}

/// Loads a vetted library and checks its table. The library stays loaded until the process ends.
///
/// # Errors
/// [`HostError::Load`], [`HostError::NotAPlugin`], and what the table's own checks find.
pub(crate) fn load(path: &Path, directories: Directories) -> Result<Arc<Table>, HostError> {
    // The manifest's section is read first: what is no plugin never gets to run its constructors here.
    let declared = crate::manifest::read_bytes(path)?;
    let manifest = crate::manifest::parse(&declared, path)?;
    let load_error = |reason: String| HostError::Load { path: path.to_owned(), reason };
    for need in &manifest.needs {
        if let Some(place) = crate::needs::place(need)? {
            // SAFETY: as for the plugin itself: named by the user, vetted, trusted code. Once it is loaded, the plugin
            // finds it by its name, wherever it lies.
            let library = unsafe { open(&place) }.map_err(|e| load_error(reason(&e)))?;
            let _ = ManuallyDrop::new(library);
        }
    }
    // SAFETY: loading runs the library's constructors. It was named by the user's own configuration and vetted; a
    // plugin is trusted code (docs/plugins.md), and a crash here is contained where isolation is "process".
    let library =
        unsafe { open(path) }.map_err(|e| load_error(crate::needs::explained(reason(&e), &manifest.needs)))?;
    // Never unloaded: libraries with thread-local destructors can't be, and tables must stay valid.
    let library = ManuallyDrop::new(library);
    // SAFETY: the symbol's name carries the major version, so its type is GiqaPluginV1; the pointer is to a static.
    let symbol = unsafe { library.get::<*const GiqaPluginV1>(GIQA_PLUGIN_SYMBOL) };
    let table: *const GiqaPluginV1 = match symbol {
        // SAFETY: the library behind the symbol is never unloaded.
        Ok(symbol) => unsafe { symbol.try_as_raw_ptr() }.unwrap_or(std::ptr::null_mut()).cast_const().cast(),
        Err(_) => return Err(HostError::NotAPlugin { path: path.to_owned() }),
    };
    // SAFETY: a static of a library that is never unloaded.
    let table = unsafe { Table::new(table, path, directories)? };
    if manifest != *table.manifest() {
        return Err(HostError::manifest(path, "in the file differs from the one that its code gives"));
    }
    Ok(table)
}

/// The loader's own words: libloading keeps them behind its error.
fn reason(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// # Safety
/// Runs the library's constructors.
#[cfg(unix)]
unsafe fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // SAFETY: by the caller's promise.
    unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}

/// # Safety
/// Runs the library's constructors.
#[cfg(not(unix))]
unsafe fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: by the caller's promise.
    unsafe { libloading::Library::new(path) }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_what_others_cannot_replace() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("lib.so");
        assert!(matches!(vet(&file, None), Err(HostError::Io { .. })));
        std::fs::write(&file, "x").unwrap();
        let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        set(&file, 0o644);
        assert!(vet(&file, None).is_ok());
        set(&file, 0o646);
        assert!(
            matches!(vet(&file, None), Err(HostError::WorldWritable { writable, .. }) if writable.ends_with("lib.so"))
        );
        set(&file, 0o644);
        set(dir.path(), 0o777);
        assert!(matches!(vet(&file, None), Err(HostError::WorldWritable { .. })));
        set(dir.path(), 0o1777);
        assert!(vet(&file, None).is_ok(), "sticky");
    }

    #[test]
    fn the_pin_holds() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("lib.so");
        std::fs::write(&file, "x").unwrap();
        let good = blake3::hash(b"x").to_hex().to_string();
        assert!(vet(&file, Some(&good)).is_ok());
        assert!(matches!(vet(&file, Some("00")), Err(HostError::Pin { actual, .. }) if actual == good));
    }
}
