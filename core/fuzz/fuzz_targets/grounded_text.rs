//! Any bytes as grounded text: no panic, consistent spans, and a printer that the parser reads back.

#![no_main]

use giqa_core::Grid;
use giqa_core::text::{Dialect, ParseOptions, parse, print};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The first byte chooses the options, so that the fuzzer explores them all.
    let (choice, text) = data.split_first().map_or((0, data), |(first, rest)| (*first, rest));
    let input = String::from_utf8_lossy(text);
    let dialect = match choice % 5 {
        0 => Dialect::Auto,
        1 => Dialect::Giqa,
        2 => Dialect::Unit,
        3 => Dialect::Thousandths,
        _ => Dialect::Pixels,
    };
    let image_size = (choice & 0x80 != 0).then_some((640, 480));
    let parsed = parse(&input, &ParseOptions { dialect, image_size, ..ParseOptions::default() });
    assert!(parsed.text.is_consistent());
    assert!(parsed.warnings.iter().all(|w| w.offset <= input.len()));
    if parsed.warnings.is_empty() && parsed.text.spans.is_empty() && !input.contains('\\') {
        assert_eq!(parsed.text.text, input);
    }

    // Printing rounds boxes to cells once; from then on nothing changes.
    let options = ParseOptions::default();
    let back = parse(&print(&parsed.text, Grid::GIQA), &options);
    assert!(back.warnings.is_empty());
    assert_eq!(back.text.text, parsed.text.text);
    let places = |t: &giqa_core::text::GroundedText| t.spans.iter().map(|s| (s.start, s.end)).collect::<Vec<_>>();
    assert_eq!(places(&back.text), places(&parsed.text));
    assert_eq!(parse(&print(&back.text, Grid::GIQA), &options).text, back.text);
});
