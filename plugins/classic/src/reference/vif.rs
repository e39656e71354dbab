//! Visual information fidelity in the pixel domain, VIFp (Sheikh and Bovik, "Image information and visual quality",
//! IEEE TIP 2006, in the authors' multi-scale pixel variant).
//!
//! **Not** the wavelet VIF of the paper itself, whose values differ; this equals `sewar.full_ref.vifp` on grey
//! pictures. At four scales, with Gaussian windows of 17, 9, 5 and 3 pixels (sigma a fifth of that), the distorted
//! picture is modelled as `g * original + noise`; the value is the information that it keeps,
//! `sum log(1 + g^2 var / (var_noise + 2))`, over that of the original, `sum log(1 + var / 2)`. No unit; 0 = nothing
//! is left, 1 = equal; above 1 where contrast was raised.
//!
//! Not measurable where the original is flat: it has no information.

use super::Pair;
use super::windows::{Moments, each_row, filtered_half, gaussian};
use crate::metrics::measured;
use giqa_core::Measurement;

/// Smallest side, pixels: room for a window at every scale.
pub const LEAST_SIDE: u32 = 41;
const WINDOWS: [usize; 4] = [17, 9, 5, 3];
/// Variance of what the eye itself adds, squared 8-bit steps.
const EYE: f64 = 2.0;
const TINY: f64 = 1e-10;

pub fn compare(pair: Pair<'_>) -> Measurement {
    // `a` is the distorted picture, `b` the original.
    let (mut a, mut b) = pair.greys();
    let (mut kept, mut all) = (0.0, 0.0);
    for (scale, &side) in WINDOWS.iter().enumerate() {
        let window = gaussian(side, side as f64 / 5.0);
        if scale > 0 {
            (a, b) = rayon::join(|| filtered_half(&a, &window), || filtered_half(&b, &window));
        }
        for (k, n) in each_row(&a, &b, &window, |_, m| information(m)) {
            kept += k;
            all += n;
        }
    }
    if all > TINY { measured(kept / all, &[], None) } else { Measurement::not_measurable("the original is flat") }
}

/// What a row of windows keeps, and what the original has there.
fn information(m: &Moments<'_>) -> (f64, f64) {
    let one = |x: usize| {
        let (original, distorted) = (m.var_b[x].max(0.0), m.var_a[x].max(0.0));
        if original < TINY {
            return (0.0, 0.0);
        }
        let all = (original / EYE).ln_1p();
        let gain = m.cov[x] / (original + TINY);
        if distorted < TINY || gain < 0.0 {
            return (0.0, all);
        }
        let noise = (distorted - gain * m.cov[x]).max(TINY);
        ((gain * gain * original / (noise + EYE)).ln_1p(), all)
    };
    (0..m.cov.len()).map(one).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}
