//! The parts that models are made of.

mod cache;
mod decoder;
mod layers;
mod rope;

pub use cache::KvCache;
pub use decoder::{Decoder, Mask};
pub use layers::{LayerNorm, Linear, RmsNorm};
pub use rope::Rope;
