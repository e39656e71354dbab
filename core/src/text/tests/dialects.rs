//! The notations of other models.

use super::*;
use TextProblem as P;

#[track_caller]
fn one(input: &str, plain: &str, label: &str, boxes: &[NormBox]) {
    let parsed = auto(input);
    assert_eq!(parsed.text.text, plain);
    assert_eq!(spans(&parsed), [(label, boxes)]);
    assert_eq!(problems(&parsed), []);
}

#[test]
fn bracketed_coordinates() {
    let b = norm(0.25, 0.5, 0.75, 1.0);
    one("A [dog][0.25,0.5,0.75,1.0] runs", "A dog runs", "dog", &[b]);
    one("A dog[0.250,0.500,0.750,1.000] runs", "A dog runs", "dog", &[b]);
    one("A dog [250, 500, 750, 1000].", "A dog.", "dog", &[b]);
    one("[dogs][250,500,750,1000;0,0,500,500]", "dogs", "dogs", &[b, norm(0.0, 0.0, 0.5, 0.5)]);
    one("[dogs] [[250,500,750,1000], [0,0,500,500]]", "dogs", "dogs", &[b, norm(0.0, 0.0, 0.5, 0.5)]);
    one("dogs [[250,500,750,1000]]", "dogs", "dogs", &[b]);
}

#[test]
fn one_scale_for_a_text() {
    // The 1s alone could be thousandths; the decimals elsewhere say unit.
    let parsed = auto("[a][0,0,1,1] and [b][0.5,0.5,1,1]");
    assert_eq!(spans(&parsed), [("a", &[NormBox::FULL][..]), ("b", &[norm(0.5, 0.5, 1.0, 1.0)])]);
    let large = "[a][0,0,1200,600] [b][300,0,600,600]";
    let parsed = auto(large);
    assert_eq!(parsed.text, GroundedText::plain("a b"));
    assert_eq!(problems(&parsed), [P::NoImageSize, P::NoImageSize]);
    let size = Some((1200, 600));
    let parsed = with(large, ParseOptions { image_size: size, ..ParseOptions::default() });
    assert_eq!(spans(&parsed), [("a", &[NormBox::FULL][..]), ("b", &[norm(0.25, 0.0, 0.5, 1.0)])]);
    let pixels = ParseOptions { dialect: Dialect::Pixels, image_size: Some((200, 100)), ..ParseOptions::default() };
    assert_eq!(with("[a][0,0,100,50]", pixels).text.spans[0].boxes, [norm(0.0, 0.0, 0.5, 0.5)]);
}

#[test]
fn coordinates_out_of_place() {
    let unit = ParseOptions { dialect: Dialect::Unit, ..ParseOptions::default() };
    let parsed = with("[a][0.5,0.5,1.02,0.25] [b][0,0,55,70] [c][-0.01,0,1,1]", unit);
    assert_eq!(spans(&parsed), [("a", &[norm(0.5, 0.25, 1.0, 0.5)][..]), ("c", &[NormBox::FULL])]);
    assert_eq!(problems(&parsed), [P::Clamped, P::Reordered, P::OutsidePicture, P::Clamped]);
}

#[test]
fn numbers_that_are_no_boxes_stay() {
    for input in ["as in [1, 2]", "[3]", "[0.5, 0.7, 0.9]", "[1;2;3;4]", "[1,2,3,4](https://x)", "[1,2,3,4 cats]"] {
        let parsed = auto(input);
        assert_eq!(parsed.text, GroundedText::plain(input));
        assert!(parsed.warnings.is_empty());
    }
    assert_eq!(problems(&auto("x [1,2,3,4,5]")), [P::BadBox { numbers: 5 }]);
    assert_eq!(problems(&auto("[1,2,3,4]")), [P::NoLabel]);
    assert_eq!(problems(&auto("dog [1,2,3,4")), [P::Unclosed]);
}

#[test]
fn the_phrase_before_a_box() {
    let b = "[0.1,0.1,0.2,0.2]";
    for (before, label) in [
        ("There is a dog", "dog"),
        ("We see an old red barn", "old red barn"),
        ("a very big old barn", "big old barn"),
        ("Blurry, grey clouds", "grey clouds"),
        ("the man's T-shirt", "man's T-shirt"),
        ("Häuser am Fluß", "Häuser am Fluß"),
        ("end. Sky", "Sky"),
    ] {
        let parsed = auto(&format!("{before} {b}"));
        assert_eq!(parsed.text.spans[0].label, label, "{before}");
        assert_eq!(parsed.text.text, before);
    }
    assert_eq!(problems(&auto(&format!("the {b}"))), [P::NoLabel]);
}

