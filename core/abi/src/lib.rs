//! The plugin border: repr(C) types alone, no dependencies.
