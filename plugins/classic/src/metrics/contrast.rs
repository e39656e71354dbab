//! Contrast: the spread of luma between the 5th and the 95th percentile, 0 to 255.
//!
//! Details: `deviation` (sd of luma), `entropy` (bits), `p5`, `p95`. Pictures over 1.5 megapixels are sampled.

use super::{Look, measured};
use crate::plane::{luma_of, pixels_of};
use crate::stats::Histogram;
use giqa_core::Measurement;

/// Measures; range 0 to 255, higher has more contrast.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < 2 && part.height() < 2 {
        return Measurement::not_measurable("a single pixel has no contrast");
    }
    let mut luma = Histogram::default();
    super::sample(look.image, part, super::MOST_SAMPLES, |pixel| luma.add((luma_of(pixel) + 0.5) as u8));
    let (low, high) = (luma.quantile(0.05), luma.quantile(0.95));
    let details = [("deviation", luma.deviation()), ("entropy", luma.entropy()), ("p5", low), ("p95", high)];
    measured(high - low, &details, None)
}
