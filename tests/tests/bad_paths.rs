//! Paths that can't be read, and names that would like to steer the terminal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::example_config;
use giqa_tests::{Ran, fixture, giqa, photo, temp, text};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

const FORMATS: [&str; 4] = ["text", "json", "jsonl", "csv"];

fn inspect(format: &str, paths: &[&Path]) -> Ran {
    let dir = temp();
    let config = example_config(dir.path());
    giqa().arg("--config").arg(config).args(["--color", "never", "inspect", "--format", format]).args(paths).run()
}

/// The good photograph must be done whatever stands beside it.
#[track_caller]
fn beside_a_good_one(bad: &Path, words: &[&str]) {
    let good = photo("coffee.jpg");
    let ran = inspect("json", &[bad, &good]);
    ran.code(3).says(words).says(&["1 inspected"]);
    assert_eq!(ran.json().as_array().unwrap().len(), 1, "{ran}");
    inspect("json", &[bad]).code(3).says(words);
}

#[test]
fn a_file_that_is_missing() {
    beside_a_good_one(
        Path::new("/nowhere/gone.jpg"),
        &["/nowhere/gone.jpg", "can't be read", "expected a readable file"],
    );
}

#[test]
fn a_file_without_permission() {
    let dir = temp();
    let locked = dir.path().join("locked.jpg");
    std::fs::copy(photo("cat.jpg"), &locked).unwrap();
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&locked).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    beside_a_good_one(&locked, &["locked.jpg", "can't be read", "expected a readable file"]);
}

#[test]
fn a_link_to_nothing() {
    let dir = temp();
    let link = dir.path().join("link.jpg");
    symlink(dir.path().join("gone.jpg"), &link).unwrap();
    beside_a_good_one(&link, &["link.jpg", "can't be read", "expected a readable file"]);
}

#[test]
fn a_link_to_itself() {
    let dir = temp();
    let link = dir.path().join("itself.jpg");
    symlink(&link, &link).unwrap();
    beside_a_good_one(&link, &["itself.jpg", "can't be read", "expected a readable file"]);
    beside_a_good_one(dir.path(), &["itself.jpg", "can't be read"]);
}

#[test]
fn a_folder_that_holds_itself() {
    let dir = temp();
    std::fs::create_dir(dir.path().join("inner")).unwrap();
    symlink(dir.path(), dir.path().join("inner/back")).unwrap();
    beside_a_good_one(dir.path(), &["inner/back", "the link leads back to"]);
}

#[test]
fn a_pipe_is_not_waited_for() {
    let dir = temp();
    let pipe = dir.path().join("pipe.jpg");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    beside_a_good_one(&pipe, &["pipe.jpg"]);
    std::fs::copy(photo("cat.jpg"), dir.path().join("cat.jpg")).unwrap();
    inspect("json", &[dir.path()]).code(0).prints(&["cat.jpg"]);
}

#[test]
fn a_device() {
    beside_a_good_one(Path::new("/dev/null"), &["/dev/null"]);
    beside_a_good_one(Path::new("/dev/zero"), &["/dev/zero"]);
}

#[test]
fn names_that_steer_the_terminal() {
    let dir = temp();
    let evil = dir.path().join("evil-\x1b[31mname\u{202e}gpj\u{9b}2J\nline.jpg");
    let broken = dir.path().join("broken-\x1b]0;title\x07.jpg");
    std::fs::copy(photo("cat.jpg"), &evil).unwrap();
    std::fs::copy(fixture("images/zero.jpg"), &broken).unwrap();
    for format in FORMATS {
        // `run` asserts that no escape byte comes out.
        let ran = inspect(format, &[dir.path()]);
        ran.code(3).says(&["broken-\\u{1b}]0;title\\u{7}.jpg"]);
        let harmful = |c: char| c != '\n' && c != '\r' && (c.is_control() || c == '\u{202e}');
        assert!(!ran.err().contains(harmful), "{ran}");
        assert!(!ran.out().contains(harmful), "{format}: {ran}");
    }
}

#[test]
fn a_name_that_is_not_utf8() {
    let dir = temp();
    let name = dir.path().join(OsStr::from_bytes(b"caf\xe9.jpg"));
    if std::fs::copy(photo("cat.jpg"), &name).is_err() {
        eprintln!("skipped: this file system takes UTF-8 only");
        return;
    }
    std::fs::copy(fixture("images/zero.jpg"), dir.path().join(OsStr::from_bytes(b"z\xff.jpg"))).unwrap();
    for format in FORMATS {
        let out = temp();
        let good = photo("coffee.jpg");
        let ran = inspect(format, &[dir.path(), &good]);
        // The output is UTF-8 all the same, and names the file as well as it can.
        ran.code(3).says(&["z\u{fffd}.jpg"]).prints(&["caf\u{fffd}.jpg", "coffee.jpg"]);
        let dir_text = text(out.path());
        let config = example_config(out.path());
        let ran = giqa().arg("--config").arg(config).args(["inspect", "--overlay", dir_text]).arg(&name).run();
        ran.code(0);
        assert!(std::fs::read_dir(out.path()).unwrap().flatten().any(|e| e.path().extension() == Some("png".as_ref())));
    }
}
