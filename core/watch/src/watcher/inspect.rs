//! A photo read and inspected, or why not.

use super::{Backend, Shared};
use crate::camera::camera;
use crate::look::look;
use crate::source::Stat;
use crate::store::{Claimed, Key, StoreError, StoredResult};
use giqa_core::{CancelToken, ComponentError, Context, ErrorKind, Report, Silent};
use giqa_engine::{DecodeError, Decoded, Inspection, decode};
use std::time::{Duration, Instant};

/// A photo with its report, before it is decided.
pub(super) struct Inspected {
    pub(super) photo: Claimed,
    pub(super) used: Stat,
    pub(super) key: Key,
    pub(super) result: StoredResult,
    pub(super) cached: bool,
    pub(super) begun: Instant,
}

/// Why a photo has no report.
pub(super) enum Failure {
    /// It is not there.
    Gone,
    /// It is cut short, or can't be read at the moment.
    Unfinished(String),
    /// A component failed for a reason that may pass; it is tried again after so long.
    NotNow(String, Duration),
    /// For good.
    Failed { reason: String, blake3: Option<String> },
    /// The store is full or broken: nothing is known, it is tried again.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Its report: from the store, where the same content was inspected by the same components, or made now.
pub(super) fn inspect(
    shared: &Shared<'_>,
    backend: &Backend,
    photo: &Claimed,
    begun: Instant,
) -> Result<Inspected, Failure> {
    let used = match Stat::read(&photo.path) {
        Ok(stat) => stat,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Failure::Gone),
        Err(e) => return Err(Failure::Unfinished(format!("{}: {e}", photo.path.display()))),
    };
    let key = backend.key();
    let bytes = decode::read(&photo.path, &shared.options.limits).map_err(|e| undecoded(&e, None))?;
    let blake3 = blake3::hash(&bytes).to_hex().to_string();
    if let Some(result) = shared.store().result(&blake3, &key)? {
        return Ok(Inspected { photo: photo.clone(), used, key, result, cached: true, begun });
    }
    let image =
        decode::decode_bytes(&bytes, &photo.path, &shared.options.limits).map_err(|e| undecoded(&e, Some(&blake3)))?;
    let camera = serde_json::to_string(&camera(&bytes)).unwrap_or_default();
    drop(bytes);
    let look = Some(look(image.view()));
    let patience = shared.options.patience.get((photo.attempt as usize).saturating_sub(1)).copied();
    let report = report(backend, &image, shared.options.jobs, patience, blake3)?;
    shared.board.timings(&report.timing_ms);
    let result = StoredResult { report, camera, look };
    shared.store().keep(&key, &result)?;
    Ok(Inspected { photo: photo.clone(), used, key, result, cached: false, begun })
}

fn undecoded(error: &DecodeError, blake3: Option<&str>) -> Failure {
    let reason = error.to_string();
    match error {
        DecodeError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => Failure::Gone,
        // Half of a file looks like any of these.
        DecodeError::Io { .. } | DecodeError::Empty { .. } | DecodeError::Truncated { .. } => {
            Failure::Unfinished(reason)
        }
        _ => Failure::Failed { reason, blake3: blake3.map(ToOwned::to_owned) },
    }
}

/// Inspects; a plugin that crashes, hangs or talks nonsense has a second chance. With `patience`, what may pass is waited
/// for.
fn report(
    backend: &Backend,
    image: &Decoded,
    jobs: usize,
    patience: Option<Duration>,
    blake3: String,
) -> Result<Report, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut options = backend.inspector.options().clone();
    if options.threads == 0 {
        options.threads = (cores / jobs).max(1);
    }
    let inspector = giqa_engine::Inspector::new(backend.inspector.profile().clone(), options);
    let failed = |reason: String| Failure::Failed { reason, blake3: Some(blake3.clone()) };
    let once = || {
        let (unhurried, silent) = (CancelToken::new(), Silent);
        let inspection = inspector.inspect(image, None, &Context::new(&unhurried, &silent));
        let inspection = inspection.map_err(|e| failed(e.to_string()))?;
        match (inspection.failures.iter().find(|(_, error)| error.retryable), patience) {
            (Some((id, error)), Some(after)) => Err(Failure::NotNow(format!("{id}: {error}"), after)),
            _ => Ok(inspection),
        }
    };
    let mut inspection = once()?;
    if broke(&inspection).is_some() {
        inspection = once()?;
    }
    match broke(&inspection) {
        Some((id, error)) => {
            Err(failed(format!("{id}: {error}, twice; the photo is not tried again with these plugins")))
        }
        None => Ok(inspection.report),
    }
}

fn broke(inspection: &Inspection) -> Option<&(String, ComponentError)> {
    let all = inspection.failures.len() >= inspection.report.provenance.components.len();
    inspection.failures.iter().find(|(_, error)| {
        all || matches!(
            error.kind,
            ErrorKind::Crashed
                | ErrorKind::TimedOut
                | ErrorKind::Panicked
                | ErrorKind::OutOfMemory
                | ErrorKind::Quarantined
                | ErrorKind::Garbage
        )
    })
}
