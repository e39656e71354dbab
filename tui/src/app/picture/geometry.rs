//! Which part of a photo shows in an area of cells, how large, and what lies under a cell.

use super::scene::{View, Zoom};
use ratatui::layout::Size;

/// Tiny pictures are not enlarged more than this to fill an area.
const MOST_FIT: f64 = 4.0;
/// A box that is looked at closely is not enlarged more than this.
const MOST_PART: f64 = 8.0;
/// Limits of free zooming.
const TIMES: std::ops::RangeInclusive<f64> = 1e-3..=32.0;
/// What stays visible around a box, as a share of its sides.
const MARGIN: f64 = 0.15;
/// Boxes with less pixels a side are looked at with what is around them.
const LEAST_PART: f64 = 8.0;

/// Which part of a photo lies where in the cells of its area.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Placement {
    /// The part that shows: x1 y1 x2 y2, `0..=1` of the photo.
    pub part: [f64; 4],
    /// Cells that it covers, from the top left of the area.
    pub cells: (u16, u16),
    /// The same exactly: the last column and row may be covered in part. `(0, 0)` = as `cells`.
    pub exact: (f64, f64),
    /// Size of the photo in pixels.
    pub pixels: (u32, u32),
    /// Pixels of the photo per pixel of the terminal (1 = 1:1, 4 = shown at a quarter).
    pub scale: f64,
}

impl Placement {
    /// What lies in the middle of a cell (counted from the top left of the picture), `0..=1` of the photo; `None`
    /// beside the picture.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<(f64, f64)> {
        if column >= self.cells.0 || row >= self.cells.1 {
            return None;
        }
        let (w, h) = self.covered();
        let [x1, y1, x2, y2] = self.part;
        let along = |cell: u16, covered: f64, from: f64, to: f64| {
            // The last cell may be covered in part: the middle of that part.
            let middle = f64::midpoint(f64::from(cell), (f64::from(cell) + 1.0).min(covered));
            from + (to - from) * (middle / covered).clamp(0.0, 1.0)
        };
        Some((along(column, w, x1, x2), along(row, h, y1, y2)))
    }

    /// The cell that shows a place of the photo; `None` when it is not in the part that shows.
    #[must_use]
    pub fn cell_of(&self, x: f64, y: f64) -> Option<(u16, u16)> {
        let (w, h) = self.covered();
        let [x1, y1, x2, y2] = self.part;
        let along = |place: f64, from: f64, to: f64, covered: f64, cells: u16| {
            let inside = cells > 0 && from < to && (from..=to).contains(&place);
            inside.then(|| (((place - from) / (to - from) * covered) as u16).min(cells - 1))
        };
        Some((along(x, x1, x2, w, self.cells.0)?, along(y, y1, y2, h, self.cells.1)?))
    }

    fn covered(&self) -> (f64, f64) {
        let or = |exact: f64, cells: u16| if exact > 0.0 { exact } else { f64::from(cells) };
        (or(self.exact.0, self.cells.0), or(self.exact.1, self.cells.1))
    }
}

/// What an encoder can do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    /// Pixels of the terminal per cell.
    pub(super) unit: (u16, u16),
    /// Most pixels of a frame: more would take too long to encode and to send.
    pub(super) pixels: u64,
    /// Most cells a side.
    pub(super) side: u16,
}

/// A picture in its area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    pub(super) placement: Placement,
    /// Size of the picture in pixels of the terminal.
    pub(super) pixels: (u32, u32),
}

