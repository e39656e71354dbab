//! Looking around: the list, one photograph, questions, comparisons.

use giqa_tests::gallery::Gallery;
use giqa_tests::screen::Key;

#[test]
fn the_list_is_filtered_and_a_photo_described_and_asked_about() {
    let gallery = Gallery::new(&["coffee-blown-out", "cat-blurred-face", "rocket-camera-shake"]);
    let screen = gallery.browse(&["--protocol", "halfblocks"]).start();
    screen.await_text("3 of 3").await_text("coffee-blown-out.jpg").await_text("rocket-camera-shake.jpg");
    screen.keys("/blurred").await_text("1 of 3").await_no_text("rocket");
    screen.key(Key::Ctrl('u')).await_text("3 of 3").keys("motion>0.5").key(Key::Enter).await_text("1 of 3");
    screen.keys("/").key(Key::Ctrl('u')).keys("level:x").key(Key::Enter).await_text("filter:");
    screen.key(Key::Backspace).await_text("3 of 3").keys("/coffee-blown").key(Key::Enter).await_text("1 of 3");

    screen.key(Key::Enter).await_text("1/1  coffee-blown-out.jpg").await_text("overexposed");
    // The words name the place that the picture shows with the same number.
    screen.await_text("[1] exposure").await_text("▀");
    screen.key(Key::Tab).key(Key::Enter).await_that("a zoom to the place", |seen| {
        seen.text().lines().any(|l| l.contains("1/1  coffee-blown-out.jpg") && l.contains('%'))
    });
    screen.keys("m").await_text("heat: sharpness");

    screen.keys("/Is the subject sharp?").key(Key::Enter).await_text("> Is the subject sharp?");
    screen.await_text("Yes. The subject [1] is sharp.");
    // Esc leads back, and never out.
    screen.key(Key::Esc).await_text("overexposed");
    screen.keys("2").await_text("1 of 3").keys("q");
    screen.wait().restored(0);
}

#[test]
fn profiles_are_compared_and_commands_found_by_name() {
    let gallery = Gallery::new(&["coffee-flat"]);
    let screen = gallery.browse(&["--no-images"]).start();
    screen.await_text("1 of 1").keys(":compare").await_text("two profiles on the photo").key(Key::Enter);
    screen.await_text("reference  ").await_text("faults").await_text("contrast");
    screen.await_that("both reports", |seen| !seen.text().contains("inspecting"));
    screen.keys("]").await_text("On the right").keys("classic").key(Key::Enter);
    screen.await_that("another profile on the right", |seen| {
        seen.text().lines().any(|l| l.matches("classic  ").count() == 2 && l.contains('╭'))
    });
    screen.key(Key::F1).await_text("profile on the left").key(Key::Esc).await_no_text("profile on the left");
    screen.keys("L").await_text("nothing happened yet").key(Key::Esc).await_no_text("nothing happened yet");
    screen.keys("T").await_text("theme: ").keys("q");
    screen.wait().restored(0);
}

#[test]
fn where_one_was_survives() {
    let gallery = Gallery::new(&["cat", "cat-blue-cast", "cat-blurred-face", "coffee"]);
    let screen = gallery.browse(&["--protocol", "halfblocks"]).start();
    screen.await_text("4 of 4").keys("/path:/cat").key(Key::Enter).await_text("3 of 4");
    screen.keys("sss").await_text("by name").key(Key::Home).await_text("1/3  cat-blue-cast.jpg");
    screen.key(Key::Down).await_text("2/3  cat-blurred-face.jpg").keys("q");
    screen.wait().restored(0);

    let screen = gallery.browse(&["--protocol", "halfblocks"]).start();
    screen.await_text("/ path:/cat").await_text("3 of 4").await_text("by name").await_text("2/3  cat-blurred-face.jpg");
    // Killed, it loses at most the last half second.
    screen.keys("3").await_text("[1] sharpness").keys("q");
    screen.wait().restored(0);
    let screen = gallery.browse(&["--no-images"]).start();
    screen.await_text("2/3  cat-blurred-face.jpg").await_text("[1] sharpness").keys("q");
    screen.wait().restored(0);
}

#[test]
fn a_paste_is_text_and_no_commands() {
    let gallery = Gallery::new(&["coffee"]);
    let screen = gallery.browse(&["--no-images"]).start();
    screen.await_text("1 of 1").paste("q").keys("4").await_text("Ask anything");
    screen.keys("/").paste("q Is it\x07 sharp?\nq\nx").await_text("> q Is it sharp?");
    screen.key(Key::Enter).await_text("sharp.").keys("q");
    screen.wait().restored(0);
}
