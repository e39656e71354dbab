//! Plugins in processes of their own: what they break there costs one result and nothing else.
//!
//! `protocol` is the language on the worker's stdin and stdout, `outbox` the way of the pixels beside it, `serve` the
//! worker's side (`job` one call there, `log` its log). On the host's, `process` is one worker: `line` what goes to it, `calls` what comes back, `watchdog` and
//! `obituary` its end; `pool` holds the workers of one plugin with their restarts and the quarantine.

mod calls;
mod job;
mod line;
mod log;
mod obituary;
mod outbox;
mod pool;
mod process;
mod protocol;
mod serve;
mod watchdog;

pub(crate) use pool::{Limits, Pool, PoolSettings};
pub(crate) use protocol::Source;
pub use serve::{claim_stdout, serve};

use std::ffi::OsString;
use std::path::PathBuf;

/// How to start a worker: a program that ends up in [`serve`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program, usually this one.
    pub program: PathBuf,
    /// Its arguments, usually a hidden subcommand.
    pub args: Vec<OsString>,
    /// Threads that plugins may compute with there (`RAYON_NUM_THREADS`); `None` = as many as there are cores. With a
    /// picture on each core, more would only be in each other's way.
    pub threads: Option<usize>,
}
