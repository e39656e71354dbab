//! Where rows of pixels come from.

use crate::plane::Plane;
use std::ops::Range;

/// A grey picture that is read by rows.
pub trait Source: Sync {
    /// Columns and rows.
    fn size(&self) -> (usize, usize);

    /// Writes some pixels of row `y` to `out`, which is as long.
    fn read(&self, y: usize, columns: Range<usize>, out: &mut [f32]);
}

impl Source for Plane {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn read(&self, y: usize, columns: Range<usize>, out: &mut [f32]) {
        out.copy_from_slice(&self.row(y)[columns]);
    }
}

/// A part of a picture, from the corner `(left, top)`.
pub struct Cut<'a> {
    /// The picture.
    pub of: &'a dyn Source,
    /// Columns and rows before it.
    pub corner: (usize, usize),
    /// Its columns and rows.
    pub size: (usize, usize),
}

impl Source for Cut<'_> {
    fn size(&self) -> (usize, usize) {
        self.size
    }

    fn read(&self, y: usize, columns: Range<usize>, out: &mut [f32]) {
        let (left, top) = self.corner;
        self.of.read(top + y, left + columns.start..left + columns.end, out);
    }
}
