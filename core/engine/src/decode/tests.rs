//! Decoding of well-formed files; hostile ones are in `tests/hostile.rs`.
