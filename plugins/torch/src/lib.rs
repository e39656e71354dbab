//! The libtorch plugin: vision-language models that describe photographs and answer questions about them.
//!
//! A model is mostly its configuration: one decoder, one vision tower, one projector, put together by
//! [`config::ModelConfig`]. What needs tensors is behind the feature `libtorch` (`cargo xtask libtorch` brings
//! libtorch, `cargo xtask torch` builds the plugin); the rest, file formats and preprocessing, is built and tested
//! without.

pub mod config;
pub mod error;
pub mod grammar;
pub mod names;
pub mod picture;
pub mod prompt;
pub mod safetensors;
pub mod sampling;
pub mod sentencepiece;

#[cfg(feature = "libtorch")]
pub mod batch;
#[cfg(feature = "libtorch")]
pub mod component;
#[cfg(feature = "libtorch")]
pub mod cuda;
#[cfg(feature = "libtorch")]
pub mod eye;
#[cfg(feature = "libtorch")]
mod files;
#[cfg(feature = "libtorch")]
pub mod generate;
#[cfg(feature = "libtorch")]
pub mod kept;
#[cfg(feature = "libtorch")]
pub mod lora;
#[cfg(feature = "libtorch")]
pub mod model;
#[cfg(feature = "libtorch")]
pub mod nn;
#[cfg(feature = "libtorch")]
pub mod parity;
#[cfg(feature = "libtorch")]
mod reading;
#[cfg(feature = "libtorch")]
pub mod sequence;
#[cfg(feature = "libtorch")]
pub mod shim;
#[cfg(feature = "libtorch")]
mod steps;
#[cfg(feature = "libtorch")]
pub mod tokenizer;
#[cfg(feature = "libtorch")]
pub mod vision;
#[cfg(feature = "libtorch")]
mod weigh;
#[cfg(feature = "libtorch")]
pub mod weights;
