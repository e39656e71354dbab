//! Order statistics.

/// The `q`-quantile (`0..=1`) of finite values by linear interpolation; `None` without any. Reorders `values`.
#[must_use]
pub fn quantile(values: &mut [f32], q: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let at = q.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let (_, &mut low, above) = values.select_nth_unstable_by(at.floor() as usize, f32::total_cmp);
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    Some(f64::from(low) * (1.0 - at.fract()) + f64::from(high) * at.fract())
}

/// A histogram of 8-bit values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: [u64; 256],
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [0; 256], total: 0 }
    }
}

impl Histogram {
    /// Counts a value.
    pub fn add(&mut self, value: u8) {
        self.counts[value as usize] += 1;
        self.total += 1;
    }

    /// Adds the counts of another one.
    pub fn merge(&mut self, other: &Histogram) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
    }

    /// The smallest value that at least a share `q` of all values do not exceed; 0 when there are none.
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        let wanted = (q * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (value, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return value as f64;
            }
        }
        0.0
    }

    /// Mean; 0 when there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let sum: u64 = self.counts.iter().enumerate().map(|(v, c)| v as u64 * c).sum();
        sum as f64 / self.total.max(1) as f64
    }

    /// Standard deviation (population).
    #[must_use]
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        let sum: f64 = self.counts.iter().enumerate().map(|(v, &c)| (v as f64 - mean).powi(2) * c as f64).sum();
        (sum / self.total.max(1) as f64).sqrt()
    }

    /// Entropy in bits, `0..=8`.
    #[must_use]
    pub fn entropy(&self) -> f64 {
        let total = self.total.max(1) as f64;
        let bits = |&c: &u64| if c == 0 { 0.0 } else { -(c as f64 / total) * (c as f64 / total).log2() };
        self.counts.iter().map(bits).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        assert_eq!(quantile(&mut [], 0.5), None);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(quantile(&mut [0.0, 10.0], 0.25), Some(2.5));
        let mut h = Histogram::default();
        (0..=255).for_each(|v| h.add(v));
        assert_eq!((h.quantile(0.5), h.quantile(0.0), h.quantile(1.0)), (127.0, 0.0, 255.0));
        assert_eq!((h.mean(), h.entropy()), (127.5, 8.0));
        assert!((h.deviation() - 73.9).abs() < 0.01);
        assert_eq!(Histogram::default().quantile(0.5), 0.0);
    }
}
