//! Pictures for tests: scenes of seeded noise at several scales with edges, and what can go wrong with them.

use crate::plane::{Plane, blur};
use giqa_core::{ImageView, NormBox};

/// A packed RGB picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

/// Numbers that are the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// `0..1`.
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Mean 0, sd 1 (Box and Muller).
    pub fn gaussian(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

impl Picture {
    pub fn of(width: usize, height: usize, mut pixel: impl FnMut(usize, usize) -> [u8; 3]) -> Self {
        let data = (0..width * height).flat_map(|i| pixel(i % width, i / width)).collect();
        Self { width, height, data }
    }

    pub fn flat(width: usize, height: usize, colour: [u8; 3]) -> Self {
        Self::of(width, height, |_, _| colour)
    }

    /// Soft clouds at three scales, with hard-edged leaves in front of them; tones between 30 and 220.
    pub fn scene(width: usize, height: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut tone = vec![0.0_f32; width * height];
        for (scale, weight) in [(3.0, 90.0), (8.0, 220.0), (24.0, 700.0)] {
            let white = (0..width * height).map(|_| random.gaussian() as f32).collect();
            let soft = blur(&Plane { width, height, data: white }, scale);
            tone.iter_mut().zip(&soft.data).for_each(|(t, s)| *t += weight * s);
        }
        let leaves: Vec<[f64; 4]> = (0..width * height / 600)
            .map(|_| {
                let at = [random.uniform() * width as f64, random.uniform() * height as f64];
                [at[0], at[1], 3.0 + 11.0 * random.uniform(), 60.0 + 130.0 * random.uniform()]
            })
            .collect();
        let mut cover = vec![None; width * height];
        for [cx, cy, r, shade] in leaves {
            let span = |c: f64, n: usize| (c - r).max(0.0) as usize..((c + r) as usize + 1).min(n);
            for y in span(cy, height) {
                for x in span(cx, width) {
                    if (x as f64 - cx).hypot((y as f64 - cy) * 1.6) < r {
                        cover[y * width + x] = Some(shade as f32);
                    }
                }
            }
        }
        Self::of(width, height, |x, y| {
            let i = y * width + x;
            let t = cover[i].map_or(120.0, |c| c) + tone[i];
            [t * 1.05, t, t * 0.9].map(|v| v.clamp(30.0, 220.0).round() as u8)
        })
    }

    pub fn view(&self) -> ImageView<'_> {
        ImageView::packed(self.width as u32, self.height as u32, &self.data).unwrap()
    }

    pub fn map(&self, mut change: impl FnMut(u8) -> f64) -> Self {
        let data = self.data.iter().map(|&v| change(v).round().clamp(0.0, 255.0) as u8).collect();
        Self { data, ..*self }
    }

    pub fn noisy(&self, sd: f64, seed: u64) -> Self {
        let mut random = Random::new(seed);
        self.map(|v| f64::from(v) + sd * random.gaussian())
    }

    pub fn blurred(&self, sigma: f32) -> Self {
        let mut data = self.data.clone();
        for c in 0..3 {
            let channel = self.data.iter().skip(c).step_by(3).map(|&v| f32::from(v)).collect();
            let soft = blur(&Plane { width: self.width, height: self.height, data: channel }, sigma);
            data.iter_mut().skip(c).step_by(3).zip(&soft.data).for_each(|(v, s)| *v = s.round() as u8);
        }
        Self { data, ..*self }
    }

    /// Through a JPEG file of this quality and back.
    pub fn jpeg(&self, quality: u8) -> Self {
        let mut file = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality);
        encoder.encode(&self.data, self.width as u32, self.height as u32, image::ExtendedColorType::Rgb8).unwrap();
        Self { data: image::load_from_memory(&file).unwrap().into_rgb8().into_raw(), ..*self }
    }

    /// Smeared over so many pixels at this angle (degrees against the clock from the right).
    pub fn moved(&self, length: usize, degrees: f64) -> Self {
        let (dx, dy) = (degrees.to_radians().cos(), -degrees.to_radians().sin());
        Self::of(self.width, self.height, |x, y| {
            let mut sums = [0.0_f64; 3];
            for i in 0..length {
                let t = i as f64 - (length - 1) as f64 / 2.0;
                let at = |c: usize, d: f64, n: usize| (c as f64 + t * d).round().clamp(0.0, (n - 1) as f64) as usize;
                let p = self.at(at(x, dx, self.width), at(y, dy, self.height));
                sums.iter_mut().zip(p).for_each(|(s, v)| *s += f64::from(v));
            }
            sums.map(|s| (s / length as f64).round() as u8)
        })
    }

    /// With so many tones a channel.
    pub fn posterised(&self, tones: u32) -> Self {
        let step = 255.0 / f64::from(tones - 1);
        self.map(|v| (f64::from(v) / step).round() * step)
    }

    /// In squares of one colour.
    pub fn pixelated(&self, side: usize) -> Self {
        Self::of(self.width, self.height, |x, y| self.at(x / side * side, y / side * side))
    }

    /// Without the first columns and rows.
    pub fn cropped(&self, x: usize, y: usize) -> Self {
        Self::of(self.width - x, self.height - y, |cx, cy| self.at(cx + x, cy + y))
    }

    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let i = (y * self.width + x) * 3;
        [self.data[i], self.data[i + 1], self.data[i + 2]]
    }

    /// This picture, but `other` inside the box.
    pub fn with(&self, other: &Picture, inside: &NormBox) -> Self {
        let b = inside.to_pixels(self.width as u32, self.height as u32);
        Self::of(self.width, self.height, |x, y| {
            let in_box = (b.x1..b.x2).contains(&(x as u32)) && (b.y1..b.y2).contains(&(y as u32));
            if in_box { other.at(x, y) } else { self.at(x, y) }
        })
    }
}

/// A box.
pub fn boxed(x1: f64, y1: f64, x2: f64, y2: f64) -> NormBox {
    NormBox::new(x1, y1, x2, y2).unwrap()
}
