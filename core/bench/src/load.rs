//! truth.json, checked, picture by picture.

use crate::error::BenchError;
use crate::fault::Fault;
use crate::truth::{Record, Scope, TRUTH, Task, YesNo};
use giqa_core::NormBox;
use std::collections::HashMap;
use std::io::BufReader;
use std::path::{Component, Path, PathBuf};

/// What was planted in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The fault and its severity; nothing in a clean picture.
    pub fault: Option<(Fault, u8)>,
    /// Where.
    pub scope: Scope,
    /// The place of a local fault.
    pub place: Option<NormBox>,
}

/// A yes/no question about a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The words, with boxes.
    pub text: String,
    /// The right answer.
    pub answer: YesNo,
}

/// A picture of the bench.
#[derive(Debug, Clone, PartialEq)]
pub struct Pictured {
    /// The file.
    pub path: PathBuf,
    /// The hash that it should have.
    pub blake3: String,
    /// What was planted.
    pub expected: Expected,
    /// What is asked.
    pub questions: Vec<Question>,
}

/// A bench in a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Bench {
    /// Its pictures, in the order of the file.
    pub pictures: Vec<Pictured>,
}

impl Bench {
    /// Reads truth.json of a folder.
    ///
    /// # Errors
    /// [`BenchError::Truth`] when it is missing, damaged, or contradicts itself.
    pub fn load(dir: &Path) -> Result<Self, BenchError> {
        let path = dir.join(TRUTH);
        let fail = |reason: String| BenchError::Truth { path: path.clone(), reason };
        let file = std::fs::File::open(&path).map_err(|e| fail(format!("can't be read: {e}")))?;
        let records: Vec<Record> = serde_json::from_reader(BufReader::new(file)).map_err(|e| fail(e.to_string()))?;
        let pictures = pictures(dir, records).map_err(fail)?;
        if pictures.is_empty() {
            return Err(fail("it has no records".to_owned()));
        }
        Ok(Self { pictures })
    }

    /// The files of the pictures.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.pictures.iter().map(|p| p.path.clone()).collect()
    }
}

fn pictures(dir: &Path, records: Vec<Record>) -> Result<Vec<Pictured>, String> {
    let mut all: Vec<Pictured> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    let (descriptions, questions): (Vec<_>, Vec<_>) = records.into_iter().partition(|r| r.giqa.task == Task::Des);
    for record in descriptions {
        let expected = expected(&record)?;
        let picture =
            Pictured { path: dir.join(inside(&record)?), blake3: record.giqa.blake3, expected, questions: Vec::new() };
        if index.insert(record.image.clone(), all.len()).is_some() {
            return Err(format!("record '{}': {} has two descriptions", record.id, record.image));
        }
        all.push(picture);
    }
    for record in questions {
        let Some(picture) = index.get(&record.image).and_then(|&i| all.get_mut(i)) else {
            return Err(format!("record '{}': {} has no description", record.id, record.image));
        };
        let Some(answer) = record.giqa.answer else {
            return Err(format!("record '{}' is a question and has no answer", record.id));
        };
        picture.questions.push(Question { text: record.question().to_owned(), answer });
    }
    Ok(all)
}

/// No path leads out of the folder.
fn inside(record: &Record) -> Result<&Path, String> {
    let path = Path::new(&record.image);
    if !record.image.is_empty() && path.components().all(|c| matches!(c, Component::Normal(_))) {
        Ok(path)
    } else {
        Err(format!("record '{}': image '{}' is no path inside the folder", record.id, record.image))
    }
}

fn expected(record: &Record) -> Result<Expected, String> {
    let truth = &record.giqa;
    let place = truth.boxes.first().map(|b| b.xyxy_norm);
    match (truth.scope, truth.fault, truth.severity) {
        (Scope::Clean, None, 0) => Ok(Expected { fault: None, scope: Scope::Clean, place: None }),
        (Scope::Global, Some(fault), severity @ 1..=5) => {
            Ok(Expected { fault: Some((fault, severity)), scope: Scope::Global, place: None })
        }
        (Scope::Local, Some(fault), severity @ 1..=5) if place.is_some_and(|b| b.area() > 0.0) => {
            Ok(Expected { fault: Some((fault, severity)), scope: Scope::Local, place })
        }
        (scope, ..) => Err(format!(
            "record '{}' is {} and its fault, severity (1 to 5, 0 when clean) or box does not fit that",
            record.id,
            scope.name()
        )),
    }
}
