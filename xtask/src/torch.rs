//! The torch plugin: it is built apart from the workspace, with libtorch.

use crate::{cargo, libtorch, root, sh};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The plugin's feature, for commands on the whole workspace: cargo then builds what the plugin shares with the other
/// crates once, not a second time with other features.
pub const FEATURE: [&str; 2] = ["--features", "giqa-torch/libtorch"];
/// The same for commands that only check types: they need no libtorch, and compile none of tch's C++.
pub const FEATURE_TYPES_ONLY: [&str; 2] = ["--features", "giqa-torch/libtorch,giqa-torch/doc-only"];
const PACKAGE: [&str; 4] = ["--package", "giqa-torch", "--features", "libtorch"];

/// `cargo xtask torch [test] [--release]`.
pub fn run(args: &[String]) -> Result<()> {
    needs_libtorch()?;
    let release = args.iter().any(|a| a == "--release").then_some("--release");
    match args.iter().find(|a| *a != "--release").map(String::as_str) {
        None => {
            sh(
                &cargo(),
                &["build"]
                    .into_iter()
                    .chain(PACKAGE)
                    .chain(["--example", "giqa_torch"])
                    .chain(release)
                    .collect::<Vec<_>>(),
                &[],
            )?;
            let library = place(if release.is_some() { "release" } else { "debug" })?;
            println!("built {}", library.display());
            Ok(())
        }
        Some("test") => {
            let tests = ["--lib", "--tests"];
            sh(&cargo(), &["test"].into_iter().chain(PACKAGE).chain(tests).chain(release).collect::<Vec<_>>(), &[])
        }
        Some(other) => bail!("cargo xtask torch has no '{other}': test, --release"),
    }
}

/// Puts the built library where those of other plugins are.
///
/// # Errors
/// It has not been built.
pub fn place(profile: &str) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let (built, library) = (target.join(profile).join("examples/libgiqa_torch.so"), target.join(profile));
    let library = library.join("libgiqa_torch.so");
    // Beside it first, then over the old one: a program that has that one open keeps it.
    let fresh = library.with_extension("fresh");
    std::fs::copy(&built, &fresh).with_context(|| format!("{} to {}", built.display(), fresh.display()))?;
    std::fs::rename(&fresh, &library).with_context(|| library.display().to_string())?;
    Ok(library.canonicalize()?)
}

/// `cargo xtask parity DIR...`: exit code 1 when a folder is outside the tolerance.
pub fn parity(args: &[String]) -> Result<()> {
    needs_libtorch()?;
    let run = ["run", "--quiet"].into_iter().chain(PACKAGE).chain(["--example", "torch-parity", "--"]);
    let here = std::env::current_dir()?;
    // The example runs in the root folder; the names of folders are meant from here.
    let folders: Vec<String> = args.iter().map(|a| here.join(a).display().to_string()).collect();
    sh(&cargo(), &run.chain(folders.iter().map(String::as_str)).collect::<Vec<_>>(), &[])
}

fn needs_libtorch() -> Result<()> {
    if libtorch::is_there(libtorch::Set::Cpu) {
        return Ok(());
    }
    bail!("libtorch is not in {}: run cargo xtask libtorch first", libtorch::folder().display())
}
