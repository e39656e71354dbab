//! One photo's turn: read, inspect, decide, act, settle.

use super::{Backend, Shared, TROUBLE, WatchEvent};
use crate::actions::{ActionError, Planned, Subject, Trouble, perform, recover};
use crate::camera::{camera, taken_seconds};
use crate::look::{Member, folder_of, look};
use crate::rules::{Camera, Group, Photo};
use crate::source::Stat;
use crate::store::{Claimed, Key, RunJournal, Settled, StoreError, StoredResult};
use giqa_core::{CancelToken, ComponentError, Context, ErrorKind, Report, Silent, Verdict};
use giqa_engine::{DecodeError, Decoded, Inspection, decode};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant};

/// While nothing can be stored, a photo waits this long before it is tried again.
const FULL: Duration = Duration::from_secs(2);

/// What the rules decided, as it is stored until all of it is done.
#[derive(Serialize, Deserialize)]
struct Plan {
    blake3: String,
    key: String,
    verdict: Verdict,
    actions: Vec<Planned>,
    warnings: Vec<String>,
}

/// A photo with its report, before it is decided.
pub(super) struct Inspected {
    pub(super) photo: Claimed,
    pub(super) used: Stat,
    key: Key,
    result: StoredResult,
    cached: bool,
    begun: Instant,
}

