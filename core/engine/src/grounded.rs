//! Grounded text as reports show it.

use crate::round;
use giqa_core::Grid;
use giqa_core::text::GroundedText;

/// The text with the corners of its boxes rounded for output.
pub(crate) fn rounded(mut text: GroundedText) -> GroundedText {
    for b in text.spans.iter_mut().flat_map(|s| &mut s.boxes) {
        *b = round::bounds(*b);
    }
    text
}

/// `... [sky](<0, 139>) ...` on the 20 x 20 grid.
pub(crate) fn print(text: &GroundedText) -> String {
    giqa_core::text::print(text, Grid::GIQA)
}
