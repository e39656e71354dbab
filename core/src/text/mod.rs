//! Grounded text: prose in which labels carry boxes, `[label](<l, r>, ...)`.
//!
//! [`parse`] reads what language models write, in giqa's own dialect and in those of other models, and never fails;
//! [`print()`] and [`print_as`] write it back. Grammar and reasons: `parse/mod.rs`.

mod dialect;
mod model;
mod parse;
mod print;
mod warning;

pub use dialect::{Dialect, ParseOptions};
pub use model::{GroundedText, Span};
pub use parse::{Parsed, parse};
pub use print::{print, print_as};
pub use warning::{MAX_WARNINGS, TextProblem, TextWarning};

#[cfg(test)]
mod tests;
