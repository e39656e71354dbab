//! Light and noise, the same to the last bit everywhere.

/// sRGB to linear light and back, with additions, products and roots alone.
pub(super) struct Light {
    pub(super) decode: [f64; 256],
    /// Linear values half-way between one code and the next.
    between: [f64; 255],
}

impl Light {
    pub(super) fn new() -> Self {
        Self {
            decode: std::array::from_fn(|i| linear(i as f64 / 255.0)),
            between: std::array::from_fn(|i| linear((i as f64 + 0.5) / 255.0)),
        }
    }

    pub(super) fn encode(&self, linear: f64) -> u8 {
        self.between.partition_point(|&limit| limit <= linear) as u8
    }
}

fn linear(v: f64) -> f64 {
    if v <= 0.04045 {
        return v / 12.92;
    }
    let base = (v + 0.055) / 1.055;
    // base^2.4 = base^2 * (base^(1/5))^2; the fifth root by Newton's method.
    let mut root = 1.0;
    for _ in 0..60 {
        root = (4.0 * root + base / (root * root * root * root)) / 5.0;
    }
    base * base * root * root
}

pub(super) const LN_2: f64 = std::f64::consts::LN_2;

/// `e^x`: the series for `x / 64`, squared six times.
pub(super) fn exp(x: f64) -> f64 {
    let small = x / 64.0;
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..24 {
        term *= small / f64::from(n);
        sum += term;
    }
    (0..6).fold(sum, |v, _| v * v)
}

/// Knuth's 64-bit linear congruential generator.
pub(super) struct Noise(pub(super) u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 32) as f64 / 4_294_967_296.0
    }

    /// Mean 0, variance 1: twelve uniform numbers, summed.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_comes_back_as_it_went() {
        let light = Light::new();
        for code in 0..=255u8 {
            assert_eq!(light.encode(light.decode[usize::from(code)]), code);
        }
        assert!((linear(0.5) - 0.214_041_14).abs() < 1e-7);
        assert!((exp(-3.0) - 0.049_787_068_367_863_944).abs() < 1e-15);
    }

    #[test]
    fn noise_has_the_spread_it_names() {
        let mut noise = Noise(20);
        let many: Vec<f64> = (0..20_000).map(|_| noise.normal()).collect();
        let mean = many.iter().sum::<f64>() / many.len() as f64;
        let variance = many.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / many.len() as f64;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "mean {mean}, variance {variance}");
    }
}
