//! What the fits need to know of a field: sums over its values and over products of neighbours.

use crate::plane::Plane;

/// Numbers that are added up together.
const LANES: usize = 8;
/// Numbers of a row that are added up in `f32`.
const PIECE: usize = 512;

/// Sums over values.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// How many.
    pub count: f64,
    /// How many are below 0.
    pub below: f64,
    /// How many are above 0.
    pub above: f64,
    /// Sum of the squares of those below 0.
    pub below_squared: f64,
    /// Sum of the squares of those above 0.
    pub above_squared: f64,
    /// Sum of absolute values.
    pub size: f64,
}

impl Sums {
    /// Adds `mix` of the numbers of two rows.
    fn add(&mut self, a: &[f32], b: &[f32], mix: impl Fn(f32, f32) -> f32) {
        for (a, b) in a.chunks(PIECE).zip(b.chunks(PIECE)) {
            self.add_piece(a, b, &mix);
        }
    }

    fn add_piece(&mut self, a: &[f32], b: &[f32], mix: impl Fn(f32, f32) -> f32) {
        let mut lanes = Lanes::default();
        let ((a_lanes, a_rest), (b_lanes, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        for (a, b) in a_lanes.iter().zip(b_lanes) {
            lanes.add(std::array::from_fn(|k| mix(a[k], b[k])));
        }
        // What is filled up with 0 counts on neither side.
        let mut rest = [0.0; LANES];
        rest.iter_mut().zip(a_rest.iter().zip(b_rest)).for_each(|(v, (a, b))| *v = mix(*a, *b));
        lanes.add(rest);
        let sum = |lanes: [f32; LANES]| lanes.iter().map(|&v| f64::from(v)).sum::<f64>();
        self.count += a.len().min(b.len()) as f64;
        self.below += f64::from(lanes.below.iter().sum::<u32>());
        self.above += f64::from(lanes.above.iter().sum::<u32>());
        self.below_squared += sum(lanes.low) / 4.0;
        self.above_squared += sum(lanes.high) / 4.0;
        self.size += sum(lanes.size);
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.below += other.below;
        self.above += other.above;
        self.below_squared += other.below_squared;
        self.above_squared += other.above_squared;
        self.size += other.size;
    }
}

/// Sums of a piece in the making, without a branch.
#[derive(Default)]
struct Lanes {
    below: [u32; LANES],
    above: [u32; LANES],
    /// Sum of `(v - |v|)^2`: four times the square, or 0.
    low: [f32; LANES],
    high: [f32; LANES],
    size: [f32; LANES],
}

impl Lanes {
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "loops over lanes of several arrays become vector instructions")]
    fn add(&mut self, values: [f32; LANES]) {
        let size = values.map(f32::abs);
        for k in 0..LANES {
            let low = values[k] - size[k];
            self.low[k] += low * low;
        }
        for k in 0..LANES {
            let high = values[k] + size[k];
            self.high[k] += high * high;
        }
        for k in 0..LANES {
            self.size[k] += size[k];
        }
        // Sign bits; what is added to or taken from 0 is never -0.
        for k in 0..LANES {
            self.below[k] += (0.0 + values[k]).to_bits() >> 31;
        }
        for k in 0..LANES {
            self.above[k] += (0.0 - values[k]).to_bits() >> 31;
        }
    }
}

/// Sums over the values of a block, and over the products with the neighbour to the right, below, below to the right
/// and below to the left. The block is a torus: its first row follows its last, and so do columns.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Neighbours {
    /// Over the values.
    pub values: Sums,
    /// Over the products.
    pub products: [Sums; 4],
}

impl Neighbours {
    /// Sums over rows `rows` of the block of `size` (columns, rows) pixels whose first pixel is `corner`.
    pub fn of_rows(field: &Plane, corner: (usize, usize), size: (usize, usize), rows: std::ops::Range<usize>) -> Self {
        let mut sums = Self::default();
        let row = |y: usize| &field.row(corner.1 + y % size.1)[corner.0..corner.0 + size.0];
        rows.for_each(|y| sums.add_row(row(y), row(y + 1)));
        sums
    }

    fn add_row(&mut self, row: &[f32], next: &[f32]) {
        let n = row.len().min(next.len());
        if n == 0 {
            return;
        }
        self.values.add(row, row, |v, _| v);
        let product = |a: f32, b: f32| a * b;
        let [right, below, along, against] = &mut self.products;
        right.add(&row[..n - 1], &row[1..], product);
        right.add(&row[n - 1..], &row[..1], product);
        below.add(row, next, product);
        along.add(&row[..n - 1], &next[1..], product);
        along.add(&row[n - 1..], &next[..1], product);
        against.add(&row[1..], &next[..n - 1], product);
        against.add(&row[..1], &next[n - 1..], product);
    }

    /// Adds the sums over other rows.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        self.values.merge(&other.values);
        self.products.iter_mut().zip(&other.products).for_each(|(a, b)| a.merge(b));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_a_torus() {
        // Rows 1 -2 3 and -4 5 -6 with a margin that doesn't count.
        let data = vec![9.0, 9.0, 9.0, 9.0, 9.0, 1.0, -2.0, 3.0, 9.0, -4.0, 5.0, -6.0];
        let field = Plane { width: 4, height: 3, data };
        let sums = Neighbours::of_rows(&field, (1, 1), (3, 2), 0..2);
        let of = |values: &[f64]| Sums {
            count: values.len() as f64,
            below: values.iter().filter(|v| **v < 0.0).count() as f64,
            above: values.iter().filter(|v| **v > 0.0).count() as f64,
            below_squared: values.iter().filter(|v| **v < 0.0).map(|v| v * v).sum(),
            above_squared: values.iter().filter(|v| **v > 0.0).map(|v| v * v).sum(),
            size: values.iter().map(|v| v.abs()).sum(),
        };
        assert_eq!(sums.values, of(&[1.0, -2.0, 3.0, -4.0, 5.0, -6.0]));
        assert_eq!(sums.products[0], of(&[-2.0, -6.0, 3.0, -20.0, -30.0, 24.0]));
        assert_eq!(sums.products[1], of(&[-4.0, -10.0, -18.0, -4.0, -10.0, -18.0]));
        assert_eq!(sums.products[2], of(&[5.0, 12.0, -12.0, 8.0, 15.0, -6.0]));
        assert_eq!(sums.products[3], of(&[-6.0, 8.0, 15.0, -12.0, 5.0, 12.0]));
        let halves = Neighbours::of_rows(&field, (1, 1), (3, 2), 0..1).merged(&Neighbours::of_rows(
            &field,
            (1, 1),
            (3, 2),
            1..2,
        ));
        assert_eq!(halves, sums);
    }
}
