//! One photo's turn: inspect (`inspect`), decide, act (`act`), settle.

use super::act::{Acting, act};
use super::inspect::{Failure, Inspected, inspect};
use super::{Backend, Shared, TROUBLE, WatchEvent};
use crate::actions::{Planned, Subject};
use crate::camera::taken_seconds;
use crate::look::{Member, folder_of};
use crate::rules::{Camera, Group, Photo};
use crate::source::Stat;
use crate::store::{Claimed, Key, Settled, StoreError};
use giqa_core::Verdict;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant};

/// While nothing can be stored, a photo waits this long before it is tried again.
pub(super) const FULL: Duration = Duration::from_secs(2);

/// What the rules decided, as it is stored until all of it is done.
#[derive(Serialize, Deserialize)]
pub(super) struct Plan {
    pub blake3: String,
    key: String,
    pub verdict: Verdict,
    pub actions: Vec<Planned>,
    pub warnings: Vec<String>,
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

/// What can't be written is tried until it can be: the disk may get room again, or be there again.
pub(super) fn persist(shared: &Shared<'_>, mut write: impl FnMut() -> Result<(), StoreError>) -> bool {
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
        Failure::NotNow(reason, after) => {
            let _ = persist(shared, || shared.store().put_back(photo.id, &reason, after, true));
            let name = photo.path.file_name().unwrap_or_default().to_string_lossy();
            shared.board.note(&format!("{name} waits {} s: {reason}", after.as_secs()));
            (shared.tell)(&told("waiting", &reason));
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

pub(super) fn photo_event(path: &Path, state: &'static str, reason: &str, begun: Instant) -> WatchEvent {
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

pub(super) fn milliseconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e4).round() / 10.0
}

pub(super) fn verdict_word(verdict: &Verdict) -> &'static str {
    match verdict.decision {
        giqa_core::Decision::Accept => "accept",
        giqa_core::Decision::Review => "review",
        giqa_core::Decision::Reject => "reject",
    }
}
