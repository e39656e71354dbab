//! What the fits need to know of a field: sums over its values and over products of neighbours.

use archmage::autoversion;

/// Numbers that are added up side by side.
const LANES: usize = 16;

/// Columns of the widest block.
pub const WIDEST: usize = 96;

/// Columns that must follow a block, whatever they hold.
pub const MARGIN: usize = WIDEST + 1;

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
    /// Adds one value.
    fn add(&mut self, value: f32) {
        let value = f64::from(value);
        let (low, high) = (value.min(0.0), value.max(0.0));
        self.count += 1.0;
        self.below += f64::from(u8::from(value < 0.0));
        self.above += f64::from(u8::from(value > 0.0));
        self.below_squared += low * low;
        self.above_squared += high * high;
        self.size += high - low;
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

/// Sums of a few rows in the making, column by column: such loops become vector instructions whatever their width.
struct Columns {
    below: [u32; WIDEST],
    above: [u32; WIDEST],
    low: [f32; WIDEST],
    high: [f32; WIDEST],
    size: [f32; WIDEST],
}

impl Columns {
    #[inline(always)]
    fn new() -> Self {
        let (counts, sums) = ([0; WIDEST], [0.0; WIDEST]);
        Self { below: counts, above: counts, low: sums, high: sums, size: sums }
    }

    /// Adds `ROWS` rows of `N` products of numbers at `a` and at `b` (of the numbers at `a` without `PRODUCTS`).
    #[inline(always)]
    fn add<const PRODUCTS: bool, const N: usize, const ROWS: usize>(&mut self, a: &[f32], b: &[f32], stride: usize) {
        let a: [&[f32]; ROWS] = std::array::from_fn(|row| &a[row * stride..][..N]);
        let b: [&[f32]; ROWS] = std::array::from_fn(|row| &b[row * stride..][..N]);
        let (below, above) = (&mut self.below[..N], &mut self.above[..N]);
        let (low, high, size) = (&mut self.low[..N], &mut self.high[..N], &mut self.size[..N]);
        for x in 0..N {
            let (mut l, mut h, mut s, mut under, mut over) = (low[x], high[x], size[x], below[x], above[x]);
            for row in 0..ROWS {
                let v = if PRODUCTS { a[row][x] * b[row][x] } else { a[row][x] };
                let negative = if v < 0.0 { v } else { 0.0 };
                let positive = if v > 0.0 { v } else { 0.0 };
                l += negative * negative;
                h += positive * positive;
                s += v.abs();
                under += u32::from(v < 0.0);
                over += u32::from(v > 0.0);
            }
            (low[x], high[x], size[x], below[x], above[x]) = (l, h, s, under, over);
        }
    }

    #[inline(always)]
    fn sums(&self, n: usize, rows: usize) -> Sums {
        Sums {
            count: (n * rows) as f64,
            below: f64::from(self.below[..n].iter().sum::<u32>()),
            above: f64::from(self.above[..n].iter().sum::<u32>()),
            below_squared: total(&self.low, n),
            above_squared: total(&self.high, n),
            size: total(&self.size, n),
        }
    }
}

/// Sum of the first `n` columns.
#[inline(always)]
fn total(columns: &[f32; WIDEST], n: usize) -> f64 {
    let (whole, rest) = columns[..n].as_chunks::<LANES>();
    let mut lanes = [0.0_f32; LANES];
    for chunk in whole {
        for k in 0..LANES {
            lanes[k] += chunk[k];
        }
    }
    lanes.iter().chain(rest).map(|&v| f64::from(v)).sum()
}

/// Sums over `rows` rows of `n` columns. `N` columns are looked at, and those beyond are left out: a loop of a known length
/// has no rest that vectors don't fill.
#[inline(always)]
fn sum<const PRODUCTS: bool, const N: usize>(a: &[f32], b: &[f32], stride: usize, n: usize, rows: usize) -> Sums {
    let mut columns = Columns::new();
    let mut row = 0;
    while row < rows {
        let (a, b) = (&a[row * stride..], &b[row * stride..]);
        if rows - row >= 8 {
            columns.add::<PRODUCTS, N, 8>(a, b, stride);
            row += 8;
        } else {
            columns.add::<PRODUCTS, N, 1>(a, b, stride);
            row += 1;
        }
    }
    columns.sums(n, rows)
}

#[inline(always)]
fn block<const N: usize>(field: &[f32], stride: usize, width: usize, rows: usize, pairs: usize) -> Neighbours {
    let narrow = width.saturating_sub(1);
    let (beside, below) = (&field[1..], &field[stride..]);
    Neighbours {
        values: sum::<false, N>(field, field, stride, width, rows),
        products: [
            sum::<true, N>(field, beside, stride, narrow, rows),
            sum::<true, N>(field, below, stride, width, pairs),
            sum::<true, N>(field, &below[1..], stride, narrow, pairs),
            sum::<true, N>(beside, below, stride, narrow, pairs),
        ],
    }
}

/// Sums over values, and over the products with the neighbour to the right, below, below to the right and below to the
/// left.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Neighbours {
    /// Over the values.
    pub values: Sums,
    /// Over the products.
    pub products: [Sums; 4],
}

