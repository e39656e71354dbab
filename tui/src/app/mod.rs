//! The screen.

pub mod action;
pub mod command;
pub mod effect;
pub mod keys;
pub mod layout;
pub mod memory;
pub mod model;
pub mod picture;
pub mod query;
pub mod scenes;
pub mod symbols;
pub mod theme;
pub mod update;
pub mod view;
pub mod work;
