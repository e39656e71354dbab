//! plugins.toml -> registry of components, in this process or in workers.

mod profile;

pub use profile::{Loaded, Profile};
