//! Hostile texts take time in proportion to their size.

use super::*;
use std::time::{Duration, Instant};

/// Beginnings without ends, ends without beginnings, and almost-boxes, over and over.
const HOSTILE: [&str; 34] = [
    "[",
    "]",
    "(",
    "<",
    "{",
    "\\",
    "](<",
    "(<",
    "[]",
    "[]](<",
    "[1,",
    "[1,2,3,4",
    "[[",
    "[[1,2,3,4],",
    "[[1,2,3,4],[",
    "[a](<9,999>)",
    "[x](<1,2>",
    "<1,2>",
    "(<1,2>)",
    "(<1,",
    " (<1, 2>)",
    "<box>",
    "<box>1 [",
    "<box>(1,2),",
    "<loc_1>",
    "<ref>",
    "</ref>",
    "<ref>a[",
    "<object><patch_index_1>",
    "{\"",
    "[{\"a\":",
    "[{\"a\":1},",
    "{\"a\":[",
    "[{\"bbox_2d\":[1,2,3,4],\"label\":\"a\"},{\"",
];

fn time(input: &str) -> Duration {
    let start = Instant::now();
    let parsed = auto(input);
    assert!(parsed.warnings.len() <= MAX_WARNINGS + 1);
    start.elapsed()
}

#[test]
fn ten_times_the_text_takes_about_ten_times_as_long() {
    let nested = format!("{}{}", "[".repeat(5000), "](<9,999>)".repeat(5000));
    let spaced = format!("[{}(<1, 2>)(<1, 2>)", " ".repeat(1000));
    let digits = format!("[{},", "7".repeat(5000));
    let quoted = format!("{{\"{}", "\\\"[{\\\"".repeat(1000));
    let patterns = HOSTILE.iter().copied().chain([&nested[..], &spaced, &digits, &quoted]);
    for pattern in patterns {
        let repeat = |bytes: usize| pattern.repeat(bytes / pattern.len());
        let (small, large) = (repeat(100_000), repeat(1_000_000));
        // Other work on the machine only ever adds time: the best of up to five rounds, stopped once it is good
        // enough. The floor keeps the clock's noise out. Quadratic work would be far above either.
        let (mut short, mut long) = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            short = short.min(time(&small)).max(Duration::from_millis(2));
            long = long.min(time(&large));
            if long < short * 30 {
                break;
            }
        }
        let shown: String = pattern.chars().take(20).collect();
        assert!(long < short * 30, "{shown:?}: 100 kB in {short:?}, 1 MB in {long:?}");
    }
}

#[test]
fn one_long_beginning() {
    let text = |n: usize| format!("[{}](<0, 139>){}", "[".repeat(n), " word".repeat(n));
    let (small, large) = (text(20_000), text(200_000));
    let in_bounds = || time(&large) < time(&small).max(Duration::from_millis(2)) * 30;
    assert!((0..5).any(|_| in_bounds()));
}
