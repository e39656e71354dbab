//! A checkpoint's tensors, by canonical name, brought to the device one by one.

use crate::error::{Result, TorchError};
use crate::lora::Adapter;
use crate::names::{canonical, is_dispensable};
use crate::safetensors::{Entry, SafeTensors};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};

/// At most so many problems of a sort are listed; the rest is counted.
const LISTED: usize = 12;

/// Where a tensor is.
struct Place {
    /// Index of the file.
    file: usize,
    /// As the file calls it.
    name: String,
    entry: Entry,
}

/// A folder's tensors. Models ask for them by name and shape; what was missing or left over is told at the end, all of
/// it at once.
pub struct Weights {
    folder: PathBuf,
    files: RefCell<Vec<SafeTensors>>,
    places: BTreeMap<String, Place>,
    taken: RefCell<BTreeSet<String>>,
    problems: RefCell<Vec<String>>,
    adapter: RefCell<Option<Adapter>>,
    device: Device,
    kind: Kind,
}

impl Weights {
    /// Opens `model.safetensors` or all shards that `model.safetensors.index.json` names; no tensor is read yet.
    /// `tower` is a further folder, for checkpoints that lack their vision tower.
    ///
    /// # Errors
    /// A folder without weights, a missing or damaged file, one name twice.
    pub fn open(folder: &Path, tower: Option<&Path>, device: Device, kind: Kind) -> Result<Self> {
        let mut files = Vec::new();
        let mut places = BTreeMap::new();
        for path in shards(folder)? {
            add(&path, &mut files, &mut places, false)?;
        }
        if let Some(tower) = tower
            && !places.keys().any(|name| name.starts_with("vision_tower."))
        {
            for path in shards(tower)? {
                add(&path, &mut files, &mut places, true)?;
            }
        }
        let (files, taken, problems) = (RefCell::new(files), RefCell::default(), RefCell::default());
        let adapter = RefCell::new(None);
        Ok(Self { folder: folder.to_owned(), files, places, taken, problems, adapter, device, kind })
    }

    /// Has an adapter merged into the tensors that are taken from now on.
    #[must_use]
    pub fn adapted(self, adapter: Adapter) -> Self {
        Self { adapter: RefCell::new(Some(adapter)), ..self }
    }

    /// The device that tensors are brought to.
    #[must_use]
    pub fn device(&self) -> Device {
        self.device
    }

    /// The type that floats are brought to.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether there is a tensor of this canonical name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// A tensor of this name and shape, on the device. Where it is missing or has another shape, that is noted for
    /// [`Weights::finish`] and an empty one is given, so that the list of problems becomes complete.
    ///
    /// # Errors
    /// A file that can't be read; memory.
    pub fn tensor(&self, name: &str, shape: &[i64]) -> Result<Tensor> {
        self.taken.borrow_mut().insert(name.to_owned());
        let Some(place) = self.places.get(name) else {
            self.note(format!("missing: {name} {shape:?}"));
            return Ok(Tensor::f_empty(shape, (self.kind, self.device))?);
        };
        if place.entry.shape != shape {
            self.note(format!("{} is {:?} where {shape:?} is needed", place.name, place.entry.shape));
            return Ok(Tensor::f_empty(shape, (self.kind, self.device))?);
        }
        let mut files = self.files.borrow_mut();
        let file = &mut files[place.file];
        let tensor = read_tensor(file, &place.name, &place.entry)?;
        // The conversion is done where there is room for it: on the device, for a GPU.
        let tensor = tensor.f_to(self.device)?.f_to_kind(self.kind)?;
        match self.adapter.borrow_mut().as_mut() {
            Some(adapter) => adapter.merge(name, tensor),
            None => Ok(tensor),
        }
    }

    /// Several tensors as one, below each other: one matrix product instead of several.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn stacked(&self, names: &[String], shapes: &[&[i64]]) -> Result<Tensor> {
        let parts: Result<Vec<Tensor>> =
            names.iter().zip(shapes).map(|(name, shape)| self.tensor(name, shape)).collect();
        Ok(Tensor::f_cat(&parts?, 0)?)
    }

    /// Says that tensors beginning so are left out on purpose.
    pub fn leave(&self, prefix: &str) {
        let mut taken = self.taken.borrow_mut();
        taken.extend(self.places.keys().filter(|name| name.starts_with(prefix)).cloned());
    }

    /// To be called when the model has taken what it needs.
    ///
    /// # Errors
    /// Missing, unexpected and misshapen tensors, all of them (the first of each sort by name).
    pub fn finish(self) -> Result<()> {
        let taken = self.taken.into_inner();
        let left = self.places.iter().filter(|(name, _)| !taken.contains(*name) && !is_dispensable(name));
        let unexpected: Vec<String> = left.map(|(_, place)| format!("unexpected: {}", place.name)).collect();
        let problems: Vec<String> = [self.problems.into_inner(), unexpected].into_iter().flat_map(shortened).collect();
        if problems.is_empty() { Ok(()) } else { Err(TorchError::Weights { folder: self.folder, problems }) }
    }

    fn note(&self, problem: String) {
        self.problems.borrow_mut().push(problem);
    }
}

/// A tensor of a file, on the CPU, in the file's own type.
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

fn shortened(mut list: Vec<String>) -> Vec<String> {
    let more = list.len().saturating_sub(LISTED);
    list.truncate(LISTED);
    if more > 0 {
        list.push(format!("and {more} more"));
    }
    list
}

/// The weight files of a folder.
fn shards(folder: &Path) -> Result<Vec<PathBuf>> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let index = folder.join("model.safetensors.index.json");
    if let Some(Index { weight_map }) = crate::config::read_json(&index)? {
        let names: BTreeSet<String> = weight_map.into_values().collect();
        // A shard lies beside its index: anything else in there would be a path out of the folder.
        return match names.iter().find(|name| name.contains(['/', '\\'])) {
            Some(name) => Err(TorchError::Malformed { path: index, problem: format!("'{name}' is no file name") }),
            None => Ok(names.into_iter().map(|name| folder.join(name)).collect()),
        };
    }
    let single = folder.join("model.safetensors");
    if single.is_file() {
        return Ok(vec![single]);
    }
    Err(TorchError::Unsupported {
        folder: folder.to_owned(),
        problem: "there is neither model.safetensors nor model.safetensors.index.json".to_owned(),
        hint: "pickled .bin files are not read: take the safetensors files of the checkpoint, or convert it".to_owned(),
    })
}

fn add(
    path: &Path,
    files: &mut Vec<SafeTensors>,
    places: &mut BTreeMap<String, Place>,
    tower_only: bool,
) -> Result<()> {
    let file = SafeTensors::open(path)?;
    for (name, entry) in file.entries() {
        let key = canonical(name);
        if tower_only && !key.starts_with("vision_tower.") {
            continue;
        }
        let place = Place { file: files.len(), name: name.clone(), entry: entry.clone() };
        if let Some(before) = places.insert(key, place) {
            let problem = format!("{name} and {} are the same tensor", before.name);
            return Err(TorchError::Malformed { path: path.to_owned(), problem });
        }
    }
    files.push(file);
    Ok(())
}
