//! Writes screenshots of the screen to docs/pictures: `cargo xtask screenshots`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a chore for developers")]

use giqa_tests::screen::{Key, Screen, Start, screen};
use giqa_tests::svg::{Ground, svg};
use giqa_tests::{photo, root, text, write};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// No file of the repository is larger, bytes.
const LARGEST: usize = 300_000;
/// Nothing comes any more when nothing came for so long.
const CALM: Duration = Duration::from_millis(700);

const RULES: &str = r#"
[[rules]]
name = "poor"
when = "quality.score < 60"
verdict = "reject"

[[rules]]
name = "something stands out"
when = "finding.sharpness.severity > 0.6 or finding.noise.severity > 0.5"
verdict = "review"
"#;

fn main() {
    // Always the same folder, as its name can be read.
    let dir = std::env::temp_dir().join("giqa-screenshots");
    let _ = fs::remove_dir_all(&dir);
    let photos = dir.join("photos");
    fs::create_dir_all(&photos).unwrap();
    let rules = write(&dir, "rules.toml", RULES);
    let state = dir.join("state");
    shots(&photos, &rules, &state);
    light(&state);
    fs::remove_dir_all(&dir).unwrap();
}

fn with_pictures(args: &[&str]) -> Start {
    screen(args.iter().chain(&["--protocol", "kitty", "--cell", "10x20"])).size(120, 36)
}

fn shots(photos: &Path, rules: &Path, state: &Path) {
    let screen =
        with_pictures(&["watch", text(photos), "--rules", text(rules), "--state-dir", text(state), "--settle", "0.1"])
            .start();
    screen.await_text("nothing arrived yet");
    let mut names: Vec<PathBuf> = fs::read_dir(photo("")).unwrap().map(|e| e.unwrap().path()).collect();
    names.retain(|p| p.extension().is_some_and(|e| e == "jpg"));
    names.sort();
    for name in &names {
        fs::copy(name, photos.join(name.file_name().unwrap())).unwrap();
    }
    let done = format!("done {:>12}", names.len());
    screen.await_text(&done).await_text("all that is there is done");
    shot(&screen, "live", "Live: what is going on", Ground::DARK);

    screen.keys("2").await_text("15 of 15").keys("sss").await_text("by name").key(Key::Home);
    screen.keys("jjjjjjjj").await_text("9/15  coffee-blown-out.jpg");
    shot(&screen, "library", "Library: all photos, filtered and sorted", Ground::DARK);
    screen.keys("t").await_text("▔");
    shot(&screen, "grid", "Library: thumbnails", Ground::DARK);
    screen.keys("t").await_text("worst fault").keys("?").await_text("everywhere");
    shot(&screen, "help", "Help: all keys, made of the keymap", Ground::DARK);
    screen.key(Key::Esc).await_text("worst fault");

    screen.keys("kkkk").await_text("5/15  cat-blurred-face.jpg").key(Key::Enter);
    screen.await_text("[1] sharpness").key(Key::Tab);
    shot(&screen, "photo", "Photo: numbered boxes, and the words that speak of them", Ground::DARK);
    for question in ["Is the subject sharp?", "Is it well exposed?", "What is wrong with it?"] {
        screen.keys("/").keys(question).key(Key::Enter).await_text(&format!("> {question}")).await_no_text("...");
    }
    shot(&screen, "ask", "Ask: an answer, with the places that it speaks of", Ground::DARK);
    screen.keys("5").await_text("scores");
    shot(&screen, "compare", "Compare: two profiles on one photo", Ground::DARK);
    screen.keys("6").await_text("classic.aberration");
    shot(&screen, "plugins", "Plugins: what inspects, and how long it takes", Ground::DARK);
    screen.keys("q");
    let _ = screen.wait();
}

fn light(state: &Path) {
    let _ = fs::remove_file(state.join("screen.json"));
    let screen = with_pictures(&["browse", "--state-dir", text(state), "--theme", "light"]).start();
    screen.await_text("15 of 15").keys("/path:coffee-blown").key(Key::Enter).await_text("1 of 15").key(Key::Enter);
    screen.await_text("overexposed").key(Key::Tab);
    shot(&screen, "light", "Photo, in the light theme", Ground::LIGHT);
    screen.keys("q");
    let _ = screen.wait();
}

/// Writes what shows as soon as nothing comes any more.
fn shot(screen: &Screen, name: &str, title: &str, ground: Ground) {
    let mut before = 0;
    while screen.seen().bytes.len() > before {
        before = screen.seen().bytes.len();
        std::thread::sleep(CALM);
    }
    let text = svg(&screen.seen(), title, ground);
    let file = root().join(format!("docs/pictures/screen-{name}.svg"));
    println!("{} {} kB", file.display(), text.len() / 1000);
    assert!(text.len() < LARGEST, "{name} is too large");
    fs::write(file, text).unwrap();
}
