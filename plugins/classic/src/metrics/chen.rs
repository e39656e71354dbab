//! Chen, Zhu and Heng, "An efficient statistical method for image noise level estimation", ICCV 2015.
//!
//! Patches of a picture lie near a plane of few dimensions; white noise fills all of them evenly. So the smallest
//! eigenvalues of the patches' covariance are the noise variance: the largest are dropped until the mean of the rest
//! equals their median.

use nalgebra::DMatrix;
use rayon::prelude::*;
use std::ops::Range;

/// Patches that one thread multiplies at a time.
const PIECE: usize = 2_000;
/// Numbers that are added up side by side.
const LANES: usize = 8;
type Lanes = [f32; LANES];
/// Columns whose products with [`WIDE`] others are summed together.
const HIGH: usize = 4;
const WIDE: usize = 2;

/// Sd of the noise in a set of patches, one a row; `None` for fewer patches than numbers in a patch.
pub fn noise_of_patches(mut patches: DMatrix<f32>) -> Option<f64> {
    let (n, d) = patches.shape();
    if n < 2 * d || d == 0 {
        return None;
    }
    for mut column in patches.column_iter_mut() {
        centre(column.as_mut_slice());
    }
    let covariance = covariance(&patches);
    let mut eigenvalues: Vec<f64> = covariance.cast::<f64>().symmetric_eigenvalues().iter().copied().collect();
    eigenvalues.sort_by(|a, b| b.total_cmp(a));
    let mut sum: f64 = eigenvalues.iter().sum();
    for first in 0..d {
        let rest = &eigenvalues[first..];
        let mean = sum / rest.len() as f64;
        let middle = rest.len() / 2;
        let median = if rest.len() % 2 == 1 { rest[middle] } else { f64::midpoint(rest[middle - 1], rest[middle]) };
        if mean <= median + 1e-9 {
            return Some(mean.max(0.0).sqrt());
        }
        sum -= rest[0];
    }
    None
}

/// Takes the mean out.
#[archmage::autoversion]
fn centre(values: &mut [f32]) {
    let (lanes, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0_f64; LANES];
    for lane in lanes {
        for k in 0..LANES {
            sums[k] += f64::from(lane[k]);
        }
    }
    let sum = sums.iter().sum::<f64>() + rest.iter().map(|&v| f64::from(v)).sum::<f64>();
    let mean = (sum / values.len() as f64) as f32;
    values.iter_mut().for_each(|v| *v -= mean);
}

/// Columns are centred. Large sets are cut into pieces, one a thread; added up in order, the sum is always the same.
fn covariance(patches: &DMatrix<f32>) -> DMatrix<f32> {
    let (n, d) = patches.shape();
    let piece = |from: usize| products(patches.as_slice(), n, d, from..(from + PIECE).min(n));
    let starts: Vec<usize> = (0..n).step_by(PIECE).collect();
    let pieces: Vec<Vec<f32>> =
        if starts.len() > 1 { starts.into_par_iter().map(piece).collect() } else { vec![piece(0)] };
    let mut sum = DMatrix::<f32>::zeros(d, d);
    for piece in &pieces {
        sum.as_mut_slice().iter_mut().zip(piece).for_each(|(s, p)| *s += p);
    }
    sum / n as f32
}

/// The products of all pairs of `d` columns of `n` numbers, summed over some rows. Blocks of them are worked on together,
/// so that what is loaded serves several; the order of the sums is that of a plain scalar product in eight lanes.
#[archmage::autoversion]
fn products(columns: &[f32], n: usize, d: usize, rows: Range<usize>) -> Vec<f32> {
    let column = |i: usize| &columns[i.min(d - 1) * n..][rows.clone()];
    let mut out = vec![0.0_f32; d * d];
    for i in (0..d).step_by(HIGH) {
        for j in (0..(i + HIGH).min(d)).step_by(WIDE) {
            let a: [(&[Lanes], &[f32]); HIGH] = std::array::from_fn(|k| column(i + k).as_chunks());
            let b: [(&[Lanes], &[f32]); WIDE] = std::array::from_fn(|k| column(j + k).as_chunks());
            let mut sums = [[[0.0_f32; LANES]; WIDE]; HIGH];
            for at in 0..rows.len() / LANES {
                let b: [Lanes; WIDE] = std::array::from_fn(|k| b[k].0[at]);
                for (sums, a) in sums.iter_mut().zip(&a) {
                    let a = a.0[at];
                    for (sum, b) in sums.iter_mut().zip(&b) {
                        for k in 0..LANES {
                            sum[k] += a[k] * b[k];
                        }
                    }
                }
            }
            for (k, (sums, a)) in sums.iter().zip(&a).enumerate().take(d - i) {
                for (l, ([s0, s1, s2, s3, s4, s5, s6, s7], b)) in sums.iter().zip(&b).enumerate().take(d - j) {
                    let lanes = (s0 + s4) + (s1 + s5) + (s2 + s6) + (s3 + s7);
                    let sum = a.1.iter().zip(b.1).fold(lanes, |sum, (a, b)| sum + a * b);
                    out[(i + k) * d + j + l] = sum;
                    out[(j + l) * d + i + k] = sum;
                }
            }
        }
    }
    out
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
        let patches = DMatrix::from_fn(4000, 16, |_, _| 0.0_f32);
        let mut patches = patches;
        for mut row in patches.row_iter_mut() {
            let (a, b) = (100.0 * uniform(), 80.0 * uniform());
            for (i, v) in row.iter_mut().enumerate() {
                // Uniform noise of width w has sd w / sqrt(12).
                *v = a + b * (i as f32 / 16.0) + 17.32 * uniform();
            }
        }
        let sd = noise_of_patches(patches).unwrap();
        assert!((sd - 5.0).abs() < 0.25, "{sd}");
        assert_eq!(noise_of_patches(DMatrix::zeros(3, 16)), None);
        assert_eq!(noise_of_patches(DMatrix::zeros(100, 16)), Some(0.0));
    }
}
