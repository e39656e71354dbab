//! Watching folders: verdicts that are acted on, taken back, and told.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::watching::{Folder, picture};
use giqa_tests::{giqa, text, write};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};

fn names(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|n| format!("{n:03}.png")).collect()
}

fn fill(folder: &Folder, numbers: std::ops::Range<u32>, dark: bool) {
    numbers.for_each(|n| fs::write(folder.path().join(format!("{n:03}.png")), picture(n, dark)).unwrap());
}

/// Waits until something holds; the watcher has no way to tell a test.
#[track_caller]
fn await_that(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn once_decides_acts_and_ends() {
    let folder = Folder::new();
    fill(&folder, 0..8, false);
    fill(&folder, 8..12, true);
    let ran = folder.watch().arg("--once").run();
    ran.code(0);
    folder.all_done(&names(0..8), &names(8..12));
    let lines: Vec<Value> = ran.out().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.iter().filter(|l| l["event"] == "photo" && l["state"] == "done").count(), 12);
    // Again: everything is known, nothing is done twice.
    folder.watch().arg("--once").run().code(0);
    folder.all_done(&names(0..8), &names(8..12));
    folder.with_store(&["store", "verify"]).run().code(0).prints(&["sound"]);
    folder.with_store(&["status"]).run().code(0).prints(&["nobody watches", "12 done"]);
}

#[test]
fn what_was_done_is_taken_back_by_run_and_by_photo() {
    let folder = Folder::new();
    fill(&folder, 0..2, true);
    folder.watch().arg("--once").run().code(0);
    let photo = folder.path().join("000.png");
    folder.with_store(&["undo", "--dry-run", text(&photo)]).run().code(0).prints(&["would take back: out (moved to"]);
    folder.with_store(&["undo", text(&photo)]).run().code(0).prints(&["2 actions taken back"]);
    assert!(photo.is_file() && !folder.path().join("001.png").exists());
    let runs = folder.with_store(&["undo"]).run();
    let run = runs.out().split_whitespace().next().unwrap().to_owned();
    folder.with_store(&["undo", &run]).run().code(0).prints(&["2 actions taken back"]);
    assert!(folder.path().join("001.png").is_file());
    assert_eq!(fs::read_to_string(folder.path().join("log.jsonl")).unwrap(), "");
    folder.with_store(&["undo", &run]).run().code(2).says(&["neither a run nor a photograph"]);
    // What a person took back is not done again.
    folder.watch().arg("--once").run().code(0);
    assert!(photo.is_file());
}

#[test]
fn what_is_taken_back_beside_a_running_watcher_stays_back() {
    let folder = Folder::new();
    let running = folder.watch().args(["--rescan", "0.3"]).start();
    running.await_output();
    fill(&folder, 0..6, true);
    await_that("six photographs", || folder.counts()["done"] == 6);
    let runs = folder.with_store(&["undo"]).run();
    let run = runs.out().split_whitespace().next().unwrap().to_owned();
    folder
        .with_store(&["undo", text(&folder.path().join("003.png"))])
        .run()
        .code(0)
        .prints(&["2 actions taken back, 0 not"]);
    folder.with_store(&["undo", &run]).run().code(0).prints(&["10 actions taken back, 0 not"]);
    // Events come, and everything is looked at several times again.
    std::thread::sleep(Duration::from_secs(2));
    fill(&folder, 6..7, true);
    await_that("a seventh", || folder.path().join("rejects/006.png").is_file() && folder.counts()["done"] == 7);
    assert!(names(0..6).iter().all(|name| folder.path().join(name).is_file()), "one was moved again");
    let stats = folder.with_store(&["store", "stats", "--format", "json"]).run().code(0).json();
    assert_eq!((&stats["photos"], &stats["undone"], &stats["actions"]), (&7.into(), &12.into(), &14.into()));
    assert_eq!(fs::read_to_string(folder.path().join("log.jsonl")).unwrap().lines().count(), 1);
    running.signal(Signal::TERM);
    running.wait().code(0);
    folder.with_store(&["store", "verify"]).run().code(0);
}

#[test]
fn broken_photographs_fail_with_a_reason_and_stay() {
    let folder = Folder::new();
    fill(&folder, 0..1, false);
    fs::write(folder.path().join("cut.png"), &picture(3, false)[..60]).unwrap();
    fs::write(folder.path().join("empty.jpg"), "").unwrap();
    fs::write(folder.path().join("text.jpg"), "this is no photograph").unwrap();
    folder.watch().arg("--once").run().code(3).prints(&["cut off", "empty.jpg", "text.jpg"]);
    let counts = folder.counts();
    assert_eq!((counts["done"], counts["failed"]), (1, 3), "{counts:?}");
    // A whole one under the same name is another try.
    fs::write(folder.path().join("cut.png"), picture(3, false)).unwrap();
    folder.watch().arg("--once").run().code(0);
    assert_eq!(folder.counts()["done"], 2);
}

#[test]
fn a_dry_run_says_what_it_would_do_and_keeps_nothing() {
    let folder = Folder::new();
    fill(&folder, 0..2, true);
    folder.watch().args(["--once", "--dry-run"]).run().code(0).prints(&[
        "would move",
        "would append",
        "\"verdict\":\"reject\"",
    ]);
    assert!(folder.path().join("000.png").is_file() && !folder.beside("state").exists());
}

