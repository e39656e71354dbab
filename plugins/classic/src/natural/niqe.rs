//! NIQE: how far a picture's statistics are from those of pristine photographs; no opinion went into it.
//!
//! Mittal, Soundararajan and Bovik, "Making a 'Completely Blind' Image Quality Analyzer", IEEE SPL 2013, as in LIVE's
//! release: MATLAB's grey, cropped to whole patches of 96 x 96 pixels; the field of [`super::mscn`] with replicated
//! borders; per patch shape and width of an asymmetric generalised Gaussian, and shape, mean, left and right scale of
//! that of products with four neighbours; the same at half the size; mean `m` and covariance `S` of these 36 numbers
//! over all patches. With the pristine `m0` and `S0` the distance is `sqrt((m - m0)' ((S + S0) / 2)^-1 (m - m0))`.
//!
//! The map has one value a patch: the distance of its numbers alone with `S0` alone, NaN where it is flat. A rest on
//! the right and at the bottom that fills no patch is left out. Details: `flat_share` of the pixels where the field
//! is 0.

use super::ggd::Asymmetric;
use super::params::{FEATURES, NIQE};
use super::scales::{self, PATCH};
use super::sums::Neighbours;
use crate::metrics::{Look, measured};
use crate::plane::pixels_of;
use giqa_core::{Map, Measurement};
use nalgebra::{DMatrix, DVector, RowDVector};
use rayon::prelude::*;
use std::sync::LazyLock;

/// Measures; range 0 upwards, about 2 to 15, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    let (cols, rows) = (part.width() as usize / PATCH, part.height() as usize / PATCH);
    if cols == 0 || rows == 0 {
        return Measurement::not_measurable("smaller than one patch of 96 x 96 pixels");
    }
    let (patches, flat_share) = features(&scales::of_patches(look.image, part, cols, rows));
    let Some(value) = distance(&patches) else {
        return Measurement::not_measurable("flat: no patch has texture whose statistics could be judged");
    };
    let map = look.map.then(|| map(&patches, cols, rows)).flatten();
    measured(value, &[("flat_share", flat_share)], map)
}

/// One row of 36 features a patch, of the sums at both scales, and the share of flat pixels.
fn features(scales: &[Vec<Neighbours>; 2]) -> (DMatrix<f64>, f64) {
    let mut patches = DMatrix::zeros(scales[0].len(), FEATURES);
    for (scale, sums) in scales.iter().enumerate() {
        let features: Vec<_> = sums.par_iter().map(of_scale).collect();
        for (i, features) in features.iter().enumerate() {
            let features = RowDVector::from_row_slice(features);
            patches.fixed_view_mut::<1, { FEATURES / 2 }>(i, scale * FEATURES / 2).copy_from(&features);
        }
    }
    let (flat, all) = scales[0]
        .iter()
        .map(|s| &s.values)
        .fold((0.0, 0.0), |(flat, all), v| (flat + v.count - v.below - v.above, all + v.count));
    (patches, flat / all)
}

fn of_scale(sums: &Neighbours) -> [f64; FEATURES / 2] {
    let mut features = [0.0; FEATURES / 2];
    let fit = Asymmetric::fit(&sums.values);
    (features[0], features[1]) = (fit.shape, fit.scale() * f64::midpoint(fit.left, fit.right));
    for (features, sums) in features[2..].chunks_exact_mut(4).zip(&sums.products) {
        let fit = Asymmetric::fit(sums);
        features.copy_from_slice(&[fit.shape, fit.mean(), fit.scale() * fit.left, fit.scale() * fit.right]);
    }
    features
}

/// The distance of all patches from pristine ones. Means are over the numbers there are, the covariance over patches
/// that have all of them.
fn distance(patches: &DMatrix<f64>) -> Option<f64> {
    let mean = DVector::from_iterator(FEATURES, patches.column_iter().map(|c| mean_of(c.iter().copied())));
    let known: Vec<usize> = (0..patches.nrows()).filter(|&i| patches.row(i).iter().all(|v| v.is_finite())).collect();
    let mut known = patches.select_rows(&known);
    for mut column in known.column_iter_mut() {
        let mean = column.mean();
        column.add_scalar_mut(-mean);
    }
    // A single patch has no covariance.
    let covariance = known.tr_mul(&known) / (known.nrows().max(2) - 1) as f64;
    let inverse = pseudo_inverse((covariance + &NIQE.covariance) / 2.0);
    let apart = mean - &NIQE.mean;
    let value = apart.dot(&(inverse * &apart)).sqrt();
    value.is_finite().then_some(value)
}

fn mean_of(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.filter(|v| v.is_finite()).fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
    sum / n
}

/// The inverse of a symmetric matrix on the space that it doesn't map to 0.
fn pseudo_inverse(matrix: DMatrix<f64>) -> DMatrix<f64> {
    let eigen = matrix.symmetric_eigen();
    let least = eigen.eigenvalues.amax() * FEATURES as f64 * f64::EPSILON;
    let inverses = eigen.eigenvalues.map(|v| if v.abs() > least { 1.0 / v } else { 0.0 });
    &eigen.eigenvectors * DMatrix::from_diagonal(&inverses) * eigen.eigenvectors.transpose()
}

/// The distance of each patch alone.
fn map(patches: &DMatrix<f64>, cols: usize, rows: usize) -> Option<Map> {
    static INVERSE: LazyLock<DMatrix<f64>> = LazyLock::new(|| pseudo_inverse(NIQE.covariance.clone()));
    let one = |row: nalgebra::DVector<f64>| {
        let apart = row - &NIQE.mean;
        apart.dot(&(&*INVERSE * &apart)).sqrt() as f32
    };
    let values = patches.row_iter().map(|row| one(row.transpose())).collect();
    Map::new(cols as u32, rows as u32, values).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudo_inverses_leave_out_what_is_mapped_to_nothing() {
        let matrix = DMatrix::from_diagonal(&DVector::from_row_slice(&[2.0, 0.0, 4.0]));
        let inverse = pseudo_inverse(matrix);
        let expected = DMatrix::from_diagonal(&DVector::from_row_slice(&[0.5, 0.0, 0.25]));
        assert!((inverse - expected).amax() < 1e-12);
    }

    #[test]
    fn pristine_patches_are_at_no_distance() {
        let patches = DMatrix::from_fn(3, FEATURES, |_, c| NIQE.mean[c]);
        assert!(distance(&patches).unwrap() < 1e-6);
        assert_eq!(distance(&DMatrix::from_element(3, FEATURES, f64::NAN)), None);
    }
}
