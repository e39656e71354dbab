//! Metrics after the statistics of natural pictures: BRISQUE, NIQE and PIQE, equal to their originals.
//!
//! All three look at a picture's mean-subtracted, contrast-normalised luma ([`mscn`]), which follows a bell of known
//! shape in undisturbed photographs, whatever they show.

pub mod brisque;
mod field;
mod ggd;
mod grey;
mod mscn;
pub mod niqe;
mod params;
pub mod piqe;
mod resize;
mod scales;
mod source;
mod sums;
mod svm;

#[cfg(test)]
mod tests;
