//! Odd terminals, odd names, and nothing to show.

use giqa_tests::gallery::Gallery;
use giqa_tests::screen::{Key, screen};
use giqa_tests::watching::{Folder, picture};
use giqa_tests::{giqa, temp, text};
use rustix::process::Signal;
use std::fs;
use std::time::{Duration, Instant};

#[test]
fn a_dumb_terminal_is_refused_without_escapes() {
    let folder = Folder::new();
    for term in ["dumb", "", "unknown"] {
        for start in [folder.browse(&[]), screen(folder.screen_args())] {
            let left = start.env("TERM", term).start().wait();
            assert!(!left.bytes.contains(&0x1b), "{}", left.text);
            let words = left.restored(2).text.replace('\n', " ");
            assert!(words.contains(&format!("TERM={term})")) && words.contains("--headless"), "{words}");
        }
    }
}

#[test]
fn without_a_terminal_there_are_lines_or_a_polite_no() {
    let (folder, dir) = (Folder::new(), temp());
    giqa().arg("browse").run().code(2).says(&["needs a terminal", "giqa status"]);
    let file = dir.path().join("out");
    let left = folder.browse(&[]).stdout_to(&file).start().wait();
    assert!(left.restored(2).text.contains("stdout is none"), "{}", left.text);
    assert_eq!(fs::read(&file).unwrap(), b"");

    fs::write(folder.path().join("one.png"), picture(1, false)).unwrap();
    let watch = screen(folder.screen_args()).stdout_to(&file).start();
    let until = Instant::now() + Duration::from_secs(60);
    while !fs::read_to_string(&file).is_ok_and(|t| t.contains("one.png")) {
        assert!(Instant::now() < until, "no line: {}", watch.text());
        std::thread::sleep(Duration::from_millis(10));
    }
    watch.signal(Signal::TERM);
    let left = watch.wait();
    left.restored(0);
    assert!(!left.bytes.contains(&0x1b) && !fs::read(&file).unwrap().contains(&0x1b));
}

#[test]
fn no_color_means_none() {
    let gallery = Gallery::new(&["coffee-blown-out", "cat"]);
    let screen = gallery.browse(&["--no-images"]).env("NO_COLOR", "1").start();
    screen.await_text("2 of 2").keys("sss").await_text("by name").key(Key::Home);
    screen.await_that("a cursor", |seen| {
        let at = seen.place_of("cat.jpg").unwrap();
        seen.screen().cell(at.1, at.0).unwrap().inverse()
    });
    let seen = screen.seen();
    let at = seen.place_of(".jpg").unwrap();
    let reversed = |y: u16| seen.screen().cell(y, at.0).unwrap().inverse();
    assert!(reversed(at.1) && !reversed(at.1 + 1), "the selected row does not show");
    drop(seen);
    screen.key(Key::Down).key(Key::Enter).await_text("overexposed").keys("6").await_text("classic.banding").keys("q");
    let left = screen.wait();
    let all = String::from_utf8_lossy(&left.restored(0).bytes).into_owned();
    for part in all.split("\x1b[").skip(1) {
        let Some((codes, _)) = part.split_once('m').filter(|(c, _)| c.chars().all(|c| c.is_ascii_digit() || c == ';'))
        else {
            continue;
        };
        for code in codes.split(';').map(|c| c.parse().unwrap_or(0)) {
            // 39, 49 and 59 are the terminal's own colours.
            assert!(!matches!(code, 30..=38 | 40..=48 | 58 | 90..=107), "a colour: {codes}");
        }
        assert!(!codes.is_empty(), "an empty style also ends the reversed one");
    }
}

#[test]
fn names_steer_nothing() {
    let folder = Folder::new();
    let names =
        ["\x1b[31mred\x1b]0;title\x07.png", "写真写真.png", "\u{202e}gnp.exe.png", "שלום.png", "e\u{301}\u{9b}31m.png"];
    for (n, name) in names.iter().enumerate() {
        fs::write(folder.path().join(name), picture(n as u32, false)).unwrap();
    }
    folder.watch().arg("--once").run().code(0);
    let screen = folder.browse(&["--protocol", "halfblocks"]).size(160, 40).start();
    screen.await_text("5 of 5").await_text("写真写真.png");
    let borders = |what: &str| {
        let seen = screen.seen();
        let (rows, columns) = seen.screen().size();
        for y in 2..rows.get() - 1 {
            let cell = seen.screen().cell(y, columns.get() - 1).unwrap().contents().to_owned();
            assert!("│╮╯".contains(&cell) && !cell.is_empty(), "{what}: the border is broken\n{}", seen.text());
        }
    };
    borders("the list");
    screen.keys("sss").await_text("by name").key(Key::Home);
    for n in 1..=5 {
        screen.keys("2").await_text("5 of 5").await_text(&format!("{n}/5")).key(Key::Enter).await_text("scores, and");
        borders("a photo");
        screen.key(Key::Esc).await_text("5 of 5").key(Key::Down);
    }
    screen.keys("q");
    let left = screen.wait();
    let all = String::from_utf8_lossy(&left.restored(0).bytes).into_owned();
    for raw in ["\x1b[31mred", "\x1b]0;", "\x07", "\u{202e}", "\u{9b}"] {
        assert!(!all.contains(raw), "{raw:?} arrived");
    }
}

#[test]
fn nothing_to_show_is_told_with_what_to_do() {
    let (folder, dir) = (Folder::new(), temp());
    let nowhere = dir.path().join("none");
    let missing = screen(["browse", "--state-dir", text(&nowhere)]).start();
    missing
        .await_text("giqa watch FOLDER")
        .keys("3")
        .await_text("no photo")
        .keys("4x5")
        .await_text("Compare")
        .keys("q");
    missing.wait().restored(0);
    folder.watch().arg("--once").run().code(0);
    let empty = folder.browse(&[]).start();
    empty.await_text("giqa watch FOLDER").keys("x").await_text("there is no photo under the cursor").keys("q");
    empty.wait().restored(0);
}

#[test]
fn a_photo_whose_file_is_gone() {
    let gallery = Gallery::new(&["coffee-blown-out"]);
    fs::remove_file(gallery.photos().join("coffee-blown-out.jpg")).unwrap();
    let screen = gallery.browse(&["--protocol", "halfblocks"]).start();
    screen.await_text("1 of 1").key(Key::Enter).await_text("overexposed").await_text("No such file");
    screen.keys("/Is it sharp?").key(Key::Enter).await_text("> Is it sharp?").await_text("No such file").keys("q");
    screen.wait().restored(0);
}
