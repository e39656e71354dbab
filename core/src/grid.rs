//! The 20 x 20 grid on which grounded text names boxes (Grounding-IQA, arXiv 2411.17237, Eq. 1 and 2).

use crate::NormBox;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A box in cell indices: `l` holds its top-left corner, `r` its bottom-right one. Written as `[l, r]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(from = "[u16; 2]", into = "[u16; 2]")]
#[schemars(with = "[u16; 2]")]
pub struct Cells {
    /// Row-major index of the top-left cell.
    pub l: u16,
    /// Row-major index of the bottom-right cell.
    pub r: u16,
}

impl From<[u16; 2]> for Cells {
    fn from([l, r]: [u16; 2]) -> Self {
        Self { l, r }
    }
}

impl From<Cells> for [u16; 2] {
    fn from(c: Cells) -> Self {
        [c.l, c.r]
    }
}

/// How cell indices become a box again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decoding {
    /// Corners at cell centres (the paper's Eq. 2; used in every reported mIoU). One cell gives a box without area.
    Centres,
    /// The outer borders of the cells; for drawing and cropping.
    #[default]
    Cells,
}

/// A row-major grid over the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    cols: u16,
    rows: u16,
}

impl Default for Grid {
    fn default() -> Self {
        Self::GIQA
    }
}

impl Grid {
    /// The paper's grid: 20 columns, 20 rows, indices 0 to 399.
    pub const GIQA: Grid = Grid { cols: 20, rows: 20 };

    /// A grid of another size; `None` unless both sides are in `1..=255`.
    #[must_use]
    pub fn new(cols: u16, rows: u16) -> Option<Self> {
        ((1..=255).contains(&cols) && (1..=255).contains(&rows)).then_some(Self { cols, rows })
    }

    /// Columns.
    #[must_use]
    pub fn cols(&self) -> u16 {
        self.cols
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> u16 {
        self.rows
    }

    /// Number of cells; indices are below it.
    #[must_use]
    pub fn len(&self) -> u16 {
        self.cols * self.rows
    }

    /// Always false: a grid has at least one cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Cell indices of a box (Eq. 1).
    ///
    /// A corner exactly on a cell border belongs to the next cell for `l` and to the previous one for `r`, so that a
    /// box of whole cells comes back as those cells. `r` never lies left of or above `l`.
    #[must_use]
    pub fn encode(&self, b: &NormBox) -> Cells {
        let (left, right) = Self::span(b.x1(), b.x2(), self.cols);
        let (top, bottom) = Self::span(b.y1(), b.y2(), self.rows);
        Cells { l: top * self.cols + left, r: bottom * self.cols + right }
    }

    fn span(lo: f64, hi: f64, n: u16) -> (u16, u16) {
        // Borders such as 3/20 have no exact binary form: 1e-9 of a cell decides for the border.
        let size = f64::from(n);
        let first = ((lo * size + 1e-9).floor() as u16).min(n - 1);
        let last = ((hi * size - 1e-9).ceil().max(1.0) as u16 - 1).min(n - 1);
        (first, last.max(first))
    }

    /// The box of cell indices; `None` when an index is outside the grid or `r` lies left of or above `l`.
    #[must_use]
    pub fn decode(&self, cells: Cells, decoding: Decoding) -> Option<NormBox> {
        if cells.l >= self.len() || cells.r >= self.len() {
            return None;
        }
        let (left, top) = (cells.l % self.cols, cells.l / self.cols);
        let (right, bottom) = (cells.r % self.cols, cells.r / self.cols);
        if right < left || bottom < top {
            return None;
        }
        let (near, far) = match decoding {
            Decoding::Centres => (0.5, 0.5),
            Decoding::Cells => (0.0, 1.0),
        };
        let x = |c: u16, off: f64| (f64::from(c) + off) / f64::from(self.cols);
        let y = |c: u16, off: f64| (f64::from(c) + off) / f64::from(self.rows);
        NormBox::new(x(left, near), y(top, near), x(right, far), y(bottom, far)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(l: u16, r: u16) -> [f64; 4] {
        Grid::GIQA.decode(Cells { l, r }, Decoding::Cells).unwrap().into()
    }

    #[test]
    fn the_papers_figures() {
        assert_eq!(decode(35, 319), [0.75, 0.05, 1.0, 0.8], "tower: columns 15..19, rows 1..15");
        assert_eq!(decode(160, 299), [0.0, 0.4, 1.0, 0.75], "water surface: columns 0..19, rows 8..14");
        assert_eq!(decode(10, 399), [0.5, 0.0, 1.0, 1.0], "window: columns 10..19, rows 0..19");
    }

    #[test]
    fn corners_on_borders() {
        let cells = |x1, y1, x2, y2| Grid::GIQA.encode(&NormBox::new(x1, y1, x2, y2).unwrap());
        assert_eq!(cells(0.0, 0.0, 1.0, 1.0), Cells { l: 0, r: 399 });
        assert_eq!(cells(0.0, 0.0, 0.5, 0.5), Cells { l: 0, r: 9 * 20 + 9 });
        assert_eq!(cells(0.5, 0.5, 0.5, 0.5), Cells { l: 210, r: 210 }, "a point on a border");
        assert_eq!(cells(1.0, 1.0, 1.0, 1.0), Cells { l: 399, r: 399 });
        assert_eq!(cells(0.0, 0.0, 0.0, 0.0), Cells { l: 0, r: 0 });
    }

    #[test]
    fn centres_are_the_papers_equation_two() {
        let b = Grid::GIQA.decode(Cells { l: 21, r: 399 }, Decoding::Centres).unwrap();
        assert_eq!(<[f64; 4]>::from(b), [0.075, 0.075, 0.975, 0.975]);
    }

    #[test]
    fn impossible_cells_are_none() {
        let d = |l, r| Grid::GIQA.decode(Cells { l, r }, Decoding::Cells);
        assert!(d(400, 401).is_none() && d(0, 400).is_none() && d(21, 20).is_none() && d(25, 41).is_none());
        assert!(Grid::new(0, 20).is_none() && Grid::new(300, 1).is_none());
        assert_eq!(Grid::new(10, 5).map(|g| (g.cols(), g.rows(), g.len(), g.is_empty())), Some((10, 5, 50, false)));
    }

    proptest! {
        #[test]
        fn whole_cells_come_back(cols in 1u16..=255, rows in 1u16..=255, a in any::<u16>(), b in any::<u16>(), c in any::<u16>(), d in any::<u16>()) {
            let grid = Grid::new(cols, rows).unwrap();
            let (x1, x2) = ((a % cols).min(b % cols), (a % cols).max(b % cols));
            let (y1, y2) = ((c % rows).min(d % rows), (c % rows).max(d % rows));
            let cells = Cells { l: y1 * cols + x1, r: y2 * cols + x2 };
            let cell_box = grid.decode(cells, Decoding::Cells).unwrap();
            prop_assert_eq!(grid.encode(&cell_box), cells);
            let centre_box = grid.decode(cells, Decoding::Centres).unwrap();
            prop_assert_eq!(grid.encode(&centre_box), cells);
        }

        #[test]
        fn cells_hold_their_box(x1 in 0.0..=1.0f64, y1 in 0.0..=1.0f64, x2 in 0.0..=1.0f64, y2 in 0.0..=1.0f64) {
            let b = NormBox::clamped(x1, y1, x2, y2).unwrap();
            let cells = Grid::GIQA.encode(&b);
            let back = Grid::GIQA.decode(cells, Decoding::Cells).unwrap();
            prop_assert!(back.x1() <= b.x1() + 1e-9 && back.x2() >= b.x2() - 1e-9);
            prop_assert!(back.y1() <= b.y1() + 1e-9 && back.y2() >= b.y2() - 1e-9);
        }
    }
}
