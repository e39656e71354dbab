//! Everything that must hold before a change lands.

use crate::{cargo, generate, libtorch, photos, sh, tests, torch};
use anyhow::Result;
use std::process::{Command, Stdio};

/// fmt, clippy, docs, drift, cargo-deny and Miri where installed, tests last.
pub fn run() -> Result<()> {
    let cargo = cargo();
    sh(&cargo, &["fmt", "--all", "--check"], &[])?;
    sh(&cargo, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    sh(&cargo, &["doc", "--workspace", "--no-deps", "--quiet"], &[("RUSTDOCFLAGS", "-D warnings")])?;
    if libtorch::is_there() {
        torch::clippy()?;
    }
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
