//! What a plugin author depends on.

pub use giqa_core as core;

mod plugin;
pub use plugin::{Instance, Plugin};
