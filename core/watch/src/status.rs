//! What a running watcher says of itself: counters, timings, notes; over a socket, and for Prometheus.

mod serve;

pub use serve::{Served, ask, prometheus, serve};

use crate::watcher::Summary;
use giqa_core::Decision;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Notes that are kept.
const NOTES: usize = 20;

/// Times of one component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// How often.
    pub count: u64,
    /// Milliseconds in all.
    pub total_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// How a watcher is doing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The process.
    pub pid: u32,
    /// The run.
    pub run: String,
    /// What inspects.
    pub profile: String,
    /// What is watched.
    pub roots: Vec<PathBuf>,
    /// Seconds since it began.
    pub seconds: f64,
    /// Photos done, failed, skipped in this run, and verdicts "reject".
    pub done: u64,
    /// Failed.
    pub failed: u64,
    /// Gone before their turn.
    pub skipped: u64,
    /// Rejected.
    pub rejected: u64,
    /// Actions that were done.
    pub actions: u64,
    /// Photos per second in this run.
    pub per_second: f64,
    /// What is inspected now.
    pub in_work: Vec<PathBuf>,
    /// Times by component.
    pub timings: BTreeMap<String, Timing>,
    /// The last notes.
    pub notes: VecDeque<String>,
}

#[derive(Debug, Default)]
struct Inner {
    status: Status,
    began: Option<Instant>,
}

/// Where a watcher writes down how it is doing.
#[derive(Debug, Default)]
pub struct Board {
    inner: Mutex<Inner>,
    tickets: AtomicU64,
}

/// A photo is in work as long as this lives.
pub(crate) struct AtWork<'a> {
    board: &'a Board,
    path: PathBuf,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        let mut inner = self.board.lock();
        if let Some(at) = inner.status.in_work.iter().position(|p| *p == self.path) {
            inner.status.in_work.swap_remove(at);
        }
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, run: &str, profile: &str, roots: &[PathBuf]) {
        let mut inner = self.lock();
        inner.began = Some(Instant::now());
        inner.status.pid = std::process::id();
        inner.status.run = run.to_owned();
        inner.status.profile = profile.to_owned();
        inner.status.roots = roots.to_vec();
    }

    pub(crate) fn note(&self, text: &str) {
        let notes = &mut self.lock().status.notes;
        notes.push_back(text.to_owned());
        while notes.len() > NOTES {
            notes.pop_front();
        }
    }

    pub(crate) fn at_work(&self, path: &Path) -> AtWork<'_> {
        self.lock().status.in_work.push(path.to_owned());
        AtWork { board: self, path: path.to_owned() }
    }

    pub(crate) fn working(&self) -> usize {
        self.lock().status.in_work.len()
    }

    /// A number that was not given before.
    pub(crate) fn ticket(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn done(&self, decision: Decision) {
        let mut inner = self.lock();
        inner.status.done += 1;
        inner.status.rejected += u64::from(decision == Decision::Reject);
    }

    pub(crate) fn failed(&self) {
        self.lock().status.failed += 1;
    }

    pub(crate) fn skipped(&self) {
        self.lock().status.skipped += 1;
    }

    pub(crate) fn acted(&self) {
        self.lock().status.actions += 1;
    }

    pub(crate) fn timings(&self, timing_ms: &BTreeMap<String, f64>) {
        let mut inner = self.lock();
        for (id, ms) in timing_ms {
            let timing = inner.status.timings.entry(id.clone()).or_default();
            timing.count += 1;
            timing.total_ms += ms;
            timing.max_ms = timing.max_ms.max(*ms);
        }
    }

    /// What was done so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let s = &self.lock().status;
        Summary { done: s.done, failed: s.failed, skipped: s.skipped, rejected: s.rejected }
    }

    /// How it is doing now.
    #[must_use]
    pub fn status(&self) -> Status {
        let inner = self.lock();
        let mut status = inner.status.clone();
        status.seconds = inner.began.map_or(0.0, |b| b.elapsed().as_secs_f64());
        status.per_second = (status.done + status.failed) as f64 / status.seconds.max(1e-3);
        status
    }
}
