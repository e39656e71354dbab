//! One row a file, one state each.

use super::{Key, Store, StoreError, now_ms};
use crate::source::Stat;
use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What became of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It is there, but not complete yet.
    Seen,
    /// It waits for its turn.
    Waiting,
    /// It is inspected, or its actions are carried out.
    Running,
    /// It has a report, and what the rules want was done.
    Done,
    /// It has none; the reason is stored.
    Failed,
    /// It was gone before its turn.
    Skipped,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Seen, Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Skipped];

    /// Its word in the store and in what is printed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// The state of a word; `Skipped` for words that a newer giqa might write.
    pub(super) fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.word() == word).unwrap_or(Self::Skipped)
    }
}

/// What the store made of a file that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It waits for its turn now.
    Queued,
    /// It is known as it is.
    Known,
    /// It is in work, with other content than now; it waits once more after that.
    Again,
}

/// A photo whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its row.
    pub id: i64,
    /// Where it is.
    pub path: PathBuf,
    /// The watched folder that it came from.
    pub root: PathBuf,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// Its size and time when it was found.
    pub stat: Stat,
    /// What the rules decided before a crash: those actions are finished, nothing is decided again.
    pub planned: Option<String>,
}

/// No retry waits longer, ms: what does was stored before the clock was set back.
const LONGEST_WAIT: i64 = 10 * 60 * 1000;

pub(super) fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

pub(super) fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(&bytes))
}

pub(super) fn stat_of(row: &Row<'_>, from: usize) -> rusqlite::Result<Stat> {
    Ok(Stat {
        bytes: row.get::<_, i64>(from)?.cast_unsigned(),
        modified_ns: row.get::<_, String>(from + 1)?.parse().unwrap_or(0),
        inode: row.get::<_, i64>(from + 2)?.cast_unsigned(),
        device: row.get::<_, i64>(from + 3)?.cast_unsigned(),
    })
}

