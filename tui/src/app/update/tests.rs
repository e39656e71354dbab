//! What keys, mouse and workers do to what is known.

mod ask;
mod compare;
mod decide;
mod library;
mod live;
mod memory;
mod mouse;
mod popups;
mod screens;
mod stale;
mod streams;
