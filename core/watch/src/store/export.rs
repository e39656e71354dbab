//! Everything that is known of every photo, for other programs.

use super::photos::path_of;
use super::{HandVerdict, Reader, State, StoreError, list, past};
use giqa_core::{Report, Verdict};
use std::path::PathBuf;

/// One photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// Where it lies.
    pub path: PathBuf,
    /// What became of it.
    pub state: State,
    /// Its report with its path and what the rules decided; absent where there is none.
    pub report: Option<Report>,
    /// What the rules decided.
    pub verdict: Option<Verdict>,
    /// The last verdict by hand; absent where there is none, or it was taken back without a word.
    pub by_hand: Option<HandVerdict>,
}

impl Reader {
    /// Gives every photo, by path, as they all were at one moment; one at a time is in memory. It ends when `each` says
    /// false.
    ///
    /// # Errors
    /// [`StoreError`], also when a report can't be read.
    pub fn export(&self, each: &mut dyn FnMut(Exported) -> bool) -> Result<(), StoreError> {
        let store = &self.store;
        let sql = "SELECT p.path, p.state, p.decision, p.rules, r.report, v.decision, v.note, v.who, v.at FROM photos p \
                   LEFT JOIN results r ON r.blake3 = p.blake3 AND r.key = p.key \
                   LEFT JOIN verdicts v ON v.id = (SELECT max(id) FROM verdicts WHERE photo = p.id) ORDER BY p.path";
        let mut statement = store.connection.prepare(sql).map_err(|e| store.wrap(e))?;
        let mut rows = statement.query([]).map_err(|e| store.wrap(e))?;
        while let Some(row) = rows.next().map_err(|e| store.wrap(e))? {
            let (mut photo, report) = read(row).map_err(|e| store.wrap(e))?;
            if let Some(text) = report {
                let mut report: Report = serde_json::from_str(&text)
                    .map_err(|e| store.content(format!("the report of {}: {e}", photo.path.display())))?;
                report.image.path = photo.path.to_string_lossy().into_owned();
                report.verdict.clone_from(&photo.verdict);
                photo.report = Some(report);
            }
            if !each(photo) {
                break;
            }
        }
        Ok(())
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Exported, Option<String>)> {
    let (decision, rules): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
    let by_hand = match row.get::<_, Option<String>>(6)? {
        Some(note) => {
            let decision = row.get::<_, Option<String>>(5)?.as_deref().and_then(list::decision);
            let said = decision.is_some() || !note.is_empty();
            let verdict = HandVerdict { decision, note, who: row.get(7)?, at: row.get(8)? };
            said.then_some(verdict)
        }
        None => None,
    };
    let photo = Exported {
        path: path_of(row.get(0)?),
        state: State::of(row.get_ref(1)?.as_str()?),
        report: None,
        verdict: decision.and_then(|d| past::verdict(&d, rules.as_deref())),
        by_hand,
    };
    Ok((photo, row.get(4)?))
}
