//! # giqa-host
//!
//! plugins.toml -> registry: discovery, manifests, libloading, worker processes, and adapters back to the traits of
//! giqa-core. The engine on top can't tell a plain Rust type from a library or a worker behind a component.

mod adapter;
mod builtin;
mod catalogue;
pub mod config;
pub mod conformance;
mod error;
mod host;
mod library;
pub mod manifest;
mod needs;
mod paths;
mod profile;
mod search;
mod services;
mod table;
mod transport;
pub mod worker;

pub use builtin::Builtin;
pub use catalogue::{Catalogue, Entry, Origin};
pub use config::{Config, ConfigError, Isolation};
pub use error::HostError;
pub use host::{Host, HostOptions};
pub use profile::{Loaded, Profile};
pub use search::{PLUGIN_PATH_VARIABLE, SearchPath};
pub use services::Directories;

/// Major and minor version of the plugin border.
#[must_use]
pub fn abi_version() -> (u16, u16) {
    (giqa_abi::GIQA_ABI_MAJOR, giqa_abi::GIQA_ABI_MINOR)
}
