//! The torch plugin: it is built apart from the workspace, with libtorch.

use crate::{cargo, libtorch, root, sh};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The plugin's feature, for commands on the whole workspace: cargo then builds what the plugin shares with the other
/// crates once, not a second time with other features.
pub const FEATURE: [&str; 2] = ["--features", "giqa-torch/libtorch"];
/// The same for commands that only check types: they need no libtorch, and compile none of tch's C++.
pub const FEATURE_TYPES_ONLY: [&str; 2] = ["--features", "giqa-torch/libtorch,giqa-torch/doc-only"];

/// `cargo xtask torch [test] [--release]`.
pub fn run(args: &[String]) -> Result<()> {
    needs_libtorch()?;
    let release = args.iter().any(|a| a == "--release");
    match args.iter().find(|a| *a != "--release").map(String::as_str) {
        None => {
            example("giqa_torch", release)?;
            println!("built {}", place(if release { "release" } else { "debug" })?.display());
            Ok(())
        }
        Some("test") => {
            let test = ["test", "--package", "giqa-torch", "--features", "libtorch", "--lib", "--tests"];
            sh(&cargo(), &test.into_iter().chain(release.then_some("--release")).collect::<Vec<_>>(), &[])
        }
        Some(other) => bail!("cargo xtask torch has no '{other}': test, --release"),
    }
}

/// Builds an example of the plugin, with the features of the whole workspace: what `cargo xtask test` has built is there.
fn example(name: &str, release: bool) -> Result<()> {
    let build = ["build", "--workspace", "--example", name].into_iter().chain(FEATURE);
    sh(&cargo(), &build.chain(release.then_some("--release")).collect::<Vec<_>>(), &[])
}

/// Puts the built library where those of other plugins are.
///
/// # Errors
/// It has not been built.
pub fn place(profile: &str) -> Result<PathBuf> {
    let folder = built(profile);
    let (built, library) = (folder.join("examples/libgiqa_torch.so"), folder.join("libgiqa_torch.so"));
    // Beside it first, then over the old one: a program that has that one open keeps it.
    let fresh = library.with_extension("fresh");
    std::fs::copy(&built, &fresh).with_context(|| format!("{} to {}", built.display(), fresh.display()))?;
    std::fs::rename(&fresh, &library).with_context(|| library.display().to_string())?;
    Ok(library.canonicalize()?)
}

/// `cargo xtask parity [--device cuda] DIR...`: exit code 1 when a folder is outside the tolerance.
pub fn parity(args: &[String]) -> Result<()> {
    needs_libtorch()?;
    example("torch-parity", false)?;
    let here = std::env::current_dir()?;
    // It runs in the root folder; the names of folders are meant from here.
    let meant = |arg: &String| match here.join(arg) {
        folder if folder.is_dir() => folder.display().to_string(),
        _ => arg.clone(),
    };
    let args: Vec<String> = args.iter().map(meant).collect();
    let program = built("debug").join("examples/torch-parity");
    sh(&program.display().to_string(), &args.iter().map(String::as_str).collect::<Vec<_>>(), &[])
}

/// Where cargo puts what it builds.
fn built(profile: &str) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from).join(profile)
}

fn needs_libtorch() -> Result<()> {
    if libtorch::is_there(libtorch::Set::Cpu) {
        return Ok(());
    }
    bail!("libtorch is not in {}: run cargo xtask libtorch first", libtorch::folder().display())
}
