//! Gradient magnitude similarity deviation (Xue, Zhang, Mou and Bovik, "Gradient magnitude similarity deviation: a
//! highly efficient perceptual image quality index", IEEE TIP 2014).
//!
//! Grey in 8-bit steps is averaged over 2 x 2 pixels; Prewitt gradients (taps of 1/3, zeros beyond the border) give
//! magnitudes `g`; the similarity at a place is `(2 g_a g_b + c) / (g_a^2 + g_b^2 + c)` with `c = 170`, and the value
//! is its standard deviation, as the authors' MATLAB code has it (over n - 1). No unit; 0 for equal pictures, higher
//! is worse; seldom above 0.35.
//!
//! Details: `mean`, the mean similarity (GMSM). The map has the root mean square of 1 - similarity in each tile, since
//! a deviation inside a tile would call a tile fine that is equally bad everywhere.

use super::{Pair, TileSums};
use crate::metrics::measured;
use crate::plane::Plane;
use giqa_core::Measurement;
use rayon::prelude::*;

/// Smallest side, pixels.
pub const LEAST_SIDE: u32 = 8;
const C: f64 = 170.0;

pub fn compare(pair: Pair<'_>) -> Measurement {
    let (a, b) = pair.greys();
    let (a, b) = rayon::join(|| halved(&a), || halved(&b));
    let mut tiles = pair.tiles().map(TileSums::new);
    let keep = tiles.is_some();
    // Losses are near 0 where similarities are near 1, which is kinder to sums of squares.
    let row = |y: usize| {
        let mut squares = Vec::new();
        let (mut sum, mut sum_of_squares) = (0.0, 0.0);
        for (ga, gb) in gradients(&a, y).zip(gradients(&b, y)) {
            let loss = 1.0 - (2.0 * (ga * gb).sqrt() + C) / (ga + gb + C);
            sum += loss;
            sum_of_squares += loss * loss;
            if keep {
                squares.push((loss * loss) as f32);
            }
        }
        (sum, sum_of_squares, squares)
    };
    let rows: Vec<_> = (0..a.height - 2).into_par_iter().map(row).collect();
    if let Some(tiles) = &mut tiles {
        for (y, (_, _, squares)) in rows.iter().enumerate() {
            tiles.add(0, 2 * y, 2, squares);
        }
    }
    let n = ((a.width - 2) * (a.height - 2)) as f64;
    let (sum, squares) = rows.iter().fold((0.0, 0.0), |all, row| (all.0 + row.0, all.1 + row.1));
    let variance = ((squares - sum * sum / n) / (n - 1.0)).max(0.0);
    measured(variance.sqrt(), &[("mean", 1.0 - sum / n)], tiles.and_then(|t| t.map(f64::sqrt)))
}

/// Means of 2 x 2 pixels with a border of zeros, one wide; zeros beyond the border of the plane itself, too, as in
/// MATLAB's `conv2(..., 'same')`.
fn halved(plane: &Plane) -> Plane {
    let (width, height) = (plane.width.div_ceil(2) + 2, plane.height.div_ceil(2) + 2);
    let mut data = vec![0.0_f32; width * height];
    data.par_chunks_mut(width).skip(1).zip(0..plane.height.div_ceil(2)).for_each(|(out, y)| {
        for row in (2 * y..plane.height).take(2).map(|y| plane.row(y)) {
            for (value, pixels) in out[1..].iter_mut().zip(row.chunks(2)) {
                *value += 0.25 * pixels.iter().sum::<f32>();
            }
        }
    });
    Plane { width, height, data }
}

/// Squared magnitudes of the Prewitt gradients of row `y`, inside the border of zeros.
fn gradients(plane: &Plane, y: usize) -> impl Iterator<Item = f64> + '_ {
    let [above, here, below] = [y, y + 1, y + 2].map(|y| plane.row(y));
    above.windows(3).zip(here.windows(3)).zip(below.windows(3)).map(|((a, h), b)| {
        let across = (a[0] + h[0] + b[0]) - (a[2] + h[2] + b[2]);
        let down = (a[0] + a[1] + a[2]) - (b[0] + b[1] + b[2]);
        // Sums of quarter steps are exact in f32.
        (f64::from(across).powi(2) + f64::from(down).powi(2)) / 9.0
    })
}
