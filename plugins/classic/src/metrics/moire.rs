//! Moire: colour that comes and goes in regular waves, where fine patterns met the sensor's grid.
//!
//! In windows of 64 x 64 pixels, the Fourier transforms of the differences red - green and blue - green (after a Hann
//! window) are searched for a peak between 1/32 and 1/3 cycles a pixel that stands out of its ring of equal frequency
//! by 12 times the ring's mean. Patterns of the scene have such a peak in green as well; moire has it in colour, and green hardly.
//! The value is the share of windows with a peak of their own in colour, 0 to 1. Pictures with over 48 windows on a side
//! or 500 in all are sampled. There is no packaged peer; the idea is off-axis Fourier peaks as used in screen-capture detection.

use super::{Look, measured};
use crate::plane::pixels_of;
use giqa_core::{ImageView, Measurement};
use rayon::prelude::*;
use rustfft::{Fft, FftPlanner, num_complex::Complex32};
use std::sync::Arc;

const N: usize = 64;
const MOST_WINDOWS: u32 = 48;
/// Windows that tell the share well enough.
const ENOUGH: u32 = 500;
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
    let (cols, rows) = (part.width() / n, part.height() / n);
    let (cols, rows) = (cols.min(MOST_WINDOWS), rows.min(MOST_WINDOWS));
    // A picture of 2 megapixels has 488 windows; of larger ones, about as many are looked at.
    let thinner = (f64::from(ENOUGH) / f64::from(cols * rows)).sqrt().min(1.0);
    let places = |from: u32, size: u32, count: u32| {
        let count = ((f64::from(count) * thinner).round() as u32).max(1);
        (0..count)
            .map(move |i| from + i * (size - n) / count.max(2).saturating_sub(1).max(1))
            .map(move |p| p.min(from + size - n))
    };
    let corners: Vec<(u32, u32)> = places(part.y1, part.height(), rows)
        .flat_map(|y| places(part.x1, part.width(), cols).map(move |x| (x, y)))
        .collect();
    let fft = FftPlanner::new().plan_fft_forward(N);
    let rings = Rings::new();
    let waves = corners
        .par_iter()
        .map_init(|| Spectrum::new(&fft), |spectrum, &(x, y)| has_waves(look.image, x as usize, y, spectrum, &rings))
        .filter(|waves| *waves)
        .count();
    measured(waves as f64 / corners.len() as f64, &[("windows", corners.len() as f64)], None)
}

fn has_waves(image: ImageView<'_>, x: usize, y: u32, spectrum: &mut Spectrum<'_>, rings: &Rings) -> bool {
    let rows: Vec<&[u8]> = (0..N as u32).map(|dy| &image.row(y + dy)[x * 3..(x + N) * 3]).collect();
    let fill = |plane: &mut Vec<f32>, value: fn([f32; 3]) -> f32| {
        plane.clear();
        plane.extend(rows.iter().flat_map(|row| row.as_chunks::<3>().0).map(|p| value(p.map(f32::from))));
    };
    let apart: [fn([f32; 3]) -> f32; 2] = [|p| p[0] - p[1], |p| p[2] - p[1]];
    let (mut plane, mut green) = (Vec::with_capacity(N * N), None);
    apart.into_iter().any(|value| {
        fill(&mut plane, value);
        let mean = plane.iter().sum::<f32>() / plane.len() as f32;
        let variance = plane.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / plane.len() as f32;
        if variance < VISIBLE * VISIBLE {
            return false;
        }
        let power = spectrum.power(&plane);
        let Some(at) = rings.peak(&power) else { return false };
        let green = green.get_or_insert_with(|| {
            fill(&mut plane, |p| p[1]);
            spectrum.power(&plane)
        });
        green[at] < OWN * power[at]
    })
}

/// The frequencies of a window by their distance from 0.
struct Rings {
    radius: Vec<f32>,
    /// Those in which a peak is looked for.
    band: Vec<usize>,
    /// All, the nearest first.
    outwards: Vec<usize>,
}

impl Rings {
    fn new() -> Self {
        let signed = |f: usize| if f > N / 2 { N as f32 - f as f32 } else { f as f32 };
        let radius: Vec<f32> = (0..N * N).map(|i| signed(i % N).hypot(signed(i / N))).collect();
        let band = (0..N * N).filter(|&i| (2.0..N as f32 / 3.0).contains(&radius[i])).collect();
        let mut outwards: Vec<usize> = (0..N * N).collect();
        outwards.sort_by(|&a, &b| radius[a].total_cmp(&radius[b]));
        Self { radius, band, outwards }
    }

    /// Index of the peak that stands out; none otherwise.
    fn peak(&self, power: &[f32]) -> Option<usize> {
        let at = self.band.iter().copied().max_by(|&a, &b| power[a].total_cmp(&power[b]))?;
        let near = |away: f32| self.outwards.partition_point(|&i| self.radius[i] - self.radius[at] <= away);
        let ring = &self.outwards[near(-1.5)..near(1.499_999)];
        let mean = ring.iter().map(|&i| power[i]).sum::<f32>() / ring.len() as f32;
        if power[at] <= PEAK * mean {
            return None;
        }
        // The peak, its mirror image, and the two neighbours on each side that the window smears it over.
        let around: f32 = (0..power.len())
            .filter(|&i| {
                let away = |a: usize, b: usize| a.abs_diff(b).min(N - a.abs_diff(b));
                away(i % N, at % N) <= 1 && away(i / N, at / N) <= 1
            })
            .map(|i| power[i])
            .sum();
        let total: f32 = power.iter().skip(1).sum();
        (2.0 * around > DOMINANT * total).then_some(at)
    }
}

/// The Fourier transform of windows.
struct Spectrum<'a> {
    fft: &'a dyn Fft<f32>,
    hann: [f32; N],
    data: Vec<Complex32>,
    turned: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl<'a> Spectrum<'a> {
    fn new(fft: &'a Arc<dyn Fft<f32>>) -> Self {
        let zeros = |n: usize| vec![Complex32::default(); n];
        Self {
            fft: &**fft,
            hann: std::array::from_fn(|i| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / N as f32).cos()),
            data: zeros(N * N),
            turned: zeros(N * N),
            scratch: zeros(fft.get_inplace_scratch_len()),
        }
    }

    /// Power spectrum of a window, its mean taken out, row-major.
    fn power(&mut self, values: &[f32]) -> Vec<f32> {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        for (y, (out, row)) in self.data.chunks_exact_mut(N).zip(values.chunks_exact(N)).enumerate() {
            for (x, (out, v)) in out.iter_mut().zip(row).enumerate() {
                *out = Complex32::new((v - mean) * self.hann[x] * self.hann[y], 0.0);
            }
        }
        self.fft.process_with_scratch(&mut self.data, &mut self.scratch);
        turn(&self.data, &mut self.turned);
        self.fft.process_with_scratch(&mut self.turned, &mut self.scratch);
        let power: Vec<f32> = self.turned.iter().map(Complex32::norm_sqr).collect();
        let mut upright = vec![0.0; N * N];
        turn(&power, &mut upright);
        upright
    }
}

/// Rows become columns, in squares that stay in the cache.
fn turn<T: Copy>(from: &[T], to: &mut [T]) {
    const SQUARE: usize = 8;
    for (top, left) in (0..N).step_by(SQUARE).flat_map(|y| (0..N).step_by(SQUARE).map(move |x| (y, x))) {
        for y in top..top + SQUARE {
            for x in left..left + SQUARE {
                to[x * N + y] = from[y * N + x];
            }
        }
    }
}
