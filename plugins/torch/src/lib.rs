//! The libtorch plugin: vision-language models that describe photographs and answer questions about them.
//!
//! A model is mostly its configuration: one decoder, one vision tower, one projector, put together by
//! [`config::ModelConfig`]. What needs tensors is behind the feature `libtorch` (`cargo xtask libtorch` brings
//! libtorch, `cargo xtask torch` builds the plugin); the rest, file formats and preprocessing, is built and tested
//! without.

pub mod config;
pub mod error;
pub mod names;
pub mod picture;
pub mod prompt;
pub mod safetensors;
