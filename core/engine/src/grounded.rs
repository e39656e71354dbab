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
    let mut out = String::new();
    let mut at = 0;
    for span in &text.spans {
        out.push_str(text.text.get(at..span.start).unwrap_or_default());
        let cells: Vec<String> = span
            .boxes
            .iter()
            .map(|b| {
                let c = Grid::GIQA.encode(b);
                format!("<{}, {}>", c.l, c.r)
            })
            .collect();
        out.push_str(&format!("[{}]({})", span.label, cells.join(", ")));
        at = span.end;
    }
    out.push_str(text.text.get(at..).unwrap_or_default());
    out
}
