//! `rules.toml`: from a report to a verdict and what to do.
