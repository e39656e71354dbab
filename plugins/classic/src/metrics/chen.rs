//! Chen, Zhu and Heng, "An efficient statistical method for image noise level estimation", ICCV 2015.
//!
//! Patches of a picture lie near a plane of few dimensions; white noise fills all of them evenly. So the smallest
//! eigenvalues of the patches' covariance are the noise variance: the largest are dropped until the mean of the rest
//! equals their median.

use super::eigen::eigenvalues;
use archmage::{incant, magetypes};
use magetypes::simd::backends::{I16x32Backend, I32x16Backend};
use magetypes::simd::generic::{i16x32, i32x16};
use rayon::prelude::*;
use std::ops::Range;

/// Patches that one thread multiplies at a time, at least: few enough for the cache.
const PIECE: usize = 1_000;
/// Numbers that are multiplied side by side; two neighbouring products are added up at once.
const LANES: usize = 32;
type Lanes = [i16; LANES];
/// Columns whose products with [`WIDE`] others are summed together.
const HIGH: usize = 4;
const WIDE: usize = 2;

/// Patches of whole numbers (up to 8 bits and a sign) in lines of equally many.
pub struct Patches<F> {
    /// Lines of patches, and patches in each.
    pub lines: usize,
    pub across: usize,
    /// Numbers in a patch.
    pub numbers: usize,
    /// `column(line, k, out)` writes number `k` of the patches of a line.
    pub column: F,
}

/// Sd of the noise in patches; `None` where they are fewer than twice the numbers of one.
pub fn noise_of_patches(patches: &Patches<impl Fn(usize, usize, &mut [i16]) + Sync>) -> Option<f64> {
    let (n, d) = (patches.lines * patches.across, patches.numbers);
    if n < 2 * d || d == 0 {
        return None;
    }
    let mut eigenvalues = eigenvalues(patches.covariance(), d);
    eigenvalues.sort_by(|a, b| b.total_cmp(a));
    let mut sum: f64 = eigenvalues.iter().sum();
    for first in 0..d {
        let rest = &eigenvalues[first..];
        let mean = sum / rest.len() as f64;
        // As many above the mean as below: the mean is the median.
        let (above, below) = (rest.partition_point(|&v| v > mean + 1e-9), rest.partition_point(|&v| v >= mean - 1e-9));
        if above >= rest.len() - below {
            return Some(mean.max(0.0).sqrt());
        }
        sum -= rest[0];
    }
    None
}

impl<F: Fn(usize, usize, &mut [i16]) + Sync> Patches<F> {
    fn covariance(&self) -> Vec<f64> {
        let (n, d) = ((self.lines * self.across) as f64, self.numbers);
        let lines = PIECE.div_ceil(self.across);
        let piece = |sum, from: usize| self.add(sum, from..(from + lines).min(self.lines));
        let none = || vec![0; (d + 1) * (d + 1)];
        let products = if lines >= self.lines {
            piece(none(), 0)
        } else {
            let starts: Vec<usize> = (0..self.lines).step_by(lines).collect();
            starts.into_par_iter().fold(none, piece).reduce_with(both).unwrap_or_else(none)
        };
        let sums: Vec<f64> = products[d * (d + 1)..].iter().map(|&s| s as f64).collect();
        let of = |i: usize, j: usize| {
            let product = products[i.max(j) * (d + 1) + i.min(j)] as f64;
            (n * product - sums[i] * sums[j]) / (n * n)
        };
        (0..d * d).map(|k| of(k / d, k % d)).collect()
    }

    /// Adds the products of all pairs of numbers over some lines of patches, the second not after the first; the last
    /// number is 1, so that its products are the sums. Whole numbers: the same in whatever order they are added up.
    fn add(&self, mut products: Vec<i64>, lines: Range<usize>) -> Vec<i64> {
        // Columns are filled up with zeros, which add nothing.
        let length = (lines.len() * self.across).next_multiple_of(LANES);
        let mut columns = vec![0_i16; (self.numbers + 1) * length];
        for (k, column) in columns.chunks_exact_mut(length).enumerate() {
            for (line, out) in lines.clone().zip(column.chunks_exact_mut(self.across)) {
                if k < self.numbers { (self.column)(line, k, out) } else { out.fill(1) }
            }
        }
        multiply(columns.as_chunks().0, self.numbers + 1, &mut products);
        products
    }
}

fn both(mut a: Vec<i64>, b: Vec<i64>) -> Vec<i64> {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}

/// Adds the products of all pairs of `d` columns. Blocks of them are worked on together, so that what is loaded serves
/// several.
fn multiply(columns: &[Lanes], d: usize, products: &mut [i64]) {
    incant!(multiply_by(columns, d, products), [+v4])
}

#[magetypes(+v4)]
fn multiply_by(token: Token, columns: &[Lanes], d: usize, products: &mut [i64]) {
    let chunks = columns.len() / d;
    let column = |i: usize| &columns[i.min(d - 1) * chunks..][..chunks];
    for i in (0..d).step_by(HIGH) {
        for j in (0..(i + HIGH).min(d)).step_by(WIDE) {
            let sums = block(token, std::array::from_fn(|k| column(i + k)), std::array::from_fn(|k| column(j + k)));
            for (k, sums) in sums.iter().enumerate().take(d - i) {
                for (sum, l) in sums.iter().zip(j..d) {
                    products[(i + k) * d + l] += i64::from(sum.reduce_add());
                }
            }
        }
    }
}

/// The products of each of some columns with each of some others.
#[inline(always)]
fn block<T: I16x32Backend + I32x16Backend>(
    token: T,
    a: [&[Lanes]; HIGH],
    b: [&[Lanes]; WIDE],
) -> [[i32x16<T>; WIDE]; HIGH] {
    let mut sums = [[i32x16::zero_t(token); WIDE]; HIGH];
    let chunks = a[0].len();
    let (a, b) = (a.map(|c| &c[..chunks]), b.map(|c| &c[..chunks]));
    for at in 0..chunks {
        // Not by `map`: what a closure does is not always made of the same instructions.
        let b = [i16x32::load_t(token, &b[0][at]), i16x32::load_t(token, &b[1][at])];
        for (sums, a) in sums.iter_mut().zip(&a) {
            let a = i16x32::load_t(token, &a[at]);
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += a.madd_adjacent(b);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_noise_on_a_plane_of_two_dimensions() {
        let mut state = 1_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 24) as f32 - 0.5
        };
        // Numbers of all patches, one patch after the other.
        let mut patches = Vec::new();
        for _ in 0..4000 {
            let (a, b) = (100.0 * uniform(), 80.0 * uniform());
            // Uniform noise of width w has sd w / sqrt(12).
            patches.extend((0..16).map(|i| (a + b * (i as f32 / 16.0) + 17.32 * uniform()).round() as i16));
        }
        let noise = |lines: usize, across: usize, of: &[i16]| {
            let column = |line: usize, k: usize, out: &mut [i16]| {
                out.iter_mut().enumerate().for_each(|(i, v)| *v = of[(line * across + i) * 16 + k]);
            };
            noise_of_patches(&Patches { lines, across, numbers: 16, column })
        };
        let sd = noise(50, 80, &patches).unwrap();
        assert!((sd - 5.0).abs() < 0.25, "{sd}");
        assert_eq!(noise(1, 4000, &patches), Some(sd));
        assert_eq!(noise(1, 3, &patches), None);
        assert_eq!(noise(10, 10, &[0; 1600]), Some(0.0));
    }
}
