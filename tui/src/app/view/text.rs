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
    for (word, gap) in words(pieces) {
        let long: usize = word.iter().map(|(_, text)| width(text)).sum();
        let begun = used > if rows.len() > 1 { indent } else { 0 };
        let mut gap = gap && begun;
        if begun && used + usize::from(gap) + long > cells {
            (used, gap) = (line(&mut rows, indent), false);
        }
        for (piece, text) in &word {
            used += usize::from(gap);
            let mut rest = text.as_str();
            while !rest.is_empty() {
                // A word that is longer than a line is broken; a cluster that is wider than one stands out.
                let mut head = cut(rest, cells.saturating_sub(used), "");
                if head.is_empty() && used <= indent {
                    head = rest.graphemes(true).next().unwrap_or_default().to_owned();
                }
                if !head.is_empty() {
                    push(&mut rows, piece, &head, std::mem::take(&mut gap));
                    used += width(&head);
                    rest = &rest[head.len()..];
                }
                if !rest.is_empty() {
                    used = line(&mut rows, indent);
                }
            }
        }
    }
    rows
}

/// Words, each of parts that may look different, and whether there was a space before: what comes without a space after
/// a word, such as a comma, belongs to it.
fn words(pieces: &[Piece]) -> Vec<(Vec<(&Piece, String)>, bool)> {
    let mut words: Vec<(Vec<(&Piece, String)>, bool)> = Vec::new();
    let mut gap = true;
    for piece in pieces {
        let text = escaped(&piece.text.replace('\n', " "));
        for part in text.split_inclusive(char::is_whitespace) {
            let word = part.trim_end();
            if !word.is_empty() {
                match words.last_mut() {
                    Some((last, _)) if !gap => last.push((piece, word.to_owned())),
                    _ => words.push((vec![(piece, word.to_owned())], gap)),
                }
                gap = false;
            }
            gap |= word.len() < part.len();
        }
    }
    words
}

/// Begins a line. Returns the cells that are used of it.
fn line(rows: &mut Vec<Row>, indent: usize) -> usize {
    rows.push(Row { line: Line::from(" ".repeat(indent)), marks: Vec::new() });
    indent
}

fn push(rows: &mut [Row], piece: &Piece, word: &str, gap: bool) {
    let Some(Row { line, marks }) = rows.last_mut() else { return };
    let alike = line.spans.last().is_some_and(|last| last.style == piece.style);
    if gap && !alike {
        line.spans.push(Span::raw(" "));
    }
    match line.spans.last_mut() {
        Some(last) if alike => {
            last.content.to_mut().push_str(if gap { " " } else { "" });
            last.content.to_mut().push_str(word);
        }
        _ => line.spans.push(Span::styled(word.to_owned(), piece.style)),
    }
    if let Some(mark) = piece.mark
        && !marks.contains(&mark)
    {
        marks.push(mark);
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
        let marked = [Piece::new("is clearly soft", Style::new().bold()), Piece::new(", and ", Style::new())];
        assert_eq!(plain(&wrap(&marked, 15, 0)), ["is clearly", "soft, and"]);
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
