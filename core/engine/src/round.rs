//! The one place where floats are rounded for output.
//!
//! Sums in another order (more threads, another CPU) differ in the last bits. Six significant digits hide that and are
//! more than any metric means.

use giqa_core::{NormBox, Region};

/// `v` with six significant digits.
pub(crate) fn six(v: f64) -> f64 {
    if v == 0.0 || !v.is_finite() {
        // Also turns -0 into 0.
        return if v == 0.0 { 0.0 } else { v };
    }
    format!("{v:.5e}").parse().unwrap_or(v)
}

/// A box with rounded corners. Rounding keeps the order of numbers, so the box stays one.
pub(crate) fn bounds(b: NormBox) -> NormBox {
    NormBox::clamped(six(b.x1()), six(b.y1()), six(b.x2()), six(b.y2())).unwrap_or(b)
}

pub(crate) fn region(mut r: Region) -> Region {
    r.bounds = bounds(r.bounds);
    r.score = six(r.score);
    r.severity = r.severity.map(six);
    r
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_and_no_minus_zero() {
        assert_eq!(six(1.234_567_89), 1.23457);
        assert_eq!(six(-123_456_789.0), -123_457_000.0);
        assert_eq!(six(0.000_012_345_678), 0.000_012_345_7);
        assert!(six(-0.0).is_sign_positive());
        assert_eq!(six(six(2.0 / 3.0)), six(2.0 / 3.0));
    }
}
