//! Reads all about one photo.

use super::{Out, guarded, newest};
use crate::app::action::Action;
use crate::app::effect::{Subject, Tag};
use crate::app::model::{Details, Past};
use crate::app::query::Population;
use giqa_engine::marks::marks;
use giqa_watch::store::{Reader, StoredResult};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

/// Runs before that are read.
const RUNS: usize = 5;

pub struct Job {
    pub tag: Tag,
    pub subject: Subject,
    pub population: Population,
}

pub fn run(dir: &Path, jobs: &Receiver<Job>, out: &Out) {
    let mut reader = None;
    while let Some(Job { tag, subject, population }) = newest(jobs) {
        let details = guarded(|| {
            let reader = match &mut reader {
                Some(reader) => reader,
                none => none.insert(Reader::open(dir).map_err(|e| e.to_string())?),
            };
            look(reader, &subject, &population).map_err(|e| e.to_string())
        });
        if details.is_err() {
            // Opened anew for the next one.
            reader = None;
        }
        if out.send(Action::Details(tag, details.map(Arc::new))).is_err() {
            return;
        }
    }
}

fn look(reader: &Reader, subject: &Subject, population: &Population) -> anyhow::Result<Details> {
    let (blake3, key) = subject.result.as_ref().ok_or_else(|| anyhow::anyhow!("it has no report yet"))?;
    let stored = reader.report(blake3, key)?;
    let StoredResult { mut report, camera, .. } =
        stored.ok_or_else(|| anyhow::anyhow!("its report is not in the store any more"))?;
    report.image.path = subject.path.to_string_lossy().into_owned();
    let mut values = vec![(String::new(), report.quality.score as f32)];
    let whole = report.scores.iter().filter(|s| s.region.is_none());
    values.extend(whole.filter_map(|s| Some((s.metric.clone(), s.value? as f32))));
    let mut past = Vec::new();
    for before in reader.past(subject.id)?.into_iter().filter(|p| !(*p.blake3 == **blake3 && p.key == *key)).take(RUNS)
    {
        if let Some(result) = reader.report(&before.blake3, &before.key)? {
            let (at, other_content) = (before.created, *before.blake3 != **blake3);
            past.push(Past { at, report: Arc::new(result.report), other_content });
        }
    }
    let done = reader.entries(subject.id)?;
    let actions = done.iter().map(|e| {
        let undone = if e.undone { " (undone)" } else { "" };
        let failed = if e.outcome.is_none() { " (not done)" } else { "" };
        format!("{}{undone}{failed}", e.told())
    });
    Ok(Details {
        marks: marks(&report).into(),
        camera: camera_lines(&camera),
        past,
        verdicts: reader.verdicts(subject.id)?,
        actions: actions.collect(),
        proposals: reader.proposals(subject.id)?.into_iter().map(|p| p.sentence).collect(),
        places: population.places(&values),
        report: Arc::new(report),
    })
}

/// What the camera says, as far as it says it.
fn camera_lines(json: &str) -> Vec<(String, String)> {
    let known: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let said = known.into_iter().filter_map(|(name, value)| {
        let value = match value {
            serde_json::Value::Null => return None,
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        Some((name.replace('_', " "), value))
    });
    said.collect()
}
