//! Rotary position embedding, in Llama's order: the first half of a head turns with the second.

use crate::config::{RopeScaling, TextConfig};
use crate::error::Result;
use std::f64::consts::TAU;
use tch::{Device, Kind, Tensor};

/// Tables of cosines and sines, `[positions, head_dim]`.
pub struct Rope {
    cos: Tensor,
    sin: Tensor,
}

impl Rope {
    /// Tables for positions `0..positions`. Computed in f64 and rounded to f32, then to `kind`.
    ///
    /// # Errors
    /// Memory.
    pub fn new(config: &TextConfig, positions: i64, device: Device, kind: Kind) -> Result<Self> {
        let frequencies: Vec<f32> = frequencies(config);
        // Angles are products of f32, as in the reference: in f64 they would differ in the last bits.
        let line = |p: i64| frequencies.iter().chain(&frequencies).map(move |f| p as f32 * f);
        let angles: Vec<f32> = (0..positions).flat_map(line).collect();
        let angles = Tensor::f_from_slice(&angles)?.f_reshape([positions, config.head_dim])?;
        let place = |t: Tensor| -> Result<Tensor> { Ok(t.f_to(device)?.f_to_kind(kind)?) };
        Ok(Self { cos: place(angles.f_cos()?)?, sin: place(angles.f_sin()?)? })
    }

    /// Cosines and sines of positions `[batch, n]`, each `[batch, 1, n, head_dim]`.
    ///
    /// # Errors
    /// A position beyond the tables.
    pub fn at(&self, positions: &Tensor) -> Result<(Tensor, Tensor)> {
        let (batch, n) = positions.size2()?;
        let flat = positions.f_reshape([-1])?;
        let pick = |t: &Tensor| -> Result<Tensor> { Ok(t.f_index_select(0, &flat)?.f_reshape([batch, 1, n, -1])?) };
        Ok((pick(&self.cos)?, pick(&self.sin)?))
    }
}

/// Turns heads `[batch, heads, n, head_dim]`.
pub(super) fn turn(x: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
    let halves = x.f_chunk(2, -1)?;
    let turned = match halves.as_slice() {
        [first, second] => Tensor::f_cat(&[second.f_neg()?, first.shallow_clone()], -1)?,
        // A head of width 1 has no second half and does not turn.
        _ => x.f_zeros_like()?,
    };
    Ok(x.f_mul(cos)?.f_add(&turned.f_mul(sin)?)?)
}

/// Radians per position of each pair.
fn frequencies(config: &TextConfig) -> Vec<f32> {
    let pairs = config.head_dim / 2;
    let plain = (0..pairs).map(|i| {
        // In f32 step by step, as the reference has it.
        let exponent = (2 * i) as f32 / config.head_dim as f32;
        1.0 / (config.rope_theta as f32).powf(exponent)
    });
    plain.map(|f| scaled(f64::from(f), config.rope_scaling) as f32).collect()
}

fn scaled(frequency: f64, scaling: RopeScaling) -> f64 {
    match scaling {
        RopeScaling::None => frequency,
        RopeScaling::Linear(factor) => frequency / factor,
        RopeScaling::Llama3 { factor, low, high, original } => {
            let wavelength = TAU / frequency;
            // 0 for frequencies that turn seldom within the original length, 1 for those that turn often.
            let often = ((original / wavelength - low) / (high - low)).clamp(0.0, 1.0);
            frequency * (often + (1.0 - often) / factor)
        }
    }
}
