//! Sharpness: how much of the gradients a known blur takes away.
//!
//! Blurring an edge of width `s` (its Gaussian sigma in pixels) by `B` lowers its gradient energy to
//! `r = s / sqrt(s^2 + B^2)`: crisp edges lose most of it, soft ones hardly any (the re-blur idea of Crete et al.,
//! "The blur effect", SPIE 2007, here on energies, so that the loss depends on the width and not on the contrast).
//! Per tile, `sharpness = 1 - r`: 0.73 for an edge with s = 0.55, 0.55 for s = 1, 0.29 for s = 2, 0.11 for s = 4.
//!
//! What would fool it, and why it doesn't:
//! - flat and dark tiles have too little gradient and are not measurable;
//! - noise has gradients that blur takes away as well. Its known share is subtracted, and what is left must stand out
//!   of the chance variation of that share. Visible noise is blurred away by `b = 1` first: with it, the rest of the
//!   edge tells its width by `r^2 = (s^2 + b^2) / (s^2 + B^2)`, and the value is again `1 - s / sqrt(s^2 + B^2)`;
//! - pictures over 1600 pixels are averaged down first, since nobody looks at their single pixels;
//! - the picture's value is the upper quartile of its tiles, so that a sharp subject before a soft background is sharp.
//!
//! Details: `median` of the tiles, `measurable_share` of them, `noise` (sd of luma in the analysed size).

use super::motion::squares;
use super::{Look, measured};
use crate::plane::{Plane, blur, luma, pixels_of, reduction};
use crate::stats::quantile;
use crate::tiles::Tiles;
use archmage::autoversion;
use giqa_core::{Map, Measurement};
use rayon::prelude::*;

/// Sigma of the blur, pixels.
const BLUR: f32 = 2.0;
/// Side of a tile, pixels of the analysed size.
const TILE: usize = 16;
/// Most tiles on a side of the map.
const MOST_TILES: usize = 96;
/// Longest side that is analysed without averaging down.
const SIDE: u32 = 1600;
/// Mean squared gradient (8-bit steps per pixel) of the blurred tile below which there is nothing to judge.
const LEAST_ENERGY: f64 = 0.5;
/// Sd of noise (8-bit steps of luma) from which on it is blurred away first.
const VISIBLE_NOISE: f64 = 2.0;
/// Sigma of the blur that takes visible noise away, pixels.
const CALM: f32 = 1.0;
/// Width (sigma, pixels) below which edges can't be told apart once noise was blurred away: 0.76 is the most, then.
const LEAST_WIDTH: f64 = 0.5;
/// How many times its chance variation the energy without noise must be.
const SIGNIFICANT: f64 = 3.0;

/// A plane, what its blur makes of white noise, and how sure a tile's noise energy is.
struct Scale {
    plane: Plane,
    /// Sigma of the blur, pixels.
    sigma: f64,
    /// Mean squared gradient that white noise of variance 1 has here: half of four central differences' variance
    /// without a blur, `1 / (4 pi sigma^4)` after one (both directions).
    gain: f64,
    /// Relative sd of that energy in one tile: the blur leaves fewer independent values.
    unsure: f64,
}

impl Scale {
    fn new(plane: Plane, sigma: f64) -> Self {
        let (gain, unsure) =
            if sigma > 0.0 { (1.0 / (4.0 * std::f64::consts::PI * sigma.powi(4)), 0.25 * sigma) } else { (1.0, 0.12) };
        Self { plane, sigma, gain, unsure }
    }
}

/// Measures; range 0 to 1, higher is sharper.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    let plane = luma(look.image, part, reduction(part, SIDE));
    if plane.width < 8 || plane.height < 8 {
        return Measurement::not_measurable("smaller than 8 x 8 pixels");
    }
    let noise = white_noise(&plane);
    let tiles = Tiles::new(plane.width, plane.height, TILE, MOST_TILES);
    let blurred = Scale::new(blur(&plane, BLUR), f64::from(BLUR));
    let fine =
        if noise < VISIBLE_NOISE { Scale::new(plane, 0.0) } else { Scale::new(blur(&plane, CALM), f64::from(CALM)) };
    let values: Vec<f32> =
        (0..tiles.len()).into_par_iter().map(|i| acuity(&fine, &blurred, &tiles, i, noise)).collect();
    let mut measurable: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let share = measurable.len() as f64 / values.len() as f64;
    let (Some(upper), Some(median)) = (quantile(&mut measurable, 0.75), quantile(&mut measurable, 0.5)) else {
        return Measurement::not_measurable("flat: no edges or texture to judge sharpness by");
    };
    let map = look.map.then(|| Map::new(tiles.cols as u32, tiles.rows as u32, values).ok()).flatten();
    measured(upper, &[("median", median), ("measurable_share", share), ("noise", noise)], map)
}

