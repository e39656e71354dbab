//! Developer chores: `cargo xtask test | ci | schema | header | photos | screenshots | libtorch | torch | parity`. See
//! CONTRIBUTING.md.

mod ci;
mod generate;
mod libtorch;
mod photos;
mod tests;
mod torch;

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

const USAGE: &str = "usage: cargo xtask <verb>

  test [ARGS]        builds and runs all tests (ARGS go to cargo test), sets up what they need
  ci                 fmt, clippy, docs, drift of generated files, cargo-deny where installed, test
  schema [--check]   writes schema/*.schema.json from the types
  header [--check]   writes core/abi/include/giqa_plugin.h from giqa-abi
  photos [--check]   makes the faulty example photos from the clean ones
  screenshots        makes docs/pictures/screen-*.svg with the release build
  libtorch [--cuda | --from PYTHON]
                     brings libtorch into third_party/, or links the torch of a Python
  torch [test] [--release] [--cuda]
                     builds the torch plugin's library (--cuda: and that for CUDA graphs), or runs its tests
  parity [--device cuda] DIR...
                     compares the torch plugin with what reference code computed";

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let verb = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let check = rest.iter().any(|a| a == "--check");
    match verb.as_str() {
        "test" => tests::run(&rest),
        "ci" => ci::run(),
        "schema" => generate::schemas(check),
        "header" => generate::header(check),
        "photos" => photos::run(&rest),
        "screenshots" => screenshots(),
        "libtorch" => libtorch::run(&rest),
        "torch" => torch::run(&rest),
        "parity" => torch::parity(&rest),
        _ => bail!("{USAGE}"),
    }
}

/// Runs the real program in a terminal and draws what it shows. A program of the tests does it, which have the terminal.
fn screenshots() -> Result<()> {
    sh(&cargo(), &["build", "--release", "-p", "giqa"], &[])?;
    let run = ["run", "--release", "-p", "giqa-tests", "--bin", "screenshots"];
    sh(&cargo(), &run, &[("GIQA_TESTS_BUILT", "1")])
}

/// The repository's root folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Runs a command in the root folder; an error names it.
fn sh(program: &str, args: &[&str], env: &[(&str, &str)]) -> Result<()> {
    println!("$ {program} {}", args.join(" "));
    let status =
        std::process::Command::new(program).args(args).envs(env.iter().copied()).current_dir(root()).status()?;
    if !status.success() {
        bail!("{program} {} failed: {status}", args.join(" "));
    }
    Ok(())
}

/// The cargo that runs us.
fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}