/// Why a photo has no report.
enum Failure {
    /// It is not there.
    Gone,
    /// It is cut short, or can't be read at the moment.
    Unfinished(String),
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

pub(super) fn turn(shared: &Shared<'_>, photo: Claimed) {
    let begun = Instant::now();
    let backend = shared.backend();
    if let Some(plan) = photo.planned.as_deref().and_then(|p| serde_json::from_str::<Plan>(p).ok()) {
        return resume(shared, &photo, &plan, begun);
    }
    let _at_work = shared.board.at_work(&photo.path);
    match inspect(shared, &backend, &photo, begun) {
        Ok(inspected) => {
            if let Some(alone) = hold(shared, &backend, inspected) {
                decide(shared, &backend, alone);
            }
        }
        Err(failure) => fail(shared, &backend, &photo, failure, begun),
    }
}

/// Where rules ask for groups, waits for the rest of the burst.
fn hold(shared: &Shared<'_>, backend: &Backend, inspected: Inspected) -> Option<Inspected> {
    if !backend.rules.wants_groups() {
        return Some(inspected);
    }
    let Some(look) = inspected.result.look else { return Some(inspected) };
    let camera: Camera = serde_json::from_str(&inspected.result.camera).unwrap_or_default();
    let report = &inspected.result.report;
    let sharpness = report.scores.iter().find(|s| s.region.is_none() && s.metric.ends_with(".sharpness"));
    let member = Member {
        photo: inspected.photo.id,
        blake3: report.image.blake3.clone(),
        folder: folder_of(&inspected.photo.path),
        look,
        taken: taken_seconds(&camera),
        sharpness: sharpness.and_then(|s| s.value).unwrap_or(report.quality.score),
    };
    let mut held = shared.held();
    let group = held.groups.add(member);
    held.hold(group, inspected);
    None
}

/// Decides what waited for its group.
pub(super) fn groups_that_are_complete(shared: &Shared<'_>) {
    if shared.held().len() == 0 {
        return;
    }
    let nothing_more = shared.flags().drained && matches!(shared.store().next_turn(), Ok(None)) && {
        // Others may still be inspecting a member.
        shared.board.working() == 0
    };
    let due = shared.held().complete(shared.options.group_wait, nothing_more);
    let backend = shared.backend();
    due.into_iter().for_each(|inspected| decide(shared, &backend, inspected));
}

fn inspect(shared: &Shared<'_>, backend: &Backend, photo: &Claimed, begun: Instant) -> Result<Inspected, Failure> {
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
    let report = report(backend, &image, shared.options.jobs)
        .map_err(|reason| Failure::Failed { reason, blake3: Some(blake3) })?;
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

/// Inspects; a plugin that crashes, hangs or talks nonsense has a second chance.
fn report(backend: &Backend, image: &Decoded, jobs: usize) -> Result<Report, String> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut options = backend.inspector.options().clone();
    if options.threads == 0 {
        options.threads = (cores / jobs).max(1);
    }
    let inspector = giqa_engine::Inspector::new(backend.inspector.profile().clone(), options);
    let once = || {
        let (unhurried, silent) = (CancelToken::new(), Silent);
        inspector.inspect(image, None, &Context::new(&unhurried, &silent)).map_err(|e| e.to_string())
    };
    let mut inspection = once()?;
    if broke(&inspection).is_some() {
        inspection = once()?;
    }
    match broke(&inspection) {
        Some((id, error)) => Err(format!("{id}: {error}, twice; the photo is not tried again with these plugins")),
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

/// What can't be written is tried until it can be: the disk may get room again, or be there again.
fn persist(shared: &Shared<'_>, mut write: impl FnMut() -> Result<(), StoreError>) -> bool {
    let mut told = false;
    while let Err(error) = write() {
        if !told {
            shared.note(error.to_string());
            told = true;
        }
        // The next start finds it in work.
        if shared.flags().stopping {
            return false;
        }
        shared.wait(TROUBLE);
    }
    true
}

fn fail(shared: &Shared<'_>, backend: &Backend, photo: &Claimed, failure: Failure, begun: Instant) {
    let told = |state: &'static str, reason: &str| photo_event(&photo.path, state, reason, begun);
    let used = Stat::read(&photo.path).unwrap_or(photo.stat);
    let end = |settled: &Settled<'_>| persist(shared, || shared.store().settle(photo, used, settled));
    match failure {
        Failure::Gone => {
            let reason = "gone before its turn";
            if end(&Settled::Skipped { reason }) {
                shared.board.skipped();
                (shared.tell)(&told("skipped", reason));
            }
        }
        Failure::Unfinished(reason) => match shared.options.retries.get(photo.attempt as usize - 1) {
            Some(after) => {
                let _ = persist(shared, || shared.store().put_back(photo.id, &reason, *after, true));
                (shared.tell)(&told("waiting", &reason));
            }
            None => {
                if end(&Settled::Failed { reason: &reason, key: &backend.key(), blake3: None }) {
                    shared.board.failed();
                    (shared.tell)(&told("failed", &reason));
                }
            }
        },
        Failure::Failed { reason, blake3 } => {
            if end(&Settled::Failed { reason: &reason, key: &backend.key(), blake3: blake3.as_deref() }) {
                shared.board.failed();
                (shared.tell)(&told("failed", &reason));
            }
        }
        Failure::Store(error) => {
            shared.note(error.to_string());
            let _ = persist(shared, || shared.store().put_back(photo.id, &error.to_string(), FULL, false));
        }
    }
}

fn decide(shared: &Shared<'_>, backend: &Backend, inspected: Inspected) {
    let Inspected { photo, used, key, result, cached, begun } = inspected;
    let camera: Camera = serde_json::from_str(&result.camera).unwrap_or_default();
    let mut report = result.report;
    let group = match backend.rules.wants_groups() {
        true => shared.held().groups.of(photo.id),
        false => Group { id: report.image.blake3.chars().take(12).collect(), size: 1, rank: 1 },
    };
    let known = Photo { report: &report, camera: &camera, group: &group, root: &photo.root, path: &photo.path };
    // Ids are never used twice: a run has one name, a photo one number, a turn one time.
    let id = format!("{}-{}-{}", shared.run, photo.id, shared.board.ticket());
    let decided = backend.rules.decide(&known, &id);
    report.verdict = Some(decided.verdict.clone());
    report.warnings.extend(decided.warnings.clone());
    report.image.path = photo.path.to_string_lossy().into_owned();
    let plan = Plan {
        blake3: report.image.blake3.clone(),
        key: key.as_str().to_owned(),
        verdict: decided.verdict,
        actions: decided.actions,
        warnings: decided.warnings,
    };
    let word = verdict_word(&plan.verdict);
    let text = serde_json::to_string(&plan).unwrap_or_default();
    if !persist(shared, || shared.store().decided(photo.id, &text, word)) {
        return;
    }
    let subject = Subject { photo: photo.id, root: photo.root.clone(), path: photo.path.clone(), report };
    act(shared, Acting { photo: &photo, used, key: &key, plan: &plan, subject, cached, begun });
}

/// Goes on with what was decided before a crash.
fn resume(shared: &Shared<'_>, photo: &Claimed, plan: &Plan, begun: Instant) {
    let key = Key::stored(&plan.key);
    let used = Stat::read(&photo.path).unwrap_or(photo.stat);
    let stored = shared.store().result(&plan.blake3, &key);
    match stored {
        Ok(Some(result)) => {
            let mut report = result.report;
            report.verdict = Some(plan.verdict.clone());
            report.warnings.extend(plan.warnings.clone());
            report.image.path = photo.path.to_string_lossy().into_owned();
            let subject = Subject { photo: photo.id, root: photo.root.clone(), path: photo.path.clone(), report };
            act(shared, Acting { photo, used, key: &key, plan, subject, cached: true, begun });
        }
        // Its report was taken out meanwhile.
        Ok(None) => {
            let reason = "its report is not in the store any more";
            let _ = persist(shared, || shared.store().settle(photo, used, &Settled::Skipped { reason }));
        }
        Err(error) => {
            shared.note(error.to_string());
            let _ = persist(shared, || shared.store().put_back(photo.id, &error.to_string(), FULL, false));
        }
    }
}

struct Acting<'a> {
    photo: &'a Claimed,
    used: Stat,
    key: &'a Key,
    plan: &'a Plan,
    subject: Subject,
    cached: bool,
    begun: Instant,
}

/// Carries out what was decided, each action once, and settles the photo.
fn act(shared: &Shared<'_>, acting: Acting<'_>) {
    let Acting { photo, used, key, plan, mut subject, cached, begun } = acting;
    let mut done = Vec::new();
    for planned in &plan.actions {
        if shared.options.dry_run {
            done.push(planned.described(&subject));
            continue;
        }
        if planned.confirm {
            if !persist(shared, || shared.store().propose(&shared.run, planned, key, &subject)) {
                return;
            }
            done.push(format!("waits to be confirmed: {}", planned.sentence(&subject.path)));
            continue;
        }
        match action(shared, planned, &mut subject) {
            Ok(note) => {
                shared.board.acted();
                done.push(note);
            }
            Err(error) if error.trouble == Trouble::Full => {
                shared.note(format!("{}: {error}", photo.path.display()));
                let _ = persist(shared, || shared.store().put_back(photo.id, &error.message, FULL, false));
                return;
            }
            Err(error) => {
                let reason = format!("action '{}': {error}", planned.name);
                let blake3 = Some(plan.blake3.as_str());
                let _ = shared.store().action_failed(&planned.id, &reason);
                if persist(shared, || {
                    shared.store().settle(photo, used, &Settled::Failed { reason: &reason, key, blake3 })
                }) {
                    shared.board.failed();
                    (shared.tell)(&photo_event(&subject.path, "failed", &reason, begun));
                }
                return;
            }
        }
    }
    let settled = Settled::Done { key, blake3: &plan.blake3 };
    if !persist(shared, || shared.store().settle(photo, used, &settled)) {
        return;
    }
    shared.board.done(plan.verdict.decision);
    let report = &subject.report;
    let mut findings: Vec<_> = report.findings.iter().collect();
    findings.sort_by(|a, b| b.severity.total_cmp(&a.severity));
    (shared.tell)(&WatchEvent::Photo {
        path: subject.path.to_string_lossy().into_owned(),
        state: "done",
        verdict: Some(verdict_word(&plan.verdict)),
        score: Some(report.quality.score),
        level: Some(report.quality.level.name()),
        findings: findings.iter().map(|f| format!("{} {:.2}", f.attribute.name(), f.severity)).collect(),
        rules: plan.verdict.rules.clone(),
        actions: done,
        reason: (!plan.warnings.is_empty()).then(|| plan.warnings.join("; ")),
        cached,
        ms: milliseconds(begun),
    });
}

/// Does an action, unless the journal or the file system says that it is done.
fn action(shared: &Shared<'_>, planned: &Planned, subject: &mut Subject) -> Result<String, ActionError> {
    use crate::actions::Journal as _;
    let known = shared.store().entry(&planned.id).map_err(|e| ActionError::journal(&e))?;
    let mut journal = RunJournal { store: &shared.store, run: &shared.run };
    if let Some(entry) = known {
        let happened = match entry.outcome {
            Some(outcome) => Some(outcome),
            None => {
                let found = recover(&entry.intent)?;
                if let Some(outcome) = &found {
                    journal.finish(&entry.intent, outcome)?;
                }
                found
            }
        };
        if let Some(outcome) = happened {
            if let Some(to) = &outcome.moved_to {
                subject.path = to.0.clone();
            }
            return Ok(outcome.note);
        }
    }
    Ok(perform(planned, subject, &mut journal)?.note)
}

fn photo_event(path: &Path, state: &'static str, reason: &str, begun: Instant) -> WatchEvent {
    WatchEvent::Photo {
        path: path.to_string_lossy().into_owned(),
        state,
        verdict: None,
        score: None,
        level: None,
        findings: Vec::new(),
        rules: Vec::new(),
        actions: Vec::new(),
        reason: Some(reason.to_owned()),
        cached: false,
        ms: milliseconds(begun),
    }
}

fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e4).round() / 10.0
}

fn verdict_word(verdict: &Verdict) -> &'static str {
    match verdict.decision {
        giqa_core::Decision::Accept => "accept",
        giqa_core::Decision::Review => "review",
        giqa_core::Decision::Reject => "reject",
    }
}
