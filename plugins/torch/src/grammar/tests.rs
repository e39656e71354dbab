//! Any sequence of allowed tokens is grounded text without a fault.

use super::*;
use giqa_sdk::core::text::{ParseOptions, parse};
use giqa_sdk::core::{Cells, Decoding, Grid};
use proptest::prelude::*;

/// All of ASCII alone, and tokens that hold parts of spans, whole ones, and what other notations begin with.
fn vocabulary() -> Vec<Option<String>> {
    let alone = (' '..='~').chain(['\n', 'é', '漢', '\u{FFFD}', '\u{A0}']).map(String::from);
    let parts = [
        "",
        "the sky",
        " the",
        "[",
        " [",
        "[sky",
        "](<",
        "](",
        "(<",
        ">)",
        ">).",
        ">, <",
        ", ",
        ", <",
        ",<",
        "0>)",
        "39",
        "399",
        "40",
        "00",
        "1, 3",
        "<0, 139",
        "[sky](<0, 139>)",
        ") and [",
        ">) [a",
        "](<0",
        "{\"bbox_2d\": [",
        "<box>",
        "<loc_1>",
        "[1,2,3,4]",
        "[1,2,3,4",
        "]]",
        "[[",
        "```json\n",
        "(0, 139)",
        "\\[",
        "<|box_start|>",
        "...",
        "[1, 2](<3, 4>)",
        " ",
    ];
    alone.chain(parts.map(str::to_owned)).map(Some).chain([None]).collect()
}

/// Writes with a picker of tokens, at most `most` of them; gives the text and whether it ended by itself.
fn write(tokens: &Tokens, most: usize, picks: &[usize]) -> String {
    let (mut place, mut text) = (Place::default(), String::new());
    for (n, pick) in (1..=most).zip(picks.iter().cycle()) {
        let (state, left) = place.next(most - n);
        let allowed = tokens.allowed(state, left);
        assert!(!allowed.is_empty(), "nothing may follow {text:?}");
        let id = allowed[pick % allowed.len()];
        place = place.behind(tokens, id);
        let piece = tokens.text(id).unwrap();
        text.push_str(piece);
        if piece.is_empty() {
            break;
        }
    }
    assert_eq!(place.state, State::Prose, "{text:?} is not closed");
    text
}

fn spans_without_a_fault(text: &str) -> usize {
    let parsed = parse(text.trim(), &ParseOptions { image_size: Some((640, 480)), ..ParseOptions::default() });
    assert!(parsed.warnings.is_empty(), "{text:?}: {:?}", parsed.warnings);
    let labels = parsed.text.spans.iter().filter(|span| !span.boxes.is_empty()).count();
    assert_eq!(labels, text.matches('[').count(), "every bracket is a span's: {text:?}");
    labels
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_parses_without_a_warning(
        most in 0..80_usize,
        picks in prop::collection::vec(any::<usize>(), 1..100),
    ) {
        thread_local!(static TOKENS: Tokens = Tokens::new(vocabulary()).unwrap());
        TOKENS.with(|tokens| spans_without_a_fault(&write(tokens, most, &picks)));
    }
}

#[test]
fn spans_are_written_and_not_only_avoided() {
    let tokens = Tokens::new(vocabulary()).unwrap();
    let mut seed = crate::sampling::Dice::new(1);
    let mut pick = || (seed.roll() * 1e9) as usize;
    let texts: Vec<String> =
        (0..200).map(|_| write(&tokens, 60, &std::array::from_fn::<_, 60, _>(|_| pick()))).collect();
    let spans: usize = texts.iter().map(|text| spans_without_a_fault(text)).sum();
    assert!(spans > 200, "{spans} spans in {} texts", texts.len());
    assert!(texts.iter().any(|text| text.contains(">, <")), "several boxes in one span");
}

fn run(text: &str) -> Option<State> {
    text.chars().try_fold(State::Prose, State::step)
}

#[test]
fn every_box_of_the_grid_and_no_other() {
    for l in 0..=420_u16 {
        for r in 0..=420_u16 {
            let good = Grid::GIQA.decode(Cells { l, r }, Decoding::Cells).is_some();
            assert_eq!(run(&format!("[sky](<{l}, {r}>)")).is_some(), good, "{l} {r}");
        }
    }
}

#[test]
fn what_is_let_through() {
    for good in
        ["", "plain (text), 1 > 0", "a [b c](<0,0>, <21, 399>).", "[a](<0, 1>,<5, 5>)[b](<0, 0>)", "[1, 2](<0, 399>)"]
    {
        assert_eq!(run(good), Some(State::Prose), "{good}");
    }
    for bad in [
        "]",
        "a < b",
        "{",
        "\\",
        "[]",
        "[ ]",
        "[a[",
        "[a\n",
        "[a] (",
        "[a](0",
        "[a](<>",
        "[a](<00",
        "[a](<400",
        "[a](<1,  2",
        "[a](<1, 0",
        "[a](<1, 20>",
        "[a](<1, 2>>",
        "[a](<1, 2> ",
        "[a](<1, 2>,, ",
    ] {
        assert_eq!(run(bad), None, "{bad}");
    }
}

#[test]
fn the_way_to_the_end_is_as_long_as_it_says() {
    // Every state on the way to any box, and the shortest end that there is from each.
    for l in [0, 19, 123, 399] {
        for r in [l, 399] {
            let text = format!("[é a](<{l}, {r}>, <{l}, {r}>)");
            for end in text.char_indices().map(|c| c.0) {
                let mut states = vec![run(&text[..end]).unwrap()];
                let left = states[0].left();
                assert!(left <= State::MOST_LEFT, "{:?}", &text[..end]);
                for _ in 0..left {
                    assert!(!states.contains(&State::Prose), "{:?} has less than {left} to go", &text[..end]);
                    states =
                        states.iter().flat_map(|s| "a [](<,>)0123456789".chars().filter_map(|c| s.step(c))).collect();
                    let all: std::collections::HashSet<_> = states.into_iter().collect();
                    states = all.into_iter().collect();
                }
                assert!(states.contains(&State::Prose), "{:?} has more than {left} to go", &text[..end]);
            }
        }
    }
}

#[test]
fn a_vocabulary_without_a_needed_character_is_refused() {
    let without = |c: &str| vocabulary().into_iter().filter(|text| text.as_deref() != Some(c)).collect();
    assert_eq!(Tokens::new(without(">")).err().unwrap().to_string(), "no token is just '>'");
    assert!(Tokens::new(without("{")).is_ok());
}

#[test]
fn labels_end() {
    let tokens = Tokens::new(vocabulary()).unwrap();
    // Always the first letter that may follow: without a limit, a label would go on for ever.
    let mut place = Place::default().behind(&tokens, '[' as i64 - ' ' as i64);
    assert_eq!(place.state, State::Label { named: false });
    for n in 1.. {
        let (state, left) = place.next(1000);
        let allowed = tokens.allowed(state, left);
        let a = (0..).find(|id| tokens.text(*id) == Some("a")).unwrap();
        place = place.behind(&tokens, if allowed.contains(&a) { a } else { allowed[0] });
        if place.state == State::Labelled {
            break;
        }
        assert!(n < LONGEST_LABEL + 4);
    }
}
