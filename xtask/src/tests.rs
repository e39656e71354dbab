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

/// Builds and runs all tests. `args` go to `cargo test`.
pub fn run(args: &[String]) -> Result<()> {
    let cargo = cargo();
    // The tests drive the real binary and load the real libraries; everything is built once, here.
    sh(&cargo, &["build", "--workspace"], &[])?;
    if libtorch::is_there() {
        torch::run(&[])?;
    }
    let mut sums = Sums::default();
    // Doctests first: the runner's last lines should be those of the tests proper.
    let doctests = ["-p", "giqa-core", "-p", "giqa-sdk", "-p", "giqa-host", "-p", "giqa-engine", "--doc"];
    let mut ok = true;
    if args.is_empty() {
        ok &= test(&cargo, &doctests, &mut sums)?;
    }
    let all = ["--workspace", "--lib", "--bins", "--tests", "--examples", "--no-fail-fast"];
    let all: Vec<&str> = all.into_iter().chain(args.iter().map(String::as_str)).collect();
    ok &= test(&cargo, &all, &mut sums)?;
    if !libtorch::is_there() {
        println!("skipped: the torch plugin's models: libtorch is not there (cargo xtask libtorch)");
    } else if args.is_empty() {
        ok &= test(&cargo, &torch::TESTS, &mut sums)?;
    }
    println!("{} passed, {} failed, {} skipped", sums.passed, sums.failed, sums.skipped);
    if !ok || sums.failed > 0 {
        bail!("tests failed");
    }
    Ok(())
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
