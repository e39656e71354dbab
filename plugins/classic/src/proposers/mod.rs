//! Proposers: places that differ in quality, the subject, and segments.

pub(crate) mod candidates;
mod components;
pub(crate) mod cues;
mod densest;
pub(crate) mod forest;
mod place;
pub(crate) mod quality_map;
mod segments;
mod smear;
mod subject;
pub(crate) mod surface;
mod tint;
mod tones;

pub use quality_map::QualityMap;
pub use segments::Segments;
pub use subject::Subject;

#[cfg(test)]
mod tests;
