//! The screen.

pub mod action;
pub mod command;
pub mod config;
pub mod effect;
#[cfg(test)]
mod fixtures;
mod input;
pub mod keys;
pub mod layout;
pub mod memory;
pub mod model;
pub mod picture;
pub mod query;
pub mod run;
pub mod scenes;
pub mod symbols;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod work;
