//! What people say of photographs, and what is told of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_core::Decision;
use giqa_tests::text;
use giqa_tests::watching::{Folder, RULES, picture, walk};
use giqa_watch::store::{Desk, Reader};
use serde_json::Value;
use std::fs;

/// A folder with a bright, a dark and a broken photograph, watched once.
fn watched(rules: &str) -> Folder {
    let folder = Folder::new();
    folder.rules(rules);
    fs::write(folder.path().join("bright.png"), picture(1, false)).unwrap();
    fs::write(folder.path().join("dark.png"), picture(2, true)).unwrap();
    fs::write(folder.path().join("text.jpg"), "this is no photograph").unwrap();
    folder.watch().arg("--once").run().code(3);
    folder
}

#[test]
fn an_export_has_verdicts_by_hand_beside_those_of_the_rules() {
    let folder = watched(RULES);
    let state = folder.beside("state");
    let id = Reader::open(&state).unwrap().photo_by_path(&folder.path().join("rejects/dark.png")).unwrap().unwrap();
    let note = "=cmd, \"so\"\x1b[2J";
    Desk::open(&state).unwrap().judge(&[id], Some(Decision::Accept), Some(note), "ada").unwrap();

    let ran = folder.with_store(&["store", "export"]).run();
    let lines: Vec<Value> = ran.code(0).out().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["verdict"]["decision"], &lines[0]["verdict_by_hand"]), (&"accept".into(), &Value::Null));
    assert_eq!(lines[1]["image"]["path"], text(&folder.path().join("rejects/dark.png")));
    assert_eq!(lines[1]["verdict"], serde_json::json!({"decision": "reject", "rules": ["dark"]}));
    let hand = &lines[1]["verdict_by_hand"];
    assert_eq!((&hand["decision"], &hand["note"], &hand["who"]), (&"accept".into(), &note.into(), &"ada".into()));
    assert!(hand["at"].as_i64().unwrap() > 0);

    let file = folder.beside("all.csv");
    let args = ["store", "export", "--format", "csv", "--output", text(&file)];
    folder.with_store(&args).run().code(0).prints(&[]);
    let rows = fs::read_to_string(&file).unwrap();
    assert_eq!(rows.lines().next().unwrap(), "path,state,score,level,verdict,verdict_by_hand,who,at,note,findings");
    assert_eq!(rows.lines().count(), 4, "{rows}");
    assert!(rows.contains(r#",reject,accept,ada,2"#) && rows.contains(r#","'=cmd, ""so""\u{1b}[2J","#), "{rows}");
    assert!(rows.contains("text.jpg,failed,,,,,,,,\n"), "{rows}");
    assert!(!walk(&folder.beside("")).iter().any(|p| text(p).ends_with(".tmp")), "a temporary file is left");
    let nowhere = folder.beside("no such folder/all.csv");
    let args = ["store", "export", "--output", text(&nowhere)];
    folder.with_store(&args).run().code(2).says(&["no such folder", "could not be written"]);
}

#[test]
fn actions_that_wait_are_carried_out_beside_a_running_watcher() {
    let folder = watched(&RULES.replace("move = \"rejects\"", "move = \"rejects\"\nconfirm = true"));
    let (path, state) = (folder.path().join("dark.png"), folder.beside("state"));
    let running = folder.watch().args(["--rescan", "0.3"]).start();
    running.await_output();
    let mut desk = Desk::open(&state).unwrap();
    let reader = Reader::open(&state).unwrap();
    let id = reader.photo_by_path(&path).unwrap().unwrap();
    // The rest was done.
    assert_eq!(fs::read_to_string(folder.path().join("log.jsonl")).unwrap().lines().count(), 2);
    assert!(path.is_file() && reader.proposals(id).unwrap()[0].sentence.ends_with("into rejects"));
    let outcome = desk.confirm(&[id]).unwrap();
    assert!(outcome.failures.is_empty() && folder.path().join("rejects/dark.png").is_file(), "{outcome:?}");
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(desk.undo(&[id]).unwrap().taken, 2);
    std::thread::sleep(std::time::Duration::from_secs(1));
    running.signal(rustix::process::Signal::TERM);
    running.wait().code(0);
    assert!(path.is_file() && reader.proposals(id).unwrap().is_empty());
    let counts = reader.counts().unwrap();
    assert_eq!((counts.photos, counts.actions, counts.undone, counts.proposals), (3, 3, 2, 0));
}