impl Store {
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let result = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|t| {
            let value = work(&t)?;
            t.commit()?;
            Ok(value)
        });
        result.map_err(|e| self.wrap(e)).inspect_err(|error| {
            if error.is_full() {
                // The log is what grows; what is in it may have room in the file itself.
                let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
            }
        })
    }

    /// The same, and it is on the disk when this returns: what is about to be done must be known before it is. What was
    /// written before is on the disk then as well.
    pub(super) fn write_durably<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.connection.pragma_update(None, "synchronous", "FULL").map_err(|e| self.wrap(e))?;
        let result = self.write(work);
        self.connection.pragma_update(None, "synchronous", "NORMAL").map_err(|e| self.wrap(e))?;
        result
    }

    /// A complete file was found. New or changed content waits for its turn; what is known with the same size, time and
    /// key stays as it is. A file that was known under a path where nothing is any more was renamed, and keeps its state.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn seen(&mut self, root: &Path, path: &Path, stat: Stat, key: &Key, fresh: bool) -> Result<Seen, StoreError> {
        self.write(|t| {
            let known = t
                .prepare_cached("SELECT id, state, key, bytes, modified_ns, inode, device FROM photos WHERE path = ?1")?
                .query_row([bytes(path)], |row| {
                    let (id, state, known_key) = (row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?);
                    Ok((id, state, known_key, stat_of(row, 3)?))
                })
                .optional()?;
            let Some((id, state, known_key, known)) = known else {
                if is_our_copy(t, path)? || renamed(t, path, stat)? {
                    return Ok(Seen::Known);
                }
                insert(t, root, path, stat, fresh)?;
                return Ok(Seen::Queued);
            };
            let (id, state): (i64, String) = (id, state);
            // The inode changes when a file is replaced by one of the same size and time, and when a disk is mounted anew.
            let same = known.bytes == stat.bytes && known.modified_ns == stat.modified_ns;
            let settled = match state.as_str() {
                "running" | "waiting" => same,
                "done" => same && known_key.as_deref() == Some(key.as_str()),
                // Failures are told once; other content or other components are another try.
                "failed" => same && known_key.as_deref().is_none_or(|k| k == key.as_str()),
                _ => false,
            };
            if settled {
                t.execute("UPDATE photos SET gone = 0 WHERE id = ?1 AND gone", [id])?;
                return Ok(Seen::Known);
            }
            let running = state == "running";
            t.prepare_cached(
                "UPDATE photos SET bytes = ?2, modified_ns = ?3, inode = ?4, device = ?5, root = ?6, gone = 0, \
                 fresh = max(fresh, ?7), updated = ?8 WHERE id = ?1",
            )?
            .execute(params![
                id,
                stat.bytes.cast_signed(),
                stat.modified_ns.to_string(),
                stat.inode.cast_signed(),
                stat.device.cast_signed(),
                bytes(root),
                fresh,
                now_ms()
            ])?;
            drop_proposals(t, id)?;
            if running {
                return Ok(Seen::Again);
            }
            t.execute(
                "UPDATE photos SET state = 'waiting', attempts = 0, not_before = 0, reason = NULL, planned = NULL, \
                 decision = NULL, rules = NULL WHERE id = ?1",
                [id],
            )?;
            Ok(Seen::Queued)
        })
    }

    /// A path that is gone. What waited for its turn is skipped; results stay. What was decided on goes on: its own
    /// actions may be what took it away, before they could be told to be done.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn gone(&mut self, path: &Path) -> Result<(), StoreError> {
        self.write(|t| {
            t.execute(
                "UPDATE photos SET gone = 1, updated = ?2, \
                 reason = CASE WHEN state IN ('seen', 'waiting') AND planned IS NULL THEN 'gone before its turn' ELSE reason END, \
                 state = CASE WHEN state IN ('seen', 'waiting') AND planned IS NULL THEN 'skipped' ELSE state END \
                 WHERE path = ?1",
                params![bytes(path), now_ms()],
            )
        })
        .map(drop)
    }

    /// The next photo whose turn it is: what was tried least, what came while watching, then by age. It is `running` from
    /// here on.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn claim(&mut self) -> Result<Option<Claimed>, StoreError> {
        let now = now_ms();
        self.write(|t| {
            t.prepare_cached(
                "UPDATE photos SET state = 'running', attempts = attempts + 1, updated = ?1 WHERE id = ( \
                   SELECT id FROM photos WHERE state = 'waiting' AND not_before NOT BETWEEN ?1 + 1 AND ?2 ORDER BY attempts, fresh DESC, id LIMIT 1) \
                 RETURNING id, path, root, attempts, planned, bytes, modified_ns, inode, device",
            )?
            .query_row([now, now + LONGEST_WAIT], |row| {
                Ok(Claimed {
                    id: row.get(0)?,
                    path: path_of(row.get(1)?),
                    root: path_of(row.get(2)?),
                    attempt: row.get(3)?,
                    planned: row.get(4)?,
                    stat: stat_of(row, 5)?,
                })
            })
            .optional()
        })
    }

    /// When the earliest photo that waits has its turn, ms since 1970; `None` when nothing waits.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn next_turn(&self) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT min(not_before) FROM photos WHERE state = 'waiting'";
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|e| self.wrap(e))
    }

    /// What the rules decided, before the first of the actions is begun; the journal's first line takes it to the disk.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn decided(&mut self, id: i64, planned: &str, decision: &str) -> Result<(), StoreError> {
        self.write(|t| {
            t.execute(
                "UPDATE photos SET planned = ?2, decision = ?3, updated = ?4, \
                 rules = json_extract(?2, '$.verdict.rules') WHERE id = ?1",
                params![id, planned, decision, now_ms()],
            )?;
            // What an earlier decision proposed is out of date.
            drop_proposals(t, id)
        })
        .map(drop)
    }

    /// The end of a photo's turn, good or bad. `used` is what was read of it: when another content was found since it was
    /// claimed, it waits once more instead.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn settle(&mut self, photo: &Claimed, used: Stat, end: &Settled<'_>) -> Result<(), StoreError> {
        let id = photo.id;
        let (state, reason, key, blake3) = match *end {
            Settled::Done { key, blake3 } => (State::Done, None, Some(key), Some(blake3)),
            Settled::Failed { reason, key, blake3 } => (State::Failed, Some(reason), Some(key), blake3),
            Settled::Skipped { reason } => (State::Skipped, Some(reason), None, None),
        };
        self.write(|t| {
            let now: Stat =
                t.query_row("SELECT bytes, modified_ns, inode, device FROM photos WHERE id = ?1", [id], |row| {
                    stat_of(row, 0)
                })?;
            let is = |other: Stat| now.bytes == other.bytes && now.modified_ns == other.modified_ns;
            let changed = !is(used) && !is(photo.stat);
            if !changed {
                // What was read is what is known now, though no event has told of it yet.
                t.execute(
                    "UPDATE photos SET bytes = ?2, modified_ns = ?3 WHERE id = ?1",
                    params![id, used.bytes.cast_signed(), used.modified_ns.to_string()],
                )?;
            }
            if let Settled::Done { blake3, .. } = *end {
                t.prepare_cached("INSERT OR REPLACE INTO contents (photo, blake3, at) VALUES (?1, ?2, ?3)")?
                    .execute(params![id, blake3, now_ms()])?;
            }
            let state = if changed { State::Waiting } else { state };
            t.execute(
                "UPDATE photos SET state = ?2, reason = ?3, key = ?4, blake3 = ?5, planned = NULL, updated = ?6, \
                 attempts = CASE WHEN ?7 THEN 0 ELSE attempts END, not_before = 0 WHERE id = ?1",
                params![id, state.word(), reason, key.map(Key::as_str), blake3, now_ms(), changed],
            )
        })
        .map(drop)
    }

    /// Puts a photo back: it has another try after a while. `counts` = false: this one does not count as a try.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn put_back(
        &mut self,
        id: i64,
        reason: &str,
        after: std::time::Duration,
        counts: bool,
    ) -> Result<(), StoreError> {
        let due = now_ms().saturating_add(i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
        self.write(|t| {
            t.execute(
                "UPDATE photos SET state = 'waiting', reason = ?2, not_before = ?3, updated = ?4, \
                 attempts = max(attempts - ?5, 0) WHERE id = ?1",
                params![id, reason, due, now_ms(), i64::from(!counts)],
            )
        })
        .map(drop)
    }

    /// Whether nothing waits and nothing is in work.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn is_idle(&self) -> Result<bool, StoreError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM photos WHERE state IN ('seen', 'waiting', 'running'))";
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|e| self.wrap(e))
    }

    /// Other components inspect from now on: what they have not seen waits again, unless an action moved it away.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn requeue(&mut self, key: &Key) -> Result<usize, StoreError> {
        self.write(|t| {
            t.execute(
                "UPDATE photos SET state = 'waiting', attempts = 0, not_before = 0, reason = NULL, updated = ?2 \
                 WHERE state IN ('done', 'failed') AND key <> ?1 AND NOT gone AND NOT EXISTS \
                 (SELECT 1 FROM journal WHERE photo = photos.id AND kind = 'move' AND outcome IS NOT NULL AND undone IS NULL)",
                params![key.as_str(), now_ms()],
            )
        })
    }

    /// After a start: what was in work when the last process ended waits again. What was tried `most` times without an
    /// end took giqa down, and is set aside as failed. Returns how many of each.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn resume(&mut self, most: u32) -> Result<(usize, usize), StoreError> {
        self.write(|t| {
            let failed = t.execute(
                "UPDATE photos SET state = 'failed', updated = ?2, \
                 reason = 'giqa ended ' || attempts || ' times while it was inspected; it is not tried again' \
                 WHERE state = 'running' AND attempts >= ?1 AND planned IS NULL",
                params![most, now_ms()],
            )?;
            let again = t.execute(
                "UPDATE photos SET state = 'waiting', not_before = 0, updated = ?1 WHERE state = 'running'",
                [now_ms()],
            )?;
            Ok((again, failed))
        })
    }
}

