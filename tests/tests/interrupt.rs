//! Ctrl-C in the middle of a batch, and readers that go away.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::example_config;
use giqa_tests::{Giqa, giqa, photo, reports, temp};
use rustix::process::Signal;
use tempfile::TempDir;

/// More photographs than can be done before a signal arrives.
const MANY: usize = 2000;

fn many() -> (TempDir, Giqa) {
    let dir = temp();
    let first = dir.path().join("0000.jpg");
    std::fs::copy(photo("coffee.jpg"), &first).unwrap();
    for n in 1..MANY {
        std::fs::hard_link(&first, dir.path().join(format!("{n:04}.jpg"))).unwrap();
    }
    let config = example_config(dir.path());
    let giqa = giqa().arg("--config").arg(config).arg("inspect").arg(dir.path());
    (dir, giqa)
}

#[test]
fn an_interrupt_finishes_what_is_in_flight() {
    for signal in [Signal::INT, Signal::TERM] {
        let (_dir, giqa) = many();
        let running = giqa.args(["--format", "json"]).start();
        running.await_output();
        running.signal(signal);
        let ran = running.wait();
        ran.code(130).says(&["inspected", "not done"]);
        let done = ran.json();
        let names: Vec<&str> = done.as_array().unwrap().iter().map(reports::file_name).collect();
        assert!(names.len() < MANY, "it came too late");
        // Whatever is there is whole, and in order from the beginning.
        let expected: Vec<String> = (0..names.len()).map(|n| format!("{n:04}.jpg")).collect();
        assert_eq!(names, expected);
        let summary = format!("{} inspected, {} not done", names.len(), MANY - names.len());
        ran.says(&[&summary]);
    }
}

#[test]
fn lines_and_tables_end_well_too() {
    for format in ["jsonl", "csv", "text"] {
        let (_dir, giqa) = many();
        let running = giqa.args(["--format", format]).start();
        running.await_output();
        running.signal(Signal::INT);
        let ran = running.wait();
        ran.code(130);
        assert!(ran.out().ends_with('\n'), "{format}");
        if format == "jsonl" {
            let parsed = ran.out().lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok());
            assert!(parsed, "{ran}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    for format in ["text", "json", "jsonl", "csv"] {
        let (_dir, giqa) = many();
        let ran = giqa.args(["--quiet", "--format", format]).head(1).run();
        ran.code(0);
        assert_eq!(ran.err(), "", "{format}");
    }
    for args in [&["plugins", "list"][..], &["man"], &["completions", "bash"], &["doctor"], &["--help"]] {
        // Too short to be cut off for sure, but never an error.
        let ran = giqa().args(args).head(0).run();
        ran.code(0);
        assert_eq!(ran.err(), "", "{args:?}");
    }
}
