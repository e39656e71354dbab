//! Results: by content, and by what inspected it.

use super::{Store, StoreError, briefs, now_ms};
use giqa_core::{ComponentProvenance, REPORT_SCHEMA, Report};
use rusqlite::{OptionalExtension, params};

/// What inspects: the components with their versions, configuration and weights, and the schema of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Of the components of a profile, in their order.
    #[must_use]
    pub fn of<'a>(components: impl IntoIterator<Item = &'a ComponentProvenance>) -> Self {
        let mut hash = blake3::Hasher::new();
        let mut part = |text: &str| {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        part(REPORT_SCHEMA);
        for c in components {
            [&c.id, &c.version, &c.config_hash].into_iter().for_each(|text| part(text));
            part(c.weights_hash.as_deref().unwrap_or_default());
        }
        Self(hash.finalize().to_hex()[..32].to_owned())
    }

    /// As it was stored.
    pub(crate) fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A result that is in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredResult {
    /// The report; its path is where the content was seen first.
    pub report: Report,
    /// What the camera says, JSON.
    pub camera: String,
    /// Perceptual hash.
    pub look: Option<u64>,
}

impl Store {
    /// The result for this content, if these components inspected it before.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn result(&self, blake3: &str, key: &Key) -> Result<Option<StoredResult>, StoreError> {
        let found = self
            .connection
            .prepare_cached("SELECT report, camera, look FROM results WHERE blake3 = ?1 AND key = ?2")
            .and_then(|mut s| {
                s.query_row(params![blake3, key.as_str()], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
                })
                .optional()
            })
            .map_err(|e| self.wrap(e))?;
        let Some((report, camera, look)) = found else { return Ok(None) };
        let report = serde_json::from_str(&report).map_err(|e| self.content(format!("the report of {blake3}: {e}")))?;
        Ok(Some(StoredResult { report, camera, look: look.map(i64::cast_unsigned) }))
    }

    /// Keeps a result.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn keep(&mut self, key: &Key, result: &StoredResult) -> Result<(), StoreError> {
        let report = serde_json::to_string(&result.report).map_err(|e| self.content(e.to_string()))?;
        let quality = &result.report.quality;
        self.write(|t| {
            briefs::keep(t, key, result)?;
            t.prepare_cached(
                "INSERT OR REPLACE INTO results (blake3, key, report, camera, look, score, level, created) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                result.report.image.blake3,
                key.as_str(),
                report,
                result.camera,
                result.look.map(u64::cast_signed),
                quality.score,
                quality.level.name(),
                now_ms()
            ])
        })
        .map(drop)
    }
}
