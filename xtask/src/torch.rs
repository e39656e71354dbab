//! The torch plugin: it is built apart from the workspace, with libtorch.

use crate::{cargo, libtorch, root, sh};
use anyhow::{Context, Result, bail};

/// Arguments of `cargo test` for the plugin's tests.
pub const TESTS: [&str; 6] = ["--package", "giqa-torch", "--features", "libtorch", "--lib", "--tests"];

/// `cargo xtask torch [test] [--release]`.
pub fn run(args: &[String]) -> Result<()> {
    needs_libtorch()?;
    let release = args.iter().any(|a| a == "--release").then_some("--release");
    match args.iter().find(|a| *a != "--release").map(String::as_str) {
        None => build(release),
        Some("test") => {
            let test = ["test"].into_iter().chain(TESTS).chain(release);
            sh(&cargo(), &test.collect::<Vec<_>>(), &[])
        }
        Some(other) => bail!("cargo xtask torch has no '{other}': test, --release"),
    }
}

/// `cargo xtask parity DIR...`: exit code 1 when a folder is outside the tolerance.
pub fn parity(args: &[String]) -> Result<()> {
    needs_libtorch()?;
    let run = ["run", "--quiet", "--package", "giqa-torch", "--features", "libtorch", "--example", "parity", "--"];
    let here = std::env::current_dir()?;
    // The example runs in the root folder; the names of folders are meant from here.
    let folders: Vec<String> = args.iter().map(|a| here.join(a).display().to_string()).collect();
    sh(&cargo(), &run.into_iter().chain(folders.iter().map(String::as_str)).collect::<Vec<_>>(), &[])
}

/// Clippy over what the workspace's own run leaves out.
pub fn clippy() -> Result<()> {
    let args = ["--package", "giqa-torch", "--all-targets", "--features", "libtorch", "--", "-D", "warnings"];
    sh(&cargo(), &["clippy"].into_iter().chain(args).collect::<Vec<_>>(), &[])
}

/// The workspace builds the crate as a Rust library only; the loadable one is asked for here.
fn build(release: Option<&str>) -> Result<()> {
    let rustc = ["rustc", "--package", "giqa-torch", "--features", "libtorch", "--lib", "--crate-type", "cdylib"];
    sh(&cargo(), &rustc.into_iter().chain(release).collect::<Vec<_>>(), &[])?;
    let profile = if release.is_some() { "release" } else { "debug" };
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let library = target.join(profile).join("libgiqa_torch.so");
    println!("built {}", library.canonicalize().with_context(|| library.display().to_string())?.display());
    Ok(())
}

fn needs_libtorch() -> Result<()> {
    if libtorch::is_there() {
        return Ok(());
    }
    bail!("libtorch is not in {}: run cargo xtask libtorch first", libtorch::folder().display())
}
