//! Chen, Zhu and Heng, "An efficient statistical method for image noise level estimation", ICCV 2015.
//!
//! Patches of a picture lie near a plane of few dimensions; white noise fills all of them evenly. So the smallest
//! eigenvalues of the patches' covariance are the noise variance: the largest are dropped until the mean of the rest
//! equals their median.

use super::eigen::eigenvalues;
use archmage::{incant, magetypes};
use magetypes::simd::backends::{I16x16Backend, I32x8Backend};
use magetypes::simd::generic::{i16x16, i32x8};
use rayon::prelude::*;
use std::ops::Range;

/// Patches that one thread multiplies at a time; so many products of 8-bit steps can't overflow 32 bits.
const PIECE: usize = 2_000;
/// Columns whose products with [`WIDE`] others are summed together.
const HIGH: usize = 4;
const WIDE: usize = 3;
/// Numbers that are multiplied side by side.
const LANES: usize = 16;

/// Sd of the noise in a set of patches of `d` numbers (8-bit steps or their differences, -255 to 255), column by column:
/// one number of all patches after the other. `None` for fewer patches than twice the numbers in one.
pub fn noise_of_patches(columns: &[i16], d: usize) -> Option<f64> {
    let n = columns.len().checked_div(d)?;
    if n < 2 * d {
        return None;
    }
    let mut covariance = covariance(columns, n, d);
    let mut eigenvalues = eigenvalues(&mut covariance, d);
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

/// `d` times `d`. The sums are whole numbers and exact, whatever their order.
fn covariance(columns: &[i16], n: usize, d: usize) -> Vec<f64> {
    let starts: Vec<usize> = (0..n).step_by(PIECE).collect();
    let piece = |from: usize| products(columns, n, d, from..(from + PIECE).min(n));
    let pieces: Vec<Vec<i32>> =
        if starts.len() > 1 { starts.into_par_iter().map(piece).collect() } else { vec![piece(0)] };
    let total = |column: &[i16]| column.iter().map(|&v| i64::from(v)).sum::<i64>() as f64 / n as f64;
    let means: Vec<f64> = columns.chunks_exact(n).take(d).map(total).collect();
    let entry = |i: usize| {
        let sum: i64 = pieces.iter().map(|p| i64::from(p[i])).sum();
        sum as f64 / n as f64 - means[i / d] * means[i % d]
    };
    (0..d * d).map(entry).collect()
}

/// The products of all pairs of `d` columns of `n` numbers, summed over some rows.
fn products(columns: &[i16], n: usize, d: usize, rows: Range<usize>) -> Vec<i32> {
    incant!(products_of(columns, n, d, rows), [v3, neon, wasm128, scalar])
}

/// Blocks of columns are worked on together, so that what is loaded serves several.
#[magetypes(v3, neon, wasm128, scalar)]
fn products_of(token: Token, columns: &[i16], n: usize, d: usize, rows: Range<usize>) -> Vec<i32> {
    let column = |i: usize| columns[i.min(d - 1) * n..][rows.clone()].as_chunks::<LANES>();
    let mut out = vec![0_i32; d * d];
    for i in (0..d).step_by(HIGH) {
        for j in (0..(i + HIGH).min(d)).step_by(WIDE) {
            let a: [_; HIGH] = std::array::from_fn(|k| column(i + k));
            let b: [_; WIDE] = std::array::from_fn(|k| column(j + k));
            let sums = block(token, &a.map(|c| c.0), &b.map(|c| c.0));
            for (k, (sums, a)) in sums.iter().zip(&a).enumerate().take(d - i) {
                for (l, (sum, b)) in sums.iter().zip(&b).enumerate().take(d - j) {
                    let rest: i32 = a.1.iter().zip(b.1).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
                    out[(i + k) * d + j + l] = sum + rest;
                    out[(j + l) * d + i + k] = sum + rest;
                }
            }
        }
    }
    out
}

#[inline(always)]
fn block<T: I16x16Backend + I32x8Backend>(
    token: T,
    a: &[&[[i16; LANES]]; HIGH],
    b: &[&[[i16; LANES]]; WIDE],
) -> [[i32; WIDE]; HIGH] {
    let mut sums = [[i32x8::zero_t(token); WIDE]; HIGH];
    for at in 0..a[0].len() {
        let b = b.map(|b| i16x16::load_t(token, &b[at]));
        for (sums, a) in sums.iter_mut().zip(a) {
            let a = i16x16::load_t(token, &a[at]);
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += a.madd_adjacent(b);
            }
        }
    }
    sums.map(|sums| sums.map(i32x8::reduce_add))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_noise_on_a_plane_of_two_dimensions() {
        let mut state = 1_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24) - 0.5
        };
        let mut columns = vec![0_i16; 4000 * 16];
        for row in 0..4000 {
            let (a, b) = (100.0 * uniform(), 80.0 * uniform());
            for i in 0..16 {
                // Uniform noise of width w has sd w / sqrt(12).
                columns[i * 4000 + row] = (a + b * (i as f64 / 16.0) + 17.32 * uniform()).round() as i16;
            }
        }
        let sd = noise_of_patches(&columns, 16).unwrap();
        assert!((sd - 5.0).abs() < 0.25, "{sd}");
        assert_eq!(noise_of_patches(&[0; 3 * 16], 16), None);
        assert_eq!(noise_of_patches(&[], 0), None);
        assert_eq!(noise_of_patches(&[0; 100 * 16], 16), Some(0.0));
        assert_eq!(noise_of_patches(&[-255; 5_001 * 3], 3), Some(0.0), "the largest numbers don't overflow");
    }
}
