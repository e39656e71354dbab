//! Reading beside a watcher: everything at first, then what changed.

use super::briefs::{Names, Summary};
use super::photos::path_of;
use super::{Batch, Brief, Counts, Entry, HandVerdict, Key, Proposal, Row, State, Store, StoreError, StoredResult};
use super::{list, past::Past};
use giqa_core::Verdict;
use std::collections::HashSet;
use std::path::Path;

/// Rows that are delivered at a time.
const ROWS: usize = 4096;

/// A store that is read while others write to it.
#[derive(Debug)]
pub struct Reader {
    pub(super) store: Store,
    metrics: Names,
    /// Photos that were delivered.
    known: HashSet<i64>,
    /// The clock of the last look, and how many photos had been taken out by then.
    looked: (i64, i64),
    /// SQLite's number for what others wrote.
    version: Option<i64>,
    /// Changes that were not delivered yet: after the first number, up to the second; the newest last.
    left: Vec<(i64, i64)>,
}

impl Reader {
    /// Opens the store of a state folder. One of an older version is brought up to date first.
    ///
    /// # Errors
    /// [`StoreError`] when there is none, it is a newer one, or an older giqa is watching with it.
    pub fn open(state_dir: &Path) -> Result<Self, StoreError> {
        let store = Store::read(state_dir)?;
        let (metrics, known) = (Names::default(), HashSet::new());
        Ok(Self { store, metrics, known, looked: (0, 0), version: None, left: Vec::new() })
    }

    /// Delivers what changed since the last call, the latest change first; the first call delivers everything. Costs
    /// next to nothing when nothing changed. When `each` returns false it stops, and the next call goes on.
    ///
    /// # Errors
    /// [`StoreError`]; what was not delivered is, by the next call.
    pub fn changes(&mut self, each: &mut dyn FnMut(Batch) -> bool) -> Result<(), StoreError> {
        let removed = self.look()?;
        if !removed.is_empty() && !each(Batch { removed, metrics: self.metrics.all.clone(), ..Batch::default() }) {
            return Ok(());
        }
        while let Some((after, up_to)) = self.left.pop() {
            let page = self.page(after, up_to);
            let (rows, last) = page.inspect_err(|_| self.left.push((after, up_to)))?;
            if rows.len() == ROWS && last > after + 1 {
                self.left.push((after, last - 1));
            }
            if rows.is_empty() {
                continue;
            }
            self.known.extend(rows.iter().map(|row| row.id));
            if !each(Batch { rows, removed: Vec::new(), metrics: self.metrics.all.clone() }) {
                break;
            }
        }
        Ok(())
    }

    /// Looks at the clock; what there is to deliver is in `left` then. Returns photos that were taken out.
    fn look(&mut self) -> Result<Vec<i64>, StoreError> {
        let read = |r: &mut Self| -> rusqlite::Result<Vec<i64>> {
            let version = r.store.connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
            if r.version == Some(version) {
                return Ok(Vec::new());
            }
            let (now, removed): (i64, i64) =
                r.store
                    .connection
                    .query_row("SELECT now, removed FROM clock", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut gone = Vec::new();
            if removed != r.looked.1 && !r.known.is_empty() {
                let mut ids = r.store.connection.prepare_cached("SELECT id FROM photos")?;
                let there: HashSet<i64> = ids.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
                gone = r.known.difference(&there).copied().collect();
                gone.sort_unstable();
            }
            r.known.retain(|id| gone.binary_search(id).is_err());
            if now > r.looked.0 {
                r.left.push((r.looked.0, now));
            }
            (r.looked, r.version) = ((now, removed), Some(version));
            Ok(gone)
        };
        read(self).map_err(|e| self.store.wrap(e))
    }

    /// Rows whose last change is in a range, the latest first, and the number of the last one's.
    fn page(&mut self, after: i64, up_to: i64) -> Result<(Vec<Row>, i64), StoreError> {
        let (store, metrics) = (&self.store, &mut self.metrics);
        let mut last = after;
        let mut read = || -> rusqlite::Result<Vec<Row>> {
            let mut statement = store.connection.prepare_cached(
                "SELECT p.id, p.path, p.state, p.reason, p.decision, p.hand, p.noted, p.pending, p.acted, p.gone, \
                 p.updated, p.changed, p.blake3, p.key, b.score, b.level, b.look, b.summary \
                 FROM photos p LEFT JOIN briefs b ON b.blake3 = p.blake3 AND b.key = p.key \
                 WHERE p.changed > ?1 AND p.changed <= ?2 ORDER BY p.changed DESC LIMIT ?3",
            )?;
            let rows = statement.query_map([after, up_to, ROWS as i64], |row| {
                last = row.get(11)?;
                row_of(row, metrics)
            })?;
            rows.collect()
        };
        let rows = read().map_err(|e| store.wrap(e))?;
        Ok((rows, last))
    }

    /// The result for a content by what inspected it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn report(&self, blake3: &str, key: &Key) -> Result<Option<StoredResult>, StoreError> {
        self.store.result(blake3, key)
    }

    /// Every result that is stored for what is, or was, in a photo, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn past(&self, photo: i64) -> Result<Vec<Past>, StoreError> {
        self.store.past(photo)
    }

    /// What the rules decided of a photo, and which of them fired.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn verdict(&self, photo: i64) -> Result<Option<Verdict>, StoreError> {
        self.store.verdict(photo)
    }

    /// Verdicts by hand on a photo, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn verdicts(&self, photo: i64) -> Result<Vec<HandVerdict>, StoreError> {
        self.store.verdicts(photo)
    }

    /// What was done with a photo, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn entries(&self, photo: i64) -> Result<Vec<Entry>, StoreError> {
        self.store.entries_of(photo)
    }

    /// Actions on a photo that wait to be confirmed, in their order.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn proposals(&self, photo: i64) -> Result<Vec<Proposal>, StoreError> {
        self.store.proposals(photo)
    }

    /// Counts.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.store.counts()
    }

    /// The photo that lies at a path.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn photo_by_path(&self, path: &Path) -> Result<Option<i64>, StoreError> {
        self.store.photo_by_path(path)
    }
}

fn row_of(row: &rusqlite::Row<'_>, metrics: &mut Names) -> rusqlite::Result<Row> {
    let word = |at: usize| row.get_ref(at).map(|v| v.as_str().ok().and_then(list::decision));
    let result = match row.get_ref(17)?.as_str() {
        Ok(text) => {
            // A brief is ours; one that can't be read says nothing.
            let summary: Summary<'_> = serde_json::from_str(text).unwrap_or_default();
            let score: f64 = row.get(14)?;
            Some(Brief {
                blake3: row.get(12)?,
                key: Key::stored(row.get_ref(13)?.as_str()?),
                score: score as f32,
                level: list::level(row.get_ref(15)?.as_str()?, score),
                faults: summary.faults(),
                scores: summary.scores(metrics),
                look: row.get::<_, Option<i64>>(16)?.map(i64::cast_unsigned),
                taken: summary.taken,
            })
        }
        Err(_) => None,
    };
    let small = |at: usize| row.get::<_, i64>(at).map(|n| u16::try_from(n).unwrap_or(u16::MAX));
    Ok(Row {
        id: row.get(0)?,
        path: path_of(row.get(1)?),
        state: State::of(row.get_ref(2)?.as_str()?),
        reason: row.get(3)?,
        decision: word(4)?,
        hand: word(5)?,
        noted: row.get(6)?,
        pending: small(7)?,
        acted: small(8)?,
        gone: row.get(9)?,
        updated: row.get(10)?,
        result,
    })
}
