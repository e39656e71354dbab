//! What is in the store, whether it is sound, and what may go.

use super::{State, Store, StoreError};
use serde::Serialize;
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Photos by state, and what else is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Photos by state; every state is there.
    #[serde(flatten)]
    pub states: BTreeMap<&'static str, u64>,
    /// Photos in all.
    pub photos: u64,
    /// Reports.
    pub results: u64,
    /// Actions that were done, and those that were undone.
    pub actions: u64,
    /// Of them, undone.
    pub undone: u64,
    /// Photos by verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// Photos by the last verdict by hand.
    pub by_hand: BTreeMap<String, u64>,
    /// Actions that wait to be confirmed.
    pub proposals: u64,
    /// Size of the file, bytes.
    pub bytes: u64,
}

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Photos whose files are gone.
    pub photos: u64,
    /// Results that no photo has any more.
    pub results: u64,
}

impl Store {
    /// Counts.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let count = || -> rusqlite::Result<Counts> {
            let mut states: BTreeMap<&'static str, u64> = State::ALL.map(|s| (s.word(), 0)).into();
            let mut by_state = self.connection.prepare("SELECT state, count(*) FROM photos GROUP BY state")?;
            let rows = by_state.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
            for row in rows {
                let (word, n) = row?;
                if let Some(count) = states.get_mut(word.as_str()) {
                    *count = n.cast_unsigned();
                }
            }
            let by = |sql: &str| -> rusqlite::Result<BTreeMap<String, u64>> {
                let mut by = self.connection.prepare(sql)?;
                by.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?.collect()
            };
            let one =
                |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned);
            Ok(Counts {
                photos: states.values().sum(),
                states,
                results: one("SELECT count(*) FROM results")?,
                actions: one("SELECT count(*) FROM journal WHERE outcome IS NOT NULL")?,
                undone: one("SELECT count(*) FROM journal WHERE undone IS NOT NULL")?,
                verdicts: by(
                    "SELECT decision, count(*) FROM photos WHERE decision IS NOT NULL AND state = 'done' GROUP BY decision",
                )?,
                by_hand: by("SELECT hand, count(*) FROM photos WHERE hand IS NOT NULL GROUP BY hand")?,
                proposals: one("SELECT count(*) FROM proposals WHERE answered IS NULL")?,
                bytes: one("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")?,
            })
        };
        count().map_err(|e| self.wrap(e))
    }

    /// Everything that is wrong with the file and with what is in it; empty when it is sound.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn verify(&self) -> Result<Vec<String>, StoreError> {
        let look = || -> rusqlite::Result<Vec<String>> {
            let mut found: Vec<String> = self
                .connection
                .prepare("PRAGMA integrity_check(20)")?
                .query_map([], |row| row.get::<_, String>(0))?
                .collect::<rusqlite::Result<_>>()?;
            found.retain(|line| line != "ok");
            let lost: i64 = self.connection.query_row(
                "SELECT count(*) FROM photos p WHERE state = 'done' AND NOT EXISTS \
                 (SELECT 1 FROM results r WHERE r.blake3 = p.blake3 AND r.key = p.key)",
                [],
                |row| row.get(0),
            )?;
            if lost > 0 {
                found.push(format!("{lost} photos are done but have no result; `giqa store prune` takes them out"));
            }
            let mut reports = self.connection.prepare("SELECT blake3, report FROM results")?;
            let mut rows = reports.query([])?;
            while let Some(row) = rows.next()? {
                let (blake3, report): (String, String) = (row.get(0)?, row.get(1)?);
                match serde_json::from_str::<giqa_core::Report>(&report) {
                    Ok(report) if report.image.blake3 == blake3 => {}
                    Ok(_) => found.push(format!("the report of {blake3} is another picture's")),
                    Err(error) => found.push(format!("the report of {blake3} can't be read: {error}")),
                }
            }
            Ok(found)
        };
        look().map_err(|e| self.wrap(e))
    }

    /// Takes out photos whose files are gone (and that no action could be undone for), photos that are done without a
    /// result, and results that no photo has any more; then gives the room back.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn prune(&mut self) -> Result<Pruned, StoreError> {
        let pruned = self.write(|t| {
            let mut all = t.prepare("SELECT id, path FROM photos WHERE state NOT IN ('running', 'waiting', 'seen')")?;
            let rows: Vec<(i64, Vec<u8>)> =
                all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
            let mut photos = 0;
            for (id, path) in rows {
                let path = PathBuf::from(std::ffi::OsString::from_vec(path));
                if std::fs::symlink_metadata(&path).is_err() {
                    photos += t.execute(
                        "DELETE FROM photos WHERE id = ?1 AND NOT EXISTS \
                         (SELECT 1 FROM journal WHERE photo = ?1 AND outcome IS NOT NULL AND undone IS NULL)",
                        [id],
                    )?;
                }
            }
            photos += t.execute(
                "DELETE FROM photos WHERE state = 'done' AND NOT EXISTS \
                 (SELECT 1 FROM results r WHERE r.blake3 = photos.blake3 AND r.key = photos.key)",
                [],
            )?;
            let results = t.execute(
                "DELETE FROM results WHERE NOT EXISTS (SELECT 1 FROM photos p WHERE p.blake3 = results.blake3)",
                [],
            )?;
            t.execute(
                "DELETE FROM briefs WHERE NOT EXISTS \
                 (SELECT 1 FROM results r WHERE r.blake3 = briefs.blake3 AND r.key = briefs.key)",
                [],
            )?;
            Ok(Pruned { photos: photos as u64, results: results as u64 })
        })?;
        self.connection.execute_batch("VACUUM").map_err(|e| self.wrap(e))?;
        Ok(pruned)
    }
}
