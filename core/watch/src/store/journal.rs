//! The journal of actions.

use super::{Store, StoreError, now_ms, photos::bytes};
use crate::actions::{ActionError, Intent, Journal, Outcome};
use giqa_engine::safe_text::escaped;
use rusqlite::{Connection, Transaction, params};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What the journal knows of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The run that it belongs to.
    pub run: String,
    /// What was to be done.
    pub intent: Intent,
    /// How it ended, if it did.
    pub outcome: Option<Outcome>,
    /// It was undone.
    pub undone: bool,
    /// Actions are begun in this order.
    pub seq: i64,
    /// When it was begun, milliseconds since 1970.
    pub begun: i64,
}

impl Entry {
    /// What was done, in a line for people.
    #[must_use]
    pub fn told(&self) -> String {
        let note = self.outcome.as_ref().map_or("", |o| o.note.as_str());
        escaped(&format!("{} ({note})", self.intent.name))
    }
}

/// Writes the actions of one run into a store that others use, too.
#[derive(Debug)]
pub struct RunJournal<'a> {
    /// The store.
    pub store: &'a Mutex<Store>,
    /// The run.
    pub run: &'a str,
}

impl Journal for RunJournal<'_> {
    fn begin(&mut self, intent: &Intent) -> Result<(), ActionError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.begin(self.run, intent).map_err(|e| ActionError::journal(&e))
    }

    fn finish(&mut self, intent: &Intent, outcome: &Outcome) -> Result<(), ActionError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.finish(intent, outcome).map_err(|e| ActionError::journal(&e))
    }
}

impl Store {
    pub(super) fn begin(&mut self, run: &str, intent: &Intent) -> Result<(), StoreError> {
        let text = serde_json::to_string(intent).map_err(|e| self.content(e.to_string()))?;
        self.write_durably(|t| {
            t.prepare_cached(
                "INSERT INTO journal (id, seq, run, photo, kind, intent, begun, target) \
                 VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM journal), ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT (id) DO UPDATE SET intent = excluded.intent, error = NULL, begun = excluded.begun, \
                 target = excluded.target",
            )?
            .execute(params![
                intent.id,
                run,
                intent.photo,
                intent.step.kind(),
                text,
                now_ms(),
                intent.step.copy_at().map(bytes)
            ])
        })
        .map(drop)
    }

    /// An action was done; a photo that it moved is known at its new place from here on.
    pub(super) fn finish(&mut self, intent: &Intent, outcome: &Outcome) -> Result<(), StoreError> {
        let text = self.outcome_text(outcome)?;
        self.write(|t| finished(t, intent, outcome, &text))
    }

    pub(super) fn outcome_text(&self, outcome: &Outcome) -> Result<String, StoreError> {
        serde_json::to_string(outcome).map_err(|e| self.content(e.to_string()))
    }

    /// What is known of an action.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn entry(&self, id: &str) -> Result<Option<Entry>, StoreError> {
        Ok(self.entries("id = ?1", id)?.pop())
    }

    /// The actions of a run, the latest first; `None` = the last run that did something.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn entries_of_run(&self, run: &str) -> Result<Vec<Entry>, StoreError> {
        self.entries("run = ?1", run)
    }

    /// The actions done with a photo, by the path where it is or by one where it was, the latest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn entries_of_photo(&self, path: &Path) -> Result<Vec<Entry>, StoreError> {
        if let Some(photo) = self.photo_by_path(path)? {
            return self.entries_of(photo);
        }
        // Where it was before it was moved.
        let all = self.entries("?1 = '' AND outcome IS NOT NULL", "")?;
        let photo = all.iter().find(|e| e.intent.step.began_at(path)).map(|e| e.intent.photo);
        photo.map_or(Ok(Vec::new()), |photo| self.entries_of(photo))
    }

    /// The actions done with a photo, the latest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn entries_of(&self, photo: i64) -> Result<Vec<Entry>, StoreError> {
        self.entries("photo = ?1", &photo.to_string())
    }

    /// The runs that did something, the latest first, and how many actions each did.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn runs(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let read = || {
            let sql = "SELECT run, count(*) FROM journal WHERE outcome IS NOT NULL GROUP BY run ORDER BY max(seq) DESC";
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|e| self.wrap(e))
    }

    fn entries(&self, what: &str, value: &str) -> Result<Vec<Entry>, StoreError> {
        let sql =
            format!("SELECT run, intent, outcome, undone, seq, begun FROM journal WHERE {what} ORDER BY seq DESC");
        let rows = self.all(&sql, [value], |row| {
            let texts = (row.get(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?);
            Ok((texts, row.get::<_, Option<i64>>(3)?.is_some(), row.get(4)?, row.get(5)?))
        })?;
        let wrong = |e: serde_json::Error| self.content(format!("an entry of the journal: {e}"));
        let parse =
            |((run, intent, outcome), undone, seq, begun): ((String, String, Option<String>), bool, i64, i64)| {
                let intent = serde_json::from_str(&intent).map_err(wrong)?;
                let outcome = outcome.map(|o| serde_json::from_str(&o)).transpose().map_err(wrong)?;
                Ok(Entry { run, intent, outcome, undone, seq, begun })
            };
        rows.into_iter().map(parse).collect()
    }

    /// An action failed for good.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn action_failed(&mut self, id: &str, why: &str) -> Result<(), StoreError> {
        self.write(|t| t.execute("UPDATE journal SET error = ?2, ended = ?3 WHERE id = ?1", params![id, why, now_ms()]))
            .map(drop)
    }
}

/// An action was done, and with that the proposal of it, if it was one.
pub(super) fn finished(c: &Connection, intent: &Intent, outcome: &Outcome, text: &str) -> rusqlite::Result<()> {
    c.execute(
        "UPDATE journal SET outcome = ?2, error = NULL, ended = ?3 WHERE id = ?1",
        params![intent.id, text, now_ms()],
    )?;
    c.execute("UPDATE proposals SET answered = ?2 WHERE id = ?1 AND answered IS NULL", params![intent.id, now_ms()])?;
    outcome.moved_to.as_ref().map_or(Ok(()), |to| follow(c, intent.photo, &to.0))
}

/// An action was taken back.
pub(super) fn taken_back(t: &Transaction<'_>, entry: &Entry, lies_at: Option<&Path>) -> rusqlite::Result<()> {
    t.execute("UPDATE journal SET undone = ?2 WHERE id = ?1", params![entry.intent.id, now_ms()])?;
    lies_at.map_or(Ok(()), |path| follow(t, entry.intent.photo, path))
}

/// A photo lies elsewhere now.
fn follow(t: &Connection, photo: i64, to: &Path) -> rusqlite::Result<()> {
    // A file that lay there and is no more must not stand in the way.
    t.execute("DELETE FROM photos WHERE path = ?2 AND id <> ?1", params![photo, bytes(to)])?;
    t.execute(
        "UPDATE photos SET path = ?2, gone = 0, updated = ?3 WHERE id = ?1",
        params![photo, bytes(to), now_ms()],
    )?;
    Ok(())
}
