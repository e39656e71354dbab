//! Colourfulness: Hasler and Suesstrunk, "Measuring colourfulness in natural images", SPIE 2003.
//!
//! `sqrt(sd(rg)^2 + sd(yb)^2) + 0.3 sqrt(mean(rg)^2 + mean(yb)^2)` with `rg = R - G`, `yb = (R + G) / 2 - B` on 8-bit
//! values: 0 = grey, about 33 = moderately, 59 = quite, 82 = highly, 109 = extremely colourful. It describes; more is
//! not better. Pictures over 1.5 megapixels are sampled.

use super::{Look, measured};
use crate::plane::pixels_of;
use giqa_core::Measurement;

/// Measures; range 0 upwards.
pub fn measure(look: Look<'_>) -> Measurement {
    let mut sums = [0.0_f64; 4];
    let mut n = 0.0_f64;
    super::sample(look.image, pixels_of(look.image, look.region), super::MOST_SAMPLES, |p| {
        let [r, g, b] = [f64::from(p[0]), f64::from(p[1]), f64::from(p[2])];
        let (rg, yb) = (r - g, f64::midpoint(r, g) - b);
        sums[0] += rg;
        sums[1] += rg * rg;
        sums[2] += yb;
        sums[3] += yb * yb;
        n += 1.0;
    });
    let [rg, rg2, yb, yb2] = sums.map(|s| s / n);
    let variance = (rg2 - rg * rg).max(0.0) + (yb2 - yb * yb).max(0.0);
    measured(variance.sqrt() + 0.3 * rg.hypot(yb), &[], None)
}
