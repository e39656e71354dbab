//! Local means, variances and covariance of two planes under a separable window, and planes made smaller.

use crate::plane::Plane;
use rayon::prelude::*;

/// Rows of windows that one thread does at a time: few enough for its cache, many enough that what strips share
/// (the window's height) is little.
const STRIP: usize = 48;

/// A row of windows: means, variances and covariance of `a` and `b`, one value a window.
pub struct Moments<'a> {
    pub mean_a: &'a [f64],
    pub mean_b: &'a [f64],
    pub var_a: &'a [f64],
    pub var_b: &'a [f64],
    pub cov: &'a [f64],
}

/// A Gaussian of `side` taps, sum 1.
pub fn gaussian(side: usize, sigma: f64) -> Vec<f64> {
    let middle = (side as f64 - 1.0) / 2.0;
    let taps: Vec<f64> = (0..side).map(|i| (-0.5 * ((i as f64 - middle) / sigma).powi(2)).exp()).collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|t| t / sum).collect()
}

/// Calls `look` with every row of windows that lie wholly inside (`side - 1` fewer than pixels, both ways) and gives
/// its answers in order. The planes have one size, at least that of the window.
pub fn each_row<T: Send>(
    a: &Plane,
    b: &Plane,
    window: &[f64],
    look: impl Fn(usize, &Moments<'_>) -> T + Sync,
) -> Vec<T> {
    let (columns, rows) = ((a.width + 1).saturating_sub(window.len()), (a.height + 1).saturating_sub(window.len()));
    let strips = (0..rows.div_ceil(STRIP)).into_par_iter().map(|strip| {
        let first = strip * STRIP;
        let count = STRIP.min(rows - first);
        // Five rows each: a, b, a^2, b^2, a b, summed along the window's width.
        let mut across = vec![0.0_f64; 5 * columns * (count + window.len() - 1)];
        let mut products: [Vec<f64>; 5] = std::array::from_fn(|_| vec![0.0; a.width]);
        for (y, sums) in (first..).zip(across.chunks_exact_mut(5 * columns)) {
            multiply(a.row(y), b.row(y), &mut products);
            for (sums, values) in sums.chunks_exact_mut(columns).zip(&products) {
                for (&weight, shifted) in window.iter().zip(values.windows(columns)) {
                    add(sums, weight, shifted);
                }
            }
        }
        let mut down = vec![0.0_f64; 5 * columns];
        let one = |y: usize| {
            down.fill(0.0);
            for (&weight, sums) in window.iter().zip(across.chunks_exact(5 * columns).skip(y)) {
                add(&mut down, weight, sums);
            }
            let (means, products) = down.split_at_mut(2 * columns);
            let (mean_a, mean_b) = means.split_at(columns);
            let (var_a, products) = products.split_at_mut(columns);
            let (var_b, cov) = products.split_at_mut(columns);
            for x in 0..columns {
                var_a[x] -= mean_a[x] * mean_a[x];
                var_b[x] -= mean_b[x] * mean_b[x];
                cov[x] -= mean_a[x] * mean_b[x];
            }
            look(first + y, &Moments { mean_a, mean_b, var_a, var_b, cov })
        };
        (0..count).map(one).collect::<Vec<T>>()
    });
    strips.collect::<Vec<_>>().into_iter().flatten().collect()
}

fn multiply(a: &[f32], b: &[f32], products: &mut [Vec<f64>; 5]) {
    let [pa, pb, aa, bb, ab] = products;
    for (x, (&a, &b)) in a.iter().zip(b).enumerate() {
        let (a, b) = (f64::from(a), f64::from(b));
        (pa[x], pb[x], aa[x], bb[x], ab[x]) = (a, b, a * a, b * b, a * b);
    }
}

fn add(sums: &mut [f64], weight: f64, values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

/// Every `factor`-th pixel of the mean over `factor` x `factor`, borders mirrored: MATLAB's
/// `imfilter(p, ones(f)/f^2, 'symmetric')(1:f:end, 1:f:end)`.
pub fn shrunk(plane: &Plane, factor: usize) -> Plane {
    let mirrored = |i: usize, n: usize| {
        // `i` is the place plus `before`, so that it is never negative.
        let before = (factor - 1) / 2;
        let at = if i < before { before - 1 - i } else { i - before };
        if at < n { at } else { (2 * n - 1).saturating_sub(at) }
    };
    let (width, height) = (plane.width.div_ceil(factor), plane.height.div_ceil(factor));
    let scale = 1.0 / (factor * factor) as f64;
    let mut data = vec![0.0_f32; width * height];
    data.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let mut sums = vec![0.0_f64; width];
        for dy in 0..factor {
            let row = plane.row(mirrored(y * factor + dy, plane.height));
            for (x, sum) in sums.iter_mut().enumerate() {
                for dx in 0..factor {
                    *sum += f64::from(row[mirrored(x * factor + dx, plane.width)]);
                }
            }
        }
        for (value, sum) in out.iter_mut().zip(&sums) {
            *value = (sum * scale) as f32;
        }
    });
    Plane { width, height, data }
}

