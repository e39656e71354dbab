//! Actions that wait for a person's word.

use super::{Store, StoreError};

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

impl Store {
    pub(super) fn proposals(&self, photo: i64) -> Result<Vec<Proposal>, StoreError> {
        let sql = "SELECT p.id, p.photo, p.planned, p.made, f.path FROM proposals p JOIN photos f ON f.id = p.photo \
                   WHERE p.photo = ?1 AND p.answered IS NULL ORDER BY p.seq";
        let rows = self.all(sql, [photo], |row| {
            let path = super::photos::path_of(row.get(4)?);
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?, path))
        })?;
        let parse = |(id, photo, planned, made, path): (String, i64, String, i64, std::path::PathBuf)| {
            let planned: crate::actions::Planned =
                serde_json::from_str(&planned).map_err(|e| self.content(format!("the proposal {id}: {e}")))?;
            Ok(Proposal { sentence: planned.sentence(&path), name: planned.name, id, photo, made })
        };
        rows.into_iter().map(parse).collect()
    }
}
