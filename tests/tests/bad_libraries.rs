//! Libraries that are none, speak another version, lie, or are not the ones that were meant: refused before any
//! photograph, with a message that names the file and the remedy.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::{SHORT, config, evil};
use giqa_tests::{Ran, giqa, library_file, photo, temp, text, write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn inspect(library: &Path, settings: &str) -> Ran {
    let dir = temp();
    let config = config(dir.path(), &["evil.prints"], "evil", library, settings);
    giqa().arg("--config").arg(config).arg("inspect").arg(photo("coffee.jpg")).run()
}

/// The library spoiled by a -D flag must be refused, in a process of its own and in this one.
#[track_caller]
fn refused(flag: &str, words: &[&str]) {
    let dir = temp();
    let library = evil(dir.path(), &[flag]);
    for isolation in ["process", "in-process"] {
        let ran = inspect(&library, &format!("isolation = {isolation:?}\n"));
        ran.code(4).says(&["libgiqa_evil"]).says(words);
        assert_eq!(ran.out(), "", "{ran}");
    }
}

#[test]
fn another_major_version() {
    refused("WRONG_MAJOR", &["it speaks ABI 99.0", "install a plugin built for ABI 1"]);
}

#[test]
fn a_table_that_is_too_short() {
    refused("SHORT_TABLE", &["its table of 8 bytes is too short", "install a plugin built for ABI 1"]);
}

#[test]
fn a_table_without_a_function() {
    refused("NULL_TABLE_FN", &["a function of its table is null", "install a plugin built for ABI 1"]);
}

#[test]
fn a_manifest_that_lies() {
    refused("LYING_MANIFEST", &["differs from the one that its code gives", "giqa plugins check"]);
}

#[test]
fn a_manifest_that_is_not_json() {
    refused("BAD_MANIFEST", &["manifest is not JSON", "giqa plugins check"]);
}

#[test]
fn a_manifest_without_components() {
    refused("NO_COMPONENTS", &["has no components", "giqa plugins check"]);
}

#[test]
fn no_table() {
    refused("NO_SYMBOL", &["does not export GIQA_PLUGIN_V1", "Rebuild it"]);
    refused("NO_PLUGIN", &["does not export GIQA_PLUGIN_V1", "Rebuild it"]);
}

#[test]
fn a_crash_while_it_is_loaded() {
    let dir = temp();
    let ran = inspect(&evil(dir.path(), &["CRASH_ON_LOAD"]), SHORT);
    ran.code(4).says(&["evil", "crashed", "SIGABRT"]);
}

#[test]
fn a_crash_at_the_end_costs_no_report() {
    let dir = temp();
    let ran = inspect(&evil(dir.path(), &["CRASH_ON_DESTROY"]), SHORT);
    ran.code(0);
    assert!(!ran.out().is_empty(), "{ran}");
}

#[test]
fn a_text_file() {
    let dir = temp();
    let library = write(dir.path(), "libgiqa_evil.so", "I am a library, honestly.\n");
    inspect(&library, SHORT).code(4).says(&[text(&library), "is not a shared library", "Point `library` at"]);
    let empty = write(dir.path(), "libgiqa_empty.so", "");
    inspect(&empty, SHORT).code(4).says(&[text(&empty), "is not a shared library"]);
}

#[test]
fn half_a_library() {
    let dir = temp();
    let library = evil(dir.path(), &[]);
    let bytes = std::fs::read(&library).unwrap();
    for part in [64, bytes.len() / 3, bytes.len() - 100] {
        std::fs::write(&library, &bytes[..part]).unwrap();
        inspect(&library, SHORT).code(4).says(&["libgiqa_evil.so"]);
    }
}

#[test]
fn a_library_that_is_nowhere() {
    let ran = inspect(Path::new("/nowhere/libgiqa_evil.so"), SHORT);
    ran.code(4).says(&["evil", "/nowhere/libgiqa_evil.so", "Check that the file is there"]);
    let ran = inspect(Path::new("giqa_no_such_plugin"), SHORT);
    ran.code(4).says(&["plugin 'evil'", "no library 'libgiqa_no_such_plugin.so' found; looked in", "Install it there"]);
}

#[test]
fn a_library_that_everybody_may_write() {
    let dir = temp();
    let library = evil(dir.path(), &[]);
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    set(&library, 0o666);
    inspect(&library, SHORT).code(4).says(&[text(&library), "may be written to by everybody", "chmod o-w"]);
    set(&library, 0o644);
    set(dir.path(), 0o777);
    inspect(&library, SHORT).code(4).says(&[text(dir.path()), "may be written to by everybody", "chmod o-w"]);
    set(dir.path(), 0o755);
    let _ = inspect(&library, SHORT).code(0);
}

#[test]
fn a_pin() {
    let dir = temp();
    let library = evil(dir.path(), &[]);
    let hash = blake3::hash(&std::fs::read(&library).unwrap()).to_hex().to_string();
    let _ = inspect(&library, &format!("{SHORT}blake3 = \"{hash}\"\n")).code(0);
    let wrong = "0".repeat(64);
    let ran = inspect(&library, &format!("{SHORT}blake3 = \"{wrong}\"\n"));
    ran.code(4).says(&[text(&library), &wrong, &hash, "Update the pin if the change was meant"]);
}

#[test]
fn a_bad_library_beside_a_good_one_is_a_warning() {
    let dir = temp();
    let library = evil(dir.path(), &["WRONG_MAJOR"]);
    let settings = format!("{SHORT}[plugins.example]\nlibrary = {:?}\n", library_file("giqa_example"));
    let config = config(dir.path(), &["evil.prints", "example.brightness"], "evil", &library, &settings);
    let ran = giqa().arg("--config").arg(config).arg("inspect").arg(photo("coffee.jpg")).run();
    ran.code(0).says(&["warning", "libgiqa_evil", "it speaks ABI 99.0"]);
}

#[test]
fn a_plugin_is_told_once() {
    let dir = temp();
    let library = evil(dir.path(), &["WRONG_MAJOR"]);
    let metrics = ["evil.prints", "evil.crash", "evil.hang", "evil.flood", "evil.silent"];
    let config = config(dir.path(), &metrics, "evil", &library, SHORT);
    let ran = giqa().arg("--config").arg(&config).arg("inspect").arg(photo("coffee.jpg")).run();
    ran.code(4).says(&["'evil.prints', 'evil.crash', 'evil.hang' and 2 more can't be used", "it speaks ABI 99.0"]);
    assert_eq!(ran.err().lines().count(), 1, "{ran}");
    let ran = giqa().arg("--config").arg(&config).arg("doctor").run();
    ran.code(4).prints(&["test (default): 0 components work, 5 do not", "it speaks ABI 99.0"]);
}
