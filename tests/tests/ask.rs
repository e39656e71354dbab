//! `giqa ask`: questions about a photograph and about boxes in it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::example_config;
use giqa_tests::{Ran, fixture, giqa, photo, temp};

fn ask(image: &str, question: &str, args: &[&str]) -> Ran {
    giqa().arg("ask").arg(photo(image)).arg(question).args(args).run()
}

/// The first word of an answer, without what stands around it.
fn first_word(ran: &Ran) -> String {
    let text = ran.json()["text"].as_str().unwrap().to_owned();
    text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase()
}

#[test]
fn yes_and_no() {
    let question = "Is this photo well exposed?";
    for (image, expected) in [("coffee.jpg", "yes"), ("coffee-blown-out.jpg", "no")] {
        let ran = ask(image, question, &["-f", "json"]);
        ran.code(0);
        assert_eq!(first_word(&ran), expected, "{ran}");
        let answer = ran.json();
        assert_eq!((&answer["schema"], &answer["question"]), (&"giqa.answer/1".into(), &question.into()), "{ran}");
    }
}

#[test]
fn about_a_box() {
    let ran = ask("coffee-blown-out.jpg", "Is this part well exposed?", &["-f", "json", "--box", "0.3,0.05,0.7,0.5"]);
    ran.code(0);
    assert_eq!(first_word(&ran), "no", "{ran}");
    assert_eq!(ran.json()["boxes"].as_array().unwrap().len(), 1, "{ran}");
    let ran = ask("coffee-blown-out.jpg", "Is this part well exposed?", &["-f", "json", "--cells", "26,213"]);
    ran.code(0);
    assert_eq!(first_word(&ran), "no", "{ran}");
    let ran = ask("coffee-blown-out.jpg", "Is the [cup](<26, 213>) well exposed?", &["-f", "json"]);
    ran.code(0);
    assert_eq!(first_word(&ran), "no", "{ran}");
}

#[test]
fn as_text_and_twice_the_same() {
    let [one, two] = [0, 1].map(|_| ask("cat.jpg", "Is it sharp?", &[]));
    assert!(!one.code(0).out().trim().is_empty(), "{one}");
    assert_eq!(one.out(), two.code(0).out());
    assert_eq!(one.err(), "");
}

#[test]
fn boxes_that_are_none() {
    for (option, value, words) in [
        ("--box", "0,0,1", &["--box 0,0,1", "expected four numbers, x1,y1,x2,y2"][..]),
        ("--box", "0,0,1,1,1", &["expected four numbers"]),
        ("--box", "a,b,c,d", &["--box a,b,c,d", "expected four numbers"]),
        ("--box", "0,0,1,NaN", &["--box 0,0,1,NaN"]),
        ("--box", "0,0,2,1", &["--box 0,0,2,1"]),
        ("--box", "-0.1,0,1,1", &["--box -0.1,0,1,1"]),
        ("--box", "0.9,0,0.1,1", &["--box 0.9,0,0.1,1"]),
        ("--box", "0.5,0.5,0.5,0.5", &["--box 0.5,0.5,0.5,0.5"]),
        ("--cells", "0", &["--cells 0", "expected two cell numbers, l,r"]),
        ("--cells", "0,400", &["--cells 0,400", "399"]),
        ("--cells", "x,y", &["--cells x,y", "expected two cell numbers"]),
        ("--cells", "19,20", &["--cells 19,20"]),
    ] {
        let ran = ask("coffee.jpg", "Is it sharp?", &[option, value]);
        ran.code(2).says(words);
        assert_eq!(ran.out(), "", "{option} {value}");
    }
}

#[test]
fn an_image_that_is_none() {
    let ran = giqa().arg("ask").arg(fixture("images/text.jpg")).arg("Is it sharp?").run();
    ran.code(3).says(&["text.jpg", "is not an image", "expected"]);
    let ran = giqa().args(["ask", "/nowhere/gone.jpg", "Is it sharp?"]).run();
    ran.code(3).says(&["/nowhere/gone.jpg", "can't be read"]);
}

#[test]
fn a_profile_that_answers_nothing() {
    let dir = temp();
    let config = example_config(dir.path());
    let ran = giqa().arg("--config").arg(config).arg("ask").arg(photo("cat.jpg")).arg("Is it sharp?").run();
    ran.code(2).says(&["test", "model"]);
}

#[test]
fn questions_that_steer_the_terminal() {
    // `run` asserts that no escape byte comes out.
    let ran = ask("cat.jpg", "Is it \x1b[31mred\x1b[0m \u{202e}?", &[]);
    ran.code(0);
    assert!(!ran.out().contains('\u{202e}'), "{ran}");
    ask("cat.jpg", "\x1b]0;title\x07", &["-f", "json"]).code(0);
    ask("cat.jpg", "", &[]);
    ask("cat.jpg", &"why ".repeat(20_000), &[]);
}
