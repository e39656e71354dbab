//! Dense per-place values of a metric.

use crate::NormBox;

/// Why numbers are not a map of the claimed size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {cols} x {rows} map needs {} values, not {len}", (*cols as u64) * (*rows as u64))]
pub struct MapError {
    /// Claimed columns.
    pub cols: u32,
    /// Claimed rows.
    pub rows: u32,
    /// Values there are.
    pub len: usize,
}

/// A coarse picture of a metric: `rows` x `cols` values, row-major, spread evenly over the image, in the metric's
/// own unit. `NaN` where the metric is not measurable.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    cols: u32,
    rows: u32,
    values: Vec<f32>,
}

impl Map {
    /// A map of its values.
    ///
    /// # Errors
    /// [`MapError`] when `values.len() != cols * rows` or a side is 0.
    pub fn new(cols: u32, rows: u32, values: Vec<f32>) -> Result<Self, MapError> {
        if cols > 0 && rows > 0 && values.len() as u64 == u64::from(cols) * u64::from(rows) {
            Ok(Self { cols, rows, values })
        } else {
            Err(MapError { cols, rows, len: values.len() })
        }
    }

    /// Columns, at least 1.
    #[must_use]
    pub fn cols(&self) -> u32 {
        self.cols
    }

    /// Rows, at least 1.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Row-major values, `rows * cols` of them.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The value of the cell that holds the normalised place `(x, y)`.
    #[must_use]
    pub fn at(&self, x: f64, y: f64) -> f32 {
        let cell = |v: f64, n: u32| ((v * f64::from(n)) as usize).min(n as usize - 1);
        self.values[cell(y, self.rows) * self.cols as usize + cell(x, self.cols)]
    }

    /// Measurable values of the cells whose centres lie in `region` (of the cell at its centre when there are none).
    #[must_use]
    pub fn values_in(&self, region: &NormBox) -> Vec<f32> {
        let inside = |n: u32, lo: f64, hi: f64| {
            (0..n).filter(move |&i| {
                let centre = (f64::from(i) + 0.5) / f64::from(n);
                lo <= centre && centre <= hi
            })
        };
        let mut found = Vec::new();
        let mut any = false;
        for r in inside(self.rows, region.y1(), region.y2()) {
            for c in inside(self.cols, region.x1(), region.x2()) {
                any = true;
                found.push(self.values[r as usize * self.cols as usize + c as usize]);
            }
        }
        if !any {
            let (x, y) = region.centre();
            found.push(self.at(x, y));
        }
        found.retain(|v| v.is_finite());
        found
    }

    /// Median of the measurable values in `region`; `None` where nothing is.
    #[must_use]
    pub fn median_in(&self, region: &NormBox) -> Option<f64> {
        let mut values = self.values_in(region);
        values.sort_by(f32::total_cmp);
        let n = values.len();
        (n > 0).then(|| f64::midpoint(f64::from(values[(n - 1) / 2]), f64::from(values[n / 2])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_what_is_measurable() {
        let map = Map::new(4, 2, vec![1.0, 2.0, 3.0, f32::NAN, 5.0, 6.0, 7.0, 8.0]).unwrap();
        assert_eq!(map.median_in(&NormBox::new(0.0, 0.0, 0.5, 1.0).unwrap()), Some(3.5));
        assert_eq!(map.median_in(&NormBox::new(0.75, 0.0, 1.0, 0.5).unwrap()), None);
        assert_eq!(map.median_in(&NormBox::new(0.3, 0.6, 0.31, 0.61).unwrap()), Some(6.0), "smaller than a cell");
        assert_eq!(map.at(1.0, 1.0), 8.0);
        assert_eq!((map.cols(), map.rows(), map.values().len()), (4, 2, 8));
    }

    #[test]
    fn sizes_must_agree() {
        assert_eq!(Map::new(2, 2, vec![0.0; 3]).unwrap_err().to_string(), "a 2 x 2 map needs 4 values, not 3");
        assert!(Map::new(0, 2, vec![]).is_err());
    }
}
