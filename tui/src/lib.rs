//! # giqa
//!
//! The program: the command line (`cli`) and the screen (`app`).

pub mod app;
mod cli;

pub use cli::main;
