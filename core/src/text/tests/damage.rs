//! giqa's dialect, whole and damaged as language models damage it.

use super::*;
use TextProblem as P;

/// One span, its plain text, and the problems met.
#[track_caller]
fn one(input: &str, plain: &str, label: &str, boxes: &[NormBox], expected: &[P]) {
    let parsed = auto(input);
    assert_eq!(parsed.text.text, plain);
    assert_eq!(spans(&parsed), [(label, boxes)]);
    assert_eq!(problems(&parsed), expected);
}

/// No span.
#[track_caller]
fn none(input: &str, plain: &str, expected: &[P]) {
    let parsed = auto(input);
    assert_eq!(parsed.text, GroundedText::plain(plain));
    assert_eq!(problems(&parsed), expected);
}

#[test]
fn the_papers_figures() {
    let parsed = auto(
        "The [tower](<35, 319>) is sharp, the [water surface](<160, 299>) noisy; light falls through the \
         [window](<10, 399>, <0, 21>).",
    );
    assert_eq!(parsed.text.text, "The tower is sharp, the water surface noisy; light falls through the window.");
    let expected: [(&str, &[NormBox]); 3] = [
        ("tower", &[norm(0.75, 0.05, 1.0, 0.8)]),
        ("water surface", &[norm(0.0, 0.4, 1.0, 0.75)]),
        ("window", &[norm(0.5, 0.0, 1.0, 1.0), norm(0.0, 0.0, 0.1, 0.1)]),
    ];
    assert_eq!(spans(&parsed), expected);
    assert!(parsed.warnings.is_empty());
    assert_eq!((parsed.text.spans[0].start, parsed.text.spans[0].end), (4, 9));
}

#[test]
fn spacing_is_free() {
    let sky = [cells(0, 139)];
    for input in ["[sky](<0,139>)", "[sky] (<0, 139>)", "[sky]( < 0 , 139 > )", "[ sky](<0,\n139>)"] {
        let parsed = auto(input);
        assert_eq!(spans(&parsed), [("sky", &sky[..])], "{input}");
        assert_eq!(parsed.text.text.trim(), "sky");
        assert!(parsed.warnings.is_empty(), "{input}");
    }
    let both = [cells(0, 139), cells(5, 7)];
    for input in ["[sky](<0, 139>,<5, 7>)", "[sky](<0, 139> <5, 7>)", "[sky](<0, 139>; <5, 7>)"] {
        one(input, "sky", "sky", &both, &[]);
    }
}

#[test]
fn missing_punctuation() {
    let sky = [cells(0, 139)];
    for input in ["[sky](<0 139>)", "[sky](0, 139)", "[sky](<0, 139)", "[sky](0, 139>)", "[sky]<0, 139>"] {
        one(input, "sky", "sky", &sky, &[P::Punctuation]);
    }
    one("[sky](<0, 139> is", "sky is", "sky", &sky, &[P::Unclosed]);
    one("[sky](<0, 139>, and", "sky, and", "sky", &sky, &[P::Unclosed]);
    one("[sky](<0, 139", "sky", "sky", &sky, &[P::Punctuation, P::Unclosed]);
    one("[sky](<0, 139>, <5, 7", "sky", "sky", &[cells(0, 139), cells(5, 7)], &[P::Punctuation, P::Unclosed]);
    one("[sky](<0, 139, <5, 7>)", "sky", "sky", &[cells(0, 139), cells(5, 7)], &[P::Punctuation]);
}

#[test]
fn missing_brackets() {
    let sky = [cells(0, 139)];
    one("Look: [blue sky(<0, 139>) there", "Look: blue sky there", "blue sky", &sky, &[P::MissingBracket]);
    one("Look: the blue sky](<0, 139>)", "Look: the blue sky", "blue sky", &sky, &[P::MissingBracket]);
    one("Look, the sky (<0, 139>), is", "Look, the sky, is", "sky", &sky, &[P::MissingBracket]);
    one("[sky (<0, 139>)] is", "sky is", "sky", &sky, &[P::MissingBracket]);
    one("[note. The blue sky (<0, 139>)", "[note. The blue sky", "blue sky", &sky, &[P::MissingBracket]);
}

#[test]
fn wrong_corners_are_put_right() {
    one("[sky](<139, 0>)", "sky", "sky", &[cells(0, 139)], &[P::Reordered]);
    // r right of l but above it, then below but left of it.
    one("[sky](<45, 27>)", "sky", "sky", &[cells(25, 47)], &[P::Reordered]);
    one("[sky](<25, 41>)", "sky", "sky", &[cells(21, 45)], &[P::Reordered]);
}

