//! The rectangle that holds the most of something.

use std::ops::Range;

/// A rectangle of cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// Its columns.
    pub columns: Range<usize>,
    /// Its rows.
    pub rows: Range<usize>,
    /// Sum of the weights in it.
    pub sum: f64,
}

/// The rectangle with the largest sum of weights (row-major, `cols` a row); `None` where no weight is above 0. Kadane's
/// method for each pair of columns: `cols^2 * rows` steps.
#[must_use]
pub fn densest(weights: &[f64], cols: usize) -> Option<Cells> {
    let rows = weights.len() / cols.max(1);
    let mut best: Option<Cells> = None;
    let mut sums = vec![0.0_f64; rows];
    let columns: Vec<f64> = (0..cols).flat_map(|x| (0..rows).map(move |y| weights[y * cols + x])).collect();
    for left in 0..cols {
        sums.fill(0.0);
        for right in left..cols {
            let mut above = 0.0_f64;
            for (total, column) in sums.iter_mut().zip(&columns[right * rows..]) {
                *total += column;
                above += total.max(0.0);
            }
            // Nothing in these columns can be more than what is above 0; most pairs need no closer look.
            if above * (1.0 + 1e-9) <= best.as_ref().map_or(0.0, |b| b.sum) {
                continue;
            }
            let (mut sum, mut top) = (0.0_f64, 0);
            for (y, total) in sums.iter().enumerate() {
                if sum <= 0.0 {
                    (sum, top) = (0.0, y);
                }
                sum += *total;
                if sum > best.as_ref().map_or(0.0, |b| b.sum) {
                    best = Some(Cells { columns: left..right + 1, rows: top..y + 1, sum });
                }
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By trying all.
    fn slowly(weights: &[f64], cols: usize) -> f64 {
        let rows = weights.len() / cols;
        let mut best = 0.0_f64;
        for (x1, y1) in (0..cols).flat_map(|x| (0..rows).map(move |y| (x, y))) {
            for (x2, y2) in (x1..cols).flat_map(|x| (y1..rows).map(move |y| (x, y))) {
                best = best.max((y1..=y2).flat_map(|y| (x1..=x2).map(move |x| weights[y * cols + x])).sum());
            }
        }
        best
    }

    #[test]
    fn a_block_with_a_hole_is_found_whole() {
        let weights: Vec<f64> = (0..8 * 6)
            .map(|i| match (i % 8, i / 8) {
                (4, 3) => -0.5,
                (2..=5, 1..=4) => 1.0,
                _ => -0.5,
            })
            .collect();
        let cells = densest(&weights, 8).unwrap();
        assert_eq!((cells.columns, cells.rows), (2..6, 1..5));
        assert_eq!(densest(&[-1.0; 4], 2), None);
        assert_eq!(densest(&[], 0), None);
    }

    proptest! {
        #[test]
        fn none_is_denser(weights in prop::collection::vec(-4_i8..4, 30)) {
            let weights: Vec<f64> = weights.into_iter().map(f64::from).collect();
            prop_assert_eq!(densest(&weights, 6).map_or(0.0, |c| c.sum), slowly(&weights, 6));
        }
    }
}
