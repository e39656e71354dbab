//! Peak signal-to-noise ratio.
//!
//! `10 log10(255^2 / MSE)` with the mean squared error over all pixels and the three channels of 8-bit sRGB, in dB;
//! higher is better. Equal pictures have no error and would be infinitely good: everything is capped at 100 dB (which
//! one step in one value of a picture of 0.05 megapixels reaches).
//!
//! Details: `mse`, squared 8-bit steps.

use super::Pair;
use crate::metrics::measured;
use giqa_core::Measurement;
use rayon::prelude::*;

/// The most that is reported, dB.
const MOST: f64 = 100.0;

pub fn compare(pair: Pair<'_>) -> Measurement {
    let columns = pair.part.x1 as usize * 3..pair.part.x2 as usize * 3;
    let row = |y: u32| -> u64 {
        let rows = [pair.image, pair.original].map(|view| &view.row(y)[columns.clone()]);
        // A row of u32::MAX pixels can't overflow this.
        rows[0].iter().zip(rows[1]).map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum()
    };
    let sum: u64 = (pair.part.y1..pair.part.y2).into_par_iter().map(row).sum();
    let mse = sum as f64 / (3.0 * f64::from(pair.part.width()) * f64::from(pair.part.height()));
    let value = if mse > 0.0 { (10.0 * (255.0 * 255.0 / mse).log10()).min(MOST) } else { MOST };
    measured(value, &[("mse", mse)], None)
}
