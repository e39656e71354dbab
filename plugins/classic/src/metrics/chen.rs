//! Chen, Zhu and Heng, "An efficient statistical method for image noise level estimation", ICCV 2015.
//!
//! Patches of a picture lie near a plane of few dimensions; white noise fills all of them evenly. So the smallest
//! eigenvalues of the patches' covariance are the noise variance: the largest are dropped until the mean of the rest
//! equals their median.

use nalgebra::DMatrix;
use rayon::prelude::*;

/// Patches that one thread multiplies at a time.
const PIECE: usize = 2_000;

/// Sd of the noise in a set of patches, one a row; `None` for fewer patches than numbers in a patch.
pub fn noise_of_patches(mut patches: DMatrix<f32>) -> Option<f64> {
    let (n, d) = patches.shape();
    if n < 2 * d || d == 0 {
        return None;
    }
    for mut column in patches.column_iter_mut() {
        let mean = column.iter().map(|&v| f64::from(v)).sum::<f64>() / n as f64;
        column.add_scalar_mut(-mean as f32);
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

/// Columns are centred. Large sets are cut into pieces, one a thread; added up in order, the sum is always the same.
fn covariance(patches: &DMatrix<f32>) -> DMatrix<f32> {
    let n = patches.nrows();
    let piece = |from: usize| {
        let rows = patches.rows(from, PIECE.min(n - from));
        rows.tr_mul(&rows)
    };
    let starts: Vec<usize> = (0..n).step_by(PIECE).collect();
    let pieces: Vec<DMatrix<f32>> =
        if starts.len() > 1 { starts.into_par_iter().map(piece).collect() } else { vec![piece(0)] };
    let d = patches.ncols();
    pieces.iter().fold(DMatrix::zeros(d, d), |sum, p| sum + p) / n as f32
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
