//! truth.json: LLaVA conversation records with what was planted under the key `giqa`.
//!
//! Each picture has one description (`task` `des`) and any number of yes/no questions (`task` `vqa`). `fault`,
//! `attribute`, `severity`, `scope` and `source` say what was planted in the picture, in every record of it; `boxes`
//! say which place the record speaks of, and `asked` what a question asks about that place.

use crate::error::BenchError;
use crate::fault::Fault;
use giqa_core::{Attribute, Cells, Grid, NormBox};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The file's name.
pub const TRUTH: &str = "truth.json";

/// Where a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// In one place.
    Local,
    /// Everywhere.
    Global,
    /// Nothing was planted.
    Clean,
}

impl Scope {
    /// The lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scope::Local => "local",
            Scope::Global => "global",
            Scope::Clean => "clean",
        }
    }
}

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// A description.
    Des,
    /// A question.
    Vqa,
}

/// The right answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// `human` or `gpt`.
    pub from: String,
    /// What is said.
    pub value: String,
}

/// A box with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthBox {
    /// What is there.
    pub label: String,
    /// Where it is.
    pub xyxy_norm: NormBox,
    /// The same on the 20 x 20 grid.
    pub grid: Cells,
}

impl TruthBox {
    /// A box and its cells.
    #[must_use]
    pub fn new(label: &str, bounds: NormBox) -> Self {
        Self { label: label.to_owned(), xyxy_norm: bounds, grid: Grid::GIQA.encode(&bounds) }
    }

    /// As grounded text: `[label](<l, r>)`.
    #[must_use]
    pub fn grounded(&self) -> String {
        format!("[{}](<{}, {}>)", self.label, self.grid.l, self.grid.r)
    }
}

/// What a question asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The fault.
    pub fault: Fault,
    /// Its attribute.
    pub attribute: Attribute,
}

/// What is known of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// What the record is for.
    pub task: Task,
    /// What was planted in the picture.
    pub fault: Option<Fault>,
    /// The attribute that it spoils.
    pub attribute: Option<Attribute>,
    /// How strong, 1 to 5; 0 for a clean picture.
    pub severity: u8,
    /// Where.
    pub scope: Scope,
    /// The place that the record speaks of: for a description, where the fault is.
    pub boxes: Vec<TruthBox>,
    /// Whether a local fault follows an object's outline.
    pub outlined: bool,
    /// By how much the pixels there changed: root of the mean square, in 8-bit steps.
    pub rmse: f64,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// The photograph, as a path below the given folder.
    pub source: String,
    /// The seed of the run.
    pub seed: u64,
    /// Hash of the picture's file.
    pub blake3: String,
    /// For questions: what is asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// For questions: the right answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<YesNo>,
}

/// A record of truth.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Unique in the file.
    pub id: String,
    /// Path of the picture below the folder.
    pub image: String,
    /// What is asked and answered.
    pub conversations: Vec<Turn>,
    /// What is known.
    pub giqa: Truth,
}

impl Record {
    /// What the human says, without the mark for the picture.
    #[must_use]
    pub fn question(&self) -> &str {
        let said = self.conversations.first().map_or("", |t| t.value.as_str());
        said.strip_prefix("<image>\n").unwrap_or(said)
    }
}

/// Writes truth.json, record by record. The file has its name only when it is whole.
pub struct TruthWriter {
    out: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
    any: bool,
}

impl TruthWriter {
    /// Begins the file in a folder.
    ///
    /// # Errors
    /// [`BenchError::Io`] when it can't be written.
    pub fn create(dir: &Path) -> Result<Self, BenchError> {
        let (path, part) = (dir.join(TRUTH), dir.join(".truth.json.part"));
        let file = File::create_new(&part).map_err(|source| BenchError::Io { path: part.clone(), source })?;
        Ok(Self { out: BufWriter::new(file), part, path, any: false })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// [`BenchError::Io`] when it can't be written.
    pub fn write(&mut self, record: &Record) -> Result<(), BenchError> {
        let before: &[u8] = if self.any { b",\n" } else { b"[\n" };
        self.any = true;
        let written = self.out.write_all(before).and_then(|()| Ok(serde_json::to_writer(&mut self.out, record)?));
        written.map_err(|source| BenchError::Io { path: self.part.clone(), source })
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// [`BenchError::Io`] when it can't be written.
    pub fn finish(mut self) -> Result<PathBuf, BenchError> {
        let end: &[u8] = if self.any { b"\n]\n" } else { b"[]\n" };
        let ended = self.out.write_all(end).and_then(|()| self.out.flush());
        let ended = ended.and_then(|()| self.out.get_ref().sync_data());
        ended
            .and_then(|()| std::fs::rename(&self.part, &self.path))
            .map_err(|source| BenchError::Io { path: self.path.clone(), source })?;
        Ok(self.path)
    }
}
