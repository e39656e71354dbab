//! `giqa plugins new`: a crate that builds, passes the suite and inspects a photograph, as it was written.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::config;
use giqa_tests::{giqa, photo, reports, root, target_dir, temp, text, write};
use std::process::Command;

#[test]
fn it_builds_and_passes_the_suite() {
    let dir = temp();
    let folder = dir.path().join("my-plugin");
    let ran = giqa().args(["plugins", "new", "my-plugin", "--dir", text(&folder)]).run();
    ran.code(0).prints(&[
        "my-plugin",
        "cargo test && cargo build",
        "giqa plugins check target/debug/libgiqa_my_plugin.so",
    ]);

    // The same dependencies as the workspace, and built once for all runs of this test.
    std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = target_dir().parent().unwrap().join("new-plugin");
    let cargo = |command: &str| {
        let output = Command::new(env!("CARGO"))
            .args([command, "--offline", "--quiet"])
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS")
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "cargo {command}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!String::from_utf8_lossy(&output.stderr).contains("warning"), "{output:?}");
    };
    cargo("build");
    cargo("test");
    let library = target.join("debug/libgiqa_my_plugin.so");
    let ran = giqa().args(["plugins", "check", text(&library)]).run();
    ran.code(0).prints(&["ok    my-plugin.brightness: a batch of 1, against the schema", " 0 failed"]);

    let config = config(dir.path(), &["my-plugin.brightness"], "my-plugin", &library, "");
    let ran = giqa().arg("--config").arg(config).args(["inspect", "-f", "json"]).arg(photo("coffee.jpg")).run();
    ran.code(0);
    assert!(reports::score(&ran.json()[0], "my-plugin.brightness").is_some_and(|v| v > 10.0), "{ran}");
}

#[test]
fn bad_names_are_refused() {
    for name in ["My-Plugin", "1st", "a b", "a/b", "../a", "a_b", "", ".", "a\x1b[31m", "é", "-a"] {
        let giqa = giqa();
        let home = giqa.home().to_owned();
        let ran = giqa.args(["plugins", "new", "--", name]).run();
        ran.code(2).says(&["lower-case letters, digits and '-'"]);
        assert_eq!(std::fs::read_dir(&home).map_or(0, Iterator::count), 0, "{name:?} left something\n{ran}");
    }
}

#[test]
fn nothing_is_overwritten() {
    for file in ["Cargo.toml", "manifest.json", "src/lib.rs", ".gitignore"] {
        let dir = temp();
        std::fs::create_dir(dir.path().join("src")).unwrap();
        let mine = write(dir.path(), file, "mine");
        let ran = giqa().args(["plugins", "new", "mine", "--dir", text(dir.path())]).run();
        ran.code(2).says(&[file, "is there already", "--dir"]);
        assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
    }
}

#[test]
fn the_current_folder_is_where_it_goes() {
    let giqa = giqa().args(["plugins", "new", "here"]);
    let ran = giqa.run();
    ran.code(0);
    assert!(ran.home.path().join("here/src/lib.rs").is_file());
}

#[test]
fn a_missing_source_is_told() {
    let ran = giqa().args(["plugins", "new", "x", "--giqa", "/nowhere"]).run();
    ran.code(2).says(&["/nowhere", "--giqa"]);
}
