//! All photos of the store, held such that a copy costs next to nothing: workers filter and sort one while the screen
//! goes on with another.

use giqa_core::{Attribute, Decision};
use giqa_watch::store::{Batch, Row, State};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Rows that are copied together when one of them changes while a worker reads.
const CHUNK: usize = 1024;

/// All rows, by number. A number stands for one photo as long as the program runs.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    chunks: Vec<Arc<Vec<Row>>>,
    /// Names of the metrics that the scores are of.
    pub metrics: Arc<Vec<String>>,
    len: u32,
}

impl Rows {
    /// The row of a number; of a removed photo there is none.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Row> {
        let row = self.chunks.get(number as usize / CHUNK)?.get(number as usize % CHUNK)?;
        (row.id != REMOVED).then_some(row)
    }

    /// How many numbers there are, those of removed photos included.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All rows that were not removed.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Row)> {
        (0..).zip(self.chunks.iter().flat_map(|c| c.iter())).filter(|(_, row)| row.id != REMOVED)
    }

    /// The number of a metric.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<u16> {
        self.metrics.iter().position(|m| m == name).map(|at| at as u16)
    }

    fn push(&mut self, row: Row) -> u32 {
        let number = self.len;
        match self.chunks.last_mut().filter(|c| c.len() < CHUNK) {
            Some(chunk) => Arc::make_mut(chunk).push(row),
            None => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(row);
                self.chunks.push(Arc::new(chunk));
            }
        }
        self.len += 1;
        number
    }

    fn slot(&mut self, number: u32) -> Option<&mut Row> {
        Arc::make_mut(self.chunks.get_mut(number as usize / CHUNK)?).get_mut(number as usize % CHUNK)
    }
}

/// The id of what was removed: ids of the store begin at 1.
const REMOVED: i64 = i64::MIN;

/// Photos by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// By state, in the order of [`State::ALL`].
    pub states: [u32; 6],
    /// Accepted, to be reviewed, rejected: by hand where a person decided, else by the rules.
    pub verdicts: [u32; 3],
    /// Photos with actions that wait to be confirmed.
    pub pending: u32,
}

impl Tally {
    /// Photos in a state.
    #[must_use]
    pub fn of(&self, state: State) -> u32 {
        self.states[position(state)]
    }

    fn count(&mut self, row: &Row, add: bool) {
        let step = |n: &mut u32| *n = if add { *n + 1 } else { n.saturating_sub(1) };
        step(&mut self.states[position(row.state)]);
        if row.state == State::Done
            && let Some(decision) = verdict(row)
        {
            step(&mut self.verdicts[decision as usize]);
        }
        if row.pending > 0 {
            step(&mut self.pending);
        }
    }
}

fn position(state: State) -> usize {
    State::ALL.iter().position(|s| *s == state).unwrap_or(0)
}

/// The verdict that holds: by hand, else by the rules.
#[must_use]
pub fn verdict(row: &Row) -> Option<Decision> {
    row.hand.or(row.decision)
}

/// Worst severity of a photo's faults and its attribute.
#[must_use]
pub fn worst(row: &Row) -> Option<(Attribute, f32)> {
    let faults = &row.result.as_ref()?.faults;
    let (at, worst) = faults.iter().enumerate().max_by_key(|(at, s)| (**s, usize::MAX - at))?;
    (*worst > 0).then(|| (Attribute::ALL[at], f32::from(*worst) / 255.0))
}

/// Rows with what is derived from them.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The rows.
    pub rows: Rows,
    /// How many there are of what.
    pub tally: Tally,
    numbers: HashMap<i64, u32>,
}

impl Table {
    /// Takes new and changed rows in. Returns the numbers of those that are new or have another state.
    pub fn take(&mut self, batch: Batch) -> Vec<u32> {
        if batch.metrics.len() > self.rows.metrics.len() {
            self.rows.metrics = Arc::new(batch.metrics);
        }
        let mut moved = Vec::new();
        for row in batch.rows {
            self.tally.count(&row, true);
            match self.numbers.get(&row.id).copied() {
                Some(number) => {
                    if let Some(old) = self.rows.slot(number) {
                        self.tally.count(old, false);
                        if old.state != row.state {
                            moved.push(number);
                        }
                        *old = row;
                    }
                }
                None => {
                    let id = row.id;
                    let number = self.rows.push(row);
                    self.numbers.insert(id, number);
                    moved.push(number);
                }
            }
        }
        moved
    }

    /// Takes rows out whose photos are not in the store any more.
    pub fn remove(&mut self, ids: &[i64]) {
        for id in ids {
            if let Some(number) = self.numbers.remove(id)
                && let Some(row) = self.rows.slot(number)
            {
                self.tally.count(row, false);
                row.id = REMOVED;
                row.result = None;
            }
        }
    }

    /// The number of a photo.
    #[must_use]
    pub fn number(&self, id: i64) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    /// How many photos there are.
    #[must_use]
    pub fn photos(&self) -> usize {
        self.numbers.len()
    }
}

/// Name of a photo's file, as it is shown.
#[must_use]
pub fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    giqa_engine::safe_text::shown(Path::new(name))
}
