//! The published parameters of BRISQUE and NIQE; `params/NOTICE` says whose they are, `params/make_params.py` how the
//! files are laid out.

use super::svm::Regression;
use nalgebra::{DMatrix, DVector};
use std::sync::LazyLock;

/// Features of BRISQUE and NIQE: 18 at full size, 18 at half.
pub const FEATURES: usize = 36;

static BRISQUE_FILE: &[u8] = include_bytes!("../../params/brisque.bin");
static NIQE_FILE: &[u8] = include_bytes!("../../params/niqe.bin");

/// What BRISQUE learnt from LIVE's opinion scores.
pub struct Brisque {
    /// Per feature, what becomes -1 and what becomes 1.
    pub ranges: Vec<[f64; 2]>,
    /// From scaled features to the score.
    pub regression: Regression,
}

/// NIQE's pristine pictures.
pub struct Niqe {
    /// Mean of the features.
    pub mean: DVector<f64>,
    /// Their covariance.
    pub covariance: DMatrix<f64>,
}

/// Parsed once.
pub static BRISQUE: LazyLock<Brisque> = LazyLock::new(|| {
    let (count, rest) = BRISQUE_FILE.split_at(8);
    let count = count.as_chunks::<4>().0.first().map_or(0, |c| u32::from_le_bytes(*c)) as usize;
    let doubles = doubles(rest, 2 + 2 * FEATURES + count);
    let singles = rest[doubles.len() * 8..].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    let (ranges, coefficients) = doubles[2..].split_at(2 * FEATURES);
    Brisque {
        ranges: ranges.as_chunks::<2>().0.to_vec(),
        regression: Regression {
            gamma: doubles[0],
            rho: doubles[1],
            coefficients: coefficients.to_vec(),
            vectors: singles,
        },
    }
});

/// Parsed once.
pub static NIQE: LazyLock<Niqe> = LazyLock::new(|| {
    let numbers = doubles(NIQE_FILE, FEATURES + FEATURES * FEATURES);
    Niqe {
        mean: DVector::from_row_slice(&numbers[..FEATURES]),
        covariance: DMatrix::from_row_slice(FEATURES, FEATURES, &numbers[FEATURES..]),
    }
});

fn doubles(bytes: &[u8], count: usize) -> Vec<f64> {
    bytes.as_chunks::<8>().0.iter().take(count).map(|b| f64::from_le_bytes(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_hold_what_they_should() {
        let Brisque { ranges, regression } = &*BRISQUE;
        assert_eq!((regression.coefficients.len(), regression.vectors.len()), (774, 774 * FEATURES));
        assert_eq!((regression.gamma, regression.rho), (0.05, -153.591));
        assert_eq!(ranges.len(), FEATURES);
        assert_eq!((ranges[0], ranges[35]), ([0.338, 10.0], [0.001_118, 0.370_399]));
        assert_eq!(NIQE_FILE.len(), (FEATURES + FEATURES * FEATURES) * 8);
        assert!((&NIQE.covariance - NIQE.covariance.transpose()).amax() < 1e-12);
    }
}
