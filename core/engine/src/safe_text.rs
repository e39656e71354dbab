//! Strings from outside (file names, EXIF, model output) made harmless for a terminal or a log.

use std::fmt::Write as _;
use std::path::Path;

/// The text with everything escaped that could steer a terminal or reorder what is read: control characters
/// (also the C1 range and line separators) and bidirectional overrides. `\n` and `\t` are escaped too.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) {
            // Writing to a String can't fail.
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A path as [`escaped`] text; bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn shown(path: &Path) -> String {
    escaped(&path.to_string_lossy())
}

pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(escaped("a\x1b[31mred\r\n\u{9b}2J\u{202e}gpj"), "a\\u{1b}[31mred\\r\\n\\u{9b}2J\\u{202e}gpj");
        assert_eq!(escaped("Grüße 日本 🙂"), "Grüße 日本 🙂");
        assert_eq!(shown(Path::new("a\tb.jpg")), "a\\tb.jpg");
    }
}
