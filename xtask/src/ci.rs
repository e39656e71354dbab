//! Everything that must hold before a change lands.

use crate::{cargo, generate, photos, sh, tests, torch};
use anyhow::Result;
use std::process::{Command, Stdio};

/// fmt, clippy, docs, drift, cargo-deny and Miri where installed, tests last.
pub fn run() -> Result<()> {
    let cargo = cargo();
    sh(&cargo, &["fmt", "--all", "--check"], &[])?;
    // With all of the torch plugin, which needs no libtorch for this; then what is left of the plugin without its feature.
    let clippy = |what: &[&str]| {
        let args = ["clippy"].iter().chain(what).chain(&["--all-targets", "--", "-D", "warnings"]);
        sh(&cargo, &args.copied().collect::<Vec<_>>(), &[])
    };
    clippy(&[&["--workspace"], &torch::FEATURE_TYPES_ONLY[..]].concat())?;
    clippy(&["--package", "giqa-torch"])?;
    let doc = [&["doc", "--workspace", "--no-deps", "--quiet"], &torch::FEATURE_TYPES_ONLY[..]].concat();
    sh(&cargo, &doc, &[("RUSTDOCFLAGS", "-D warnings")])?;
    generate::schemas(true)?;
    generate::header(true)?;
    photos::run(&["--check".to_owned()])?;
    if installed(&["deny", "--version"]) {
        sh("cargo", &["deny", "check", "licenses", "bans", "sources"], &[])?;
    } else {
        println!("skipped: cargo-deny is not installed (cargo install cargo-deny --locked)");
    }
    if installed(&["+nightly", "miri", "--version"]) {
        let miri = ["+nightly", "miri", "test", "-p", "giqa-abi", "-p", "giqa-sdk", "--lib", "--tests"];
        sh("cargo", &miri, &[("MIRIFLAGS", "-Zmiri-disable-isolation")])?;
    } else {
        println!("skipped: Miri is not installed (rustup +nightly component add miri)");
    }
    tests::run(&[])
}

fn installed(args: &[&str]) -> bool {
    // By name, not by $CARGO: `+nightly` and third-party subcommands are rustup's and PATH's business.
    let probe = Command::new("cargo").args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    probe.is_ok_and(|s| s.success())
}
