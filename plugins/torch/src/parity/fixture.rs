//! The expectations in a fixture's folder.

use crate::config::read_json;
use crate::error::{Result, TorchError};
use crate::safetensors::SafeTensors;
use std::path::{Path, PathBuf};
use tch::{Kind, Tensor};

#[derive(serde::Deserialize)]
struct Meta {
    /// Where the weights are, relative to the fixture; absent = in it.
    weights: Option<PathBuf>,
    prompt: Option<String>,
    #[serde(default)]
    rows: Vec<RawRow>,
    image_token_id: Option<i64>,
}

#[derive(serde::Deserialize)]
struct RawRow {
    prompt: String,
    images: Vec<PathBuf>,
}

/// One prompt of a fixture; several are read and written as a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The prompt, with a mark for each picture.
    pub prompt: String,
    /// The pictures' files, relative to the fixture.
    pub images: Vec<PathBuf>,
    /// What the names of its tensors end with: nothing, or `.0`, `.1` in a batch.
    pub end: String,
}

/// `expected.json` and `expected.safetensors`.
pub struct Fixture {
    folder: PathBuf,
    meta: Meta,
    tensors: std::cell::RefCell<SafeTensors>,
}

impl Fixture {
    /// Opens them.
    ///
    /// # Errors
    /// Files that are missing or damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("expected.json");
        let meta = read_json(&path)?.ok_or_else(|| TorchError::Read {
            path,
            source: std::io::Error::new(std::io::ErrorKind::NotFound, "no such file; this folder is no parity fixture"),
        })?;
        let tensors = std::cell::RefCell::new(SafeTensors::open(&folder.join("expected.safetensors"))?);
        Ok(Self { folder: folder.to_owned(), meta, tensors })
    }

    /// The folder of the model.
    #[must_use]
    pub fn weights(&self) -> PathBuf {
        self.meta.weights.as_ref().map_or_else(|| self.folder.clone(), |weights| self.folder.join(weights))
    }

    /// Its prompts.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        if let Some(prompt) = &self.meta.prompt {
            let images = if self.has("pixel_values") { vec!["image.png".into()] } else { Vec::new() };
            return vec![Row { prompt: prompt.clone(), images, end: String::new() }];
        }
        let single = self.meta.rows.len() == 1;
        let end = |i: usize| if single { String::new() } else { format!(".{i}") };
        let row = |(i, r): (usize, &RawRow)| Row { prompt: r.prompt.clone(), images: r.images.clone(), end: end(i) };
        self.meta.rows.iter().enumerate().map(row).collect()
    }

    /// The id that stands for a feature of the picture in lists of ids.
    #[must_use]
    pub fn image_token(&self) -> Option<i64> {
        self.meta.image_token_id
    }

    /// Whether there is a tensor of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.tensors.borrow().entries().contains_key(name)
    }

    /// A tensor, if there is one.
    ///
    /// # Errors
    /// A file that can't be read; a type that isn't expected there.
    pub fn tensor(&self, name: &str) -> Result<Option<Tensor>> {
        let mut tensors = self.tensors.borrow_mut();
        let Some(entry) = tensors.entries().get(name).cloned() else { return Ok(None) };
        let kind = match entry.dtype.as_str() {
            "F32" => Kind::Float,
            "I64" => Kind::Int64,
            other => {
                let problem = format!("tensor {name}: type {other} is neither F32 nor I64");
                return Err(TorchError::Malformed { path: tensors.path().to_owned(), problem });
            }
        };
        let bytes = tensors.bytes(&entry)?;
        Ok(Some(Tensor::f_from_data_size(&bytes, &entry.shape, kind)?))
    }

    /// A list of ids, if there is one.
    ///
    /// # Errors
    /// As [`Fixture::tensor`].
    pub fn ids(&self, name: &str) -> Result<Option<Vec<i64>>> {
        self.tensor(name)?.map(|t| Ok(Vec::try_from(t.f_flatten(0, -1)?)?)).transpose()
    }
}