#[test]
fn a_watcher_answers_reads_its_rules_again_and_drains() {
    let folder = Folder::new();
    let running = folder.watch().args(["--metrics", "127.0.0.1:0", "--log", text(&folder.beside("log"))]).start();
    running.await_output();
    fill(&folder, 0..3, false);
    let logged = || fs::read_to_string(folder.path().join("log.jsonl")).map_or(0, |l| l.lines().count());
    await_that("three photographs", || logged() == 3);
    let status = folder.with_store(&["status", "--format", "json"]).run().code(0).json();
    assert_eq!((&status["running"]["done"], &status["running"]["profile"]), (&3.into(), &"test".into()));
    // A broken edit is told, and the old rules stay.
    folder.rules("[[rules]]\nname = 'x'\nwhen = 'qality.score > 1'\nverdict = 'reject'\n");
    let says = |words: &str| fs::read_to_string(folder.beside("log")).unwrap().contains(words);
    await_that("a note", || says("did you mean 'quality.score'?"));
    fill(&folder, 3..4, true);
    await_that("the old rules", || folder.path().join("rejects/003.png").is_file());
    folder.rules("[on]\naccept = ['copy']\n[actions.copy]\ncopy = '../copies'\n");
    await_that("new rules", || says("were read again"));
    let copies = folder.beside("copies");
    folder.rules(&format!("[on]\naccept = ['copy']\n[actions.copy]\ncopy = {:?}\n", text(&copies)));
    running.signal(Signal::HUP);
    await_that("new rules once more", || {
        fs::read_to_string(folder.beside("log")).unwrap().matches("were read again").count() >= 2
    });
    fill(&folder, 4..5, true);
    await_that("a copy", || copies.join("004.png").is_file());
    // Only one watcher a state folder.
    folder.watch().run().code(2).says(&["another giqa (process", "--state-dir"]);
    running.signal(Signal::TERM);
    running.wait().code(0).prints(&["\"event\":\"stopped\""]);
    assert_eq!(folder.counts()["done"], 5);
}

#[test]
fn a_new_file_is_stored_soon_after_it_is_closed() {
    let folder = Folder::new();
    let running = folder.watch().start();
    running.await_output();
    fill(&folder, 0..1, false);
    let log = folder.path().join("log.jsonl");
    await_that("the first", || log.is_file());
    let began = Instant::now();
    fill(&folder, 1..2, false);
    await_that("the second", || fs::read_to_string(&log).unwrap().lines().count() == 2);
    let took = began.elapsed();
    // 300 ms and the inspection at an idle moment; a test beside others may be slower.
    assert!(took < Duration::from_secs(5), "{took:?}");
    eprintln!("from a closed file to its line: {took:?}");
    running.signal(Signal::INT);
    running.wait().code(0);
}

#[test]
fn a_burst_keeps_its_sharpest() {
    let folder = Folder::new();
    folder.rules("[[rules]]\nname = 'not the sharpest'\nwhen = 'group.size > 1 and not group.sharpest'\nverdict = 'reject'\nactions = ['out']\n[actions.out]\nmove = 'rejects'\n");
    for n in 0..4 {
        let mut bytes = picture(5, false);
        // The same picture in other files.
        bytes.extend(std::iter::repeat_n(0, n));
        fs::write(folder.path().join(format!("{n}.png")), bytes).unwrap();
    }
    fs::write(folder.path().join("other.png"), picture(0b1010_1010, true)).unwrap();
    folder.watch().arg("--once").run().code(0);
    assert_eq!(fs::read_dir(folder.path().join("rejects")).unwrap().count(), 3);
    assert!(folder.path().join("other.png").is_file());
}

#[test]
fn copies_that_actions_make_are_no_new_photographs() {
    let folder = Folder::new();
    // Where they go can't be known beforehand, so the folder can't be passed over.
    folder.rules("[on]\naccept = ['copy', 'link']\n[actions.copy]\ncopy = '{{ quality.level }}/c'\n[actions.link]\nlink = '{{ quality.level }}/l'\n");
    fill(&folder, 0..3, false);
    let running = folder.watch().start();
    let copies = || giqa_tests::watching::walk(&folder.path()).len();
    await_that("copies", || copies() == 9);
    running.signal(Signal::HUP);
    std::thread::sleep(Duration::from_millis(1500));
    running.signal(Signal::TERM);
    running.wait().code(0);
    folder.watch().arg("--once").run().code(0);
    assert_eq!((copies(), folder.counts()["done"]), (9, 3));
}

#[test]
fn what_is_wrong_with_the_command_line_is_told() {
    let folder = Folder::new();
    giqa()
        .args(["watch", "/nowhere/at/all", "--state-dir", text(&folder.beside("s"))])
        .run()
        .code(2)
        .says(&["/nowhere/at/all", "correct the name"]);
    folder.watch().args(["--include", "a["]).run().code(2).says(&["a["]);
    folder.watch().args(["--metrics", "0.0.0.0:9"]).run().code(2).says(&["loopback"]);
    folder.rules("default = 'maybe'");
    folder.watch().run().code(2).says(&["rules.toml:1:"]);
    giqa()
        .args(["store", "stats", "--state-dir", text(&folder.beside("none"))])
        .run()
        .code(2)
        .says(&["there is no store yet"]);
    let state = folder.beside("state");
    fs::create_dir_all(&state).unwrap();
    let foreign = write(&state, "store.sqlite3", "somebody's notes");
    folder.rules("");
    folder.watch().arg("--once").run().code(0).prints(&["a new one begun"]);
    let aside = fs::read_dir(&state).unwrap().flatten().find(|e| e.file_name().to_string_lossy().contains("set-aside"));
    assert_eq!(fs::read_to_string(aside.unwrap().path()).unwrap(), "somebody's notes");
    assert!(foreign.is_file());
}
