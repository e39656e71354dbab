//! Pictures in a terminal: decoded, cut, marked and encoded away from the screen, and drawn from a cache.
//!
//! The only room that knows ratatui-image.

mod scene;

pub use scene::{Heat, Overlay, Scene, View, Zoom};

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use std::sync::Arc;

/// How pictures reach the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Kitty's, by unicode placeholders.
    Kitty,
    /// Sixel.
    Sixel,
    /// iTerm2's inline images.
    Iterm2,
    /// Two pixels a cell, as coloured text.
    Halfblocks,
    /// None at all.
    Off,
}

/// What the terminal can show.
#[derive(Debug, Clone, PartialEq)]
pub struct Display {
    /// How pictures reach it.
    pub protocol: Protocol,
    /// Width and height of a cell in pixels.
    pub cell: (u16, u16),
}

/// An encoded picture, ready to be drawn.
#[derive(Debug)]
pub struct Frame {
    /// Where the picture is, for mouse and keys.
    pub placement: Placement,
}

/// Which part of a photo lies where in the cells of its area.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Placement {
    /// The part that shows: x1 y1 x2 y2, `0..=1` of the photo.
    pub part: [f64; 4],
    /// Cells that it covers, from the top left of the area.
    pub cells: (u16, u16),
    /// Size of the photo in pixels.
    pub pixels: (u32, u32),
    /// Pixels of the photo per pixel of the terminal (1 = 1:1, 4 = shown at a quarter).
    pub scale: f64,
}

impl Frame {
    /// Draws it at the top left of the area.
    pub fn draw(&self, _area: Rect, _buffer: &mut Buffer) {}
}

/// A picture that was asked for.
#[derive(Debug, Clone)]
pub struct Shown {
    /// As it was asked for.
    pub scene: Scene,
    /// The picture, or why there is none.
    pub frame: Result<Arc<Frame>, String>,
}

/// Makes pictures on threads of its own.
pub struct Studio {}

impl Studio {
    /// Starts the threads. `sink` is told of each picture, on one of them.
    #[must_use]
    pub fn start(_display: Display, _sink: impl Fn(Shown) + Send + Sync + 'static) -> Self {
        Self {}
    }

    /// Exactly these are wanted from now on, the first most; work on others stops. What is in the cache is told at once.
    pub fn want(&self, _scenes: Vec<Scene>) {}

    /// The font of the terminal changed; what was encoded for the old one is dropped.
    pub fn set_display(&self, _display: Display) {}
}

/// Cells that a photo covers when it fits into an area: known before it is decoded.
#[must_use]
pub fn fitted(_pixels: (u32, u32), area: Size, _cell: (u16, u16)) -> Size {
    area
}
