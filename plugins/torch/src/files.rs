//! The files of a checkpoint: safetensors, or pickled `.bin` files as PyTorch itself saves them.

use crate::config::read_json;
use crate::error::{Result, TorchError};
use crate::safetensors::{Entry, SafeTensors};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};

/// Bytes of a file that are in memory at once, beside the tensor that they go to.
///
/// On the CPU, pieces stay below the 128 KB from which glibc's malloc maps memory: once a larger piece is freed, it takes
/// blocks up to that size from the heap (mallopt(3), `M_MMAP_THRESHOLD`), whose gaps cost a fifth of a model.
pub(crate) fn piece(device: Device) -> usize {
    if device == Device::Cpu { 64 << 10 } else { 16 << 20 }
}

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

    /// Hands out a tensor in pieces of whole rows of `row` elements: flat, on the CPU, in the file's own type, with the
    /// number of elements before them. `false` where the tensor isn't there (any more).
    pub fn pieces(&mut self, name: &str, row: i64, most: usize, hear: &mut Hear<'_>) -> Result<bool> {
        match self {
            Self::Safe(file) => match file.entries().get(name).cloned() {
                Some(entry) => pieces(file, name, &entry, row, most, hear).map(|()| true),
                None => Ok(false),
            },
            Self::Pickled(tensors) => match tensors.remove(name) {
                Some(tensor) => hear(0, &tensor.f_flatten(0, -1)?).map(|()| true),
                None => Ok(false),
            },
        }
    }
}

/// What takes pieces.
pub(crate) type Hear<'a> = dyn FnMut(i64, &Tensor) -> Result<()> + 'a;

fn pieces(file: &mut SafeTensors, name: &str, entry: &Entry, row: i64, most: usize, hear: &mut Hear<'_>) -> Result<()> {
    let (kind, width) = match entry.dtype.as_str() {
        "F32" => (Kind::Float, 4),
        "F16" => (Kind::Half, 2),
        "BF16" => (Kind::BFloat16, 2),
        "F64" => (Kind::Double, 8),
        other => {
            let problem = format!("tensor {name}: type {other} is not supported, only F16, BF16, F32, F64");
            return Err(TorchError::Malformed { path: file.path().to_owned(), problem });
        }
    };
    let row = row.max(1) as usize * width;
    let mut at = 0;
    file.pieces(entry, (most / row).max(1) * row, &mut |bytes| {
        let n = (bytes.len() / width) as i64;
        hear(at, &Tensor::f_from_data_size(bytes, &[n], kind)?)?;
        at += n;
        Ok(())
    })
}

/// Reads a tensor of a safetensors file into one of its shape that lies in one piece; types are converted on the way.
pub(crate) fn read_into(file: &mut SafeTensors, name: &str, entry: &Entry, to: &Tensor) -> Result<()> {
    pieces(file, name, entry, 1, piece(to.device()), &mut copier(&to.f_view([-1])?))
}

/// Copies pieces to their places in a flat tensor.
pub(crate) fn copier(flat: &Tensor) -> impl FnMut(i64, &Tensor) -> Result<()> + '_ {
    |at, piece| {
        flat.f_narrow(0, at, piece.size1()?)?.f_copy_(piece)?;
        Ok(())
    }
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
