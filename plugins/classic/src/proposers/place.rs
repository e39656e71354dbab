//! Names of places.

use giqa_core::NormBox;

/// Where a box lies, in words: "centre", "upper left", "left edge", ...; "most of the picture" for large ones.
#[must_use]
pub fn name_of(b: &NormBox) -> &'static str {
    if b.area() > 0.6 {
        return "most of the picture";
    }
    let (x, y) = b.centre();
    let third = |v: f64| {
        if v < 0.38 {
            0
        } else if v > 0.62 {
            2
        } else {
            1
        }
    };
    // A box that spans the picture is at no side of it.
    let wide = b.x2() - b.x1() > 0.75;
    let high = b.y2() - b.y1() > 0.75;
    match (if wide { 1 } else { third(x) }, if high { 1 } else { third(y) }) {
        (0, 0) => "upper left",
        (1, 0) => "upper part",
        (2, 0) => "upper right",
        (0, 1) => "left side",
        (2, 1) => "right side",
        (0, 2) => "lower left",
        (1, 2) => "lower part",
        (2, 2) => "lower right",
        _ => "centre",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let name = |x1, y1, x2, y2| name_of(&NormBox::new(x1, y1, x2, y2).unwrap());
        assert_eq!(name(0.0, 0.0, 0.3, 0.3), "upper left");
        assert_eq!(name(0.4, 0.4, 0.6, 0.6), "centre");
        assert_eq!(name(0.0, 0.0, 1.0, 0.4), "upper part");
        assert_eq!(name(0.7, 0.0, 1.0, 0.9), "right side");
        assert_eq!(name(0.0, 0.0, 1.0, 0.9), "most of the picture");
    }
}
