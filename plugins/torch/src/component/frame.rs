//! Boxes of a picture and of the square that it was padded to.

use giqa_sdk::core::NormBox;

/// Where a picture lies in its square: share of the margin before it and of the picture itself, along x and y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    start: (f64, f64),
    size: (f64, f64),
}

impl Frame {
    /// For a picture of this size in pixels.
    pub fn new(width: u32, height: u32) -> Self {
        let (w, h) = (f64::from(width), f64::from(height));
        let side = w.max(h);
        // The margin is cut to whole pixels, as it was for the model.
        let start = (((side - w) / 2.0).floor() / side, ((side - h) / 2.0).floor() / side);
        Self { start, size: (w / side, h / side) }
    }

    /// A box of the picture as one of the square.
    pub fn to_square(self, b: &NormBox) -> NormBox {
        let (x, y) = (|v: f64| self.start.0 + v * self.size.0, |v: f64| self.start.1 + v * self.size.1);
        NormBox::clamped(x(b.x1()), y(b.y1()), x(b.x2()), y(b.y2())).unwrap_or(*b)
    }

    /// A box of the square as one of the picture; what lies in the margin is cut off.
    pub fn to_picture(self, b: &NormBox) -> NormBox {
        let (x, y) = (|v: f64| (v - self.start.0) / self.size.0, |v: f64| (v - self.start.1) / self.size.1);
        NormBox::clamped(x(b.x1()), y(b.y1()), x(b.x2()), y(b.y2())).unwrap_or(*b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let frame = Frame::new(200, 100);
        let square = NormBox::new(0.0, 0.25, 1.0, 0.75).unwrap();
        let whole = NormBox::new(0.0, 0.0, 1.0, 1.0).unwrap();
        assert_eq!(frame.to_picture(&square), whole);
        assert_eq!(frame.to_square(&whole), square);
        assert_eq!(frame.to_picture(&whole), whole, "the margin is cut off");
    }
}
