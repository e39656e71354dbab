//! Pixels to plant faults in.

use giqa_core::PixelBox;
use giqa_engine::Decoded;

/// An upright picture of 8-bit sRGB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Picture {
    /// A picture of a colour for each place.
    #[must_use]
    pub fn from_fn(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Self {
        let mut rgb = Vec::with_capacity(3 * width * height);
        for y in 0..height {
            for x in 0..width {
                rgb.extend(pixel(x, y));
            }
        }
        Self { width, height, rgb }
    }

    /// A picture of packed pixels; `None` when there are not `3 * width * height` bytes, or none.
    #[must_use]
    pub fn from_rgb(width: usize, height: usize, rgb: Vec<u8>) -> Option<Self> {
        let size = width.checked_mul(height)?.checked_mul(3)?;
        (size > 0 && rgb.len() == size).then_some(Self { width, height, rgb })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// `R G B R G B ...`.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The same, to change.
    pub(crate) fn rgb_mut(&mut self) -> &mut [u8] {
        &mut self.rgb
    }

    /// How much larger than the reference of the table of strengths it is.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.width.max(self.height) as f64 / crate::fault::REFERENCE_SIDE
    }

    /// A part of it; the box is cut to the picture first, and never empty.
    #[must_use]
    pub fn crop(&self, part: PixelBox) -> Picture {
        let x1 = (part.x1 as usize).min(self.width - 1);
        let y1 = (part.y1 as usize).min(self.height - 1);
        let x2 = (part.x2 as usize).clamp(x1 + 1, self.width);
        let y2 = (part.y2 as usize).clamp(y1 + 1, self.height);
        let rows = (y1..y2).flat_map(|y| {
            let row = 3 * y * self.width;
            self.rgb[row + 3 * x1..row + 3 * x2].iter().copied()
        });
        Picture { width: x2 - x1, height: y2 - y1, rgb: rows.collect() }
    }
}

impl From<&Decoded> for Picture {
    fn from(image: &Decoded) -> Self {
        Self { width: image.width() as usize, height: image.height() as usize, rgb: image.pixels().to_vec() }
    }
}

/// Something for tests to look at: detail of every size, as in photographs.
#[cfg(test)]
pub(crate) fn sample(width: usize, height: usize) -> Picture {
    let chance = |x: usize, y: usize, side: usize, c: usize| {
        let mixed = (x / side * 73_856_093) ^ (y / side * 19_349_663) ^ (side * 83_492_791 + c * 2_654_435_761);
        let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(1_274_126_177) ^ (mixed >> 7);
        (mixed >> 5) % 256
    };
    let sides = [149, 79, 37, 19, 11, 7, 4, 2, 1];
    Picture::from_fn(width, height, |x, y| {
        std::array::from_fn(|c| {
            let sum: usize = sides.iter().map(|&s| chance(x + s / 3 + 1, y + s / 2 + 2, s, c) * (s + 40) / 8).sum();
            (20 + sum * 8 / sides.iter().map(|s| s + 40).sum::<usize>() * 215 / 255) as u8
        })
    })
}
