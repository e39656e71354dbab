//! `giqa watch` with a screen.

use giqa_tests::plugins::{SHORT, config, evil};
use giqa_tests::screen::{Key, screen};
use giqa_tests::watching::{Folder, picture};
use giqa_tests::{library_file, text};
use std::fs;

#[test]
fn what_arrives_is_shown_and_a_component_can_be_switched_off() {
    let folder = Folder::new();
    folder.rules("");
    fs::remove_file(folder.beside("plugins.toml")).unwrap();
    let (photos, state) = (folder.path(), folder.beside("state"));
    let args = ["watch", text(&photos), "--state-dir", text(&state), "--settle", "0.2"];
    let screen = screen(args).start();
    screen.await_text("nothing arrived yet");
    for n in 0..3 {
        fs::write(folder.path().join(format!("{n}.png")), picture(n, false)).unwrap();
    }
    screen.await_text("done            3").await_text("all that is there is done");
    screen.keys("6").await_text("classic.aberration");
    let counted = |id: &'static str, n: &'static str| {
        move |seen: &giqa_tests::screen::Seen| {
            let text = seen.text();
            let line = text.lines().find(|l| l.contains(id)).unwrap_or_default();
            line.split("metric").nth(1).is_some_and(|l| l.trim_start().starts_with(n))
        }
    };
    screen.await_that("three of each", counted("classic.aberration", "3"));
    screen.key(Key::Down).await_text("╭ classic.banding").keys(" ");
    screen.await_text("classic.banding is off: photos are inspected anew").await_text("switched off by hand");
    screen.await_that("the others again", counted("classic.aberration", "6"));
    screen.keys("1").await_text("all that is there is done").keys("q");
    screen.wait().restored(0);
    let ran = folder.with_store(&["store", "export"]).run();
    assert!(ran.code(0).out().contains("classic.aberration") && !ran.out().contains("\"classic.banding\""));
}

#[test]
fn a_plugin_that_crashes_scribbles_nothing() {
    let folder = Folder::new();
    folder.rules("");
    let settings = format!("{SHORT}[plugins.example]\nlibrary = {:?}\n", text(&library_file("giqa_example")));
    let dir = folder.beside("");
    let metrics = ["evil.crash", "evil.prints", "evil.escapes", "example.brightness"];
    let _ = config(&dir, &metrics, "evil", &evil(&dir, &[]), &settings);
    let screen = screen(folder.screen_args().into_iter().chain(["-v".into()])).start();
    screen.await_text("nothing arrived yet");
    fs::write(folder.path().join("one.png"), picture(1, false)).unwrap();
    // Without a part of its report, the photo has failed, and why is told.
    screen.await_text("failed          1").await_text("one.png: evil.crash: worker process");
    // What it printed is in the log, and is harmless there.
    screen.keys("L").await_text("SIGSEGV").await_text("junk on stderr").key(Key::Esc).await_no_text("junk on stderr");
    // Drawn anew, it is the same: nothing but the screen was written.
    screen.keys("2").await_text("1 of 1");
    let before = screen.text();
    screen.key(Key::Ctrl('l')).keys("6").await_text("evil.crash").keys("2").await_text("1 of 1");
    assert_eq!(screen.text(), before);
    screen.keys("q");
    let left = screen.wait();
    left.restored(0);
    let all = String::from_utf8_lossy(&left.bytes);
    assert!(!all.contains("\x1b[31mred"), "{all:?}");
}
