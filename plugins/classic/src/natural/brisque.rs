//! BRISQUE: how far a picture's statistics are from those that people liked.
//!
//! Mittal, Moorthy and Bovik, "No-Reference Image Quality Assessment in the Spatial Domain", IEEE TIP 2012, as in
//! LIVE's release: MATLAB's grey; the field of [`super::mscn`] with black borders; shape and variance of a generalised
//! Gaussian, and shape, mean, left and right variance of the asymmetric one of products with four neighbours; the same
//! at half the size; 36 numbers, scaled, into a support vector regression on opinion scores (DMOS).
//!
//! The score is not clamped: pristine pictures can be below 0, ruined ones over 100. Details: `flat_share` of the
//! pixels where the field is 0; with more than about 0.01 the original's value depends on rounding noise.

use super::ggd::{Asymmetric, symmetric};
use super::params::{BRISQUE, FEATURES};
use super::scales;
use super::sums::Neighbours;
use crate::metrics::{Look, measured};
use crate::plane::pixels_of;
use giqa_core::Measurement;

/// Shortest side, pixels.
const LEAST: u32 = 16;

/// Measures; about 0 to 100, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < LEAST || part.height() < LEAST {
        return Measurement::not_measurable("smaller than 16 x 16 pixels");
    }
    let (features, flat_share) = features(&scales::of_whole(look.image, part));
    let score = score(&features);
    if !score.is_finite() {
        return Measurement::not_measurable("flat: no texture whose statistics could be judged");
    }
    measured(score, &[("flat_share", flat_share)], None)
}

/// The 36 features of the sums at both scales, and the share of flat pixels.
pub fn features(scales: &[Neighbours; 2]) -> ([f64; FEATURES], f64) {
    let mut features = [f64::NAN; FEATURES];
    for (features, sums) in features.as_chunks_mut::<{ FEATURES / 2 }>().0.iter_mut().zip(scales) {
        *features = of_scale(sums);
    }
    let values = scales[0].values;
    (features, 1.0 - (values.below + values.above) / values.count)
}

fn of_scale(sums: &Neighbours) -> [f64; FEATURES / 2] {
    let mut features = [0.0; FEATURES / 2];
    (features[0], features[1]) = symmetric(&sums.values);
    for (features, sums) in features[2..].chunks_exact_mut(4).zip(&sums.products) {
        let fit = Asymmetric::fit(sums);
        features.copy_from_slice(&[fit.shape, fit.mean(), fit.left.powi(2), fit.right.powi(2)]);
    }
    features
}

/// The score of features. The original passes them on in files, six decimals first and six digits when scaled.
pub fn score(features: &[f64; FEATURES]) -> f64 {
    let mut scaled = *features;
    for (feature, [least, greatest]) in scaled.iter_mut().zip(&BRISQUE.ranges) {
        let written = (*feature * 1e6).round() / 1e6;
        *feature = six_digits(2.0 * (written - least) / (greatest - least) - 1.0);
    }
    BRISQUE.regression.predict(&scaled)
}

fn six_digits(value: f64) -> f64 {
    if value == 0.0 {
        return value;
    }
    let unit = 10.0_f64.powi(5 - value.abs().log10().floor() as i32);
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_six_digits() {
        assert_eq!(
            [0.0, -0.123_456_78, 1.234_567_8, 0.000_123_456_78].map(six_digits),
            [0.0, -0.123_457, 1.234_57, 0.000_123_457]
        );
    }
}
