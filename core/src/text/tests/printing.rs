//! The printer, and what it gives back.

use super::*;

fn sample() -> GroundedText {
    let mut text = GroundedText::plain("The ");
    text.push_span("sky", vec![norm(0.0, 0.0, 1.0, 0.35), norm(0.25, 0.5, 0.5, 0.75)]);
    text.push(" is noisy.");
    text
}

#[track_caller]
fn comes_back(text: &GroundedText) -> String {
    let printed = print(text, Grid::GIQA);
    let back = auto(&printed);
    assert_eq!(&back.text, text, "{printed}");
    assert!(back.warnings.is_empty(), "{printed}");
    printed
}

#[test]
fn giqa() {
    assert_eq!(comes_back(&sample()), "The [sky](<0, 139>, <205, 289>) is noisy.");
}

#[test]
fn other_dialects() {
    let written = |dialect, size| print_as(&sample(), dialect, size);
    let unit = "The [sky][0.000,0.000,1.000,0.350;0.250,0.500,0.500,0.750] is noisy.";
    assert_eq!(written(Dialect::Unit, None).as_deref(), Some(unit));
    let thousandths = "The [sky][0,0,1000,350;250,500,500,750] is noisy.";
    assert_eq!(written(Dialect::Thousandths, None).as_deref(), Some(thousandths));
    let pixels = "The [sky][0,0,200,35;50,50,100,75] is noisy.";
    assert_eq!(written(Dialect::Pixels, Some((200, 100))).as_deref(), Some(pixels));
    assert_eq!(written(Dialect::Pixels, None), None);
    assert_eq!(written(Dialect::Pixels, Some((0, 100))), None);
    let tags = "The <ref>sky</ref><box>(0,0),(1000,350)</box><box>(250,500),(500,750)</box> is noisy.";
    assert_eq!(written(Dialect::QwenTags, None).as_deref(), Some(tags));
    let json = "```json\n[{\"bbox_2d\":[0,0,1000,350],\"label\":\"sky\"}, {\"bbox_2d\":[250,500,500,750],\"label\":\"sky\"}]\n```";
    assert_eq!(written(Dialect::QwenJson, None).as_deref(), Some(json));
    assert_eq!(auto(json).text.text, "sky, sky");
    for (dialect, image_size) in [
        (Dialect::Unit, None),
        (Dialect::Thousandths, None),
        (Dialect::Pixels, Some((200, 100))),
        (Dialect::QwenTags, None),
    ] {
        let options = ParseOptions { dialect, image_size, ..ParseOptions::default() };
        assert_eq!(with(&written(dialect, image_size).unwrap(), options).text, sample(), "{dialect:?}");
    }
}

#[test]
fn plain_brackets_are_left_alone() {
    let mut text = GroundedText::plain("See [1], C:\\new and [this](https://example.org): the ");
    text.push_span("sky", vec![NormBox::FULL]);
    text.push(" <b>");
    let printed = comes_back(&text);
    assert_eq!(printed, "See [1], C:\\new and [this](https://example.org): the [sky](<0, 399>) <b>");
}

#[test]
fn what_looks_like_a_span_is_escaped() {
    comes_back(&GroundedText::plain("write [sky](<0, 139>) for it"));
    comes_back(&GroundedText::plain(
        "dog [0.1,0.2,0.3,0.4] <ref>a</ref><box>(1,2),(3,4)</box> a<loc_1><loc_1><loc_1><loc_1>",
    ));
    comes_back(&GroundedText::plain(r#"[{"bbox_2d": [1,2,3,4], "label": "a"}]"#));
    comes_back(&GroundedText::plain(r"\[sky\] \\[sky](<0, 139>) \"));
    for label in ["[sky]", "a]b", "[", "]", "\\", "a\\", "1,2,3,4", "<ref>", "[b](<1, 2>)", "[[x"] {
        let mut text = GroundedText::plain("ends in \\");
        text.push_span(label, vec![NormBox::FULL]);
        text.push("(<1, 2>) ");
        text.push_span(label, vec![NormBox::FULL]);
        text.push_span(label, vec![NormBox::FULL]);
        comes_back(&text);
    }
}

#[test]
fn inconsistent_texts_do_not_panic() {
    let mut text = sample();
    text.spans[0].end = 500;
    assert_eq!(print(&text, Grid::GIQA), "The sky is noisy.");
    text.spans[0].start = 900;
    assert_eq!(print(&text, Grid::GIQA), "The sky is noisy.");
}
