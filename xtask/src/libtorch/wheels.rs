//! libtorch out of the wheels of Python's package registry. pip downloads them: it knows this machine's mirrors, proxies
//! and certificates, and checks the hashes.

use super::{Set, VERSION, finish, place, remove, runs};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

const CPU: &str = include_str!("cpu.txt");
const CUDA: &str = include_str!("cuda.txt");

/// Takes the wheels' members apart.
const UNPACK: &str = include_str!("unpack.py");

/// Tags of platforms that the wheels carry: glibc 2.28 runs all of them.
const PLATFORMS: [&str; 8] = [
    "manylinux1_x86_64",
    "manylinux2010_x86_64",
    "manylinux2014_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux_2_18_x86_64",
    "manylinux_2_25_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_28_x86_64",
];

/// Downloads what is missing, and unpacks it.
///
/// # Errors
/// Another platform; no pip; no room; no network. Wheels that have arrived whole are kept for the next time.
pub fn bring(set: Set) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("the wheels are for Linux on x86_64: install torch {VERSION} and use cargo xtask libtorch --from PYTHON");
    }
    if !runs("python3", &["-m", "pip", "--version"]) {
        bail!("python3 has no pip to download libtorch with (install python3-pip)");
    }
    let wheels = place().join("wheels");
    std::fs::create_dir_all(&wheels).with_context(|| wheels.display().to_string())?;
    // Wheels and what comes out of them; MB.
    let (down, kept) = if set == Set::Cpu { (540, 500) } else { (2500, 5000) };
    room(&wheels, down + kept)?;
    println!("libtorch {VERSION}: downloads about {down} MB, takes {kept} MB");
    let lists = [CPU, if set == Set::Cuda { CUDA } else { "" }];
    for wheel in lists.iter().flat_map(|list| list.lines()).filter(|line| !line.starts_with('#')) {
        download(&wheels, wheel)?;
    }
    let fresh = place().join("unpacking");
    remove(&fresh)?;
    let which = if set == Set::Cpu { "cpu" } else { "cuda" };
    let status = Command::new("python3").args(["-c", UNPACK, which]).args([&wheels, &fresh]).status()?;
    if !status.success() {
        bail!("the wheels could not be unpacked into {} ({status}); is the disk full?", fresh.display());
    }
    finish(&fresh)?;
    remove(&wheels)
}

/// One wheel, unless it has arrived already. `requirement` is a line of pip's format: name, version, hash.
fn download(wheels: &Path, requirement: &str) -> Result<()> {
    let list = wheels.join("wheel.txt");
    std::fs::write(&list, requirement)?;
    let name = requirement.split_whitespace().next().unwrap_or(requirement);
    println!("  {name}");
    // Without pip's cache, which would keep it all a second time.
    #[rustfmt::skip]
    let mut pip = vec![
        "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--retries", "2",
        "--no-deps", "--only-binary=:all:", "--require-hashes",
        "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--abi", "none",
    ];
    pip.extend(PLATFORMS.iter().flat_map(|tag| ["--platform", tag]));
    let status =
        Command::new("python3").args(pip).arg("--dest").arg(wheels).arg("--requirement").arg(&list).status()?;
    if !status.success() {
        bail!("pip could not bring {name} ({status}); run cargo xtask libtorch again to go on");
    }
    Ok(())
}

/// Whether a folder's disk has so many MB left.
#[cfg(unix)]
fn room(folder: &Path, needed: u64) -> Result<()> {
    let disk = rustix::fs::statvfs(folder).with_context(|| folder.display().to_string())?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    if free < needed {
        bail!("libtorch needs {needed} MB, {} has {free} MB left", folder.display());
    }
    Ok(())
}

#[cfg(not(unix))]
fn room(_: &Path, _: u64) -> Result<()> {
    Ok(())
}
