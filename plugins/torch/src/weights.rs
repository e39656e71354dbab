//! A checkpoint's tensors, by canonical name, brought to the device one by one.

use crate::error::{Result, TorchError};
use crate::files::{Hear, WeightFile, copier, piece, weight_files};
use crate::lora::Adapter;
use crate::names::{canonical, is_dispensable};
use crate::nn::Int8;
use std::cell::{Cell, RefCell};
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
    /// Bytes on the device so far.
    placed: Cell<f64>,
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
        Ok(Self {
            folder: folder.to_owned(),
            files,
            places,
            taken,
            problems,
            adapter,
            placed: Cell::new(0.0),
            device,
            kind,
            int8: false,
        })
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
        self.stacked(std::slice::from_ref(&name.to_owned()), &[shape])
    }

    /// Several tensors as one, below each other: one matrix product instead of several. Each is read to its place.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn stacked(&self, names: &[String], shapes: &[&[i64]]) -> Result<Tensor> {
        if !self.are_there(names, shapes) {
            return Ok(Tensor::f_empty([0], (self.kind, self.device))?);
        }
        let rows: Vec<i64> = shapes.iter().filter_map(|shape| shape.first().copied()).collect();
        let mut whole = shapes.first().map_or_else(Vec::new, |shape| shape.to_vec());
        if let Some(first) = whole.first_mut() {
            *first = rows.iter().sum();
        }
        let stack = self.room(names, &whole, self.kind)?;
        let mut at = 0;
        for (name, rows) in names.iter().zip(rows) {
            let part = stack.f_narrow(0, at, rows)?;
            self.pieces(name, 1, &mut copier(&part.f_view([-1])?))?;
            if let Some(adapter) = self.adapter.borrow_mut().as_mut() {
                adapter.merge(name, &part)?;
            }
            at += rows;
        }
        Ok(stack)
    }

    /// Several matrices `[out, into]` below each other, in 8 bits.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn coded(&self, names: &[String], into: i64, outs: &[i64]) -> Result<Int8> {
        let shapes: Vec<[i64; 2]> = outs.iter().map(|&out| [out, into]).collect();
        if !self.are_there(names, &shapes.iter().map(<[i64; 2]>::as_slice).collect::<Vec<_>>()) {
            return Int8::of(Tensor::f_empty([0, into], (Kind::Int8, self.device))?);
        }
        let codes = Int8::of(self.room(names, &[outs.iter().sum(), into], Kind::Int8)?)?;
        let mut at = 0;
        for (name, &out) in names.iter().zip(outs) {
            if self.adapter.borrow().as_ref().is_some_and(|adapter| adapter.changes(name)) {
                codes.put(at, &self.tensor(name, &[out, into])?)?;
            } else {
                let mut put = |first, piece: &Tensor| codes.put(at + first / into, &piece.f_reshape([-1, into])?);
                self.pieces(name, into, &mut put)?;
            }
            at += out;
        }
        Ok(codes)
    }

    /// Whether all of these are there, in these shapes; notes what is not.
    fn are_there(&self, names: &[String], shapes: &[&[i64]]) -> bool {
        let mut all = true;
        for (name, &shape) in names.iter().zip(shapes) {
            self.taken.borrow_mut().insert(name.clone());
            match self.places.get(name) {
                Some(place) if place.shape == shape => continue,
                Some(place) => self.note(format!("{} is {:?} where {shape:?} is needed", place.name, place.shape)),
                None => self.note(format!("missing: {name} {shape:?}")),
            }
            all = false;
        }
        all
    }

    /// Memory for a tensor; what is in it is not known yet.
    fn room(&self, names: &[String], shape: &[i64], kind: Kind) -> Result<Tensor> {
        let bytes = shape.iter().map(|&n| n as f64).product::<f64>() * kind.elt_size_in_bytes() as f64;
        let tensor = Tensor::f_empty(shape, (kind, self.device)).map_err(|e| match TorchError::from(e) {
            TorchError::OutOfMemory(what) => {
                let (name, placed) = (names.first().map_or("", String::as_str), self.placed.get());
                TorchError::OutOfMemory(format!(
                    "{}: {name} {shape:?} takes {:.0} MB on {:?}, after {:.0} MB of the model ({what})",
                    self.folder.display(),
                    bytes / 1e6,
                    self.device,
                    placed / 1e6,
                ))
            }
            other => other,
        })?;
        self.placed.set(self.placed.get() + bytes);
        Ok(tensor)
    }

    /// Hands out a tensor that is there in pieces of whole rows of `row` elements.
    fn pieces(&self, name: &str, row: i64, hear: &mut Hear<'_>) -> Result<()> {
        let Some(place) = self.places.get(name) else { return Ok(()) };
        if !self.files.borrow_mut()[place.file].pieces(&place.name, row, piece(self.device), hear)? {
            self.note(format!("{} is asked for twice", place.name));
        }
        Ok(())
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
