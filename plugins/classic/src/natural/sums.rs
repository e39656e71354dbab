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
        let [mut below, mut above, mut low, mut high, mut size] = [[0.0_f32; LANES]; 5];
        let mut one = |k: usize, v: f32| {
            let (l, h) = (if v < 0.0 { v } else { 0.0 }, if v > 0.0 { v } else { 0.0 });
            below[k] += if v < 0.0 { 1.0 } else { 0.0 };
            above[k] += if v > 0.0 { 1.0 } else { 0.0 };
            low[k] += l * l;
            high[k] += h * h;
            size[k] += v.abs();
        };
        let ((a_lanes, a_rest), (b_lanes, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        for (a, b) in a_lanes.iter().zip(b_lanes) {
            for k in 0..LANES {
                one(k, mix(a[k], b[k]));
            }
        }
        for (k, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
            one(k, mix(*a, *b));
        }
        let sum = |lanes: [f32; LANES]| lanes.iter().map(|&v| f64::from(v)).sum::<f64>();
        self.count += a.len().min(b.len()) as f64;
        self.below += sum(below);
        self.above += sum(above);
        self.below_squared += sum(low);
        self.above_squared += sum(high);
        self.size += sum(size);
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
