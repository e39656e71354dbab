//! The command line itself: help, mistakes, generated texts, what goes where.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::example_config;
use giqa_tests::{fixture, giqa, photo, temp, text};

#[test]
fn help_and_version_go_to_stdout() {
    let commands = ["inspect", "ask", "plugins", "bench", "doctor", "completions", "man"];
    let ran = giqa().arg("--help").run();
    ran.code(0).prints(&commands).prints(&["Exit codes: 0 done", "--config", "--quiet"]);
    assert_eq!(ran.err(), "");
    assert!(!ran.out().contains("__worker") && !ran.out().contains("__check"), "{ran}");
    for command in commands {
        let ran = giqa().args([command, "--help"]).run();
        ran.code(0).prints(&["Usage: giqa"]);
        assert_eq!(ran.err(), "");
    }
    let ran = giqa().arg("--version").run();
    ran.code(0);
    assert_eq!(ran.out(), format!("giqa {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn mistakes_exit_with_2_and_print_nothing() {
    let image = photo("coffee.jpg");
    let image = text(&image);
    for (args, words) in [
        (&["inspct"][..], &["inspct", "inspect"][..]),
        (&["inspect"], &["PATH"]),
        (&["inspect", "--format", "yaml", image], &["yaml", "jsonl"]),
        (&["inspect", "--fail-under", "101", image], &["101", "expected a number from 0 to 100"]),
        (&["inspect", "--fail-under", "NaN", image], &["NaN", "expected a number from 0 to 100"]),
        (&["inspect", "--fail-under", "-1", image], &["-1"]),
        (&["inspect", "--jobs", "0", image], &["0", "1..=256"]),
        (&["inspect", "--colour", "never", image], &["--colour", "--color"]),
        (&["inspect", "--quiet", "--verbose", image], &["--quiet", "--verbose"]),
        (&["ask", image], &["QUESTION"]),
        (&["plugins", "check", "--deadline", "0", "x.so"], &["0", "deadline"]),
        (&["plugins"], &["list"]),
        (&["bench"], &["make", "run"]),
        (&["completions", "cobol"], &["cobol", "bash"]),
    ] {
        let ran = giqa().args(args).run();
        ran.code(2).says(words);
        assert_eq!(ran.out(), "", "{args:?}");
    }
    // Nothing at all: the help, but as a mistake.
    giqa().run().code(2).says(&["Usage: giqa"]);
}

#[test]
fn completions_and_manual() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = giqa().args(["completions", shell]).run();
        ran.code(0).prints(&["giqa", "inspect", "fail-under"]);
        assert!(!ran.out().contains("__worker"), "{shell}");
    }
    let script = giqa().args(["completions", "bash"]).run();
    let dir = temp();
    let file = giqa_tests::write(dir.path(), "giqa.bash", script.out());
    match std::process::Command::new("bash").arg("-n").arg(&file).output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(e) => eprintln!("not parsed by bash: {e}"),
    }
    let ran = giqa().arg("man").run();
    ran.code(0).prints(&[".TH", "giqa", "inspect", "doctor", "Exit codes"]);
    assert!(!ran.out().contains("__worker"), "{ran}");
}

#[test]
fn quiet_says_nothing_but_errors() {
    let dir = temp();
    let config = example_config(dir.path());
    let run = |images: &[std::path::PathBuf]| {
        giqa().arg("--config").arg(&config).args(["--quiet", "inspect"]).args(images).run()
    };
    let (good, bad) = ([photo("coffee.jpg"), photo("cat.jpg")], fixture("images/zero.jpg"));
    let ran = run(&good);
    ran.code(0).prints(&["coffee.jpg", "cat.jpg"]);
    assert_eq!(ran.err(), "");
    let ran = run(&[good[0].clone(), bad]);
    ran.code(3).says(&["zero.jpg", "is empty"]);
    assert_eq!(ran.err().lines().count(), 1, "{ran}");
}

#[test]
fn an_output_folder_that_is_none() {
    let dir = temp();
    let config = example_config(dir.path());
    let file = giqa_tests::write(dir.path(), "file", "mine");
    for option in ["--overlay", "--crop-dir"] {
        let ran = giqa().arg("--config").arg(&config).args(["inspect", option, text(&file)]).arg(photo("cat.jpg"));
        ran.run().code(2).says(&[text(&file)]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    }
}

#[test]
fn originals_are_not_touched() {
    let dir = temp();
    let config = example_config(dir.path());
    let (image, before) = (dir.path().join("photo.png"), std::fs::read(fixture("images/upright.png")).unwrap());
    std::fs::write(&image, &before).unwrap();
    // The folder of the original as the one for overlays: a name of its own is taken.
    let folder = text(dir.path());
    let ran = giqa().arg("--config").arg(&config).args(["inspect", "--overlay", folder, text(&image)]).run();
    ran.code(0);
    assert_eq!(std::fs::read(&image).unwrap(), before, "overwritten\n{ran}");
}