#[test]
fn qwen_tags() {
    let b = norm(0.25, 0.5, 0.75, 1.0);
    one("A <ref>dog</ref><box>(250,500),(750,1000)</box>.", "A dog.", "dog", &[b]);
    one("<ref> the dog</ref> <box>[[250, 500, 750, 1000]]</box>", " the dog", "the dog", &[b]);
    one("dog<box>(250,500),(750,1000)</box><box>(0,0),(500,500)</box>", "dog", "dog", &[b, norm(0.0, 0.0, 0.5, 0.5)]);
    let special = "<|object_ref_start|>dog<|object_ref_end|><|box_start|>(250,500),(750,1000)<|box_end|>";
    one(special, "dog", "dog", &[b]);
    let open = auto("A <ref>dog</ref><box>(250,500),(750,1000) runs");
    assert_eq!((open.text.text.as_str(), problems(&open)), ("A dog runs", vec![P::Unclosed]));
    let missing = auto("A <ref>dog<box>(250,500),(750,1000)</box>");
    assert_eq!((missing.text.text.as_str(), problems(&missing)), ("A dog", vec![P::MissingBracket]));
    let short = "<ref>dog</ref><box>(250,500)</box>";
    assert_eq!(auto(short).text, GroundedText::plain(short));
}

#[test]
fn location_tokens() {
    let b = norm(0.25, 0.5, 0.75, 0.999);
    one("a dog<loc_250><loc_500><loc_750><loc_999> runs", "a dog runs", "dog", &[b]);
    let two = "dogs<loc_250><loc_500><loc_750><loc_999><loc_0><loc_0><loc_500><loc_500>";
    one(two, "dogs", "dogs", &[b, norm(0.0, 0.0, 0.5, 0.5)]);
    let short = "dog<loc_1><loc_2><loc_3>";
    assert_eq!(auto(short).text, GroundedText::plain(short));
    assert_eq!(problems(&auto(short)), [P::BadBox { numbers: 3 }]);
}

#[test]
fn patch_tokens() {
    let b = norm(12.0 / 32.0, 1.0 / 32.0, 1.0, 27.0 / 32.0);
    one(
        "<phrase>a snowman</phrase><object><patch_index_0044><patch_index_0863></object> warms",
        "a snowman warms",
        "a snowman",
        &[b],
    );
    let two = "dogs<object><patch_index_0044><patch_index_0863></delimiter_of_multi_objects/>\
               <patch_index_0000><patch_index_1023></object>";
    one(two, "dogs", "dogs", &[b, NormBox::FULL]);
}

#[test]
fn qwen_json() {
    let list = r#"[
  {"bbox_2d": [250, 500, 750, 1000], "label": "dog"},
  {"bbox_2d": [0, 0, 500, 500], "label": "sky", "score": 0.5}
]"#;
    let boxes = [norm(0.25, 0.5, 0.75, 1.0), norm(0.0, 0.0, 0.5, 0.5)];
    for (input, plain) in [
        (list.to_owned(), "dog, sky"),
        (format!("Here:\n```json\n{list}\n```\nDone."), "Here:\ndog, sky\nDone."),
        (format!("```\n{list}\n```"), "dog, sky"),
    ] {
        let parsed = auto(&input);
        assert_eq!(parsed.text.text, plain);
        assert_eq!(spans(&parsed), [("dog", &boxes[..1]), ("sky", &boxes[1..])]);
        assert!(parsed.warnings.is_empty());
    }
    one(r#"{"bbox_2d": [250, 500, 750, 1000], "label": "dog"}"#, "dog", "dog", &boxes[..1]);
    let cut = auto(&list[..list.len() - 20]);
    assert_eq!((cut.text.text.as_str(), problems(&cut)), ("dog", vec![P::Unclosed]));
    let odd = auto(r#"[{"bbox_2d": [1,2,3], "label": "a"}, {"bbox_2d": [1,2,3,4]}]"#);
    assert_eq!(odd.text, GroundedText::plain("a"));
    assert_eq!(problems(&odd), [P::BadBox { numbers: 3 }, P::NoLabel]);
}

#[test]
fn other_json_stays() {
    let input = r#"```json
{"scores": [{"name": "noise", "value": 3}], "bbox": "none"}
```"#;
    assert_eq!(auto(input).text, GroundedText::plain(input));
}

#[test]
fn giqa_alone() {
    let giqa = ParseOptions { dialect: Dialect::Giqa, ..ParseOptions::default() };
    let input = r#"dog[0.1,0.2,0.3,0.4] <ref>a</ref><box>(1,2),(3,4)</box> {"bbox_2d":[1,2,3,4],"label":"a"}"#;
    assert_eq!(with(input, giqa).text, GroundedText::plain(input));
    assert_eq!(with("[1,2,3,4](<0, 139>)", giqa).text.text, "1,2,3,4");
}
