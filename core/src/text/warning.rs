//! What the parser repaired or rejected.

use std::fmt;

/// Warnings kept for one text; the rest is counted in a last [`TextProblem::More`].
pub const MAX_WARNINGS: usize = 64;

/// One repair or rejection, with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextWarning {
    /// Byte offset in the parser's input.
    pub offset: usize,
    /// What was wrong there and what became of it.
    pub problem: TextProblem,
}

impl fmt::Display for TextWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.problem)
    }
}

/// What was wrong with a piece of grounded text. "Repaired" boxes are kept, "dropped" ones are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextProblem {
    /// A cell index that the grid doesn't have; the box is dropped.
    #[error("cell {index} is outside the grid of {cells} cells (box dropped)")]
    OutsideGrid {
        /// The index as written; `u32::MAX` stands for negative and larger ones.
        index: u32,
        /// Cells in the grid.
        cells: u16,
    },
    /// Coordinates far outside the picture; the box is dropped.
    #[error("coordinates outside the picture (box dropped)")]
    OutsidePicture,
    /// Coordinates a little outside the picture (up to 5 % of its side); the box is clamped.
    #[error("coordinates just outside the picture (box clamped)")]
    Clamped,
    /// Corners the wrong way round; the box is put right.
    #[error("corners the wrong way round (box repaired)")]
    Reordered,
    /// Coordinates above 1000, which must be pixels, of an image whose size isn't known; the box is dropped.
    #[error("pixel coordinates, but the image's size is not known (box dropped)")]
    NoImageSize,
    /// A box with too few or too many numbers.
    #[error("a box of {numbers} numbers (ignored)")]
    BadBox {
        /// How many there were.
        numbers: usize,
    },
    /// A comma, `<`, `>`, or the parentheses of a box are missing; read as meant.
    #[error("punctuation missing in a box (repaired)")]
    Punctuation,
    /// The end of a list of boxes is missing: `)`, `]` or a closing tag.
    #[error("list of boxes not closed (repaired)")]
    Unclosed,
    /// The label's bracket or tag is missing or open; the words before the box became the label.
    #[error("label not in brackets (repaired)")]
    MissingBracket,
    /// Brackets around a label's brackets: `[[sky]](<0, 139>)`.
    #[error("nested brackets around a label (repaired)")]
    NestedBrackets,
    /// Boxes for a label that holds another label with boxes; the outer boxes are dropped.
    #[error("a label around another label (outer boxes dropped)")]
    NestedSpan,
    /// A label without text; the words before it became the label, if there are any.
    #[error("empty label")]
    EmptyLabel,
    /// Boxes with nothing to belong to; they are dropped.
    #[error("boxes without a label (dropped)")]
    NoLabel,
    /// Further problems that are not listed.
    #[error("and {0} more problems")]
    More(usize),
}

/// Collects warnings up to the limit.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    kept: Vec<TextWarning>,
    beyond: usize,
    first_beyond: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, offset: usize, problem: TextProblem) {
        if self.kept.len() < MAX_WARNINGS {
            self.kept.push(TextWarning { offset, problem });
        } else {
            if self.beyond == 0 {
                self.first_beyond = offset;
            }
            self.beyond += 1;
        }
    }

    /// The warnings by place (coordinates are judged last, when the whole text is known).
    pub(super) fn finish(mut self) -> Vec<TextWarning> {
        self.kept.sort_by_key(|w| w.offset);
        if self.beyond > 0 {
            self.kept.push(TextWarning { offset: self.first_beyond, problem: TextProblem::More(self.beyond) });
        }
        self.kept
    }
}
