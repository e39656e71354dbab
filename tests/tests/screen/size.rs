//! Terminals that grow and shrink.

use giqa_tests::gallery::Gallery;
use giqa_tests::screen::Key;

#[test]
fn every_screen_fits_again_after_it_was_too_small() {
    let gallery = Gallery::new(&["coffee-blown-out", "cat"]);
    let screen = gallery.browse(&["--protocol", "halfblocks"]).start();
    screen.await_text("2 of 2").keys("/path:coffee").key(Key::Enter).await_text("1 of 2");
    for (key, words) in [
        ("2", "1 of 2"),
        ("3", "1/1  coffee-blown-out.jpg"),
        ("4", "Ask anything"),
        ("5", "1/1  coffee-blown-out.jpg"),
        ("6", "classic.banding"),
        ("1", "nobody watches"),
    ] {
        screen.keys(key).await_text(words);
        screen.resize(60, 20).await_that("the small layout", |seen| {
            // The screens have no numbers there.
            seen.text().contains(" Library  Photo ") && seen.text().contains(words)
        });
        screen.resize(40, 10).await_text("giqa needs 60 x 20");
        screen.resize(140, 45).await_text(words).await_text("6 Plugins");
        screen.resize(100, 30).await_text(words);
    }
    screen.resize(1, 1).resize(40, 10).await_text("q quits").keys("q");
    screen.wait().restored(0);
}

#[test]
fn a_terminal_that_is_too_small_from_the_start() {
    let gallery = Gallery::new(&["coffee"]);
    let screen = gallery.browse(&["--no-images"]).size(30, 8).start();
    screen.await_text("giqa needs").resize(80, 24).await_text("1 of 1").keys("q");
    screen.wait().restored(0);
}
