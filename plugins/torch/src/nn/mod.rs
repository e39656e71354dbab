//! The parts that models are made of.

mod cache;
mod decoder;
mod int8;
mod layers;
mod rope;

pub use cache::KvCache;
pub use decoder::{Decoder, Mask};
pub use int8::Int8;
pub use layers::{LayerNorm, Linear, RmsNorm};
pub use rope::Rope;
