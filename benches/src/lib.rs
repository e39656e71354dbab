//! Benchmarks (criterion).
