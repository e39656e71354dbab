//! Proposers: places that differ in quality, and the subject.

mod components;
mod densest;
mod place;
mod quality_map;
mod subject;

pub use quality_map::QualityMap;
pub use subject::Subject;

#[cfg(test)]
mod tests;
