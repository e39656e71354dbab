//! The screen.

pub mod picture;
