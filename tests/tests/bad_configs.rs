//! Mistakes in plugins.toml: all at once, each with file, line and the nearest right name; exit 2.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::{Ran, fixture, giqa, photo, temp, text, write};
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(fixture("configs").join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "toml"));
    files.sort();
    assert!(files.len() >= 10, "{files:?}");
    files
}

fn with_config(config: &Path, args: &[&str]) -> Ran {
    giqa().arg("--config").arg(config).args(args).run()
}

/// What a line says after its `file:line`.
fn places(ran: &Ran) -> usize {
    ran.err().lines().filter(|l| l.contains(".toml:")).count()
}

#[test]
fn each_mistake_is_told() {
    let mut wrong = Vec::new();
    for file in files("bad") {
        let content = std::fs::read_to_string(&file).unwrap();
        let expected = content.lines().next().unwrap().strip_prefix("# expect: ").unwrap();
        let ran = with_config(&file, &["inspect", text(&photo("coffee.jpg"))]);
        let missing: Vec<&str> = expected.split(" | ").filter(|word| !ran.err().contains(word)).collect();
        if ran.status.code() != Some(2) || !missing.is_empty() || !ran.out().is_empty() {
            wrong.push(format!("{}: lacks {missing:?}\n{ran}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn all_mistakes_are_told_at_once() {
    let ran = with_config(&fixture("configs/bad/several.toml"), &["plugins", "list"]);
    ran.code(2);
    assert_eq!(places(&ran), 5, "{ran}");
}

#[test]
fn good_ones_are_accepted() {
    for file in files("good") {
        for args in [["plugins", "list"].as_slice(), &["doctor"]] {
            let ran = with_config(&file, args);
            ran.code(0);
            assert_eq!(places(&ran), 0, "{}\n{ran}", file.display());
        }
    }
}

#[test]
fn every_command_that_needs_it_tells_it() {
    let file = fixture("configs/bad/unknown-component.toml");
    let image = photo("coffee.jpg");
    for args in [&["inspect", text(&image)][..], &["ask", text(&image), "Why?"], &["plugins", "list"], &["doctor"]] {
        with_config(&file, args).code(2).says(&["unknown-component.toml:7", "classic.sharpnes", "classic.sharpness"]);
    }
}

#[test]
fn the_variable_names_one_too() {
    let file = fixture("configs/bad/unknown-plugin.toml");
    let ran = giqa().env("GIQA_CONFIG", &file).args(["plugins", "list"]).run();
    ran.code(2).says(&["unknown-plugin.toml:5", "clasic", "classic"]);
}

#[test]
fn the_users_own_is_read() {
    let giqa = giqa();
    let folder = giqa.home().join("config/giqa");
    std::fs::create_dir_all(&folder).unwrap();
    write(&folder, "plugins.toml", "profle = \"x\"\n");
    let ran = giqa.args(["plugins", "list"]).run();
    ran.code(2).says(&["config/giqa/plugins.toml:1", "profle", "profile"]);
}

#[test]
fn one_in_the_current_folder_is_not() {
    let giqa = giqa();
    write(giqa.home(), "plugins.toml", "this is no TOML\n");
    giqa.args(["plugins", "list"]).run().code(0);
}

#[test]
fn a_file_that_is_none() {
    let dir = temp();
    let missing = dir.path().join("missing.toml");
    with_config(&missing, &["plugins", "list"]).code(2).says(&[text(&missing)]);
    with_config(dir.path(), &["plugins", "list"]).code(2).says(&[text(dir.path())]);
    let binary = dir.path().join("binary.toml");
    std::fs::write(&binary, [0xff, 0xfe, 0x00, 0x1b]).unwrap();
    with_config(&binary, &["plugins", "list"]).code(2).says(&["binary.toml", "UTF-8"]);
}

#[test]
fn no_escape_gets_out_of_it() {
    // `run` asserts that no escape byte comes out.
    let dir = temp();
    let evil = "profile = \"\\u001b[31mred\"\n[profiles.\"\\u001b[2J\"]\nmetrics = [\"\\u001b]0;x.y\"]\n";
    with_config(&write(dir.path(), "evil.toml", evil), &["plugins", "list"]).code(2).says(&["evil.toml:"]);
}

#[test]
fn an_unknown_profile_on_the_command_line() {
    let image = photo("coffee.jpg");
    let ran = giqa().args(["inspect", "--profile", "clasic", text(&image)]).run();
    ran.code(2).says(&["clasic", "classic"]);
}

#[test]
fn a_profile_without_components() {
    let dir = temp();
    let config = write(dir.path(), "empty.toml", "profile = \"none\"\n[profiles.none]\nmetrics = []\n");
    let ran = with_config(&config, &["inspect", text(&photo("coffee.jpg"))]);
    ran.code(2).says(&["profile 'none' has no components", "plugins.toml"]);
}
