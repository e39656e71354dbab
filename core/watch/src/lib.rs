//! # giqa-watch
//!
//! Folders over time. Data flows one way:
//!
//! ```text
//! source: folders -> files that are complete      store: what became of each photo, exactly one state each
//!     -> queue -> inspect (giqa-engine) -> rules: verdict and what to do -> actions, each written to the journal first
//! ```
//!
//! An event of the file system is a hint; what is true comes from `stat`, the store and the journal.

pub mod actions;
pub mod camera;
pub mod look;
pub mod rules;
pub mod source;
pub mod status;
pub mod store;
#[cfg(test)]
mod testing;
pub mod watcher;
