//! The README's test command: builds what the tests drive, runs all of them, and sums up.

use crate::{cargo, libtorch, root, sh, torch};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Sums of the runner's closing lines.
#[derive(Default)]
struct Sums {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// How to do with libtorch: `skip` goes without; `require` fails where it can't be had; otherwise that is a test skipped.
const LIBTORCH: &str = "GIQA_TESTS_LIBTORCH";

/// Builds and runs all tests. `args` go to `cargo test`.
pub fn run(args: &[String]) -> Result<()> {
    let cargo = cargo();
    let mut sums = Sums::default();
    let torch = match with_libtorch() {
        Ok(()) => &torch::FEATURE[..],
        Err(why) if std::env::var(LIBTORCH).is_ok_and(|wish| wish == "require") => return Err(why),
        Err(why) => {
            println!("skipped: the torch plugin's models: {why:#}");
            sums.skipped += 1;
            &[]
        }
    };
    // The tests drive the real binary and load the real libraries; everything is built once, here, and with the same
    // features as for the tests.
    let build = ["build", "--workspace", "--lib", "--bins", "--examples"].iter().chain(torch).copied();
    sh(&cargo, &build.collect::<Vec<_>>(), &[])?;
    if !torch.is_empty() {
        torch::place("debug")?;
    }
    // Doctests among them: asked for by themselves, they would be built with other features, and most crates anew.
    let all = ["--workspace", "--no-fail-fast"].iter().chain(torch).copied().chain(args.iter().map(String::as_str));
    let ok = test(&cargo, &all.collect::<Vec<_>>(), &mut sums)?;
    println!("{} passed, {} failed, {} skipped", sums.passed, sums.failed, sums.skipped);
    if !ok || sums.failed > 0 {
        bail!("tests failed");
    }
    Ok(())
}

/// Brings libtorch, once.
///
/// # Errors
/// Why the torch plugin can't be built here.
fn with_libtorch() -> Result<()> {
    if std::env::var(LIBTORCH).is_ok_and(|wish| wish == "skip") {
        bail!("{LIBTORCH}=skip");
    }
    libtorch::compiler()?;
    libtorch::bring(libtorch::Set::Cpu)
}

/// Runs `cargo test`, passes its output on, and adds up its closing lines.
fn test(cargo: &str, args: &[&str], sums: &mut Sums) -> Result<bool> {
    println!("$ cargo test {}", args.join(" "));
    let mut child = Command::new(cargo)
        .arg("test")
        .args(args)
        // The end-to-end tests need not build the binary again.
        .env("GIQA_TESTS_BUILT", "1")
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("can't run cargo test")?;
    let output = child.stdout.take().context("cargo test has no stdout")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        if let Some(counts) = line.strip_prefix("test result: ") {
            let count = |word: &str| {
                let before = counts.split(word).next().unwrap_or_default();
                before.split_whitespace().next_back().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0)
            };
            sums.passed += count(" passed");
            sums.failed += count(" failed");
            sums.skipped += count(" ignored");
        }
    }
    Ok(child.wait()?.success())
}
