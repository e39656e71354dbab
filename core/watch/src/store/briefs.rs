//! Reports in a few bytes, for lists.

use super::{ATTRIBUTES, Key, StoredResult};
use crate::camera::taken_seconds;
use crate::rules::Camera;
use giqa_core::{Attribute, Report};
use rusqlite::{Transaction, params};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::HashMap;

/// Numbers by name, in their order.
#[derive(Debug, Default, PartialEq)]
struct Pairs<'a>(Vec<(Cow<'a, str>, f32)>);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A key that is not copied where it need not be.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for All<'a> {
            type Value = Pairs<'a>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("numbers by name")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut all = Vec::with_capacity(map.size_hint().unwrap_or(24));
                while let Some((Name(name), value)) = map.next_entry()? {
                    all.push((name, value));
                }
                Ok(Pairs(all))
            }
        }
        deserializer.deserialize_map(All(std::marker::PhantomData))
    }
}

/// What lists show of a report and of its camera's data.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Summary<'a> {
    #[serde(borrow)]
    faults: Pairs<'a>,
    #[serde(borrow)]
    scores: Pairs<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) taken: Option<i64>,
}

impl<'a> Summary<'a> {
    pub(super) fn of(report: &'a Report, camera: &str) -> Self {
        let worst = |a: Attribute| {
            let of_it = report.findings.iter().filter(|f| f.attribute == a).map(|f| f.severity);
            of_it.max_by(f64::total_cmp).map(|severity| (Cow::Borrowed(a.name()), severity as f32))
        };
        // Against an original, or of one region, they say something else.
        let whole = report.scores.iter().filter(|s| s.region.is_none() && !s.full_reference);
        let camera: Camera = serde_json::from_str(camera).unwrap_or_default();
        Self {
            faults: Pairs(Attribute::ALL.into_iter().filter_map(worst).collect()),
            scores: Pairs(whole.filter_map(|s| Some((Cow::Borrowed(s.metric.as_str()), s.value? as f32))).collect()),
            taken: taken_seconds(&camera),
        }
    }

    /// Worst severities in 255ths.
    pub(super) fn faults(&self) -> [u8; ATTRIBUTES] {
        let mut all = [0; ATTRIBUTES];
        for (name, severity) in &self.faults.0 {
            if let Some(at) = Attribute::ALL.iter().position(|a| a.name() == name) {
                all[at] = (severity.clamp(0.0, 1.0) * 255.0).round() as u8;
            }
        }
        all
    }

    /// Values by the numbers of their metrics.
    pub(super) fn scores(&self, metrics: &mut Names) -> Box<[(u16, f32)]> {
        let mut last = None;
        let numbered = self.scores.0.iter().filter_map(|(name, value)| {
            last = metrics.number(name, last);
            Some((last?, *value))
        });
        numbered.collect()
    }
}

/// Names that got numbers.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) all: Vec<String>,
    numbers: HashMap<String, u16>,
}

impl Names {
    /// The number of a name, a new one if need be; `None` when there are too many. Reports of one profile have their
    /// metrics in the same order, so the one after the last is tried first.
    fn number(&mut self, name: &str, last: Option<u16>) -> Option<u16> {
        let guess = last.map_or(0, |n| n.saturating_add(1));
        if self.all.get(usize::from(guess)).is_some_and(|known| known == name) {
            return Some(guess);
        }
        if let Some(known) = self.numbers.get(name) {
            return Some(*known);
        }
        let new = u16::try_from(self.all.len()).ok()?;
        self.all.push(name.to_owned());
        self.numbers.insert(name.to_owned(), new);
        Some(new)
    }
}

/// Keeps the brief of a result.
pub(super) fn keep(t: &Transaction<'_>, key: &Key, result: &StoredResult) -> rusqlite::Result<usize> {
    let (report, quality) = (&result.report, &result.report.quality);
    let summary = serde_json::to_string(&Summary::of(report, &result.camera)).unwrap_or_else(|_| "{}".to_owned());
    t.prepare_cached(
        "INSERT OR REPLACE INTO briefs (blake3, key, score, level, look, summary) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        report.image.blake3,
        key.as_str(),
        quality.score,
        quality.level.name(),
        result.look.map(u64::cast_signed),
        summary
    ])
}

/// Makes the briefs of results that an older giqa kept. A report that can't be read gets none; `verify` tells of it.
pub(super) fn fill(t: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut ids = t.prepare("SELECT blake3, key FROM results")?;
    let ids: Vec<(String, String)> =
        ids.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let mut one = t.prepare("SELECT report, camera, look FROM results WHERE blake3 = ?1 AND key = ?2")?;
    for (blake3, key) in ids {
        let (report, camera, look) = one.query_row([&blake3, &key], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
        })?;
        if let Ok(report) = serde_json::from_str::<Report>(&report)
            && report.image.blake3 == blake3
        {
            let result = StoredResult { report, camera, look: look.map(i64::cast_unsigned) };
            keep(t, &Key::stored(&key), &result)?;
        }
    }
    Ok(())
}
