//! Words to lines of a width.

use unicode_width::UnicodeWidthStr;

/// Breaks text into lines of at most `width` terminal columns, each with `indent` in front. Longer words stay whole.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let room = width.saturating_sub(indent.width()).max(1);
    let mut out = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let w = word.width();
        if used > 0 && used + 1 + w > room {
            out.push('\n');
            used = 0;
        }
        if used == 0 {
            out.push_str(indent);
        } else {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += w;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_the_width() {
        assert_eq!(wrap("one two three four", 9, "  "), "  one two\n  three\n  four\n");
        assert_eq!(wrap("日本語 日本語", 8, ""), "日本語\n日本語\n", "wide characters take two columns");
        assert_eq!(wrap("unbreakable-word x", 5, ""), "unbreakable-word\nx\n");
        assert_eq!(wrap("", 5, "  "), "");
    }
}
