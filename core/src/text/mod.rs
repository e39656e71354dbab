//! Grounded text: prose in which labels carry boxes, `[label](<l, r>, ...)`.

mod model;
pub use model::{GroundedText, Span};
