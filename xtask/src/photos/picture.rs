//! A photograph, and what each fault does to it.

use super::numbers::{LN_2, Light, Noise, exp};
use super::recipe::{Fault, Place};
use anyhow::{Context, Result};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageReader};
use std::io::Cursor;
use std::path::Path;

/// 8-bit samples, interleaved: one channel or three.
pub(super) struct Photo {
    pub(super) width: u32,
    pub(super) height: u32,
    channels: usize,
    samples: Vec<u8>,
}

impl Photo {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::decode(&bytes).with_context(|| format!("cannot decode {}", path.display()))
    }

    fn decode(jpeg: &[u8]) -> Result<Self> {
        let image = ImageReader::with_format(Cursor::new(jpeg), image::ImageFormat::Jpeg).decode()?;
        let (width, height) = (image.width(), image.height());
        let grey = image.color().channel_count() == 1;
        let samples = if grey { image.into_luma8().into_raw() } else { image.into_rgb8().into_raw() };
        Ok(Self { width, height, channels: if grey { 1 } else { 3 }, samples })
    }

    pub(super) fn encode(&self, quality: u8) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let colour = if self.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
        JpegEncoder::new_with_quality(&mut bytes, quality).encode(&self.samples, self.width, self.height, colour)?;
        Ok(bytes)
    }

    pub(super) fn normalised(&self, [x1, y1, x2, y2]: [u32; 4]) -> [f64; 4] {
        let (w, h) = (f64::from(self.width), f64::from(self.height));
        [f64::from(x1) / w, f64::from(y1) / h, f64::from(x2) / w, f64::from(y2) / h]
    }

    pub(super) fn with_fault(&self, fault: Fault, place: Place) -> Result<Self> {
        let light = Light::new();
        Ok(match fault {
            Fault::Blur { sigma } => self.blend(&self.blurred(sigma, &light), place),
            Fault::Motion { dx, dy, len } => self.blend(&self.moved(dx, dy, len, &light), place),
            Fault::Compress { quality } => self.blend(&Self::decode(&self.encode(quality)?)?.samples, place),
            Fault::Noise { sd, seed } => {
                let mut noise = Noise(seed);
                self.map(place, |v, _, weight| to_byte(f64::from(v) + sd * weight * noise.normal()))
            }
            Fault::Exposure { ev } => {
                self.map(place, |v, _, weight| light.encode(light.decode[usize::from(v)] * exp(ev * weight * LN_2)))
            }
            Fault::Gains { rgb } => self.map(place, |v, c, weight| {
                light.encode(light.decode[usize::from(v)] * (1.0 + (rgb[c] - 1.0) * weight))
            }),
            Fault::Flatten { scale } => {
                self.map(place, |v, _, weight| to_byte(128.0 + (f64::from(v) - 128.0) * (1.0 + (scale - 1.0) * weight)))
            }
            Fault::Posterise { steps } => self.map(place, |v, _, weight| {
                let step = 255.0 / (steps - 1.0);
                let rounded = (f64::from(v) / step).round() * step;
                to_byte(f64::from(v) + (rounded - f64::from(v)) * weight)
            }),
        })
    }

    fn map(&self, place: Place, mut change: impl FnMut(u8, usize, f64) -> u8) -> Self {
        let mut samples = Vec::with_capacity(self.samples.len());
        for (i, pixel) in self.samples.chunks_exact(self.channels).enumerate() {
            let (x, y) = (i as u32 % self.width, i as u32 / self.width);
            let weight = place.weight(x, y, self.width, self.height);
            samples.extend(pixel.iter().enumerate().map(|(c, &v)| change(v, c, weight)));
        }
        Self { samples, ..*self }
    }

    /// `other` inside the place, this picture outside it.
    fn blend(&self, other: &[u8], place: Place) -> Self {
        let mut others = other.iter();
        self.map(place, |v, _, weight| {
            let other = others.next().copied().unwrap_or(v);
            to_byte(f64::from(v) + (f64::from(other) - f64::from(v)) * weight)
        })
    }

    /// One sample in linear light; beyond the border, the nearest one.
    fn at(&self, x: i64, y: i64, channel: usize, light: &Light) -> f64 {
        let x = x.clamp(0, i64::from(self.width) - 1) as usize;
        let y = y.clamp(0, i64::from(self.height) - 1) as usize;
        light.decode[usize::from(self.samples[(y * self.width as usize + x) * self.channels + channel])]
    }

    fn each_sample(&self, mut value: impl FnMut(i64, i64, usize) -> f64) -> Vec<f64> {
        let mut out = Vec::with_capacity(self.samples.len());
        for y in 0..i64::from(self.height) {
            for x in 0..i64::from(self.width) {
                out.extend((0..self.channels).map(|c| value(x, y, c)));
            }
        }
        out
    }

    fn blurred(&self, sigma: f64, light: &Light) -> Vec<u8> {
        let radius = (sigma * 4.0).ceil() as i64;
        let kernel: Vec<f64> = (-radius..=radius).map(|k| exp(-((k * k) as f64) / (2.0 * sigma * sigma))).collect();
        let sum: f64 = kernel.iter().sum();
        let taps = || (-radius..=radius).zip(&kernel);
        let across =
            self.each_sample(|x, y, c| taps().map(|(k, w)| w * self.at(x + k, y, c, light)).sum::<f64>() / sum);
        let (width, last) = (i64::from(self.width), i64::from(self.height) - 1);
        let index = |x: i64, y: i64, c: usize| (y.clamp(0, last) * width + x) as usize * self.channels + c;
        let both = self.each_sample(|x, y, c| taps().map(|(k, w)| w * across[index(x, y + k, c)]).sum::<f64>() / sum);
        both.into_iter().map(|v| light.encode(v)).collect()
    }

    fn moved(&self, dx: f64, dy: f64, len: f64, light: &Light) -> Vec<u8> {
        let steps = (len * 2.0).round() as i64;
        let blurred = self.each_sample(|x, y, c| {
            let total: f64 = (0..=steps)
                .map(|s| {
                    let t = len * (s as f64 / steps as f64 - 0.5);
                    let (px, py) = (x as f64 + dx * t, y as f64 + dy * t);
                    let (fx, fy) = (px - px.floor(), py - py.floor());
                    let (ix, iy) = (px.floor() as i64, py.floor() as i64);
                    let row = |y| self.at(ix, y, c, light) * (1.0 - fx) + self.at(ix + 1, y, c, light) * fx;
                    row(iy) * (1.0 - fy) + row(iy + 1) * fy
                })
                .sum();
            total / (steps + 1) as f64
        });
        blurred.into_iter().map(|v| light.encode(v)).collect()
    }
}

fn to_byte(v: f64) -> u8 {
    v.round().clamp(0.0, 255.0) as u8
}
