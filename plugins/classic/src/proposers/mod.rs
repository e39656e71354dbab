//! Proposers: places that differ in quality, the subject, and segments.

pub(crate) mod candidates;
mod components;
pub(crate) mod cues;
mod densest;
mod place;
mod quality_map;
mod segments;
mod subject;
pub(crate) mod surface;

pub use quality_map::QualityMap;
pub use segments::Segments;
pub use subject::Subject;

#[cfg(test)]
mod tests;