/// Every second pixel of the plane under the window, which stays inside.
pub fn filtered_half(plane: &Plane, window: &[f64]) -> Plane {
    let half = |n: usize| (n + 1).saturating_sub(window.len()).div_ceil(2).max(1);
    let (width, height) = (half(plane.width), half(plane.height));
    let mut across = vec![0.0_f64; width * plane.height];
    across.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let row = plane.row(y);
        for (x, value) in out.iter_mut().enumerate() {
            *value = window.iter().zip(&row[2 * x..]).map(|(w, &v)| w * f64::from(v)).sum();
        }
    });
    let mut data = vec![0.0_f32; width * height];
    data.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let mut sums = vec![0.0_f64; width];
        for (&weight, row) in window.iter().zip(across.chunks_exact(width).skip(2 * y)) {
            add(&mut sums, weight, row);
        }
        for (value, sum) in out.iter_mut().zip(&sums) {
            *value = *sum as f32;
        }
    });
    Plane { width, height, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_each_window() {
        let value = |i: usize| ((i * 37 + i * i * 11) % 251) as f32;
        let (width, height) = (13, 70);
        let a = Plane { width, height, data: (0..width * height).map(value).collect() };
        let b = Plane { width, height, data: (0..width * height).map(|i| value(i + 3)).collect() };
        let window = gaussian(5, 1.2);
        let rows = each_row(&a, &b, &window, |y, m| (y, m.mean_a[4], m.var_b[4], m.cov[4]));
        assert_eq!((rows.len(), rows[65].0), (66, 65));
        for &(y, mean_a, var_b, cov) in &rows {
            let mean = |of: &dyn Fn(f64, f64) -> f64| {
                let at = |i: usize| (y + i / 5) * width + 4 + i % 5;
                let one = |i| window[i / 5] * window[i % 5] * of(f64::from(a.data[at(i)]), f64::from(b.data[at(i)]));
                (0..25).map(one).sum::<f64>()
            };
            let (ma, mb) = (mean(&|a, _| a), mean(&|_, b| b));
            assert!((mean_a - ma).abs() < 1e-9);
            assert!((var_b - (mean(&|_, b| b * b) - mb * mb)).abs() < 1e-8);
            assert!((cov - (mean(&|a, b| a * b) - ma * mb)).abs() < 1e-8);
        }
    }

    #[test]
    fn smaller_planes_mirror_their_borders() {
        let line = Plane { width: 5, height: 1, data: vec![1.0, 2.0, 3.0, 4.0, 5.0] };
        assert_eq!(shrunk(&line, 2).data, [1.5, 3.5, 5.0]);
        assert_eq!(shrunk(&line, 3).data, [4.0 / 3.0, 4.0]);
        assert_eq!(shrunk(&line, 1), line);
        let all = Plane { width: 9, height: 8, data: vec![7.0; 72] };
        let half = filtered_half(&all, &gaussian(3, 0.6));
        assert_eq!((half.width, half.height), (4, 3));
        assert!(half.data.iter().all(|v| (v - 7.0).abs() < 1e-6));
    }
}
