//! The torch of an existing Python, with its CUDA libraries if it has them.

use super::{VERSION, finish, place, remove};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Asks a Python for its torch.
const LOCATE: &str = include_str!("locate.py");

/// Takes it by links: nothing is copied.
pub fn link(python: &str) -> Result<()> {
    let output = Command::new(python)
        .args(["-c", LOCATE])
        .output()
        .with_context(|| format!("can't run the Python '{python}' named with --from"))?;
    if !output.status.success() {
        bail!("{python}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let answer = String::from_utf8(output.stdout)?;
    let (torch, version) = answer.trim().split_once('\n').context("the Python gave no version of torch")?;
    if version.split('+').next() != Some(VERSION) {
        bail!("{python} has torch {version}, but {VERSION} is needed: {python} -m pip install torch=={VERSION}");
    }
    let fresh = place().join("unpacking");
    remove(&fresh)?;
    let lib = fresh.join("torch/lib");
    std::fs::create_dir_all(&lib)?;
    symlink(&Path::new(torch).join("include"), &fresh.join("torch/include"))?;
    for entry in std::fs::read_dir(Path::new(torch).join("lib"))? {
        let entry = entry?;
        if entry.file_name() != "libtorch.so" {
            symlink(&entry.path(), &lib.join(entry.file_name()))?;
        }
    }
    // Where the libraries look for CUDA's: `$ORIGIN/../../nvidia`.
    if let Some(nvidia) = Path::new(torch).parent().map(|p| p.join("nvidia")).filter(|p| p.is_dir()) {
        symlink(&nvidia, &fresh.join("nvidia"))?;
    }
    finish(&fresh)
}

#[cfg(unix)]
fn symlink(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).with_context(|| format!("can't link {}", to.display()))
}

#[cfg(not(unix))]
fn symlink(_: &Path, to: &Path) -> Result<()> {
    bail!("can't link {}: only Unix is supported", to.display())
}
