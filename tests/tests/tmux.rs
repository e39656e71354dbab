//! The screen in a real terminal multiplexer.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use giqa_tests::gallery::Gallery;
use giqa_tests::text;
use giqa_tests::tmux::Tmux;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

/// Types a command that starts a screen; what it ends with shows as `code=`.
fn start(tmux: &Tmux, command: &str) {
    // In the quotes, so that what is typed is not taken for what comes out.
    tmux.keys(&format!("{command}; echo co''de=$?")).key("Enter");
}

fn browse(gallery: &Gallery, args: &str) -> String {
    format!("giqa browse --state-dir {} {args}", text(&gallery.state()))
}

/// The shell has its screen back.
#[track_caller]
fn restored(tmux: &Tmux, code: &str) {
    tmux.await_text(&format!("code={code}"));
    for (mode, value) in [("alternate_on", "0"), ("cursor_flag", "1"), ("mouse_any_flag", "0")] {
        assert_eq!(tmux.value(mode), value, "{mode}");
    }
    // What is typed shows.
    tmux.keys("echo hel''lo").key("Enter").await_text("hello").await_text("echo hel''lo");
}

#[test]
fn the_main_path() {
    let Some(tmux) = Tmux::start(100, 30) else { return };
    let gallery = Gallery::new(&["coffee-blown-out", "cat-blurred-face", "rocket-camera-shake"]);
    start(&tmux, &browse(&gallery, ""));
    tmux.await_text("3 of 3");
    assert_eq!((tmux.value("alternate_on").as_str(), tmux.value("mouse_any_flag").as_str()), ("1", "1"));
    tmux.keys("/path:coffee").key("Enter").await_text("1 of 3").key("Enter").await_text("overexposed");
    // No placeholders come through: half blocks, with colours.
    tmux.await_text("▀");
    assert!(tmux.command(&["capture-pane", "-p", "-e"]).contains("\x1b[38;2;"), "no colours");
    tmux.keys("/Is the subject sharp?").key("Enter").await_text("Yes. The subject [1] is sharp.");
    tmux.key("Escape").await_text("overexposed").keys("x").await_text("rejected the photo");
    tmux.command(&["resize-window", "-x", "60", "-y", "20"]);
    tmux.await_text(" Library  Photo ").await_text("1/1  coffee-blown-out.jpg");
    tmux.command(&["resize-window", "-x", "40", "-y", "10"]);
    tmux.await_text("giqa needs 60 x 20");
    tmux.command(&["resize-window", "-x", "120", "-y", "40"]);
    tmux.await_text("3 Photo").await_text("overexposed").keys("2").await_text("1 of 3");
    tmux.keys("q");
    restored(&tmux, "0");
    assert_eq!(gallery.export("coffee-blown-out.jpg")["verdict_by_hand"]["decision"], "reject");
    tmux.end();
}

#[test]
fn it_is_restored_after_a_panic_and_a_signal() {
    let Some(tmux) = Tmux::start(100, 30) else { return };
    let gallery = Gallery::new(&["coffee"]);
    start(&tmux, &browse(&gallery, "--fault-panic"));
    tmux.await_text("1 of 1").keys("j").await_text("a panic that was asked for");
    restored(&tmux, "101");
    start(&tmux, &format!("sh -c 'echo $$ > pid; exec {}'", browse(&gallery, "")));
    tmux.await_text("1 of 1");
    let pid = std::fs::read_to_string(Path::new(tmux.home()).join("pid")).unwrap();
    kill_process(Pid::from_raw(pid.trim().parse().unwrap()).unwrap(), Signal::TERM).unwrap();
    restored(&tmux, "0");
    tmux.end();
}

#[test]
fn the_shell_gets_the_screen_while_it_is_suspended() {
    let Some(tmux) = Tmux::start(100, 30) else { return };
    let gallery = Gallery::new(&["coffee"]);
    tmux.keys(&browse(&gallery, "")).key("Enter").await_text("1 of 1").key("C-z").await_text("Stopped");
    assert_eq!((tmux.value("alternate_on").as_str(), tmux.value("mouse_any_flag").as_str()), ("0", "0"));
    tmux.keys("echo hel''lo").key("Enter").await_text("hello");
    tmux.keys("fg; echo co''de=$?").key("Enter").await_text("1 of 1");
    assert_eq!(tmux.value("alternate_on"), "1");
    tmux.keys("?").await_text("everywhere").key("Escape").await_that("no help", |t| !t.contains("everywhere"));
    tmux.keys("q");
    restored(&tmux, "0");
    tmux.end();
}
