//! Pictures in a terminal: decoded, cut, marked and encoded away from the screen, and drawn from a cache.
//!
//! The only room that knows ratatui-image. On the way from a file to a [`Frame`]: `studio` (who wants what, threads,
//! caches) -> `geometry` (which part, how large) -> `scale` -> `compose` (heat and marks burnt in, in pixels of the
//! terminal) -> `frame` (encoded).

mod asked;
mod compose;
mod display;
mod frame;
mod geometry;
mod lru;
mod scale;
mod scene;
mod studio;
#[cfg(test)]
mod tests;

pub use display::{Display, PROTOCOLS, Protocol, cell_of_system};
pub use frame::Frame;
pub use geometry::{Placement, fitted};
pub use scene::{Heat, Overlay, Scene, View, Zoom};
pub use studio::Studio;

use std::sync::Arc;

/// Why there is no picture with [`Protocol::Off`].
const OFF: &str = "pictures are switched off";

/// A picture that was asked for.
#[derive(Debug, Clone)]
pub struct Shown {
    /// As it was asked for.
    pub scene: Scene,
    /// The picture, or why there is none.
    pub frame: Result<Arc<Frame>, String>,
}
