//! Planes of light, and smoothing them.

use crate::picture::Picture;

/// Three planes of linear light, 0 to 1.
pub(super) fn linear(picture: &Picture) -> [Vec<f32>; 3] {
    let table: Vec<f32> = (0..=255_u8).map(to_linear).collect();
    std::array::from_fn(|c| picture.rgb().iter().skip(c).step_by(3).map(|&v| table[usize::from(v)]).collect())
}

/// Back to 8-bit sRGB; what is over 1 is clipped.
pub(super) fn encode(planes: &[Vec<f32>; 3], width: usize, height: usize) -> Picture {
    let [r, g, b] = planes;
    Picture::from_fn(width, height, |x, y| {
        let i = y * width + x;
        [r[i], g[i], b[i]].map(from_linear)
    })
}

fn to_linear(v: u8) -> f32 {
    let v = f32::from(v) / 255.0;
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

fn from_linear(v: f32) -> u8 {
    let v = v.clamp(0.0, 1.0);
    let v = if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    (v * 255.0).round() as u8
}

/// Gaussian blur; the border is continued. A kernel for small sigmas, three running means for large ones.
pub(super) fn gaussian(plane: &[f32], width: usize, height: usize, sigma: f64) -> Vec<f32> {
    if sigma < 8.0 {
        let radius = (3.0 * sigma).ceil() as usize;
        let weight = |i: usize| (-0.5 * (i as f64 / sigma).powi(2)).exp() as f32;
        let half: Vec<f32> = (0..=radius).map(weight).collect();
        let sum = 2.0 * half.iter().sum::<f32>() - half[0];
        let half: Vec<f32> = half.into_iter().map(|w| w / sum).collect();
        return both_ways(plane, width, height, |row, out| kernel(row, out, &half));
    }
    // Three means of radius r have the variance 3 ((2 r + 1)^2 - 1) / 12.
    let radius = (((4.0 * sigma * sigma + 1.0).sqrt() - 1.0) / 2.0).round() as usize;
    (0..3).fold(plane.to_vec(), |p, _| box_mean(&p, width, height, radius))
}

/// The mean over a square of `2 radius + 1`; the border is continued.
pub(crate) fn box_mean(plane: &[f32], width: usize, height: usize, radius: usize) -> Vec<f32> {
    both_ways(plane, width, height, |row, out| running_mean(row, out, radius))
}

fn both_ways(plane: &[f32], width: usize, height: usize, row: impl Fn(&[f32], &mut [f32])) -> Vec<f32> {
    let across = rows(plane, width, &row);
    let down = rows(&transposed(&across, width, height), height, &row);
    transposed(&down, height, width)
}

fn rows(plane: &[f32], width: usize, row: &impl Fn(&[f32], &mut [f32])) -> Vec<f32> {
    let mut out = vec![0.0; plane.len()];
    let width = width.max(1);
    plane.chunks_exact(width).zip(out.chunks_exact_mut(width)).for_each(|(from, to)| row(from, to));
    out
}

fn transposed(plane: &[f32], width: usize, height: usize) -> Vec<f32> {
    const BLOCK: usize = 32;
    let mut out = vec![0.0; plane.len()];
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            for y in top..(top + BLOCK).min(height) {
                for x in left..(left + BLOCK).min(width) {
                    out[x * height + y] = plane[y * width + x];
                }
            }
        }
    }
    out
}

fn kernel(row: &[f32], out: &mut [f32], half: &[f32]) {
    let Some(last) = row.len().checked_sub(1) else { return };
    for (i, to) in out.iter_mut().enumerate() {
        let sides = half.iter().enumerate().skip(1);
        *to =
            half[0] * row[i] + sides.map(|(d, w)| w * (row[i.saturating_sub(d)] + row[(i + d).min(last)])).sum::<f32>();
    }
}

fn running_mean(row: &[f32], out: &mut [f32], radius: usize) {
    let Some(last) = row.len().checked_sub(1) else { return };
    let at = |i: isize| f64::from(row[i.clamp(0, last as isize) as usize]);
    let r = radius as isize;
    let mut sum: f64 = (-r..=r).map(at).sum();
    let count = (2 * radius + 1) as f64;
    for (i, to) in out.iter_mut().enumerate() {
        *to = (sum / count) as f32;
        sum += at(i as isize + r + 1) - at(i as isize - r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_comes_back_as_it_was() {
        let picture = Picture::from_fn(16, 16, |x, y| [(y * 16 + x) as u8; 3]);
        assert_eq!(encode(&linear(&picture), 16, 16), picture);
    }

    #[test]
    fn smoothing_keeps_the_mean_and_what_is_flat() {
        let (width, height) = (61, 41);
        let mut spike = vec![0.0; width * height];
        spike[20 * width + 30] = 1.0;
        for sigma in [0.8, 3.0] {
            let smooth = gaussian(&spike, width, height, sigma);
            assert!((smooth.iter().sum::<f32>() - 1.0).abs() < 1e-3);
            let variance: f32 = smooth.iter().enumerate().map(|(i, v)| v * ((i % width) as f32 - 30.0).powi(2)).sum();
            assert!((variance.sqrt() - sigma as f32).abs() < 0.1 * sigma as f32, "{sigma} {variance}");
        }
        for sigma in [2.0, 9.0] {
            let flat = gaussian(&vec![0.5; width * height], width, height, sigma);
            assert!(flat.iter().all(|v| (v - 0.5).abs() < 1e-4));
        }
    }
}
