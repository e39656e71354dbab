//! Runs a profile over a bench.

use crate::error::BenchError;
use crate::load::{Bench, Pictured};
use crate::score::{BenchReport, score};
use crate::seen::{Seen, first_word, matched, told};
use giqa_core::{CancelToken, Context, ModelTask, Provenance, Silent};
use giqa_engine::batch::{BatchError, BatchOptions, Outcome, run as run_batch};
use giqa_engine::safe_text::{escaped, shown};
use giqa_engine::{Decoded, InspectOptions, Inspection, Inspector};
use giqa_host::Profile;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOptions {
    /// Pictures at the same time; 0 = one per core.
    pub jobs: usize,
    /// The least severity that counts for recall, overlap, attributes and "yes".
    pub min_severity: u8,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { jobs: 0, min_severity: 3 }
    }
}

/// What became of one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is scored; with what did not work in it.
    Scored(Vec<String>),
    /// It could not be inspected, and why.
    Failed(String),
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    /// The figures.
    pub report: BenchReport,
    /// Pictures that could not be inspected.
    pub failed: usize,
    /// Among them: those in which no component worked.
    pub without_plugin: usize,
    /// Whether the run was stopped before its end.
    pub stopped: bool,
    /// Whether the profile has a model that answers questions.
    pub answers: bool,
}

/// Whether each question was answered rightly, and why those that failed did.
type Answered = (Vec<bool>, Vec<String>);

/// Inspects every picture of a bench, asks its questions, and scores. `step` is told of each picture, in order. A
/// question that the model fails on counts as answered wrongly. Pictures are held only while they are inspected; of
/// each, a few numbers are kept.
///
/// # Errors
/// [`BenchError::Truth`] when truth.json is missing or damaged.
pub fn run(
    dir: &Path,
    profile: Profile,
    options: &RunOptions,
    cancel: &CancelToken,
    begin: impl FnOnce(usize),
    mut step: impl FnMut(Step),
) -> Result<RunSummary, BenchError> {
    let bench = Bench::load(dir)?;
    let paths = bench.paths();
    begin(paths.len());
    let components = profile.proposers.len() + profile.metrics.len() + usize::from(profile.model.is_some());
    let answers = profile.model.as_ref().is_some_and(|m| m.component.spec().tasks.contains(&ModelTask::Answer));
    let inspector = Inspector::new(profile, InspectOptions::default());
    let asker = Asker {
        inspector: &inspector,
        bench: bench.pictures.iter().map(|p| (p.path.to_string_lossy().into_owned(), p)).collect(),
        done: Mutex::default(),
    };
    let after = |image: &Decoded, inspection: &Inspection| {
        if answers {
            asker.ask(image, inspection, cancel);
        }
        Vec::new()
    };
    let batch = BatchOptions { jobs: options.jobs, after: Some(&after), ..BatchOptions::default() };
    let mut seen = Vec::new();
    let mut provenance: Option<Provenance> = None;
    let (mut failed, mut without_plugin, mut stopped) = (0, 0, false);
    run_batch(&paths, &inspector, &batch, cancel, |index, outcome| {
        let Some(picture) = bench.pictures.get(index) else { return };
        let answered = asker.take(&picture.path.to_string_lossy());
        match settle(picture, outcome, components, answered) {
            Settled::Seen(one, made_by, problems) => {
                seen.push(*one);
                provenance.get_or_insert(made_by);
                step(Step::Scored(problems));
            }
            Settled::Failed(why, no_plugin) => {
                failed += 1;
                without_plugin += usize::from(no_plugin);
                step(Step::Failed(why));
            }
            Settled::NotDone => stopped = true,
        }
    });
    stopped |= cancel.is_cancelled();
    let report = score(&seen, options.min_severity, provenance);
    Ok(RunSummary { report, failed, without_plugin, stopped, answers })
}

/// Asks while a picture's pixels are at hand.
struct Asker<'a> {
    inspector: &'a Inspector,
    bench: HashMap<String, &'a Pictured>,
    done: Mutex<HashMap<String, Answered>>,
}

impl Asker<'_> {
    fn ask(&self, image: &Decoded, inspection: &Inspection, cancel: &CancelToken) {
        let path = &inspection.report.image.path;
        let Some(picture) = self.bench.get(path) else { return };
        let mut answered: Answered = Default::default();
        for question in &picture.questions {
            let context = Context::new(cancel, &Silent);
            match self.inspector.ask_again(image, &inspection.report, &question.text, &[], &context) {
                Ok(answer) => answered.0.push(first_word(&answer.text) == Some(question.answer)),
                Err(error) => {
                    answered.0.push(false);
                    answered.1.push(escaped(&format!("{path}: '{}': {error}", question.text)));
                }
            }
        }
        self.lock().insert(path.clone(), answered);
    }

    fn take(&self, path: &str) -> Answered {
        self.lock().remove(path).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Answered>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Settled {
    Seen(Box<Seen>, Provenance, Vec<String>),
    Failed(String, bool),
    NotDone,
}

fn settle(picture: &Pictured, outcome: Outcome, components: usize, (right, mut problems): Answered) -> Settled {
    let inspection = match outcome {
        Ok(inspection) => inspection,
        Err(BatchError::NotDone { .. }) => return Settled::NotDone,
        Err(error) => return Settled::Failed(error.to_string(), false),
    };
    let report = inspection.report;
    if report.image.blake3 != picture.blake3 {
        let shown = shown(&picture.path);
        let why =
            format!("{shown}: is not the picture that truth.json speaks of (another blake3); make the bench again");
        return Settled::Failed(why, false);
    }
    let failures = inspection.failures.iter().map(|(id, e)| escaped(&format!("{}: {id}: {e}", report.image.path)));
    problems.extend(failures);
    if inspection.failures.len() >= components {
        return Settled::Failed(problems.join("; "), true);
    }
    let severity = picture.expected.fault.map_or(0, |f| f.1);
    let seen = Seen {
        planted: matched(&picture.expected, &told(&report)),
        score: report.quality.score,
        findings: report.findings.len(),
        answers: picture.questions.iter().zip(right).map(|(q, right)| (q.answer, severity, right)).collect(),
    };
    Settled::Seen(Box::new(seen), report.provenance, problems)
}
