//! Tiles: a picture in a coarse grid, as the maps of metrics have it.

/// A grid of equal tiles over a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiles {
    /// Columns of tiles, at least 1.
    pub cols: usize,
    /// Rows of tiles, at least 1.
    pub rows: usize,
    width: usize,
    height: usize,
}

impl Tiles {
    /// Tiles of about `side` pixels, at most `most` on the longer side.
    #[must_use]
    pub fn new(width: usize, height: usize, side: usize, most: usize) -> Self {
        let side = side.max(width.max(height).div_ceil(most)).max(1);
        Self { cols: (width / side).max(1), rows: (height / side).max(1), width, height }
    }

    /// Number of tiles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cols * self.rows
    }

    /// Columns and rows of pixels of tile `i` (row-major).
    #[must_use]
    pub fn pixels(&self, i: usize) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let (c, r) = (i % self.cols, i / self.cols);
        let cut = |k: usize, n: usize, size: usize| k * size / n..(k + 1) * size / n;
        (cut(c, self.cols, self.width), cut(r, self.rows, self.height))
    }

    /// The largest of each tile's and its neighbours' values: what is true of a whole window is true of all its tiles.
    #[must_use]
    pub fn spread(&self, values: &[f32], reach: usize) -> Vec<f32> {
        let near = |at: usize, n: usize| at.saturating_sub(reach)..(at + reach + 1).min(n);
        (0..self.len())
            .map(|i| {
                let around = near(i / self.cols, self.rows)
                    .flat_map(|y| near(i % self.cols, self.cols).map(move |x| y * self.cols + x));
                // `max` of f32 passes over NaN.
                around.filter_map(|k| values.get(k)).copied().fold(f32::NAN, f32::max)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_every_pixel_once() {
        let tiles = Tiles::new(37, 23, 8, 100);
        let mut seen: Vec<(usize, usize)> = (0..tiles.len())
            .flat_map(|i| {
                let (columns, rows) = tiles.pixels(i);
                rows.flat_map(move |y| columns.clone().map(move |x| (y, x)))
            })
            .collect();
        seen.sort_unstable();
        let all: Vec<(usize, usize)> = (0..23).flat_map(|y| (0..37).map(move |x| (y, x))).collect();
        assert_eq!(seen, all);
        assert_eq!(Tiles::new(1, 5000, 16, 96).len(), 94);
        assert_eq!(Tiles::new(3, 3, 16, 96).len(), 1);
    }
}
