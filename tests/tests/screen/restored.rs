//! However it ends, the terminal is as before.

use giqa_tests::gallery::Gallery;
use giqa_tests::screen::{Key, Left, Seen, screen};
use giqa_tests::watching::Folder;
use rustix::process::Signal;

/// Where a text is in what came, the last time.
fn last(left: &Left, what: &str) -> usize {
    left.bytes.windows(what.len()).rposition(|w| w == what.as_bytes()).unwrap_or_else(|| panic!("no {what:?}"))
}

#[test]
fn by_keys() {
    let gallery = Gallery::new(&["coffee"]);
    for key in [Key::Ctrl('c'), Key::Esc] {
        let screen = gallery.browse(&["--protocol", "halfblocks"]).start();
        screen.await_text("1 of 1");
        assert!(!screen.has_modes_of_before() && screen.seen().screen().bracketed_paste());
        assert!(screen.seen().screen().alternate_screen() && screen.seen().screen().hide_cursor());
        screen.key(key);
        if matches!(key, Key::Esc) {
            // Which never quits.
            screen.keys("q");
        }
        let left = screen.wait();
        assert_eq!(left.restored(0).text.trim(), "");
    }
}

#[test]
fn by_signals() {
    let gallery = Gallery::new(&["coffee"]);
    let folder = Folder::new();
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let browse = gallery.browse(&["--no-images"]).start();
        browse.await_text("1 of 1").signal(signal);
        browse.wait().restored(0);
        let watch = screen(folder.screen_args()).start();
        watch.await_text("nothing arrived yet").signal(signal);
        watch.wait().restored(0);
    }
}

#[test]
fn when_the_terminal_goes_away() {
    let gallery = Gallery::new(&["coffee"]);
    let mut screen = gallery.browse(&["--no-images"]).start();
    screen.await_text("1 of 1");
    screen.close_terminal();
    // How, nobody sees; that no process is left is seen.
    let _ = screen.wait();
}

#[test]
fn before_a_panic_is_told() {
    let folder = Folder::new();
    let mut watch = folder.screen_args();
    watch.push("--fault-panic".into());
    let gallery = Gallery::new(&["coffee"]);
    let browse = gallery.browse(&["--protocol", "halfblocks", "--fault-panic"]);
    for (start, shows) in [(browse, "1 of 1"), (screen(watch), "nothing arrived yet")] {
        let screen = start.start();
        screen.await_text(shows).keys("j");
        let left = screen.wait();
        left.restored(101);
        assert!(left.text.contains("a panic that was asked for"), "{}", left.text);
        assert!(last(&left, "a panic that was asked for") > last(&left, "\x1b[?1049l"));
    }
}

#[test]
fn while_it_is_suspended() {
    let gallery = Gallery::new(&["coffee"]);
    let screen = gallery.browse(&["--protocol", "halfblocks"]).start();
    screen.await_text("1 of 1");
    for by_key in [true, false] {
        if by_key {
            screen.key(Key::Ctrl('z'))
        } else {
            screen.signal(Signal::TSTP)
        };
        screen.await_stopped();
        screen.await_that("the terminal as before", Seen::is_restored);
        assert!(screen.has_modes_of_before() && !screen.text().contains("1 of 1"));
        screen.signal(Signal::CONT).await_text("1 of 1").await_text("▀");
        assert!(screen.seen().screen().alternate_screen() && screen.seen().screen().hide_cursor());
        assert!(screen.seen().screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None);
        screen.keys("?").await_text("everywhere").key(Key::Esc).await_no_text("everywhere");
    }
    screen.keys("q");
    screen.wait().restored(0);
}
