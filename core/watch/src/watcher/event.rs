//! What a watcher tells.

use serde::Serialize;
use std::path::PathBuf;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum WatchEvent {
    /// It began.
    Started {
        /// Names the run, for `giqa undo`.
        run: String,
        /// What inspects.
        profile: String,
        /// What is watched.
        roots: Vec<PathBuf>,
        /// The process.
        pid: u32,
    },
    /// What was there at the start was found.
    Ready,
    /// Something that a person should know.
    Note {
        /// In words.
        text: String,
    },
    /// A photo's turn is over.
    Photo {
        /// Where it lies now.
        path: String,
        /// `done`, `failed`, `skipped`, or `waiting` for another try.
        state: &'static str,
        /// `accept`, `review`, `reject`.
        #[serde(skip_serializing_if = "Option::is_none")]
        verdict: Option<&'static str>,
        /// Overall quality.
        #[serde(skip_serializing_if = "Option::is_none")]
        score: Option<f64>,
        /// Its level.
        #[serde(skip_serializing_if = "Option::is_none")]
        level: Option<&'static str>,
        /// Attributes with findings, worst first.
        findings: Vec<String>,
        /// Rules that fired.
        rules: Vec<String>,
        /// What was done.
        actions: Vec<String>,
        /// Why it failed, or has another try.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The report was known already.
        cached: bool,
        /// From claiming it to the end, milliseconds.
        ms: f64,
    },
    /// It ended.
    Stopped {
        /// What it did.
        summary: Summary,
    },
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Photos that are done.
    pub done: u64,
    /// Photos that failed.
    pub failed: u64,
    /// Photos that were gone.
    pub skipped: u64,
    /// Verdicts "reject".
    pub rejected: u64,
}
