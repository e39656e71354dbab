//! Structural similarity (Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
//! structural similarity", IEEE TIP 2004).
//!
//! Mean over all windows that lie inside of
//! `(2 mu_a mu_b + C1)(2 cov + C2) / ((mu_a^2 + mu_b^2 + C1)(var_a + var_b + C2))`: 11 x 11 Gaussian windows of
//! sigma 1.5, population variances, `C1 = (0.01 * 255)^2`, `C2 = (0.03 * 255)^2`, on grey in 8-bit steps. No unit,
//! -1 to 1, 1 for equal pictures.
//!
//! The value is at full size, without the averaging down of pictures over 256 pixels that the authors' MATLAB code
//! begins with: it is what scikit-image gives with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`.
//! Details: `downsampled`, the same with the averaging down, as the authors' code does it.
//!
//! The map has the mean of the windows centred in each tile.

use super::windows::{Moments, each_row, gaussian, shrunk};
use super::{Pair, TileSums};
use crate::metrics::measured;
use crate::plane::Plane;
use giqa_core::Measurement;

/// Side of the window, pixels.
pub const WINDOW: usize = 11;
const SIGMA: f64 = 1.5;
const C1: f64 = 0.01 * 255.0 * 0.01 * 255.0;
const C2: f64 = 0.03 * 255.0 * 0.03 * 255.0;
/// The authors' code averages down until the short side is about this, pixels.
const SIDE: f64 = 256.0;

pub fn compare(pair: Pair<'_>) -> Measurement {
    let (a, b) = pair.greys();
    let mut tiles = pair.tiles().map(TileSums::new);
    let keep = tiles.is_some();
    let rows = each_row(&a, &b, &gaussian(WINDOW, SIGMA), |_, m| {
        let mut values = Vec::new();
        let sum: f64 = similarities(m)
            .map(|(l, cs)| l * cs)
            .inspect(|v| {
                if keep {
                    values.push(*v as f32)
                }
            })
            .sum();
        (sum, values)
    });
    let value = rows.iter().map(|(sum, _)| sum).sum::<f64>() / windows_in(&a);
    if let Some(tiles) = &mut tiles {
        for (y, (_, values)) in rows.iter().enumerate() {
            tiles.add(WINDOW / 2, y + WINDOW / 2, 1, values);
        }
    }
    let factor = ((a.width.min(a.height) as f64 / SIDE).round() as usize).max(1);
    let small = if factor > 1 { means(&shrunk(&a, factor), &shrunk(&b, factor)).ssim } else { value };
    measured(value, &[("downsampled", small)], tiles.and_then(|t| t.map(|mean| mean)))
}

/// Means over all windows.
pub struct Means {
    /// Of the whole index.
    pub ssim: f64,
    /// Of its contrast and structure terms alone.
    pub contrast: f64,
}

/// The index of two planes of one size, at least that of a window.
pub fn means(a: &Plane, b: &Plane) -> Means {
    let rows = each_row(a, b, &gaussian(WINDOW, SIGMA), |_, m| {
        similarities(m).fold((0.0, 0.0), |(ssim, contrast), (l, cs)| (ssim + l * cs, contrast + cs))
    });
    let sum = rows.iter().fold((0.0, 0.0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
    Means { ssim: sum.0 / windows_in(a), contrast: sum.1 / windows_in(a) }
}

fn windows_in(plane: &Plane) -> f64 {
    ((plane.width + 1 - WINDOW) * (plane.height + 1 - WINDOW)) as f64
}

/// Luminance term, and contrast and structure term, of a row of windows.
fn similarities<'a>(m: &'a Moments<'_>) -> impl Iterator<Item = (f64, f64)> + 'a {
    (0..m.cov.len()).map(|x| {
        let (a, b) = (m.mean_a[x], m.mean_b[x]);
        let luminance = (2.0 * a * b + C1) / (a * a + b * b + C1);
        (luminance, (2.0 * m.cov[x] + C2) / (m.var_a[x] + m.var_b[x] + C2))
    })
}
