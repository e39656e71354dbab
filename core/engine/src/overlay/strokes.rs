//! Boxes with line styles: severity shows in the style as well as in the colour.

use super::canvas::{Canvas, Rect, Rgb};

/// How a box is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The whole outline: severe.
    Solid,
    /// Dashes: moderate.
    Dashed,
    /// Corners only: mild, or nothing wrong.
    Corners,
}

impl Style {
    pub(super) fn of(severity: f64) -> Self {
        match severity {
            s if s >= 0.75 => Style::Solid,
            s if s >= 0.5 => Style::Dashed,
            _ => Style::Corners,
        }
    }
}

/// How lines are drawn: the width of the bright one, of the dark one beside it, and the bright colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    pub(super) line: i64,
    pub(super) rim: i64,
    pub(super) colour: Rgb,
}

/// Draws a box: a dark outline under a bright line, so that it shows on any picture.
pub(super) fn draw_box(canvas: &mut Canvas, Rect { x, y, w, h }: Rect, style: Style, pen: Pen) {
    let Pen { rim, colour, .. } = pen;
    let line = pen.line.min(w).min(h).max(1);
    let mut dashes = Vec::new();
    for (start, length) in pieces(w, style, line) {
        dashes.push(Rect { x: x + start, y, w: length, h: line });
        dashes.push(Rect { x: x + start, y: y + h - line, w: length, h: line });
    }
    for (start, length) in pieces(h, style, line) {
        dashes.push(Rect { x, y: y + start, w: line, h: length });
        dashes.push(Rect { x: x + w - line, y: y + start, w: line, h: length });
    }
    for d in dashes.iter().filter(|_| rim > 0) {
        canvas.fill(Rect { x: d.x - rim, y: d.y - rim, w: d.w + 2 * rim, h: d.h + 2 * rim }, super::DARK);
    }
    for d in dashes {
        canvas.fill(d, colour);
    }
}

/// Drawn parts of an edge: start and length.
fn pieces(length: i64, style: Style, line: i64) -> Vec<(i64, i64)> {
    match style {
        Style::Solid => vec![(0, length)],
        Style::Dashed => {
            let dash = 6 * line;
            // An odd number of equal parts, so that both corners are drawn.
            let parts = (length / dash).max(1) | 1;
            let at = |i: i64| i * length / parts;
            (0..parts).step_by(2).map(|i| (at(i), at(i + 1) - at(i))).collect()
        }
        Style::Corners => {
            let tick = (length / 5).clamp(1, 10 * line).max(2 * line).min(length);
            vec![(0, tick), (length - tick, tick)]
        }
    }
}
