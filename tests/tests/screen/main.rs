//! The screen of `giqa browse` and `giqa watch`, in a pseudo-terminal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod acts;
mod looks;
mod mouse;
mod odd;
mod pictures;
mod restored;
mod size;
mod watches;