/// Sharpness of one tile; NaN where there is nothing to judge.
fn acuity(fine: &Scale, blurred: &Scale, tiles: &Tiles, i: usize, noise: f64) -> f32 {
    let (columns, rows) = tiles.pixels(i);
    let of_noise = |scale: &Scale| scale.gain * noise * noise;
    let energy = gradient_energy(&fine.plane, &columns, &rows) - of_noise(fine);
    let left = gradient_energy(&blurred.plane, &columns, &rows) - of_noise(blurred);
    if left < LEAST_ENERGY
        || energy < SIGNIFICANT * fine.unsure * of_noise(fine)
        || left < SIGNIFICANT * blurred.unsure * of_noise(blurred)
    {
        return f32::NAN;
    }
    let ratio = (left / energy).clamp(0.0, 0.999);
    if fine.sigma <= 0.0 {
        return (1.0 - ratio) as f32;
    }
    // Back from the ratio to the width of the edge, and from that to what the plain ratio would have been.
    let squared = ratio * ratio;
    let (near, far) = (fine.sigma * fine.sigma, blurred.sigma * blurred.sigma);
    let width = ((squared * far - near) / (1.0 - squared)).max(LEAST_WIDTH * LEAST_WIDTH);
    (1.0 - (width / (width + far)).sqrt()) as f32
}

/// Mean squared central difference, both directions.
fn gradient_energy(plane: &Plane, columns: &std::ops::Range<usize>, rows: &std::ops::Range<usize>) -> f64 {
    let (x1, x2) = (columns.start.max(1), columns.end.min(plane.width - 1));
    let (y1, y2) = (rows.start.max(1), rows.end.min(plane.height - 1));
    let mut sum = 0.0_f64;
    for y in y1..y2 {
        let (above, row, below) = (plane.row(y - 1), plane.row(y), plane.row(y + 1));
        if x1 < x2 {
            let (left, right) = (&row[x1 - 1..x2 - 1], &row[x1 + 1..x2 + 1]);
            sum += f64::from(squares(left, right) + squares(&above[x1..x2], &below[x1..x2]));
        }
    }
    let n = x2.saturating_sub(x1) * y2.saturating_sub(y1);
    if n == 0 { 0.0 } else { sum / (4.0 * n as f64) }
}

/// Sum of the squared responses to the mask in a row, whose neighbours are given with it.
#[autoversion]
fn restless(a: &[f32], b: &[f32], c: &[f32]) -> f32 {
    const LANES: usize = 8;
    let n = a.len().saturating_sub(2);
    let (a, b, c) = (&a[..n + 2], &b[..n + 2], &c[..n + 2]);
    let at = |x: usize| {
        let v = a[x] - 2.0 * a[x + 1] + a[x + 2] - 2.0 * b[x] + 4.0 * b[x + 1] - 2.0 * b[x + 2] + c[x] - 2.0 * c[x + 1]
            + c[x + 2];
        v * v
    };
    let mut sums = [0.0_f32; LANES];
    for left in 0..n / LANES {
        for (k, sum) in sums.iter_mut().enumerate() {
            *sum += at(left * LANES + k);
        }
    }
    (n / LANES * LANES..n).fold(sums.iter().sum(), |sum, x| sum + at(x))
}

/// Sd of white noise: the lower quartile over blocks of 16 x 16 of the rms of Immerkaer's mask (CVIU 1996), whose
/// response to white noise of sd 1 has sd 6. The quartile passes over textured blocks.
pub(super) fn white_noise(plane: &Plane) -> f64 {
    let blocks = Tiles::new(plane.width - 2, plane.height - 2, 16, 128);
    let mut rms: Vec<f32> = (0..blocks.len())
        .into_par_iter()
        .map(|i| {
            let (columns, rows) = blocks.pixels(i);
            let n = (columns.len() * rows.len()).max(1);
            let of_row = |y: usize| {
                let part = columns.start..columns.end + 2;
                restless(&plane.row(y)[part.clone()], &plane.row(y + 1)[part.clone()], &plane.row(y + 2)[part])
            };
            let sum: f32 = rows.map(of_row).sum();
            (sum / n as f32).sqrt() / 6.0
        })
        .collect();
    quantile(&mut rms, 0.25).unwrap_or(0.0)
}
