//! SSIMULACRA 2.1 (Sneyers, Cloudinary, 2023): SSIM-like error terms at six scales of XYB, pooled by weights that were
//! fitted to people's judgements.
//!
//! Computed by the crate fast-ssim2. No unit; 100 = equal, about 90 = no visible difference, 70 = high, 50 = medium,
//! 30 = low quality; may be negative. Not symmetric: an artefact weighs more than a loss.

use super::Pair;
use crate::metrics::measured;
use fast_ssim2::{PixelDescriptor, PixelSlice, compute_ssimulacra2};
use giqa_core::Measurement;

pub fn compare(pair: Pair<'_>) -> Measurement {
    let (width, height) = (pair.part.width(), pair.part.height());
    let [image, original] = [pair.image, pair.original].map(|view| pair.packed(view));
    let slice = |pixels| PixelSlice::new(pixels, width, height, width as usize * 3, PixelDescriptor::RGB8_SRGB);
    let (Ok(image), Ok(original)) = (slice(&image), slice(&original)) else {
        return Measurement::not_measurable("too large");
    };
    match compute_ssimulacra2(&original, &image) {
        Ok(value) => measured(value, &[], None),
        Err(error) => Measurement::not_measurable(error.to_string()),
    }
}
