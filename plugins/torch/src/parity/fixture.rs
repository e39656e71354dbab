//! The expectations in a fixture's folder.

use crate::config::read_json;
use crate::error::{Result, TorchError};
use crate::safetensors::SafeTensors;
use std::path::Path;
use tch::{Kind, Tensor};

#[derive(serde::Deserialize)]
struct Meta {
    prompt: Option<String>,
    image_token_id: Option<i64>,
}

/// `expected.json` and `expected.safetensors`.
pub struct Fixture {
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
        Ok(Self { meta, tensors })
    }

    /// The prompt, with a mark for the picture.
    #[must_use]
    pub fn prompt(&self) -> Option<&str> {
        self.meta.prompt.as_deref()
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
