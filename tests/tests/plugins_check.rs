//! `giqa plugins check` on plugins that fail it: the right check fails, and giqa survives.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::evil;
use giqa_tests::{Ran, giqa, library_file, temp, text, write};
use std::path::Path;
use std::time::Duration;

fn check(library: &Path, args: &[&str]) -> Ran {
    giqa().args(["plugins", "check", "--deadline", "2"]).arg(library).args(args).run()
}

/// Checks the evil plugin with nothing but this deed: the named check must fail, for this reason.
#[track_caller]
fn fails(deed: &str, name: &str, why: &str) -> Ran {
    let dir = temp();
    let only = format!("ONLY={deed}");
    fails_with(&evil(dir.path(), &[&only]), name, why)
}

#[track_caller]
fn fails_with(library: &Path, name: &str, why: &str) -> Ran {
    let ran = check(library, &[]);
    ran.code(4);
    let line = ran.out().lines().find(|l| l.starts_with("FAIL") && l.contains(name));
    assert!(line.is_some_and(|l| l.contains(why)), "no FAIL of {name:?} with {why:?}\n{ran}");
    assert!(ran.took < Duration::from_secs(30), "{ran}");
    ran
}

const AGAINST: &str = "a batch of 1, against the schema";

#[test]
fn crashes() {
    fails("crash", AGAINST, "SIGSEGV");
    fails("abort", AGAINST, "SIGABRT");
    let ran = fails("exit", AGAINST, "the plugin ended the process: exit status: 0");
    ran.prints(&["ok    manifest: readable without loading"]);
}

#[test]
fn hangs() {
    let ran = fails("hang", AGAINST, "no end after 2 s");
    assert!(ran.took > Duration::from_secs(1), "{ran}");
}

#[test]
fn memory_without_end() {
    // Stopped by the deadline at the latest; on a machine with little memory by the kernel.
    let dir = temp();
    if !Path::new("/usr/bin/prlimit").exists() {
        eprintln!("skipped: no prlimit to keep this machine's memory safe");
        return;
    }
    let library = evil(dir.path(), &["ONLY=flood"]);
    let ran = giqa().limited_memory(2 << 30).args(["plugins", "check", "--deadline", "2"]).arg(&library).run();
    ran.code(4).prints(&["FAIL", AGAINST]);
}

#[test]
fn garbage() {
    fails("garbage", AGAINST, "not JSON");
    fails("garbage-schema", AGAINST, "does not fit the schema");
    fails("garbage-error", AGAINST, "error message");
    fails("silent", AGAINST, "gave no result");
    fails("wrong-item", AGAINST, "gave no result");
    fails("bad-status", AGAINST, "unknown status 77");
    fails("outside", AGAINST, "outside the range");
    fails("bad-map", AGAINST, "map");
    fails("emit-flood", AGAINST, "more than 256 MiB");
}

#[test]
fn escapes() {
    // `run` asserts that no escape byte comes out.
    fails("escapes", AGAINST, "red");
}

#[test]
fn what_a_plugin_prints_hides_no_check() {
    let dir = temp();
    let quiet = check(&library_file("giqa_example"), &["--format", "json"]);
    let noisy = check(&evil(dir.path(), &["ONLY=prints"]), &["--format", "json"]);
    let _ = (quiet.code(0), noisy.code(0));
    let checks = |ran: &Ran, component: &str| {
        let all = ran.json()["checks"].as_array().unwrap().clone();
        all.iter().filter(|c| c["name"].as_str().unwrap().contains(component)).count()
    };
    assert_eq!(checks(&noisy, "evil.prints"), checks(&quiet, "example.brightness"), "{noisy}");
}

#[test]
fn a_crash_at_the_end() {
    let dir = temp();
    fails_with(&evil(dir.path(), &["ONLY=prints", "CRASH_ON_DESTROY"]), "destroyed and made again", "SIGABRT");
}

#[test]
fn an_exit_between_two_checks() {
    let dir = temp();
    fails_with(&evil(dir.path(), &["ONLY=prints", "EXIT_LATE"]), "all checks", "ended the process: exit status: 0");
}

#[test]
fn a_hang_at_the_beginning() {
    let dir = temp();
    let library = evil(dir.path(), &["HANG_ON_CREATE"]);
    fails_with(&library, "create: an unknown component is refused", "no end after 2 s");
}

#[test]
fn libraries_that_are_none() {
    let dir = temp();
    let loads = "library: loads, speaks ABI v1";
    let readable = "manifest: readable without loading";
    for (flag, name, why) in [
        ("WRONG_MAJOR", loads, "it speaks ABI 99.0"),
        ("SHORT_TABLE", loads, "too short"),
        ("NULL_TABLE_FN", loads, "is null"),
        ("LYING_MANIFEST", loads, "differs from the one that its code gives"),
        ("NO_SYMBOL", loads, "does not export GIQA_PLUGIN_V1"),
        ("CRASH_ON_LOAD", loads, "SIGABRT"),
        ("NO_PLUGIN", readable, "does not export GIQA_PLUGIN_V1"),
        ("BAD_MANIFEST", readable, "is not JSON"),
        ("NO_COMPONENTS", readable, "has no components"),
    ] {
        fails_with(&evil(dir.path(), &[flag]), name, why);
    }
    let text_file = write(dir.path(), "libgiqa_text.so", "no library");
    fails_with(&text_file, readable, "is not a shared library");
    fails_with(Path::new("/nowhere/libgiqa_x.so"), "file: safe to load", "/nowhere/libgiqa_x.so");
}

#[test]
fn as_json() {
    let dir = temp();
    let library = evil(dir.path(), &["ONLY=crash"]);
    let ran = check(&library, &["--format", "json"]);
    ran.code(4);
    let report = ran.json();
    assert_eq!(report["library"], text(&library));
    assert_eq!(report["failed"], 1, "{ran}");
    let last = report["checks"].as_array().unwrap().last().unwrap();
    assert_eq!(last["outcome"], "fail");
    assert!(last["why"].as_str().unwrap().contains("SIGSEGV"), "{ran}");
}
