//! Brings libtorch 2.11 into `third_party/libtorch`, where `.cargo/config.toml` points the torch plugin's build.

mod python;
mod wheels;

use crate::root;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version that tch 0.24 was generated for; no other one links.
const VERSION: &str = "2.11.0";

/// What is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// What a machine without a GPU needs to build and run.
    Cpu,
    /// CUDA's libraries and headers as well.
    Cuda,
}

/// Where libtorch lies once it is there: `LIBTORCH` as torch-sys understands it.
pub fn folder() -> PathBuf {
    root().join("third_party/libtorch/torch")
}

/// Whether a complete libtorch is there. `build-version` is written last.
pub fn is_there(set: Set) -> bool {
    let version = std::fs::read_to_string(folder().join("build-version"));
    version.is_ok_and(|v| v.starts_with(VERSION)) && (set == Set::Cpu || folder().join("lib/libtorch_cuda.so").exists())
}

/// `cargo xtask libtorch [--cuda | --from PYTHON]`.
pub fn run(args: &[String]) -> Result<()> {
    match args {
        [] => bring(Set::Cpu),
        [cuda] if cuda == "--cuda" => bring(Set::Cuda),
        [from, python] if from == "--from" => python::link(python),
        _ => bail!("usage: cargo xtask libtorch [--cuda | --from PYTHON]"),
    }
}

/// Sees to it that libtorch is there, and that the plugin can be built with it.
///
/// # Errors
/// Why not.
pub fn bring(set: Set) -> Result<()> {
    if is_there(set) {
        println!("libtorch {VERSION} is there: {}", folder().display());
        return Ok(());
    }
    wheels::bring(set)
}

/// The C++ compiler, which torch-sys needs to build.
///
/// # Errors
/// That it is missing, and the remedy.
pub fn compiler() -> Result<String> {
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    if runs(&compiler, &["--version"]) {
        return Ok(compiler);
    }
    bail!("there is no C++ compiler '{compiler}' (install g++, or name one with CXX)")
}

/// Whether a command is there and succeeds.
fn runs(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|s| s.success())
}

/// The folder that everything is brought to.
fn place() -> PathBuf {
    root().join("third_party/libtorch")
}

/// Completes a fresh folder and puts it in the place of the old one.
fn finish(fresh: &Path) -> Result<()> {
    // The real libtorch.so needs libtorch_cuda.so, so nothing that is linked with it loads on a machine without CUDA.
    // torch-sys only wants the name.
    std::fs::write(fresh.join("torch/lib/libtorch.so"), "INPUT(libtorch_cpu.so)\n")?;
    std::fs::write(fresh.join("torch/build-version"), format!("{VERSION}+cpu\n"))?;
    for part in ["nvidia", "torch"] {
        remove(&place().join(part))?;
        if fresh.join(part).exists() {
            std::fs::rename(fresh.join(part), place().join(part))?;
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