impl Neighbours {
    /// Adds the sums over others.
    pub fn merge(&mut self, other: &Self) {
        self.values.merge(&other.values);
        self.products.iter_mut().zip(&other.products).for_each(|(a, b)| a.merge(b));
    }

    /// Adds products across a border between columns: of a row and the next one (where that counts), the pixels on the
    /// left and on the right of it.
    pub fn add_seam(&mut self, row: Option<[f32; 2]>, next: Option<[[f32; 2]; 2]>) {
        let [right, _, along, against] = &mut self.products;
        if let Some([a, b]) = row {
            right.add(a * b);
        }
        if let Some([[a, b], [below_a, below_b]]) = next {
            along.add(a * below_b);
            against.add(b * below_a);
        }
    }
}

/// Sums within a block of `width` columns (at most [`WIDEST`]), a few rows of it: `field` begins with its first pixel, its rows are `stride`
/// apart. Values and products in a row are those of `rows` rows, products with the next row those of `pairs` rows.
#[autoversion]
pub fn inside(field: &[f32], stride: usize, width: usize, rows: usize, pairs: usize) -> Neighbours {
    const HALF: usize = WIDEST / 2;
    if width <= HALF {
        block::<HALF>(field, stride, width, rows, pairs)
    } else {
        block::<WIDEST>(field, stride, width, rows, pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_and_its_seam() {
        // Rows 1 -2 3 and -4 5 -6 with margins that don't count.
        let stride = 3 + MARGIN;
        let mut field = vec![9.0; 4 * stride];
        field[..3].copy_from_slice(&[1.0, -2.0, 3.0]);
        field[stride..stride + 3].copy_from_slice(&[-4.0, 5.0, -6.0]);
        let mut sums = inside(&field, stride, 3, 2, 1);
        let of = |values: &[f64]| Sums {
            count: values.len() as f64,
            below: values.iter().filter(|v| **v < 0.0).count() as f64,
            above: values.iter().filter(|v| **v > 0.0).count() as f64,
            below_squared: values.iter().filter(|v| **v < 0.0).map(|v| v * v).sum(),
            above_squared: values.iter().filter(|v| **v > 0.0).map(|v| v * v).sum(),
            size: values.iter().map(|v| v.abs()).sum(),
        };
        assert_eq!(sums.values, of(&[1.0, -2.0, 3.0, -4.0, 5.0, -6.0]));
        assert_eq!(sums.products[0], of(&[-2.0, -6.0, -20.0, -30.0]));
        assert_eq!(sums.products[1], of(&[-4.0, -10.0, -18.0]));
        assert_eq!(sums.products[2], of(&[5.0, 12.0]));
        assert_eq!(sums.products[3], of(&[8.0, 15.0]));
        // The block as a ring of columns: its last one beside its first.
        sums.add_seam(Some([3.0, 1.0]), Some([[3.0, 1.0], [-6.0, -4.0]]));
        sums.add_seam(Some([-6.0, -4.0]), None);
        assert_eq!(sums.products[0], of(&[-2.0, -6.0, -20.0, -30.0, 3.0, 24.0]));
        assert_eq!(sums.products[2], of(&[5.0, 12.0, -12.0]));
        assert_eq!(sums.products[3], of(&[8.0, 15.0, -6.0]));
    }
}
