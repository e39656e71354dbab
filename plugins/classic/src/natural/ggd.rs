//! Fits of the generalised Gaussian distribution and its asymmetric kin by matching moments, with the shape on the
//! originals' grid 0.2, 0.201 .. 10.

use super::sums::Sums;
use std::sync::LazyLock;

const FIRST: f64 = 0.2;
const STEP: f64 = 0.001;
const SHAPES: usize = 9801;

/// `(E|v|)^2 / E v^2` of a generalised Gaussian, per shape of the grid; it grows.
static RATIOS: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let ratio = |i| {
        let inverse = 1.0 / shape(i);
        gamma(2.0 * inverse).powi(2) / (gamma(inverse) * gamma(3.0 * inverse))
    };
    (0..SHAPES).map(ratio).collect()
});

fn shape(i: usize) -> f64 {
    FIRST + STEP * i as f64
}

/// The gamma function for arguments over 0 (Lanczos, g = 7).
pub fn gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        // The series is for larger arguments.
        return gamma(x + 1.0) / x;
    }
    let x = x - 1.0;
    let series =
        COEFFICIENTS.iter().enumerate().fold(0.999_999_999_999_809_9, |sum, (i, c)| sum + c / (x + i as f64 + 1.0));
    let t = x + 7.5;
    // The power is taken in halves, so that it doesn't overflow.
    let power = t.powf(0.5 * (x + 0.5));
    std::f64::consts::TAU.sqrt() * power * (-t).exp() * power * series
}

/// The shape of the grid whose value in `RATIOS` is nearest, by `distance` from place `i`. The originals take the
/// first shape where there is nothing to compare.
fn nearest(target: f64, value: impl Fn(f64) -> f64) -> f64 {
    if target.is_nan() {
        return shape(0);
    }
    let (rising, ratios) = (value(2.0) > value(1.0), &*RATIOS);
    let after = ratios.partition_point(|&r| if rising { value(r) < target } else { value(r) > target });
    let near = |i: usize| (value(ratios[i]) - target).abs();
    shape(match after {
        0 => 0,
        SHAPES => SHAPES - 1,
        i if near(i - 1) <= near(i) => i - 1,
        i => i,
    })
}

/// Shape and variance of a generalised Gaussian with mean 0.
pub fn symmetric(sums: &Sums) -> (f64, f64) {
    let variance = (sums.below_squared + sums.above_squared) / sums.count;
    let size = sums.size / sums.count;
    (nearest(variance / (size * size), |ratio| 1.0 / ratio), variance)
}

/// An asymmetric generalised Gaussian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asymmetric {
    /// 0.2 heavy-tailed, 1 Laplace, 2 Gauss, 10 box-like.
    pub shape: f64,
    /// Root mean square of the values below 0; NaN without any.
    pub left: f64,
    /// Root mean square of the values above 0; NaN without any.
    pub right: f64,
}

impl Asymmetric {
    /// The fit to values.
    pub fn fit(sums: &Sums) -> Self {
        let (left, right) = ((sums.below_squared / sums.below).sqrt(), (sums.above_squared / sums.above).sqrt());
        let skew = left / right;
        let size = sums.size / sums.count;
        let ratio = size * size / ((sums.below_squared + sums.above_squared) / sums.count);
        let ratio = ratio * (skew.powi(3) + 1.0) * (skew + 1.0) / (skew * skew + 1.0).powi(2);
        Self { shape: nearest(ratio, |ratio| ratio), left, right }
    }

    /// Scale per root mean square.
    pub fn scale(&self) -> f64 {
        (gamma(1.0 / self.shape) / gamma(3.0 / self.shape)).sqrt()
    }

    /// The distribution's mean.
    pub fn mean(&self) -> f64 {
        (self.right - self.left) * self.scale() * gamma(2.0 / self.shape) / gamma(1.0 / self.shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn gamma_of_known_arguments() {
        for (x, known) in
            [(0.1, 9.513_507_698_668_732), (0.5, PI.sqrt()), (1.0, 1.0), (5.0, 24.0), (15.0, 87_178_291_200.0)]
        {
            assert!((gamma(x) / known - 1.0).abs() < 1e-13, "{x}: {}", gamma(x));
        }
    }

    #[test]
    fn ratios_grow() {
        assert_eq!(RATIOS.len(), SHAPES);
        assert!(RATIOS.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn laplace_gauss_and_box_are_known_by_their_moments() {
        // E|v| of sd 1: sqrt(1/2), sqrt(2/pi), sqrt(3)/2.
        for (size, shape) in [(0.5_f64.sqrt(), 1.0), ((2.0 / PI).sqrt(), 2.0)] {
            let sums =
                Sums { count: 2.0, below: 1.0, above: 1.0, below_squared: 1.0, above_squared: 1.0, size: 2.0 * size };
            let (alpha, variance) = symmetric(&sums);
            assert!((alpha - shape).abs() < 1e-9 && variance == 1.0, "{alpha}");
            let fit = Asymmetric::fit(&sums);
            assert!((fit.shape - shape).abs() < 1e-9 && fit.mean() == 0.0, "{fit:?}");
        }
        let wide = Sums { count: 2.0, below: 1.0, above: 1.0, below_squared: 1.0, above_squared: 1.0, size: 2.0 };
        assert_eq!(symmetric(&wide).0, shape(SHAPES - 1));
    }

    #[test]
    fn an_asymmetric_laplacian() {
        // Two exponential halves of means 1 and 3, weighed by them: E v^2 of a half is twice its mean's square.
        let (count, l, r) = (4.0, 1.0, 3.0);
        let sums = Sums {
            count,
            below: l,
            above: r,
            below_squared: l * 2.0 * l * l,
            above_squared: r * 2.0 * r * r,
            size: l * l + r * r,
        };
        let fit = Asymmetric::fit(&sums);
        assert!((fit.shape - 1.0).abs() < 1e-9, "{fit:?}");
        assert!((fit.left - 2.0_f64.sqrt()).abs() < 1e-12 && (fit.right - 18.0_f64.sqrt()).abs() < 1e-12);
        // (r - l) Gamma(2) / Gamma(1).
        assert!((fit.mean() - 2.0).abs() < 1e-9, "{}", fit.mean());
    }

    #[test]
    fn nothing_to_fit_gives_the_first_shape_and_no_width() {
        let fit = Asymmetric::fit(&Sums { count: 5.0, ..Sums::default() });
        assert!(fit.shape == 0.2 && fit.left.is_nan() && fit.right.is_nan());
    }
}
