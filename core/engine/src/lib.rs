//! # giqa-engine
//!
//! One image: decode, propose, measure, ground, report. Many images at once. Overlays, crops and text/JSON/CSV output.
//!
//! ```text
//! file -> decode -> Decoded -> Inspector::inspect -> Inspection { report, failures } -> output, overlay, crops
//!                                  proposers + metrics (evidence) -> findings, quality -> model
//! ```
//!
//! The engine knows components only by their traits and can't tell a plain Rust type from a plugin or a worker process.

mod ask;
pub mod batch;
pub mod crops;
pub mod decode;
mod evidence;
pub mod files;
mod findings;
mod grounded;
mod heat;
mod inspect;
pub mod marks;
pub mod output;
pub mod overlay;
mod quality;
mod round;
mod run_components;
pub mod safe_text;
mod schema;

pub use ask::{ANSWER_SCHEMA, Answer};
pub use decode::{DecodeError, Decoded, Limits, decode, decode_bytes};
pub use inspect::{InspectError, InspectOptions, Inspection, Inspector};
pub use schema::{answer_schema, report_schema};

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod tests;
