//! What is known of one photo beyond its report of now.

use super::photos::bytes;
use super::{HandVerdict, Key, Store, StoreError, list};
use giqa_core::{Level, Verdict};
use rusqlite::{OptionalExtension, Params, Row};
use std::path::Path;

/// A result that is stored for what is, or was, in a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Hash of the content, hex.
    pub blake3: String,
    /// What inspected it.
    pub key: Key,
    /// When it was kept, milliseconds since 1970.
    pub created: i64,
    /// The profile that inspected it.
    pub profile: String,
    /// Overall quality.
    pub score: f64,
    /// Its level.
    pub level: Level,
}

impl Store {
    pub(super) fn past(&self, photo: i64) -> Result<Vec<Past>, StoreError> {
        let sql = "SELECT blake3, key, created, coalesce(report ->> '$.provenance.profile', ''), score, level FROM results \
                   WHERE blake3 IN (SELECT blake3 FROM contents WHERE photo = ?1 \
                                    UNION SELECT blake3 FROM photos WHERE id = ?1) ORDER BY created DESC, key";
        self.all(sql, [photo], |row| {
            let score = row.get(4)?;
            Ok(Past {
                blake3: row.get(0)?,
                key: Key::stored(row.get_ref(1)?.as_str()?),
                created: row.get(2)?,
                profile: row.get(3)?,
                score,
                level: list::level(row.get_ref(5)?.as_str()?, score),
            })
        })
    }

    pub(super) fn verdict(&self, photo: i64) -> Result<Option<Verdict>, StoreError> {
        let sql = "SELECT decision, rules FROM photos WHERE id = ?1 AND decision IS NOT NULL";
        let read = |row: &Row<'_>| Ok(verdict(&row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?.as_deref()));
        Ok(self.all(sql, [photo], read)?.pop().flatten())
    }

    pub(super) fn verdicts(&self, photo: i64) -> Result<Vec<HandVerdict>, StoreError> {
        let sql = "SELECT decision, note, who, at FROM verdicts WHERE photo = ?1 ORDER BY id DESC";
        self.all(sql, [photo], |row| {
            let decision = row.get::<_, Option<String>>(0)?.as_deref().and_then(list::decision);
            Ok(HandVerdict { decision, note: row.get(1)?, who: row.get(2)?, at: row.get(3)? })
        })
    }

    pub(super) fn photo_by_path(&self, path: &Path) -> Result<Option<i64>, StoreError> {
        self.connection
            .query_row("SELECT id FROM photos WHERE path = ?1", [bytes(path)], |row| row.get(0))
            .optional()
            .map_err(|e| self.wrap(e))
    }

    /// All rows of a query.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.connection.prepare_cached(sql).and_then(|mut s| s.query_map(parameters, read)?.collect());
        rows.map_err(|e| self.wrap(e))
    }
}

/// A verdict as it is stored: stores of older versions did not keep which rules fired.
pub(super) fn verdict(decision: &str, rules: Option<&str>) -> Option<Verdict> {
    let rules = rules.and_then(|r| serde_json::from_str(r).ok()).unwrap_or_default();
    Some(Verdict { decision: list::decision(decision)?, rules })
}
