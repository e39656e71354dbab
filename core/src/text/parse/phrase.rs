//! Labels that nobody marked: the words before a box.

/// Bytes looked at before a box. Longer than three words of any sense.
const REACH: usize = 80;
/// Words taken at most.
const MAX_WORDS: usize = 3;
const ARTICLES: [&str; 3] = ["a", "an", "the"];

/// Where the phrase begins that ends with `text`, not before `floor`; `None` when there is no word.
///
/// The phrase is the last one to three words, separated by single spaces, of letters, digits, hyphens, apostrophes
/// and underscores; anything else (a comma, a full stop, a line break) ends the clause. It starts behind the last
/// article in it.
pub(super) fn last_phrase(text: &str, floor: usize) -> Option<usize> {
    let from = char_border(text, text.len().saturating_sub(REACH).max(floor));
    let mut start = None;
    let mut end = text.len();
    for _ in 0..MAX_WORDS {
        let word_start = from + text[from..end].trim_end_matches(is_word).len();
        let word = &text[word_start..end];
        if word.is_empty() || ARTICLES.iter().any(|a| word.eq_ignore_ascii_case(a)) {
            break;
        }
        start = Some(word_start);
        if word_start == from || !text[from..word_start].ends_with(' ') {
            break;
        }
        end = word_start - 1;
    }
    start
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '\'' | '\u{2019}' | '_')
}

/// Whether words behind an open bracket can be its label: few, and within one clause.
pub(super) fn is_short_label(words: &str) -> bool {
    words.len() <= REACH
        && !words.trim().is_empty()
        && !words.contains(['.', ',', ';', ':', '!', '?', '\n', '(', ')', '[', ']', '<', '>'])
}

/// The nearest character border at or behind `at`.
pub(super) fn char_border(text: &str, at: usize) -> usize {
    (at..text.len()).find(|n| text.is_char_boundary(*n)).unwrap_or(text.len())
}
