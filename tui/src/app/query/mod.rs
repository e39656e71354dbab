//! Which photos are shown, in which order.
//!
//! `parse` reads what was typed, `run` applies it to all rows; both know nothing of the screen.

mod bursts;
mod parse;
mod population;
mod run;
#[cfg(test)]
mod tests;

pub use parse::{Bound, Query, Term};
pub use population::{COLUMNS, Place, Population};
pub use run::{Entry, Request, Sort, run, score};
