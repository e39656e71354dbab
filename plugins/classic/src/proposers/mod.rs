//! Proposers: places that differ in quality, and the subject.

pub(crate) mod candidates;
mod components;
pub(crate) mod cues;
mod densest;
mod place;
mod quality_map;
mod subject;
pub(crate) mod surface;

pub use quality_map::QualityMap;
pub use subject::Subject;

#[cfg(test)]
mod tests;
