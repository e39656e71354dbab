//! Moire: colour that comes and goes in regular waves, where fine patterns met the sensor's grid.
//!
//! In windows of 64 x 64 pixels, the Fourier transforms of the differences red - green and blue - green (after a Hann
//! window) are searched for a peak between 1/32 and 1/3 cycles a pixel that stands out of its ring of equal frequency
//! by 12 times the ring's mean. Patterns of the scene have such a peak in green as well; moire has it in colour, and green hardly.
//! The value is the share of windows with a peak of their own in colour, 0 to 1. Pictures over 48 windows on a side are
//! sampled. There is no packaged peer; the idea is off-axis Fourier peaks as used in screen-capture detection.

use super::{Look, measured};
use crate::plane::pixels_of;
use giqa_core::{ImageView, Measurement};
use rayon::prelude::*;
use rustfft::{Fft, FftPlanner, num_complex::Complex32};
use std::sync::Arc;

const N: usize = 64;
const MOST_WINDOWS: u32 = 48;
/// Sd of the colour difference (8-bit steps) below which nobody sees it.
const VISIBLE: f32 = 4.0;
/// Power of the peak by the mean of its ring.
const PEAK: f32 = 12.0;
/// Share of the window's power of colour that the peak (with its neighbours) holds.
const DOMINANT: f32 = 0.3;
/// Most power of green at the place of the peak, by that of colour there.
const OWN: f32 = 1.0;

/// Measures; range 0 to 1, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    let n = N as u32;
    if part.width() < n || part.height() < n {
        return Measurement::not_measurable("smaller than 64 x 64 pixels");
    }
    let places = |from: u32, size: u32| {
        let count = (size / n).min(MOST_WINDOWS);
        (0..count)
            .map(move |i| from + i * (size - n) / count.max(2).saturating_sub(1).max(1))
            .map(move |p| p.min(from + size - n))
    };
    let corners: Vec<(u32, u32)> =
        places(part.y1, part.height()).flat_map(|y| places(part.x1, part.width()).map(move |x| (x, y))).collect();
    let fft = FftPlanner::new().plan_fft_forward(N);
    let waves = corners.par_iter().filter(|&&(x, y)| has_waves(look.image, x as usize, y, &fft)).count();
    measured(waves as f64 / corners.len() as f64, &[("windows", corners.len() as f64)], None)
}

fn has_waves(image: ImageView<'_>, x: usize, y: u32, fft: &Arc<dyn Fft<f32>>) -> bool {
    let rows: Vec<&[u8]> = (0..N as u32).map(|dy| &image.row(y + dy)[x * 3..(x + N) * 3]).collect();
    let plane =
        |value: fn(&[u8]) -> f32| -> Vec<f32> { rows.iter().flat_map(|row| row.chunks_exact(3).map(value)).collect() };
    let apart: [fn(&[u8]) -> f32; 2] = [|p| f32::from(p[0]) - f32::from(p[1]), |p| f32::from(p[2]) - f32::from(p[1])];
    let green = std::cell::OnceCell::new();
    apart.into_iter().any(|value| {
        let colour = plane(value);
        let mean = colour.iter().sum::<f32>() / colour.len() as f32;
        let variance = colour.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / colour.len() as f32;
        if variance < VISIBLE * VISIBLE {
            return false;
        }
        let power = power(&colour, fft);
        let Some(at) = peak(&power) else { return false };
        let green = green.get_or_init(|| self::power(&plane(|p| f32::from(p[1])), fft));
        green[at] < OWN * power[at]
    })
}

/// Index of the peak that stands out; none otherwise.
fn peak(power: &[f32]) -> Option<usize> {
    let radius = |i: usize| {
        let (fx, fy) = (i % N, i / N);
        let signed = |f: usize| if f > N / 2 { N as f32 - f as f32 } else { f as f32 };
        signed(fx).hypot(signed(fy))
    };
    let band = |i: &usize| (2.0..N as f32 / 3.0).contains(&radius(*i));
    let at = (0..power.len()).filter(band).max_by(|&a, &b| power[a].total_cmp(&power[b]))?;
    let ring: Vec<f32> = (0..power.len()).filter(|&i| (radius(i) - radius(at)).abs() < 1.5).map(|i| power[i]).collect();
    let mean = ring.iter().sum::<f32>() / ring.len() as f32;
    // The peak, its mirror image, and the two neighbours on each side that the window smears it over.
    let around: f32 = (0..power.len())
        .filter(|&i| {
            let away = |a: usize, b: usize| a.abs_diff(b).min(N - a.abs_diff(b));
            away(i % N, at % N) <= 1 && away(i / N, at / N) <= 1
        })
        .map(|i| power[i])
        .sum();
    let total: f32 = power.iter().skip(1).sum();
    (power[at] > PEAK * mean && 2.0 * around > DOMINANT * total).then_some(at)
}

/// Power spectrum of a window, its mean taken out, row-major.
fn power(values: &[f32], fft: &Arc<dyn Fft<f32>>) -> Vec<f32> {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    let hann = |i: usize| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / N as f32).cos();
    let mut data: Vec<Complex32> =
        values.iter().enumerate().map(|(i, v)| Complex32::new((v - mean) * hann(i % N) * hann(i / N), 0.0)).collect();
    fft.process(&mut data);
    let mut turned: Vec<Complex32> = (0..N * N).map(|i| data[i % N * N + i / N]).collect();
    fft.process(&mut turned);
    (0..N * N).map(|i| turned[i % N * N + i / N].norm_sqr()).collect()
}
