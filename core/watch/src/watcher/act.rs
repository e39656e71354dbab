//! What was decided on a photo is carried out, each action once.

use super::turn::{FULL, Plan, milliseconds, persist, photo_event, verdict_word};
use super::{Shared, WatchEvent};
use crate::actions::{ActionError, Planned, Subject, Trouble, perform, recover};
use crate::source::Stat;
use crate::store::{Claimed, Key, RunJournal, Settled};
use std::time::Instant;

/// A photo with its plan.
pub(super) struct Acting<'a> {
    pub photo: &'a Claimed,
    pub used: Stat,
    pub key: &'a Key,
    pub plan: &'a Plan,
    pub subject: Subject,
    pub cached: bool,
    pub begun: Instant,
}

/// Carries out what was decided, each action once, and settles the photo.
pub(super) fn act(shared: &Shared<'_>, acting: Acting<'_>) {
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
