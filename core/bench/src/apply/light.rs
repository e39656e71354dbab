//! Faults of light, made in linear light.

use super::plane::{encode, gaussian, linear};
use crate::picture::Picture;
use rayon::prelude::*;

/// Direction of a colour cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tint {
    Blue,
    Yellow,
    Red,
    Green,
}

impl Tint {
    pub(super) const ALL: [Tint; 4] = [Tint::Blue, Tint::Yellow, Tint::Red, Tint::Green];

    /// Gains of red, green and blue in EV.
    pub(super) fn stops(self, strength: f64) -> [f64; 3] {
        let shares = match self {
            Tint::Blue => [-1.0, -0.15, 1.0],
            Tint::Yellow => [0.8, 0.1, -1.0],
            Tint::Red => [1.0, -0.5, -0.5],
            Tint::Green => [-0.7, 0.7, -0.7],
        };
        shares.map(|s| s * strength)
    }
}

pub(super) fn blur(picture: &Picture, sigma: f64) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let planes = linear(picture).map(|p| gaussian(&p, width, height, sigma));
    encode(&planes, width, height)
}

/// The mean along a line through each pixel; the border is continued.
pub(super) fn motion(picture: &Picture, length: f64, angle: f64) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let steps = length.ceil().max(1.0) as usize;
    let offset = |i: usize| {
        let along = length * (i as f64 / steps as f64 - 0.5);
        (along * angle.cos(), along * angle.sin())
    };
    let offsets: Vec<(f64, f64)> = (0..=steps).map(offset).collect();
    let planes = linear(picture).map(|plane| {
        let mut out = vec![0.0; plane.len()];
        out.par_chunks_exact_mut(width).enumerate().for_each(|(y, row)| {
            for (x, to) in row.iter_mut().enumerate() {
                let at = |(dx, dy): &(f64, f64)| between(&plane, width, height, x as f64 + dx, y as f64 + dy);
                *to = offsets.iter().map(at).sum::<f32>() / offsets.len() as f32;
            }
        });
        out
    });
    encode(&planes, width, height)
}

/// The value at a place between pixels.
fn between(plane: &[f32], width: usize, height: usize, x: f64, y: f64) -> f32 {
    let x = x.clamp(0.0, (width - 1) as f64);
    let y = y.clamp(0.0, (height - 1) as f64);
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (fx, fy) = ((x - left as f64) as f32, (y - top as f64) as f32);
    let row = |y: usize| plane[y * width + left] * (1.0 - fx) + plane[y * width + right] * fx;
    row(top) * (1.0 - fy) + row(bottom) * fy
}

/// Brighter or darker by EV, each channel by its own.
pub(super) fn gains(picture: &Picture, stops: [f64; 3]) -> Picture {
    let mut planes = linear(picture);
    for (plane, stops) in planes.iter_mut().zip(stops) {
        let gain = stops.exp2() as f32;
        plane.iter_mut().for_each(|v| *v *= gain);
    }
    encode(&planes, picture.width(), picture.height())
}
