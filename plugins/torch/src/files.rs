//! The files of a checkpoint: safetensors, or pickled `.bin` files as PyTorch itself saves them.

use crate::config::read_json;
use crate::error::{Result, TorchError};
use crate::safetensors::{Entry, SafeTensors};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tch::{Kind, Tensor};

/// One file, open.
pub(crate) enum WeightFile {
    /// Tensors are read when they are asked for.
    Safe(SafeTensors),
    /// All tensors are in memory from the beginning, and leave it as they are asked for.
    Pickled(BTreeMap<String, Tensor>),
}

impl WeightFile {
    /// Opens a file by its ending.
    pub fn open(path: &Path) -> Result<Self> {
        if path.extension().is_none_or(|e| e != "bin") {
            return Ok(Self::Safe(SafeTensors::open(path)?));
        }
        // libtorch's own message for a missing file is a page long.
        std::fs::File::open(path).map_err(|source| TorchError::Read { path: path.to_owned(), source })?;
        // libtorch's unpickler knows tensors and containers only: it runs no code of the file.
        let tensors = Tensor::loadz_multi(path).map_err(|e| {
            let problem = format!("this is no zip file of tensors as torch.save writes it: {}", TorchError::from(e));
            TorchError::Malformed { path: path.to_owned(), problem }
        })?;
        Ok(Self::Pickled(tensors.into_iter().collect()))
    }

    /// Names and shapes.
    pub fn shapes(&self) -> Vec<(String, Vec<i64>)> {
        match self {
            Self::Safe(file) => file.entries().iter().map(|(name, e)| (name.clone(), e.shape.clone())).collect(),
            Self::Pickled(tensors) => tensors.iter().map(|(name, t)| (name.clone(), t.size())).collect(),
        }
    }

    /// A tensor on the CPU, in the file's own type; `None` where it isn't there (any more).
    pub fn take(&mut self, name: &str) -> Result<Option<Tensor>> {
        match self {
            Self::Safe(file) => {
                let entry = file.entries().get(name).cloned();
                entry.map(|entry| read_tensor(file, name, &entry)).transpose()
            }
            Self::Pickled(tensors) => Ok(tensors.remove(name)),
        }
    }
}

/// A tensor of a safetensors file, on the CPU, in the file's own type.
pub(crate) fn read_tensor(file: &mut SafeTensors, name: &str, entry: &Entry) -> Result<Tensor> {
    let kind = match entry.dtype.as_str() {
        "F32" => Kind::Float,
        "F16" => Kind::Half,
        "BF16" => Kind::BFloat16,
        "F64" => Kind::Double,
        other => {
            let problem = format!("tensor {name}: type {other} is not supported, only F16, BF16, F32, F64");
            return Err(TorchError::Malformed { path: file.path().to_owned(), problem });
        }
    };
    Ok(Tensor::f_from_data_size(&file.bytes(entry)?, &entry.shape, kind)?)
}

/// The weight files of a folder: those that an index names, or the only one; safetensors before pickled ones.
pub(crate) fn weight_files(folder: &Path) -> Result<Vec<PathBuf>> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    for single in ["model.safetensors", "pytorch_model.bin"] {
        let index = folder.join(format!("{single}.index.json"));
        if let Some(Index { weight_map }) = read_json(&index)? {
            let names: BTreeSet<String> = weight_map.into_values().collect();
            // A shard lies beside its index: anything else in there would be a path out of the folder.
            return match names.iter().find(|name| name.contains(['/', '\\'])) {
                Some(name) => Err(TorchError::Malformed { path: index, problem: format!("'{name}' is no file name") }),
                None => Ok(names.into_iter().map(|name| folder.join(name)).collect()),
            };
        }
        let single = folder.join(single);
        if single.is_file() {
            return Ok(vec![single]);
        }
    }
    Err(TorchError::Unsupported {
        folder: folder.to_owned(),
        problem: "there is neither model.safetensors nor pytorch_model.bin, nor an index of shards".to_owned(),
        hint: "take all files of the checkpoint".to_owned(),
    })
}
