//! Text in cells: cut, padded, wrapped; wide letters count twice.

use giqa_engine::safe_text::escaped;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Cells that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    // As the terminal counts: by clusters, since a flag or a family is no sum of its parts.
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The text in at most so many cells; what was cut is told by `sign`.
#[must_use]
pub fn cut(text: &str, cells: usize, sign: &str) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let room = cells.saturating_sub(width(sign));
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        used += cluster.width();
        if used > room {
            break;
        }
        out.push_str(cluster);
    }
    if cells >= width(sign) { out + sign } else { out }
}

/// The same, cut in the middle: names differ at their ends.
#[must_use]
pub fn middle(text: &str, cells: usize, sign: &str) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let room = cells.saturating_sub(width(sign));
    let head = cut(text, room / 2, "");
    let mut tail = Vec::new();
    let mut used = width(&head);
    for cluster in text.graphemes(true).rev() {
        used += cluster.width();
        if used > room {
            break;
        }
        tail.push(cluster);
    }
    tail.reverse();
    cut(&(head + sign + &tail.concat()), cells, "")
}

/// The text in exactly so many cells.
#[must_use]
pub fn pad(text: &str, cells: usize, sign: &str) -> String {
    let mut out = cut(text, cells, sign);
    out.push_str(&" ".repeat(cells.saturating_sub(width(&out))));
    out
}

/// The same, with the text at the right.
#[must_use]
pub fn pad_left(text: &str, cells: usize) -> String {
    format!("{}{text}", " ".repeat(cells.saturating_sub(width(text))))
}

/// Words with a style, and the numbered place that they speak of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// How they look.
    pub style: Style,
    /// Number of the place.
    pub mark: Option<usize>,
}

impl Piece {
    /// Words of no place.
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, mark: None }
    }
}

/// A line, and the numbered places that it speaks of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// What is drawn.
    pub line: Line<'static>,
    /// Numbers of places.
    pub marks: Vec<usize>,
}

/// Wraps words; all that comes from outside is escaped. Lines after the first are indented.
#[must_use]
pub fn wrap(pieces: &[Piece], cells: usize, indent: usize) -> Vec<Row> {
    let cells = cells.max(4);
    let indent = indent.min(cells / 2);
    let mut rows = vec![Row::default()];
    let mut used = 0;
    // A space is written before the next word, never at the end of a line.
    let mut gap = false;
    for piece in pieces {
        let text = escaped(&piece.text.replace('\n', " "));
        for word in text.split_word_bounds() {
            if word.trim().is_empty() {
                gap = used > indent || (used > 0 && rows.len() == 1);
                continue;
            }
            let mut word = word;
            loop {
                let space = usize::from(gap);
                let long = width(word);
                if used + space + long <= cells {
                    push(&mut rows, piece, word, gap);
                    used += space + long;
                    break;
                }
                let fresh = used <= indent && (rows.len() > 1 || used == 0);
                if fresh {
                    // Longer than a line: broken.
                    let mut head = cut(word, cells.saturating_sub(used), "");
                    if head.is_empty() {
                        head = word.graphemes(true).next().unwrap_or_default().to_owned();
                    }
                    push(&mut rows, piece, &head, false);
                    word = &word[head.len()..];
                    if word.is_empty() {
                        break;
                    }
                }
                rows.push(Row { line: Line::from(" ".repeat(indent)), marks: Vec::new() });
                (used, gap) = (indent, false);
            }
            gap = false;
        }
    }
    rows
}

fn push(rows: &mut [Row], piece: &Piece, word: &str, gap: bool) {
    let Some(row) = rows.last_mut() else { return };
    let word = format!("{}{word}", if gap { " " } else { "" });
    match row.line.spans.last_mut() {
        Some(last) if last.style == piece.style => last.content.to_mut().push_str(&word),
        // The space before belongs to what was before.
        Some(last) if gap => {
            last.content.to_mut().push(' ');
            row.line.spans.push(Span::styled(word.trim_start().to_owned(), piece.style));
        }
        _ => row.line.spans.push(Span::styled(word, piece.style)),
    }
    if let Some(mark) = piece.mark
        && !row.marks.contains(&mark)
    {
        row.marks.push(mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|r| r.line.spans.iter().map(|s| s.content.as_ref()).collect()).collect()
    }

    #[test]
    fn words_stay_whole_and_lines_are_indented() {
        let pieces = [Piece::new("the sky ", Style::new()), Piece::new("is soft, noisy", Style::new().bold())];
        assert_eq!(plain(&wrap(&pieces, 11, 2)), ["the sky is", "  soft,", "  noisy"]);
        assert_eq!(plain(&wrap(&[Piece::new("unbreakable", Style::new())], 5, 0)), ["unbre", "akabl", "e"]);
    }

    #[test]
    fn wide_letters_count_twice() {
        assert_eq!(width("日本"), 4);
        assert_eq!(cut("日本語.jpg", 5, "…"), "日本…");
        assert_eq!(middle("holiday-0001.jpg", 9, "…"), "holi….jpg");
        assert_eq!(pad("é", 3, "…"), "é  ");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_allowed(text in ".{0,60}", cells in 4..40_usize, indent in 0..6_usize) {
            prop_assert!(width(&cut(&text, cells, "~")) <= cells);
            prop_assert!(width(&middle(&text, cells, "~")) <= cells);
            for line in plain(&wrap(&[Piece::new(text.clone(), Style::new())], cells, indent)) {
                prop_assert!(width(&line) <= cells.max(4) + 1, "{line:?}");
            }
        }

        #[test]
        fn nothing_is_lost(text in "[a-z ]{0,80}", cells in 4..40_usize) {
            let lines = plain(&wrap(&[Piece::new(text.clone(), Style::new())], cells, 0));
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
