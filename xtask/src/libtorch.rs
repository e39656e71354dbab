//! Brings libtorch 2.11 into `third_party/libtorch`, where `.cargo/config.toml` points the torch plugin's build.

use crate::{root, sh};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that tch 0.24 was generated for; no other one links.
const VERSION: &str = "2.11.0";

/// Which wheels, by version and SHA-256.
const REQUIREMENTS: &str = "xtask/src/libtorch/requirements.txt";

/// Takes the wheels' members apart.
const UNPACK: &str = include_str!("libtorch/unpack.py");

/// Asks a Python for its torch.
const LOCATE: &str = include_str!("libtorch/locate.py");

/// Where libtorch lies once it is there: `LIBTORCH` as torch-sys understands it.
pub fn folder() -> PathBuf {
    root().join("third_party/libtorch/torch")
}

/// Whether a complete libtorch is there. `build-version` is written last.
pub fn is_there() -> bool {
    std::fs::read_to_string(folder().join("build-version")).is_ok_and(|v| v.starts_with(VERSION))
}

/// `cargo xtask libtorch [--from PYTHON]`.
pub fn run(args: &[String]) -> Result<()> {
    match args {
        [] if is_there() => println!("libtorch {VERSION} is there: {}", folder().display()),
        [] => from_wheels()?,
        [from, python] if from == "--from" => from_python(python)?,
        _ => bail!("usage: cargo xtask libtorch [--from PYTHON]"),
    }
    Ok(())
}

/// Downloads with pip, which knows the mirrors, proxies and certificates of this machine, checks the hashes and leaves
/// out what an interrupted run has brought already.
fn from_wheels() -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("the wheels are for Linux on x86_64: here, install torch {VERSION} and use --from PYTHON");
    }
    let place = root().join("third_party/libtorch");
    let wheels = place.join("wheels");
    std::fs::create_dir_all(&wheels).with_context(|| wheels.display().to_string())?;
    println!("libtorch {VERSION}: downloads about 540 MB, takes 500 MB");
    let wheels_text = text(&wheels)?;
    #[rustfmt::skip]
    let download = [
        "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes",
        "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "none",
        "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_25_x86_64", "--platform", "manylinux2014_x86_64",
        "--dest", wheels_text, "--requirement", REQUIREMENTS,
    ];
    sh("python3", &download, &[]).context("pip could not bring the wheels; run the command again to go on")?;
    let fresh = place.join("unpacking");
    remove(&fresh)?;
    let status = Command::new("python3").args(["-c", UNPACK, wheels_text, text(&fresh)?]).status()?;
    if !status.success() {
        bail!("the wheels could not be unpacked into {} ({status}); is the disk full?", fresh.display());
    }
    finish(&fresh)?;
    remove(&wheels)
}

/// Takes the torch of an existing Python by links: nothing is copied, and its CUDA libraries are found as well.
fn from_python(python: &str) -> Result<()> {
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
    let fresh = root().join("third_party/libtorch/unpacking");
    remove(&fresh)?;
    let lib = fresh.join("torch/lib");
    std::fs::create_dir_all(&lib)?;
    link(&Path::new(torch).join("include"), &fresh.join("torch/include"))?;
    for entry in std::fs::read_dir(Path::new(torch).join("lib"))? {
        let entry = entry?;
        if entry.file_name() != "libtorch.so" {
            link(&entry.path(), &lib.join(entry.file_name()))?;
        }
    }
    // Where the libraries look for CUDA's: `$ORIGIN/../../nvidia`.
    if let Some(nvidia) = Path::new(torch).parent().map(|p| p.join("nvidia")).filter(|p| p.is_dir()) {
        link(&nvidia, &fresh.join("nvidia"))?;
    }
    finish(&fresh)
}

/// Completes a fresh folder and puts it in the place of the old one.
fn finish(fresh: &Path) -> Result<()> {
    // The real libtorch.so needs libtorch_cuda.so, so nothing that is linked with it loads on a machine without CUDA.
    // torch-sys only wants the name.
    std::fs::write(fresh.join("torch/lib/libtorch.so"), "INPUT(libtorch_cpu.so)\n")?;
    std::fs::write(fresh.join("torch/build-version"), format!("{VERSION}+cpu\n"))?;
    let place = root().join("third_party/libtorch");
    for part in ["nvidia", "torch"] {
        remove(&place.join(part))?;
        if fresh.join(part).exists() {
            std::fs::rename(fresh.join(part), place.join(part))?;
        }
    }
    remove(fresh)?;
    println!("libtorch {VERSION} is there: {}", folder().display());
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(m) if m.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(_) => Ok(()),
    };
    removed.with_context(|| format!("can't remove {}", path.display()))
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).with_context(|| format!("can't link {}", to.display()))
}

#[cfg(not(unix))]
fn link(_: &Path, to: &Path) -> Result<()> {
    bail!("can't link {}: only Unix is supported", to.display())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}
