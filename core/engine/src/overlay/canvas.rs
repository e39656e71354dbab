//! A small RGB picture that can be drawn on.

use super::font;

pub(super) type Rgb = [u8; 3];

/// Packed RGB pixels with a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

/// A place on a canvas; parts outside are not drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rect {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) w: i64,
    pub(super) h: i64,
}

impl Canvas {
    /// A canvas of packed RGB pixels; `None` unless there are exactly `3 * width * height` bytes.
    #[must_use]
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        (pixels.len() as u64 == 3 * u64::from(width) * u64::from(height)).then_some(Self { width, height, pixels })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels, packed RGB.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixels, packed RGB, on their own.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    pub(super) fn fill(&mut self, r: Rect, colour: Rgb) {
        let (w, h) = (i64::from(self.width), i64::from(self.height));
        let (x1, x2) = (r.x.clamp(0, w) as usize, (r.x + r.w).clamp(0, w) as usize);
        for y in r.y.clamp(0, h)..(r.y + r.h).clamp(0, h) {
            let row = y as usize * self.width as usize;
            if let Some(part) = self.pixels.get_mut((row + x1) * 3..(row + x2.max(x1)) * 3) {
                part.as_chunks_mut::<3>().0.fill(colour);
            }
        }
    }

    /// Adds rows of one colour below the picture.
    pub(super) fn extend_down(&mut self, rows: u32, colour: Rgb) {
        let more = rows as usize * self.width as usize;
        self.pixels.extend(std::iter::repeat_n(colour, more).flatten());
        self.height += rows;
    }

    /// Draws a line of text with its top-left corner at `(x, y)`, each dot `scale` pixels wide.
    pub(super) fn text(&mut self, x: i64, y: i64, text: &str, scale: i64, colour: Rgb) {
        for (i, c) in text.chars().enumerate() {
            let left = x + i as i64 * i64::from(font::WIDTH + 1) * scale;
            if left >= i64::from(self.width) {
                return;
            }
            for (dx, column) in (0..).zip(font::columns(c)) {
                for dy in (0..i64::from(font::HEIGHT)).filter(|dy| column >> dy & 1 == 1) {
                    self.fill(Rect { x: left + dx * scale, y: y + dy * scale, w: scale, h: scale }, colour);
                }
            }
        }
    }
}

/// Width of a line of text in pixels.
pub(super) fn text_width(text: &str, scale: i64) -> i64 {
    (text.chars().count() as i64 * i64::from(font::WIDTH + 1) - 1).max(0) * scale
}
