//! Boxes burnt into a part of a picture, at the size at which it is seen on a screen.

use super::canvas::{Canvas, Rect, Rgb};
use super::strokes::{Pen, Style, draw_box};
use super::{DARK, PAPER, chip, colour};
use crate::marks::Mark;
use giqa_core::NormBox;

/// On canvases smaller than this no number can be read: boxes are drawn alone, as thin as can be.
const SMALL: u32 = 320;
/// Boxes with a side under this have no room for a dark outline on a small canvas.
const ROOM: i64 = 14;

/// What of a picture is seen, and what stands out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// The part that the canvas shows: x1 y1 x2 y2, `0..=1` of the picture.
    pub part: [f64; 4],
    /// The number of the mark that stands out; the others are quiet then.
    pub selected: Option<usize>,
    /// A box that somebody is drawing.
    pub drawn: Option<NormBox>,
}

impl Default for Look {
    fn default() -> Self {
        Self { part: [0.0, 0.0, 1.0, 1.0], selected: None, drawn: None }
    }
}

/// Draws the numbered boxes as [`super::burn`] does, on a canvas that shows a part of the picture.
pub fn burn_part(canvas: &mut Canvas, marks: &[Mark], look: &Look) {
    let longest = canvas.width.max(canvas.height);
    let small = longest < SMALL;
    let line = if small { 1 } else { i64::from((longest / 400).clamp(1, 4)) };
    // Worst last, so that it lies on top; the selected one on top of all.
    let mut seen: Vec<(&Mark, Rect)> =
        marks.iter().rev().filter_map(|m| Some((m, place(canvas, &m.bounds, look.part)?))).collect();
    seen.sort_by_key(|(m, _)| look.selected == Some(m.number));
    for &(mark, at) in &seen {
        draw_box(canvas, at, Style::of(mark.severity()), pen(mark, at, look.selected, line, small));
    }
    for &(mark, at) in seen.iter().filter(|_| !small) {
        let plate = shade(mark, look.selected);
        // At the first corner that is seen.
        chip(canvas, (at.x.max(0), at.y.max(0)), mark.number, line.max(2) - 1, plate);
    }
    if let Some(at) = look.drawn.and_then(|b| place(canvas, &b, look.part)) {
        draw_box(canvas, at, Style::Solid, Pen { line, rim: 0, colour: DARK });
        draw_box(canvas, at, Style::Dashed, Pen { line, rim: 0, colour: PAPER });
    }
}

fn pen(mark: &Mark, at: Rect, selected: Option<usize>, line: i64, small: bool) -> Pen {
    let stands_out = selected == Some(mark.number);
    let line = if stands_out && !small { line + (line / 2).max(1) } else { line };
    let rim = match small {
        false => (line / 2).max(1),
        true => i64::from(stands_out || at.w.min(at.h) >= ROOM),
    };
    Pen { line, rim, colour: shade(mark, selected) }
}

/// The colour of a mark: lighter when it is selected, greyed when another one is.
fn shade(mark: &Mark, selected: Option<usize>) -> Rgb {
    let mix = |with: u16, share: u16| {
        colour(mark.severity()).map(|c| ((u16::from(c) * (100 - share) + with * share) / 100) as u8)
    };
    match selected {
        None => mix(0, 0),
        Some(number) if number == mark.number => mix(255, 25),
        Some(_) => mix(72, 60),
    }
}

/// Where a box lies on the canvas, parts outside included; `None` when nothing of it is seen.
fn place(canvas: &Canvas, b: &NormBox, [px1, py1, px2, py2]: [f64; 4]) -> Option<Rect> {
    let span = |lo: f64, hi: f64, from: f64, to: f64, n: u32| {
        let scale = f64::from(n) / (to - from).max(1e-9);
        // 1e-6 of a pixel forgives the rounding on the way from whole pixels of the photo.
        let start = ((lo - from) * scale + 1e-6).floor() as i64;
        let end = ((hi - from) * scale - 1e-6).ceil() as i64;
        // A box without area takes the pixel that it lies in; at the far edge that is the last one.
        let start = if lo <= to { start.min(i64::from(n) - 1) } else { start };
        (start, end.max(start + 1))
    };
    let (x, x2) = span(b.x1(), b.x2(), px1, px2, canvas.width);
    let (y, y2) = span(b.y1(), b.y2(), py1, py2, canvas.height);
    let outside = x2 <= 0 || y2 <= 0 || x >= i64::from(canvas.width) || y >= i64::from(canvas.height);
    (!outside).then_some(Rect { x, y, w: x2 - x, h: y2 - y })
}