/// Lays a photo out; `None` when there is no photo or no room.
pub(super) fn lay_out(photo: (u32, u32), area: Size, bounds: Bounds, view: &View) -> Option<Layout> {
    let unit = (bounds.unit.0.max(1), bounds.unit.1.max(1));
    let area = within(area, unit, bounds);
    if photo.0 == 0 || photo.1 == 0 || area.width == 0 || area.height == 0 {
        return None;
    }
    let (w, h) = (f64::from(photo.0), f64::from(photo.1));
    let room = (f64::from(area.width) * f64::from(unit.0), f64::from(area.height) * f64::from(unit.1));
    let (times, centre) = enlarged((w, h), room, view);
    let x = along(w, room.0, times, centre.0);
    let y = along(h, room.1, times, centre.1);
    let mut pixels = (x.pixels, y.pixels);
    if unit.1 == 2 {
        // Half a cell of nothing would look like a black line.
        pixels.1 = pixels.1.next_multiple_of(2);
    }
    let exact = (f64::from(pixels.0) / f64::from(unit.0), f64::from(pixels.1) / f64::from(unit.1));
    let cells = (exact.0.ceil() as u16, exact.1.ceil() as u16);
    let part = [x.from / w, y.from / h, x.to / w, y.to / h];
    Some(Layout { placement: Placement { part, cells, exact, pixels: photo, scale: 1.0 / times }, pixels })
}

/// The area, made smaller in proportion until the encoder can do it.
fn within(area: Size, unit: (u16, u16), bounds: Bounds) -> Size {
    let (w, h) = (area.width.min(bounds.side), area.height.min(bounds.side));
    let pixels = f64::from(w) * f64::from(unit.0) * f64::from(h) * f64::from(unit.1);
    if pixels <= bounds.pixels as f64 {
        return Size::new(w, h);
    }
    let share = (bounds.pixels as f64 / pixels).sqrt();
    let less = |cells: u16| (f64::from(cells) * share).max(1.0) as u16;
    Size::new(less(w), less(h))
}

/// Pixels of the terminal per pixel of the photo, and what is in the middle.
fn enlarged((w, h): (f64, f64), room: (f64, f64), view: &View) -> (f64, (f64, f64)) {
    let fit = (room.0 / w).min(room.1 / h).min(MOST_FIT);
    match view.zoom {
        Zoom::Fit => (fit, (0.5, 0.5)),
        Zoom::Times(times) if times.is_finite() => (times.clamp(*TIMES.start(), *TIMES.end()), view.centre),
        Zoom::Times(_) => (1.0, view.centre),
        Zoom::Part(b) => {
            let side = |from: f64, to: f64, n: f64| ((to - from) * n * (1.0 + 2.0 * MARGIN)).max(LEAST_PART);
            let times = (room.0 / side(b.x1(), b.x2(), w)).min(room.1 / side(b.y1(), b.y2(), h));
            (times.clamp(fit, MOST_PART.max(fit)), b.centre())
        }
    }
}

/// One direction: from where to where in pixels of the photo, in how many pixels of the terminal.
struct Along {
    from: f64,
    to: f64,
    pixels: u32,
}

fn along(photo: f64, room: f64, times: f64, centre: f64) -> Along {
    let seen = room / times;
    if seen >= photo - 1e-6 {
        return Along { from: 0.0, to: photo, pixels: (photo * times).round().clamp(1.0, room) as u32 };
    }
    let centre = if centre.is_finite() { centre } else { 0.5 };
    let from = (centre * photo - seen / 2.0).clamp(0.0, photo - seen);
    // At 1:1 every pixel is one of the photo's, not a mixture of two.
    let from = if times == 1.0 { from.round() } else { from };
    Along { from, to: from + seen, pixels: room as u32 }
}

/// Cells that a photo covers when it fits into an area: known before it is decoded. `cell` is [`super::Display::unit`].
#[must_use]
pub fn fitted(pixels: (u32, u32), area: Size, cell: (u16, u16)) -> Size {
    let bounds = Bounds { unit: cell, pixels: u64::MAX, side: u16::MAX };
    lay_out(pixels, area, bounds, &View::default())
        .map_or(Size::ZERO, |l| Size::new(l.placement.cells.0, l.placement.cells.1))
}

#[cfg(test)]
#[path = "geometry_tests.rs"]
mod tests;
