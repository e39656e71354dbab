//! A person's word on proposals: carried out as the watcher would have, or dropped.

use super::proposals::Open;
use super::{Desk, State, Store, StoreError};
use crate::actions::{ActionError, Intent, Journal, Outcome, Step, Subject, perform, recover};
use crate::source::Stat;
use crate::watcher::Lock;
use giqa_engine::safe_text::{escaped, shown};

/// What became of proposals that were confirmed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfirmOutcome {
    /// What was done, each in a line for people.
    pub done: Vec<String>,
    /// What was not, with the reason; those proposals stay open.
    pub failures: Vec<String>,
}

impl Desk {
    /// Carries out what waits to be confirmed for these photos, in its order; after a failure, the rest of that photo's
    /// stays open. One desk at a time does so; others wait. Programs and webhooks may take as long as rules.toml says.
    ///
    /// # Errors
    /// [`StoreError`]; what was done before is known to be.
    pub fn confirm(&mut self, photos: &[i64]) -> Result<ConfirmOutcome, StoreError> {
        let _alone = Lock::await_desk(&self.state_dir)?;
        let mut outcome = ConfirmOutcome::default();
        for photo in photos {
            for open in self.store.open_proposals(*photo)? {
                match self.carry_out(&open)? {
                    Ok(note) => outcome.done.push(format!("{}: {}", escaped(&open.planned.name), escaped(&note))),
                    Err(why) => {
                        let what = open.planned.sentence(&open.path);
                        outcome.failures.push(format!("could not {what}: {}", escaped(&why)));
                        break;
                    }
                }
            }
        }
        Ok(outcome)
    }

    /// Drops what waits to be confirmed for these photos; how many. What a process that died in the middle had carried
    /// out already counts as done instead.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn refuse(&mut self, photos: &[i64]) -> Result<usize, StoreError> {
        let _alone = Lock::await_desk(&self.state_dir)?;
        let mut refused = 0;
        for photo in photos {
            for open in self.store.open_proposals(*photo)? {
                // One that can't be told stays open.
                if let Ok(None) = self.happened(&open)? {
                    refused += self.store.refuse(&open.planned.id)?;
                }
            }
        }
        Ok(refused)
    }

    /// Whether it was done before, as the journal or the file system says; then it is written down.
    fn happened(&mut self, open: &Open) -> Result<Result<Option<Outcome>, String>, StoreError> {
        let Some(entry) = self.store.entry(&open.planned.id)? else { return Ok(Ok(None)) };
        let found = match entry.outcome {
            Some(outcome) => Ok(Some(outcome)),
            None => recover(&entry.intent),
        };
        if let Ok(Some(outcome)) = &found {
            self.store.finish(&entry.intent, outcome)?;
        }
        Ok(found.map_err(|e| e.to_string()))
    }

    fn carry_out(&mut self, open: &Open) -> Result<Result<String, String>, StoreError> {
        match self.happened(open)? {
            Ok(None) => {}
            Ok(Some(outcome)) => return Ok(Ok(outcome.note)),
            Err(why) => return Ok(Err(why)),
        }
        if !matches!(open.state, State::Done | State::Failed) {
            return Ok(Err("the photo is being inspected anew; look again when it is done".into()));
        }
        match Stat::read(&open.path) {
            Ok(now) if now.bytes == open.stat.bytes && now.modified_ns == open.stat.modified_ns => {}
            Ok(_) => return Ok(Err("the file changed since it was inspected; `giqa watch` inspects it anew".into())),
            Err(error) => return Ok(Err(format!("{}: {error}", shown(&open.path)))),
        }
        let Some(result) = self.store.result(&open.blake3, &open.key)? else {
            return Ok(Err("its report is not in the store any more; refuse it".into()));
        };
        let mut report = result.report;
        report.verdict = Some(open.verdict.clone());
        report.image.path = open.path.to_string_lossy().into_owned();
        let mut subject = Subject { photo: open.photo, root: open.root.clone(), path: open.path.clone(), report };
        let mut journal = DeskJournal { store: &mut self.store, run: &open.run };
        let done = perform(&open.planned, &mut subject, &mut journal);
        journal.let_go();
        Ok(done.map(|outcome| outcome.note).map_err(|error| error.to_string()))
    }
}

/// Keeps others from writing between the moment that a photo moves and the moment that the store knows of it: a watcher
/// can't take it for a new one.
struct DeskJournal<'a> {
    store: &'a mut Store,
    run: &'a str,
}

impl DeskJournal<'_> {
    fn let_go(&mut self) {
        if !self.store.connection.is_autocommit() {
            // Nothing was written; closing it can only fail with the file itself, and the next write tells.
            let _ = self.store.connection.execute_batch("ROLLBACK");
        }
    }

    fn run(&self, sql: &str) -> Result<(), ActionError> {
        self.store.connection.execute_batch(sql).map_err(|e| ActionError::journal(&self.store.wrap(e)))
    }
}

impl Journal for DeskJournal<'_> {
    fn begin(&mut self, intent: &Intent) -> Result<(), ActionError> {
        // A second name is tried.
        self.let_go();
        self.store.begin(self.run, intent).map_err(|e| ActionError::journal(&e))?;
        if matches!(intent.step, Step::Move { .. }) { self.run("BEGIN IMMEDIATE") } else { Ok(()) }
    }

    fn finish(&mut self, intent: &Intent, outcome: &Outcome) -> Result<(), ActionError> {
        if self.store.connection.is_autocommit() {
            return self.store.finish(intent, outcome).map_err(|e| ActionError::journal(&e));
        }
        let text = self.store.outcome_text(outcome).map_err(|e| ActionError::journal(&e))?;
        super::journal::finished(&self.store.connection, intent, outcome, &text)
            .map_err(|e| ActionError::journal(&self.store.wrap(e)))?;
        self.run("COMMIT")
    }
}
