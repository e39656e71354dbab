//! A checkpoint's tensors, by canonical name, brought to the device one by one.

use crate::error::{Result, TorchError};
use crate::files::{Hear, WeightFile, copier, piece, weight_files};
use crate::lora::Adapter;
use crate::names::{canonical, is_dispensable};
use crate::nn::Int8;
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
    shape: Vec<i64>,
}

/// A folder's tensors. Models ask for them by name and shape; what was missing or left over is told at the end, all of
/// it at once.
pub struct Weights {
    folder: PathBuf,
    files: RefCell<Vec<WeightFile>>,
    places: BTreeMap<String, Place>,
    taken: RefCell<BTreeSet<String>>,
    problems: RefCell<Vec<String>>,
    adapter: RefCell<Option<Adapter>>,
    device: Device,
    kind: Kind,
    int8: bool,
}

impl Weights {
    /// Opens a checkpoint's weight files; of safetensors, no tensor is read yet.
    /// `tower` is a further folder, for checkpoints that lack their vision tower.
    ///
    /// # Errors
    /// A folder without weights, a missing or damaged file, one name twice.
    pub fn open(folder: &Path, tower: Option<&Path>, device: Device, kind: Kind) -> Result<Self> {
        let mut files = Vec::new();
        let mut places = BTreeMap::new();
        for path in weight_files(folder)? {
            add(&path, &mut files, &mut places, false)?;
        }
        if let Some(tower) = tower
            && !places.keys().any(|name| name.starts_with("vision_tower."))
        {
            for path in weight_files(tower)? {
                add(&path, &mut files, &mut places, true)?;
            }
        }
        let (files, taken, problems) = (RefCell::new(files), RefCell::default(), RefCell::default());
        let adapter = RefCell::new(None);
        Ok(Self { folder: folder.to_owned(), files, places, taken, problems, adapter, device, kind, int8: false })
    }

    /// Has an adapter merged into the tensors that are taken from now on.
    #[must_use]
    pub fn adapted(self, adapter: Adapter) -> Self {
        Self { adapter: RefCell::new(Some(adapter)), ..self }
    }

    /// Says whether matrices are to be coded in 8 bits.
    #[must_use]
    pub fn in_int8(self, int8: bool) -> Self {
        Self { int8, ..self }
    }

    /// Whether matrices are to be coded in 8 bits.
    #[must_use]
    pub fn int8(&self) -> bool {
        self.int8
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
        let tensor = Tensor::f_empty(shape, (self.kind, self.device))?;
        self.fill(name, &tensor)?;
        Ok(tensor)
    }

    /// Several tensors as one, below each other: one matrix product instead of several. Each is read to its place.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn stacked(&self, names: &[String], shapes: &[&[i64]]) -> Result<Tensor> {
        let rows: Vec<i64> = shapes.iter().filter_map(|shape| shape.first().copied()).collect();
        let mut whole = shapes.first().map_or_else(Vec::new, |shape| shape.to_vec());
        if let Some(first) = whole.first_mut() {
            *first = rows.iter().sum();
        }
        let stack = Tensor::f_empty(&whole, (self.kind, self.device))?;
        let mut at = 0;
        for (name, rows) in names.iter().zip(rows) {
            self.fill(name, &stack.f_narrow(0, at, rows)?)?;
            at += rows;
        }
        Ok(stack)
    }

    /// Several matrices `[out, into]` below each other, in 8 bits.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn coded(&self, names: &[String], into: i64, outs: &[i64]) -> Result<Int8> {
        let codes = Int8::empty(outs.iter().sum(), into, self.device)?;
        let mut at = 0;
        for (name, &out) in names.iter().zip(outs) {
            if self.adapter.borrow().as_ref().is_some_and(|adapter| adapter.changes(name)) {
                codes.put(at, &self.tensor(name, &[out, into])?)?;
            } else {
                let mut put = |first, piece: &Tensor| codes.put(at + first / into, &piece.f_reshape([-1, into])?);
                self.pieces(name, &[out, into], into, &mut put)?;
            }
            at += out;
        }
        Ok(codes)
    }

    /// Reads a tensor into one of its shape.
    fn fill(&self, name: &str, to: &Tensor) -> Result<()> {
        let there = self.pieces(name, &to.size(), 1, &mut copier(&to.f_view([-1])?))?;
        match self.adapter.borrow_mut().as_mut().filter(|_| there) {
            Some(adapter) => adapter.merge(name, to),
            None => Ok(()),
        }
    }

    /// Hands out a tensor in pieces of whole rows; `false`, with a note, where it can't.
    fn pieces(&self, name: &str, shape: &[i64], row: i64, hear: &mut Hear<'_>) -> Result<bool> {
        self.taken.borrow_mut().insert(name.to_owned());
        let Some(place) = self.places.get(name) else {
            self.note(format!("missing: {name} {shape:?}"));
            return Ok(false);
        };
        if place.shape != shape {
            self.note(format!("{} is {:?} where {shape:?} is needed", place.name, place.shape));
            return Ok(false);
        }
        let there = self.files.borrow_mut()[place.file].pieces(&place.name, row, piece(self.device), hear)?;
        if !there {
            self.note(format!("{} is asked for twice", place.name));
        }
        Ok(there)
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

fn shortened(mut list: Vec<String>) -> Vec<String> {
    let more = list.len().saturating_sub(LISTED);
    list.truncate(LISTED);
    if more > 0 {
        list.push(format!("and {more} more"));
    }
    list
}

fn add(path: &Path, files: &mut Vec<WeightFile>, places: &mut BTreeMap<String, Place>, tower_only: bool) -> Result<()> {
    let file = WeightFile::open(path)?;
    for (name, shape) in file.shapes() {
        let key = canonical(&name);
        if tower_only && !key.starts_with("vision_tower.") {
            continue;
        }
        if let Some(before) = places.insert(key, Place { file: files.len(), name: name.clone(), shape }) {
            let problem = format!("{name} and {} are the same tensor", before.name);
            return Err(TorchError::Malformed { path: path.to_owned(), problem });
        }
    }
    files.push(file);
    Ok(())
}
