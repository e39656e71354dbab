//! Actions that wait for a person's word.

use super::photos::{bytes, path_of};
use super::{Key, State, Store, StoreError, now_ms};
use crate::actions::{Planned, Subject};
use crate::source::Stat;
use giqa_core::Verdict;
use rusqlite::params;
use std::path::PathBuf;

/// An action that waits to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Of the planned action.
    pub id: String,
    /// The photo.
    pub photo: i64,
    /// Its name in rules.toml.
    pub name: String,
    /// What would be done, in words for people.
    pub sentence: String,
    /// When it was made, milliseconds since 1970.
    pub made: i64,
}

/// A proposal with what is needed to carry it out.
pub(super) struct Open {
    pub(super) planned: Planned,
    pub(super) photo: i64,
    pub(super) run: String,
    pub(super) root: PathBuf,
    pub(super) path: PathBuf,
    pub(super) state: State,
    /// Of the content that is known.
    pub(super) stat: Stat,
    pub(super) blake3: String,
    pub(super) key: Key,
    pub(super) verdict: Verdict,
    made: i64,
}

impl Store {
    /// Keeps an action until a person says what becomes of it. One that is there already, answered or not, stays.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn propose(&mut self, run: &str, planned: &Planned, key: &Key, subject: &Subject) -> Result<(), StoreError> {
        let wrong = |e: serde_json::Error| self.content(format!("the action '{}': {e}", planned.name));
        let text = serde_json::to_string(planned).map_err(wrong)?;
        let verdict = serde_json::to_string(&subject.report.verdict).map_err(wrong)?;
        let blake3 = &subject.report.image.blake3;
        self.write(|t| {
            t.prepare_cached(
                "INSERT INTO proposals (id, seq, photo, run, root, planned, blake3, key, verdict, made) VALUES \
                 (?1, (SELECT coalesce(max(seq), 0) + 1 FROM proposals WHERE photo = ?2), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
                 ON CONFLICT (id) DO NOTHING",
            )?
            .execute(params![
                planned.id,
                subject.photo,
                run,
                bytes(&subject.root),
                text,
                blake3,
                key.as_str(),
                verdict,
                now_ms()
            ])
        })
        .map(drop)
    }

    pub(super) fn proposals(&self, photo: i64) -> Result<Vec<Proposal>, StoreError> {
        let told = |open: Open| Proposal {
            sentence: open.planned.sentence(&open.path),
            id: open.planned.id,
            photo,
            name: open.planned.name,
            made: open.made,
        };
        Ok(self.open_proposals(photo)?.into_iter().map(told).collect())
    }

    pub(super) fn open_proposals(&self, photo: i64) -> Result<Vec<Open>, StoreError> {
        let sql = "SELECT p.planned, p.run, p.root, f.path, f.state, p.blake3, p.key, p.verdict, p.made, \
                   f.bytes, f.modified_ns, f.inode, f.device FROM proposals p JOIN photos f ON f.id = p.photo \
                   WHERE p.photo = ?1 AND p.answered IS NULL ORDER BY p.seq";
        let rows = self.all(sql, [photo], |row| {
            let texts: (String, String) = (row.get(0)?, row.get(7)?);
            let open = |planned: Planned, verdict: Verdict| {
                Ok::<_, rusqlite::Error>(Open {
                    planned,
                    verdict,
                    photo,
                    run: row.get(1)?,
                    root: path_of(row.get(2)?),
                    path: path_of(row.get(3)?),
                    state: State::of(row.get_ref(4)?.as_str()?),
                    stat: super::photos::stat_of(row, 9)?,
                    blake3: row.get(5)?,
                    key: Key::stored(row.get_ref(6)?.as_str()?),
                    made: row.get(8)?,
                })
            };
            let parsed = serde_json::from_str(&texts.0).and_then(|p| Ok((p, serde_json::from_str(&texts.1)?)));
            match parsed {
                Ok((planned, verdict)) => open(planned, verdict).map(Ok),
                Err(error) => Ok(Err(error.to_string())),
            }
        })?;
        let readable = |row: Result<Open, String>| row.map_err(|e| self.content(format!("a proposal: {e}")));
        rows.into_iter().map(readable).collect()
    }

    /// A person does not want these.
    pub(super) fn refuse(&mut self, id: &str) -> Result<usize, StoreError> {
        self.write_durably(|t| {
            t.execute(
                "UPDATE proposals SET answered = ?2, refused = 1 WHERE id = ?1 AND answered IS NULL",
                params![id, now_ms()],
            )
        })
    }
}