/// How a photo's turn ended.
#[derive(Debug, Clone, Copy)]
pub enum Settled<'a> {
    /// With a report, and all actions done.
    Done {
        /// What inspected it.
        key: &'a Key,
        /// Its content.
        blake3: &'a str,
    },
    /// Without one.
    Failed {
        /// Why, in words.
        reason: &'a str,
        /// What tried: other components may try again.
        key: &'a Key,
        /// Its content, where it could be read.
        blake3: Option<&'a str>,
    },
    /// It was gone.
    Skipped {
        /// Why, in words.
        reason: &'a str,
    },
}

/// Open proposals are none any more: what they were made for is not what is there.
fn drop_proposals(t: &Transaction<'_>, photo: i64) -> rusqlite::Result<usize> {
    t.prepare_cached("UPDATE proposals SET answered = ?2, refused = 1 WHERE photo = ?1 AND answered IS NULL")?
        .execute(params![photo, now_ms()])
}

/// Whether an action put this file there: it is no photo that arrived, and to act on it might never end.
fn is_our_copy(t: &Transaction<'_>, path: &Path) -> rusqlite::Result<bool> {
    t.prepare_cached("SELECT EXISTS (SELECT 1 FROM journal WHERE target = ?1 AND undone IS NULL)")?
        .query_row([bytes(path)], |row| row.get(0))
}

/// Whether this is a known file under another name: its inode, size and time are those of a row whose path is gone.
fn renamed(t: &Transaction<'_>, path: &Path, stat: Stat) -> rusqlite::Result<bool> {
    let mut known = t.prepare_cached(
        "SELECT id, path FROM photos WHERE inode = ?1 AND device = ?2 AND bytes = ?3 AND modified_ns = ?4",
    )?;
    let rows = known.query_map(
        params![
            stat.inode.cast_signed(),
            stat.device.cast_signed(),
            stat.bytes.cast_signed(),
            stat.modified_ns.to_string()
        ],
        |row| Ok((row.get::<_, i64>(0)?, path_of(row.get(1)?))),
    )?;
    for row in rows {
        let (id, old) = row?;
        if std::fs::symlink_metadata(&old).is_err() {
            t.execute(
                "UPDATE photos SET path = ?2, gone = 0, updated = ?3, reason = CASE WHEN state = 'skipped' THEN NULL ELSE \
                 reason END, state = CASE WHEN state = 'skipped' THEN 'waiting' ELSE state END WHERE id = ?1",
                params![id, bytes(path), now_ms()],
            )?;
            return Ok(true);
        }
    }
    Ok(false)
}

fn insert(t: &Transaction<'_>, root: &Path, path: &Path, stat: Stat, fresh: bool) -> rusqlite::Result<usize> {
    t.prepare_cached(
        "INSERT INTO photos (path, root, bytes, modified_ns, inode, device, state, fresh, updated) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?8)",
    )?
    .execute(params![
        bytes(path),
        bytes(root),
        stat.bytes.cast_signed(),
        stat.modified_ns.to_string(),
        stat.inode.cast_signed(),
        stat.device.cast_signed(),
        fresh,
        now_ms()
    ])
}
