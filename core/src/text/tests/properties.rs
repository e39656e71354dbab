//! What holds for every text.

use super::*;
use proptest::prelude::*;

/// Pieces of every notation, so that random texts come near to boxes.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "[",
            "]",
            "(",
            ")",
            "<",
            ">",
            "{",
            "}",
            "\\",
            ",",
            ";",
            " ",
            "\n",
            ".",
            "-",
            "\"",
            "```json\n",
            "```",
            "sky",
            "the ",
            "é",
            "0",
            "1",
            "139",
            "0.5",
            "400",
            "1000",
            "](<",
            "(<0, 139>)",
            "[sky](<0, 139>)",
            "[[",
            "]]",
            "<ref>",
            "</ref>",
            "<box>",
            "</box>",
            "(1,2),(3,4)",
            "<|box_start|>",
            "<|box_end|>",
            "<|object_ref_start|>",
            "<|object_ref_end|>",
            "<loc_12>",
            "<loc_1><loc_2><loc_3><loc_4>",
            "<phrase>",
            "</phrase>",
            "<object>",
            "</object>",
            "<patch_index_0044><patch_index_0863>",
            "[1,2,3,4]",
            "[0.1,0.2,0.3,0.4]",
            "{\"bbox_2d\": [1,2,3,4], \"label\": \"a [b]\"}",
            "\"bbox_2d\"",
            "\"label\"",
            ":",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9]{1,3}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn options() -> impl Strategy<Value = ParseOptions> {
    let dialects = vec![Dialect::Auto, Dialect::Giqa, Dialect::Unit, Dialect::Thousandths, Dialect::Pixels];
    let sizes = vec![None, Some((640, 480)), Some((0, 1))];
    (prop::sample::select(dialects), prop::sample::select(sizes)).prop_map(|(dialect, image_size)| ParseOptions {
        dialect,
        image_size,
        ..ParseOptions::default()
    })
}

/// What the fuzz target asserts, too.
fn holds(input: &str, options: &ParseOptions) {
    let parsed = parse(input, options);
    assert!(parsed.text.is_consistent(), "{parsed:?}");
    assert!(parsed.warnings.iter().all(|w| w.offset <= input.len()));
    if parsed.warnings.is_empty() && parsed.text.spans.is_empty() && !input.contains('\\') {
        assert_eq!(parsed.text.text, input);
    }
    // Printing rounds boxes to cells once; from then on nothing changes.
    let default = ParseOptions::default();
    let printed = print(&parsed.text, Grid::GIQA);
    let back = parse(&printed, &default);
    assert!(back.warnings.is_empty(), "{printed:?} {:?}", back.warnings);
    assert_eq!(&back.text.text, &parsed.text.text, "{printed:?}");
    assert_eq!(back.text.spans.len(), parsed.text.spans.len(), "{printed:?}");
    assert_eq!(parse(&print(&back.text, Grid::GIQA), &default).text, back.text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_string(input in any::<String>(), options in options()) {
        holds(&input, &options);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), options in options()) {
        holds(&String::from_utf8_lossy(&bytes), &options);
    }

    #[test]
    fn any_fragments(input in fragments(), options in options()) {
        holds(&input, &options);
    }

    #[test]
    fn texts_come_back(
        pieces in prop::collection::vec((fragments(), fragments(), prop::collection::vec((0u16..20, 0u16..20, 0u16..20, 0u16..20), 1..4)), 0..5),
        tail in fragments(),
    ) {
        let mut text = GroundedText::default();
        for (before, label, corners) in pieces {
            text.push(&before);
            let boxes = corners.iter().map(|(a, b, c, d)| {
                cells(b.min(d) * 20 + a.min(c), b.max(d) * 20 + a.max(c))
            });
            text.push_span(label.trim(), boxes.collect());
        }
        text.push(&tail);
        let back = parse(&print(&text, Grid::GIQA), &ParseOptions::default());
        prop_assert_eq!(&back.text, &text);
        for dialect in [Dialect::Unit, Dialect::Thousandths, Dialect::QwenTags] {
            let written = print_as(&text, dialect, None).unwrap();
            let back = parse(&written, &ParseOptions { dialect, ..ParseOptions::default() });
            prop_assert_eq!(&back.text, &text, "{}", written);
        }
    }
}
