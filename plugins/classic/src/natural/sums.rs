//! What the fits need to know of a field: sums over its values and over products of neighbours.

use archmage::{incant, magetypes};
use magetypes::simd::backends::F32x8Backend;
use magetypes::simd::generic::f32x8;

/// Numbers that are added up side by side.
const LANES: usize = 8;

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

/// Sums over `rows` rows of `n` products of numbers at `a` and at `b` (of the numbers at `a` without `PRODUCTS`); rows are
/// `stride` apart. Written with vectors by name, since compilers make poor ones of it.
#[inline(always)]
fn sum<T: F32x8Backend, const PRODUCTS: bool>(
    token: T,
    a: &[f32],
    b: &[f32],
    stride: usize,
    n: usize,
    rows: usize,
) -> Sums {
    let (zero, one) = (f32x8::<T>::zero_t(token), f32x8::<T>::splat_t(token, 1.0));
    let (mut low, mut high, mut size, mut below, mut above) = (zero, zero, zero, zero, zero);
    let (whole, rest) = (n / LANES, n % LANES);
    // What is filled up with 0 counts on neither side.
    let mut kept = [0.0_f32; LANES];
    kept[..rest].fill(1.0);
    let kept = f32x8::<T>::load_t(token, &kept);
    let chunks = whole + usize::from(rest > 0);
    for row in 0..rows {
        let a = a[row * stride..][..chunks * LANES].as_chunks::<LANES>().0;
        let b = b[row * stride..][..chunks * LANES].as_chunks::<LANES>().0;
        for (at, (a, b)) in a.iter().zip(b).enumerate() {
            let mut v = f32x8::<T>::load_t(token, a);
            if PRODUCTS {
                v *= f32x8::<T>::load_t(token, b);
            }
            if at == whole {
                v *= kept;
            }
            let (negative, positive) = (v.min(zero), v.max(zero));
            low += negative * negative;
            high += positive * positive;
            size += v.abs();
            below += v.simd_lt(zero) & one;
            above += v.simd_gt(zero) & one;
        }
    }
    let total = |lanes: f32x8<T>| lanes.to_array().iter().map(|&v| f64::from(v)).sum::<f64>();
    Sums {
        count: (n * rows) as f64,
        below: total(below),
        above: total(above),
        below_squared: total(low),
        above_squared: total(high),
        size: total(size),
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
pub fn inside(field: &[f32], stride: usize, width: usize, rows: usize, pairs: usize) -> Neighbours {
    incant!(inside_of(field, stride, width, rows, pairs), [v3, neon, wasm128, scalar])
}

#[magetypes(v3, neon, wasm128, scalar)]
fn inside_of(token: Token, field: &[f32], stride: usize, width: usize, rows: usize, pairs: usize) -> Neighbours {
    let narrow = width.saturating_sub(1);
    let (beside, below) = (&field[1..], &field[stride..]);
    Neighbours {
        values: sum::<_, false>(token, field, field, stride, width, rows),
        products: [
            sum::<_, true>(token, field, beside, stride, narrow, rows),
            sum::<_, true>(token, field, below, stride, width, pairs),
            sum::<_, true>(token, field, &below[1..], stride, narrow, pairs),
            sum::<_, true>(token, beside, below, stride, narrow, pairs),
        ],
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
