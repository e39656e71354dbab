//! Multi-scale structural similarity (Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image quality
//! assessment", Asilomar 2003).
//!
//! The product over five scales of the mean contrast-and-structure term of [`super::ssim`] (at the last scale of the
//! whole index), to the powers .0448, .2856, .3001, .2363 and .1333. Each scale is the one before, averaged over
//! 2 x 2 pixels, as in the authors' code. (sewar averages over blocks that lie one pixel further up and left, which
//! changes the value of pictures with an 8 x 8 grid by up to 0.015.) No unit, 0 to 1, 1 for equal pictures. A mean below 0 counts as 0.
//!
//! The short side must have 176 pixels, so that the last scale has room for a window.

use super::Pair;
use super::ssim::means;
use super::windows::shrunk;
use crate::metrics::measured;
use giqa_core::Measurement;

/// Smallest side, pixels: 11 pixels at the fifth scale.
pub const LEAST_SIDE: u32 = 176;
const WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

pub fn compare(pair: Pair<'_>) -> Measurement {
    let (mut a, mut b) = pair.greys();
    let mut value = 1.0;
    for (i, weight) in WEIGHTS.iter().enumerate() {
        let at = means(&a, &b);
        let last = i + 1 == WEIGHTS.len();
        value *= (if last { at.ssim } else { at.contrast }).max(0.0).powf(*weight);
        if !last {
            (a, b) = rayon::join(|| shrunk(&a, 2), || shrunk(&b, 2));
        }
    }
    measured(value, &[], None)
}
