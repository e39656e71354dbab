//! The mouse.

use giqa_tests::gallery::Gallery;
use giqa_tests::screen::{Key, Screen};
use giqa_tests::watching::{Folder, picture};

#[test]
fn clicks_and_the_wheel() {
    let folder = Folder::new();
    for n in 0..9 {
        std::fs::write(folder.path().join(format!("photo-{n}.png")), picture(n, false)).unwrap();
    }
    folder.watch().arg("--once").run().code(0);
    let screen = folder.browse(&["--protocol", "halfblocks"]).start();
    screen.await_text("9 of 9").keys("sss").await_text("by name").key(Key::Home).await_text("1/9  photo-0.png");
    screen.wheel((10, 10), true).await_text("4/9  photo-3.png").wheel((10, 10), false).await_text("1/9  photo-0.png");
    let place = screen.seen().place_of(" photo-5.png").unwrap();
    screen.click(place).await_text("6/9  photo-5.png");
    // A second click opens.
    screen.click(place).await_text("scores, and their place");
    screen.click_on("6 Plugins").await_text("example.brightness").click_on("2 Library").await_text("9 of 9");
    // On the line of the filter, letters go there.
    screen.click_on("/ to filter").keys("photo-7").await_text("1 of 9").key(Key::Enter);
    screen.keys("?").await_text("keys").click((0, 0)).await_no_text("everywhere").keys("q");
    screen.wait().restored(0);
}

/// The cells of the first picture: of the first line of half blocks to the last.
fn picture_of(screen: &Screen) -> (u16, u16) {
    screen.await_text("▀").seen().place_of("▀").unwrap()
}

#[test]
fn a_box_is_drawn_and_asked_about() {
    let gallery = Gallery::new(&["coffee-blown-out"]);
    let screen = gallery.browse(&["--protocol", "halfblocks"]).start();
    screen.await_text("1 of 1").keys("4").await_text("Ask anything");
    let (x, y) = picture_of(&screen);
    screen.drag((x + 12, y + 5), (x + 34, y + 14)).await_text("question about the box");
    screen.keys("Is it overexposed?").key(Key::Enter).await_text("(about the box)");
    screen.await_that("an answer", |seen| {
        let text = seen.text();
        text.contains("> Is it overexposed?") && !text.contains("...") && text.contains("[1]")
    });
    // By keys, too.
    screen.keys("d").await_text("arrows move the box").key(Key::Left).keys("L").key(Key::Enter);
    screen.await_text("question about the box").keys("Is it sharp?").key(Key::Enter);
    screen.await_text("> Is it sharp? (about the box)").keys("q");
    screen.wait().restored(0);
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let gallery = Gallery::new(&["coffee"]);
    let screen = gallery.browse(&["--no-images", "--no-mouse"]).start();
    screen.await_text("1 of 1");
    let captured = |screen: &Screen| screen.seen().screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None;
    assert!(!captured(&screen));
    screen.key(Key::Ctrl('t')).await_text("mouse on");
    assert!(captured(&screen));
    screen.keys("q");
    screen.wait().restored(0);
}
