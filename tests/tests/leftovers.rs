//! No process is left behind, however giqa or its workers end.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::{SHORT, config, evil};
use giqa_tests::{Running, giqa, photo, process, temp};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// A giqa whose only plugin hangs, and does so now.
fn hanging(deadline_s: u32, arguments: &[&str]) -> (tempfile::TempDir, Running) {
    let dir = temp();
    let settings = SHORT.replace("deadline_s = 1", &format!("deadline_s = {deadline_s}"));
    let config = config(dir.path(), &["evil.hang"], "evil", &evil(dir.path(), &[]), &settings);
    let mark = dir.path().join("hangs");
    let running = giqa()
        .env("GIQA_TEST_MARK", &mark)
        .arg("--config")
        .arg(config)
        .args(["inspect", "--jobs", "1"])
        .args(arguments)
        .args([photo("coffee.jpg"), photo("cat.jpg")])
        .start();
    let until = Instant::now() + Duration::from_secs(30);
    while !mark.exists() {
        assert!(Instant::now() < until, "the plugin was not called");
        // Not our child: nothing tells us what it does.
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(process::with_home(running.home()).iter().any(|line| line.contains("__worker")), "no worker");
    (dir, running)
}

#[test]
fn workers_of_a_killed_giqa_end() {
    let (_dir, running) = hanging(600, &[]);
    running.signal(Signal::KILL);
    // Asserts that nothing is left.
    running.wait_killed();
}

#[test]
fn two_interrupts_end_it_at_once() {
    let (_dir, running) = hanging(600, &[]);
    running.signal(Signal::INT);
    // Two signals that nobody has taken yet are one.
    running.await_no_pending();
    running.signal(Signal::INT);
    let ran = running.wait();
    ran.code(130);
    assert!(ran.took < Duration::from_secs(60), "{ran}");
}

#[test]
fn one_signal_finishes_what_is_in_flight() {
    for signal in [Signal::INT, Signal::TERM] {
        let (_dir, running) = hanging(2, &["--format", "json"]);
        running.signal(signal);
        let ran = running.wait();
        ran.code(130).says(&["coffee.jpg", "did not answer within 2 s", "1 not done"]);
        assert_eq!(ran.json(), serde_json::json!([]));
    }
}
