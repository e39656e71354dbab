//! # giqa-bench
//!
//! Plants known faults in photographs, and scores how well a profile finds them.
//!
//! ```text
//! photographs (+ COCO boxes) -> make: draw, mask, apply -> images/*.png, truth.json
//! images/*.png, truth.json   -> run: inspect, ask -> seen: matched with the truth -> score, bootstrap -> table, JSON
//! ```
//!
//! Files that compute only: `fault`, `draw`, `picture`, `mask`, `apply`, `places`, `records`, `seen`, `stats`,
//! `score`, `table`. Files that read and write: `coco`, `truth`, `load`, `make`, `run`.

mod apply;
mod coco;
mod draw;
mod error;
mod fault;
mod load;
mod make;
mod mask;
mod picture;
mod places;
mod records;
mod run;
mod score;
mod seen;
mod stats;
mod table;
mod truth;

pub use coco::{Coco, Object};
pub use error::BenchError;
pub use fault::{Fault, SEVERITIES};
pub use load::{Bench, Expected, Pictured, Question};
pub use make::{MakeOptions, MakeSummary, Photo, make};
pub use run::{RunOptions, RunSummary, Step, run};
pub use score::{BenchReport, FaultRow, MetricRow, RESAMPLES, RESULT_SCHEMA};
pub use table::table;
pub use truth::{Asked, Record, Scope, TRUTH, Task, Truth, TruthBox, Turn, YesNo};
