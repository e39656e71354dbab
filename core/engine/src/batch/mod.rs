//! Many images at once: several are decoded and inspected at a time, and the results come in the order of the input.

mod collect;
mod ordered;
mod originals;

pub use collect::{CollectError, Collected, collect};
pub use originals::Originals;

use crate::decode::{DecodeError, Decoded, Limits, decode};
use crate::inspect::{InspectError, Inspection, Inspector};
use crate::safe_text::shown;
use giqa_core::{CancelToken, Context, Silent};
use std::path::{Path, PathBuf};

/// What became of one image.
pub type Outcome = Result<Inspection, BatchError>;

/// Why one image of a batch has no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// It could not be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It could not be inspected.
    #[error("{}: {error}", shown(path))]
    Inspect {
        /// The file.
        path: PathBuf,
        /// Why.
        error: InspectError,
    },
    /// The batch was cancelled before its turn.
    #[error("{}: not done, the run was stopped before", shown(path))]
    NotDone {
        /// The file.
        path: PathBuf,
    },
}

impl BatchError {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Decode(e) => e.path(),
            Self::Inspect { path, .. } | Self::NotDone { path } => path,
        }
    }
}

/// Something to do with an image while its pixels are at hand (overlays, crops). What it returns is added to the
/// report's warnings. Called on worker threads.
pub type AfterInspect<'a> = &'a (dyn Fn(&Decoded, &Inspection) -> Vec<String> + Sync);

/// How to run a batch.
#[derive(Clone, Copy, Default)]
pub struct BatchOptions<'a> {
    /// Images at the same time; 0 = one per core.
    pub jobs: usize,
    /// Limits for each image.
    pub limits: Limits,
    /// What each image is compared with. An image without a usable original is inspected without one, with a warning.
    pub originals: Option<&'a Originals>,
    /// What to do with each inspected image.
    pub after: Option<AfterInspect<'a>>,
}

/// Inspects images, several at a time, and hands the results to `on_result` (on this thread) in the order of `paths`.
///
/// At most `jobs` pictures (and their originals) are in memory, and workers stop when they are more than `jobs + 4` images ahead of the
/// next result. After `cancel`, images in work are finished and the others come as [`BatchError::NotDone`].
pub fn run(
    paths: &[PathBuf],
    inspector: &Inspector,
    options: &BatchOptions<'_>,
    cancel: &CancelToken,
    on_result: impl FnMut(usize, Outcome),
) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = if options.jobs == 0 { cores } else { options.jobs }.min(paths.len()).max(1);
    // Images are the better unit of parallel work; components run side by side only where cores are left over.
    let mut each = inspector.options().clone();
    if each.threads == 0 {
        each.threads = (cores / jobs).max(1);
    }
    let inspector = Inspector::new(inspector.profile().clone(), each);
    let work = |index: usize| match paths.get(index) {
        Some(path) if cancel.is_cancelled() => Err(BatchError::NotDone { path: path.clone() }),
        // The last ones share what cores are left over.
        Some(path) if jobs >= cores && index + jobs <= paths.len() => on_one_thread(|| one(path, &inspector, options)),
        Some(path) => one(path, &inspector, options),
        None => Err(BatchError::NotDone { path: PathBuf::new() }),
    };
    ordered::for_each(paths.len(), jobs, jobs + 4, work, on_result);
}

/// With a picture on each core, parts of one that are handed to another core wait for it: a pool of its own keeps them.
fn on_one_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn one(path: &Path, inspector: &Inspector, options: &BatchOptions<'_>) -> Outcome {
    let image = decode(path, &options.limits)?;
    // Not the batch's token: what is in work is finished.
    let unhurried = CancelToken::new();
    let context = Context::new(&unhurried, &Silent);
    let (original, warning) = match options.originals.map(|o| o.of(path, &image, &options.limits)) {
        Some(Ok(original)) => (Some(original), None),
        Some(Err(warning)) => (None, Some(warning)),
        None => (None, None),
    };
    let mut inspection = inspector
        .inspect(&image, original.as_deref(), &context)
        .map_err(|error| BatchError::Inspect { path: path.to_owned(), error })?;
    inspection.report.warnings.extend(warning);
    if let Some(after) = options.after {
        let warnings = after(&image, &inspection);
        inspection.report.warnings.extend(warnings);
    }
    Ok(inspection)
}

#[cfg(test)]
mod tests;
