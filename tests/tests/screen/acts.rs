//! Verdicts by hand, and what rules did or would do.

use giqa_tests::gallery::Gallery;
use giqa_tests::screen::Key;
use giqa_tests::watching::{Folder, RULES, picture};
use std::fs;

#[test]
fn a_verdict_and_a_note_are_kept_and_exported() {
    let gallery = Gallery::new(&["coffee", "cat"]);
    let screen = gallery.browse(&["--no-images"]).start();
    screen.await_text("2 of 2").keys("/path:coffee").key(Key::Enter).await_text("1 of 2");
    screen.keys("x").await_text("rejected the photo").keys("n").await_text("note");
    screen.keys("too dark, \"ask\" Ada").key(Key::Enter).await_text("noted on the photo");
    screen.key(Key::Enter).await_text("reject by tester").await_text("too dark, \"ask\" Ada");
    screen.keys("2").await_text("1 of 2").keys("q");
    screen.wait().restored(0);

    let hand = &gallery.export("coffee.jpg")["verdict_by_hand"];
    assert_eq!(hand["decision"], "reject");
    assert_eq!((&hand["note"], &hand["who"]), (&"too dark, \"ask\" Ada".into(), &"tester".into()));
    assert!(gallery.export("cat.jpg")["verdict_by_hand"].is_null());

    // Taken back, it is the rules' word again; marks judge several at once.
    let screen = gallery.browse(&["--no-images"]).start();
    screen
        .await_text("1 of 2")
        .await_text("coffee.jpg")
        .keys("-")
        .await_text("took the verdict")
        .key(Key::Backspace)
        .await_text("2 of 2");
    screen.keys("*").await_text("2 marked").keys("v").await_text("2 photos to be reviewed").keys("q");
    screen.wait().restored(0);
    for name in ["coffee.jpg", "cat.jpg"] {
        assert_eq!(gallery.export(name)["verdict_by_hand"]["decision"], "review", "{name}");
    }
}

/// A folder with a bright and a dark photograph, watched once.
fn watched(rules: &str) -> Folder {
    let folder = Folder::new();
    folder.rules(rules);
    fs::write(folder.path().join("bright.png"), picture(1, false)).unwrap();
    fs::write(folder.path().join("dark.png"), picture(2, true)).unwrap();
    folder.watch().arg("--once").run().code(0);
    folder
}

#[test]
fn what_rules_did_is_undone_after_a_question() {
    let folder = watched(RULES);
    let (before, after) = (folder.path().join("dark.png"), folder.path().join("rejects/dark.png"));
    assert!(after.is_file());
    let screen = folder.browse(&["--no-images"]).start();
    screen.await_text("2 of 2").keys("/verdict:reject").key(Key::Enter).await_text("1 of 2");
    screen.keys("u").await_text("Undo what rules did to this photo?").keys("n").await_no_text("Undo what");
    assert!(after.is_file());
    screen.keys("u").await_text("Undo what rules did to this photo?").keys("y").await_text("undid 2 actions");
    assert!(before.is_file() && !after.exists());
    screen.keys("q");
    screen.wait().restored(0);
    assert_eq!(fs::read_to_string(folder.path().join("log.jsonl")).unwrap().lines().count(), 1);
}

#[test]
fn what_waits_is_confirmed_or_dropped() {
    let folder = watched(&RULES.replace("move = \"rejects\"", "move = \"rejects\"\nconfirm = true"));
    let (before, after) = (folder.path().join("dark.png"), folder.path().join("rejects/dark.png"));
    assert!(before.is_file());
    let screen = folder.browse(&["--no-images"]).start();
    screen.await_text("2 of 2").await_text("✗w").keys("/dark").key(Key::Enter).await_text("1 of 2");
    screen.keys("C").await_text("Drop what rules propose").key(Key::Esc).await_no_text("Drop what");
    screen.keys("c").await_text("Carry out what rules propose for this photo?").key(Key::Enter);
    screen.await_text("did 1 action");
    assert!(after.is_file() && !before.exists());
    // The list is told of it by the store.
    screen.await_no_text("✗w").keys("c").await_text("nothing waits to be confirmed").keys("q");
    screen.wait().restored(0);
}