#[test]
fn boxes_outside_the_grid_are_dropped() {
    let outside = |index| P::OutsideGrid { index, cells: 400 };
    one("[sky](<0, 400>, <5, 7>)", "sky", "sky", &[cells(5, 7)], &[outside(400)]);
    none("the [sky](<0, 99999999999>) is", "the sky is", &[outside(u32::MAX)]);
    none("the [sky](<-3, 5>) is", "the sky is", &[outside(u32::MAX)]);
    let small = ParseOptions { grid: Grid::new(4, 4).unwrap(), ..ParseOptions::default() };
    assert_eq!(problems(&with("[sky](<0, 16>)", small)), [P::OutsideGrid { index: 16, cells: 16 }]);
    assert_eq!(with("[sky](<0, 5>)", small).text.spans[0].boxes, [norm(0.0, 0.0, 0.5, 0.5)]);
}

#[test]
fn boxes_of_the_wrong_size_are_dropped() {
    none("[sky](<5>) is", "sky is", &[P::BadBox { numbers: 1 }]);
    one("[sky](<1, 2, 3>, <5, 7>)", "sky", "sky", &[cells(5, 7)], &[P::BadBox { numbers: 3 }]);
    none("[sky](<>) [sky](<a, b>) [sky](<1.5, 2>)", "[sky](<>) [sky](<a, b>) [sky](<1.5, 2>)", &[]);
}

#[test]
fn empty_labels() {
    one("the sky [](<0, 139>) is", "the sky is", "sky", &[cells(0, 139)], &[P::EmptyLabel]);
    none("[ ](<0, 139>) is", " is", &[P::EmptyLabel, P::NoLabel]);
    none("(<0, 139>) is", "(<0, 139>) is".trim_start_matches("(<0, 139>)"), &[P::NoLabel]);
}

#[test]
fn nested_brackets() {
    one("[[sky]](<0, 139>)", "sky", "sky", &[cells(0, 139)], &[P::NestedBrackets]);
    one("[[[sky]]](<0, 139>)", "sky", "sky", &[cells(0, 139)], &[P::NestedBrackets]);
    one("[a [b](<1, 2>)]", "[a b]", "b", &[cells(1, 2)], &[]);
    one("[a [b](<1, 2>) c](<3, 4>)", "[a b c]", "b", &[cells(1, 2)], &[P::NestedSpan]);
    one("[a [b] c](<1, 2>)", "a [b] c", "a [b] c", &[cells(1, 2)], &[]);
    one("[[sky](<0, 139>)", "[sky", "sky", &[cells(0, 139)], &[]);
}

#[test]
fn boxes_behind_a_span_belong_to_it() {
    one("[sky](<0, 139>)(<5, 7>)", "sky", "sky", &[cells(0, 139), cells(5, 7)], &[]);
    one("[sky](<0, 139>) (<5, 7>).", "sky.", "sky", &[cells(0, 139), cells(5, 7)], &[]);
}

#[test]
fn other_brackets_stay() {
    for input in [
        "a [link](https://example.org/a) and [one](<https://example.org>) [1](12.html) [x](2024-05-01)",
        "![image](photo.jpg) [note] (12, 34) f(<T>) x < 3, y <5, 6> Vec<u8> [1, 2] [ab] ]] }} {\"a\": 1} (0, 1)",
        "C:\\photos\\new \\ \\\\server\\share \\n",
        "<b>bold</b> <br> <box> </ref> <loc_> <objects> <|im_end|> <",
    ] {
        let parsed = auto(input);
        assert_eq!(parsed.text, GroundedText::plain(input));
        assert!(parsed.warnings.iter().all(|w| w.problem == P::BadBox { numbers: 0 }), "{parsed:?}");
    }
}

#[test]
fn escapes() {
    none(r"\[sky\](\<0, 139>) \{ \\\[ \\\\ \x", r"[sky](<0, 139>) { \[ \\\\ \x", &[]);
    one(r"\\[sky](<0, 139>)", r"\sky", "sky", &[cells(0, 139)], &[]);
    one(r"[a\]b](<0, 139>)", "a]b", "a]b", &[cells(0, 139)], &[]);
}

#[test]
fn warnings_are_capped_and_placed() {
    let parsed = auto(&"[sky](<0, 400>) ".repeat(100));
    assert_eq!(parsed.warnings.len(), MAX_WARNINGS + 1);
    assert_eq!(parsed.warnings[MAX_WARNINGS].problem, P::More(36));
    assert_eq!(parsed.warnings[1].offset, 22);
    assert_eq!(parsed.warnings[1].to_string(), "byte 22: cell 400 is outside the grid of 400 cells (box dropped)");
}
