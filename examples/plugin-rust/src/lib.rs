//! A small giqa plugin in Rust.
