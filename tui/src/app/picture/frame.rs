//! An encoded picture: bytes for the terminal, or coloured cells.

use super::display::{Display, Protocol};
use super::geometry::{Layout, Placement};
use giqa_engine::overlay::Canvas;
use image::{DynamicImage, RgbImage, RgbaImage};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::widgets::Widget;
use ratatui_image::protocol::{
    Protocol as Encoded, halfblocks::HalfBlock, halfblocks::Halfblocks, iterm2::Iterm2, kitty::Kitty, sixel::Sixel,
};
use std::sync::atomic::{AtomicU32, Ordering};

/// An encoded picture, ready to be drawn.
pub struct Frame {
    /// Where the picture is, for mouse and keys.
    pub placement: Placement,
    picture: Option<Encoded>,
    bytes: usize,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({:?}, {} bytes)", self.placement, self.bytes)
    }
}

impl Frame {
    /// A frame that draws nothing, for layouts and tests.
    #[must_use]
    pub fn blank(placement: Placement) -> Self {
        Self { placement, picture: None, bytes: 0 }
    }

    /// Draws it at the top left of the area. In an area that is too small coloured cells and kitty's pictures are cut
    /// off; the others are left out, because they can't be.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if let Some(picture) = &self.picture {
            let cut = matches!(picture, Encoded::Halfblocks(_) | Encoded::Kitty(_));
            ratatui_image::Image::new(picture).allow_clipping(cut).render(area, buffer);
        }
    }

    /// Memory that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Encodes a picture. `tmux` wraps it such that tmux hands it on to the terminal.
pub(super) fn encode(canvas: &Canvas, layout: &Layout, display: &Display, tmux: bool) -> Result<Frame, String> {
    let placement = layout.placement;
    let size = Size::new(placement.cells.0, placement.cells.1);
    let wrong = |e: &dyn std::fmt::Display| format!("it can't be encoded for the terminal: {e}");
    let picture = match display.protocol {
        Protocol::Off => return Err(super::OFF.to_owned()),
        Protocol::Halfblocks => {
            let rgb = RgbImage::from_raw(canvas.width(), canvas.height(), canvas.pixels().to_vec());
            let rgb = rgb.ok_or_else(|| wrong(&"its size is wrong"))?;
            Encoded::Halfblocks(Halfblocks::new(DynamicImage::ImageRgb8(rgb), size).map_err(|e| wrong(&e))?)
        }
        Protocol::Kitty => {
            let image = padded(canvas, size, display.unit());
            Encoded::Kitty(Kitty::new(image, size, next_id(), tmux, false).map_err(|e| wrong(&e))?)
        }
        Protocol::Sixel => {
            Encoded::Sixel(Sixel::new(padded(canvas, size, display.unit()), size, tmux).map_err(|e| wrong(&e))?)
        }
        Protocol::Iterm2 => {
            Encoded::ITerm2(Iterm2::new(padded(canvas, size, display.unit()), size, tmux).map_err(|e| wrong(&e))?)
        }
    };
    let pixels = usize::from(size.width) * usize::from(size.height);
    let bytes = size_of::<Frame>()
        + match &picture {
            Encoded::Halfblocks(_) => pixels * size_of::<HalfBlock>(),
            Encoded::Sixel(s) => s.data.capacity(),
            Encoded::ITerm2(i) => i.data.capacity(),
            // Four bytes a pixel as base64, in chunks with a head of some bytes each.
            Encoded::Kitty(_) => {
                let unit = display.unit();
                pixels * usize::from(unit.0) * usize::from(unit.1) * 4 * 4 / 3 * 101 / 100
            }
        };
    Ok(Frame { placement, picture: Some(picture), bytes })
}

/// Whole cells: terminals scale pictures of other sizes, each in its own way. What is added can be seen through.
fn padded(canvas: &Canvas, size: Size, unit: (u16, u16)) -> DynamicImage {
    let width = u32::from(size.width) * u32::from(unit.0);
    let height = u32::from(size.height) * u32::from(unit.1);
    let mut image = RgbaImage::new(width, height);
    let rows = canvas.pixels().chunks_exact(3 * canvas.width().max(1) as usize);
    for (to, from) in image.chunks_exact_mut(4 * width.max(1) as usize).zip(rows) {
        for (t, [r, g, b]) in to.as_chunks_mut::<4>().0.iter_mut().zip(from.as_chunks::<3>().0) {
            *t = [*r, *g, *b, 255];
        }
    }
    DynamicImage::ImageRgba8(image)
}

/// Kitty names pictures by numbers, also those of other programs in the same window: start somewhere of our own.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The last number before ours; far enough from the end for all that follow.
fn before_ours() -> u32 {
    std::process::id().wrapping_mul(0x9E37_79B1) >> 1
}

fn next_id() -> u32 {
    before_ours() + 1 + COUNT.fetch_add(1, Ordering::Relaxed)
}

/// The numbers of all pictures that were encoded for kitty, if there are any.
pub(super) fn ids() -> Option<(u32, u32)> {
    let count = COUNT.load(Ordering::Relaxed);
    (count > 0).then(|| (before_ours() + 1, before_ours() + count))
}
