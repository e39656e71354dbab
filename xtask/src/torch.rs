//! The torch plugin: it is built apart from the workspace, with libtorch.

use crate::{cargo, libtorch, root, sh};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The plugin's feature, for commands on the whole workspace: cargo then builds what the plugin shares with the other
/// crates once, not a second time with other features.
pub const FEATURE: [&str; 2] = ["--features", "giqa-torch/libtorch"];
/// The same for commands that only check types: they need no libtorch, and compile none of tch's C++.
pub const FEATURE_TYPES_ONLY: [&str; 2] = ["--features", "giqa-torch/libtorch,giqa-torch/doc-only"];

/// `cargo xtask torch [test] [--release] [--cuda]`.
pub fn run(args: &[String]) -> Result<()> {
    needs_libtorch()?;
    let (flags, verbs): (Vec<&str>, Vec<&str>) = args.iter().map(String::as_str).partition(|a| a.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| !["--release", "--cuda"].contains(flag)) {
        bail!("cargo xtask torch has no '{unknown}': test, --release, --cuda");
    }
    let release = flags.contains(&"--release");
    match verbs.first().copied() {
        None => {
            if flags.contains(&"--cuda") {
                graphs()?;
            }
            example("giqa_torch", release)?;
            println!("built {}", place(if release { "release" } else { "debug" })?.display());
            Ok(())
        }
        Some("test") => {
            let test = ["test", "--package", "giqa-torch", "--features", "libtorch", "--lib", "--tests"];
            sh(&cargo(), &test.into_iter().chain(release.then_some("--release")).collect::<Vec<_>>(), &[])
        }
        Some(other) => bail!("cargo xtask torch has no '{other}': test, --release, --cuda"),
    }
}

/// Builds the C++ for CUDA graphs to where libtorch's own libraries lie: the plugin looks for it there.
fn graphs() -> Result<()> {
    let torch = libtorch::folder();
    let headers = torch.with_file_name("nvidia").join("cu13/include");
    if !headers.join("cuda_runtime_api.h").is_file() || !libtorch::is_there(libtorch::Set::Cuda) {
        bail!("CUDA's headers and libraries are not in third_party/: run cargo xtask libtorch --cuda first");
    }
    let include = |folder: &Path| format!("-isystem{}", folder.display());
    let (library, lib) = (torch.join("lib/libgiqa_torch_graph.so"), format!("-L{}", torch.join("lib").display()));
    let source = root().join("plugins/torch/shim/graph.cpp").display().to_string();
    let headers = [torch.join("include"), torch.join("include/torch/csrc/api/include"), headers];
    let headers: Vec<String> = headers.iter().map(|folder| include(folder)).collect();
    // Named as needed even where nothing of them is called, so that they are there before it; what they need in turn is
    // found where the plugin runs.
    #[rustfmt::skip]
    let link = [
        "-Wl,--no-as-needed", "-Wl,-rpath,$ORIGIN", "-Wl,--allow-shlib-undefined",
        "-lc10", "-lc10_cuda", "-ltorch_cpu", "-ltorch_cuda",
    ];
    let output = library.display().to_string();
    let mut args = vec!["-std=c++20", "-O2", "-fPIC", "-shared", "-o", &output];
    args.extend(headers.iter().map(String::as_str));
    args.extend([source.as_str(), lib.as_str()]);
    args.extend(link);
    sh(&libtorch::compiler()?, &args, &[])?;
    println!("built {output}");
    Ok(())
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
