//! What people write, beside a watcher that runs.

use super::list::decision_word;
use super::{Entry, Store, StoreError, now_ms};
use crate::actions::undo;
use giqa_core::Decision;
use giqa_engine::safe_text::escaped;
use rusqlite::{TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// Writes what a person says. Needs no lock: SQLite lets one write at a time, and each thing said is one transaction.
#[derive(Debug)]
pub struct Desk {
    pub(super) store: Store,
    pub(super) state_dir: PathBuf,
}

/// What became of actions that were to be taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoOutcome {
    /// How many were.
    pub taken: usize,
    /// Those that were not, each with its reason, in words for people (nothing in them steers a terminal).
    pub failures: Vec<String>,
}

impl Desk {
    /// Opens the store of a state folder. One of an older version is brought up to date first.
    ///
    /// # Errors
    /// [`StoreError`] when there is none, it is a newer one, or an older giqa is watching with it.
    pub fn open(state_dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { store: Store::write_beside(state_dir)?, state_dir: state_dir.to_owned() })
    }

    /// Writes a verdict by hand on each of these photos: all or none. A decision alone keeps the note that is there, a
    /// note alone keeps the decision; neither takes the verdict back. What the rules decided stays beside it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn judge(
        &mut self,
        photos: &[i64],
        decision: Option<Decision>,
        note: Option<&str>,
        who: &str,
    ) -> Result<(), StoreError> {
        let nothing = decision.is_none() && note.is_none();
        self.store.write_durably(|t| {
            let mut insert = t.prepare_cached(
                "INSERT INTO verdicts (photo, blake3, decision, note, who, at) SELECT p.id, p.blake3, \
                   coalesce(?2, iif(?3, NULL, v.decision)), coalesce(?4, iif(?3, NULL, v.note), ''), ?5, ?6 \
                 FROM photos p LEFT JOIN verdicts v ON v.id = (SELECT max(id) FROM verdicts WHERE photo = p.id) \
                 WHERE p.id = ?1",
            )?;
            for photo in photos {
                // One that was taken out meanwhile has nothing to be judged.
                insert.execute(params![photo, decision.map(decision_word), nothing, note, who, now_ms()])?;
            }
            Ok(())
        })
    }

    /// Takes back what was done with these photos, the latest first.
    ///
    /// # Errors
    /// [`StoreError`]; what was taken back before stays so, and is known to be.
    pub fn undo(&mut self, photos: &[i64]) -> Result<UndoOutcome, StoreError> {
        let mut entries = Vec::new();
        for photo in photos {
            entries.extend(self.store.entries_of(*photo)?);
        }
        entries.sort_by_key(|e| std::cmp::Reverse(e.seq));
        self.take_back(&entries)
    }

    /// Takes back these actions, in this order, those that were done and are not taken back yet.
    ///
    /// # Errors
    /// As [`Desk::undo`].
    pub fn take_back(&mut self, entries: &[Entry]) -> Result<UndoOutcome, StoreError> {
        let mut outcome = UndoOutcome::default();
        for entry in entries.iter().filter(|e| e.outcome.is_some() && !e.undone) {
            match self.take_one_back(entry)? {
                None => {}
                Some(Ok(())) => outcome.taken += 1,
                Some(Err(why)) => outcome.failures.push(format!("{}: {}", entry.told(), escaped(&why))),
            }
        }
        Ok(outcome)
    }

    /// One action a transaction, held from before the file moves until the store knows of it: a watcher must write to the
    /// store before it makes anything of a file, so it can't take one that is moved back for a new one. `None`: somebody
    /// else was faster.
    fn take_one_back(&mut self, entry: &Entry) -> Result<Option<Result<(), String>>, StoreError> {
        let path = self.store.path.clone();
        let wrap = |e| super::open::wrapped(&path, e);
        let t = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrap)?;
        let (still, running): (bool, bool) = t
            .query_row(
                "SELECT outcome IS NOT NULL AND undone IS NULL, \
                 EXISTS (SELECT 1 FROM photos p WHERE p.id = j.photo AND p.state = 'running') FROM journal j WHERE id = ?1",
                [&entry.intent.id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(wrap)?;
        if !still {
            return Ok(None);
        }
        if running {
            return Ok(Some(Err("the photo is in work; wait until it is done, then undo again".into())));
        }
        match undo(&entry.intent) {
            Ok(lies_at) => {
                let written = super::journal::taken_back(&t, entry, lies_at.as_ref().map(|p| p.0.as_path()));
                written.and_then(|()| t.commit()).map_err(wrap)?;
                Ok(Some(Ok(())))
            }
            Err(error) => Ok(Some(Err(error.to_string()))),
        }
    }
}
