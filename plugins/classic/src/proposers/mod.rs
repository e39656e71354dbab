//! Proposers: places that differ in quality, the subject, and segments.

mod components;
mod densest;
mod place;
mod quality_map;
mod segments;
mod subject;

pub use quality_map::QualityMap;
pub use segments::Segments;
pub use subject::Subject;

#[cfg(test)]
mod tests;
