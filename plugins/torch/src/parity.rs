//! Comparison with what reference code computed, step by step from pixels to written tokens.
//!
//! A fixture is a checkpoint's folder with `image.png`, `expected.json` and `expected.safetensors` beside the weights.
//! Tensors that a fixture doesn't have are not compared.

mod fixture;

pub use fixture::{Fixture, Row};

use crate::batch::Batch;
use crate::error::Result;
use crate::generate::Limits;
use crate::kept::Kept;
use crate::model::{LoadOptions, Model};
use crate::nn::Mask;
use crate::picture::{AspectRatio, Pixels, Preprocess};
use crate::sequence::{Picture, Sequence};
use std::ops::ControlFlow;
use std::path::Path;
use tch::{Kind, Tensor};

/// The largest absolute difference that is let pass: of pixel values.
pub const PIXELS: f64 = 1e-6;

/// Of everything that is computed from them in f32.
pub const FLOATS: f64 = 2e-4;

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What was compared: `pixel_values`, `hidden.1`, `greedy`.
    pub name: String,
    /// The largest absolute difference; for ids, how many differ. Infinite when the shapes do.
    pub difference: f64,
    /// What is let pass.
    pub tolerance: f64,
}

impl Check {
    /// Whether the difference is let pass. NaN is not.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.difference <= self.tolerance
    }
}

/// Compares everything that the folder has expectations for. `load` decodes a picture's file.
///
/// # Errors
/// A folder that is no fixture; a model that can't be loaded or run.
pub fn compare(folder: &Path, load: &dyn Fn(&Path) -> Result<Pixels>, options: &LoadOptions) -> Result<Vec<Check>> {
    let _no_grad = tch::no_grad_guard();
    let expected = Fixture::open(folder)?;
    let model = Model::load(&expected.weights(), options)?;
    let rows = expected.rows();
    let mut run = Run { model: &model, expected, checks: Vec::new() };
    let mut prompts = Vec::with_capacity(rows.len());
    for row in &rows {
        let pictures = row.images.iter().map(|name| load(&folder.join(name))).collect::<Result<Vec<_>>>()?;
        let features = run.seeing(&pictures, &row.end)?;
        let features: Vec<Picture> = features.into_iter().map(Picture::unknown).collect();
        prompts.push(run.reading(row, &features)?);
        if rows.len() == 1 {
            run.loss(&features)?;
            run.adapted(folder, row, &features, options)?;
        }
    }
    run.writing(&prompts, &rows)?;
    Ok(run.checks)
}

struct Run<'a> {
    model: &'a Model,
    expected: Fixture,
    checks: Vec<Check>,
}

impl Run<'_> {
    fn seeing(&mut self, pictures: &[Pixels], end: &str) -> Result<Vec<Tensor>> {
        let Some(eye) = self.model.eye.as_ref().filter(|_| !pictures.is_empty()) else { return Ok(Vec::new()) };
        let preprocess = &eye.config().preprocess;
        let all: Vec<_> = pictures.iter().map(|p| preprocess.run(p)).collect();
        let values: Vec<f32> = all.iter().flat_map(|tiles| tiles.values.iter().copied()).collect();
        self.floats(&format!("pixel_values{end}"), &Tensor::f_from_slice(&values)?, PIXELS)?;
        if let ([picture], true) = (pictures, self.expected.has("pixel_values_crop")) {
            let crop = Preprocess { aspect: AspectRatio::Crop, ..preprocess.clone() }.run(picture);
            self.floats("pixel_values_crop", &Tensor::f_from_slice(&crop.values)?, PIXELS)?;
        }
        let mut states = Vec::new();
        let features = all.iter().map(|tiles| eye.features(tiles, Some(&mut states))).collect::<Result<Vec<_>>>()?;
        if pictures.len() == 1 {
            for (i, state) in states.iter().enumerate() {
                self.floats(&format!("vision_hidden.{i}"), state, FLOATS)?;
            }
        }
        self.floats(&format!("image_features{end}"), &Tensor::f_cat(&features, 0)?, FLOATS)?;
        Ok(features)
    }

    fn reading(&mut self, row: &Row, pictures: &[Picture]) -> Result<Sequence> {
        let end = &row.end;
        let ids = self.model.tokenizer.prompt(&row.prompt)?;
        let mut spelled = Vec::new();
        for (i, piece) in ids.0.iter().enumerate() {
            if let (Some(mark), Some(f)) = (self.expected.image_token(), i.checked_sub(1).and_then(|b| pictures.get(b)))
            {
                spelled.extend(std::iter::repeat_n(mark, f.features.size2()?.0 as usize));
            }
            spelled.extend(piece);
        }
        self.ids(&format!("input_ids{end}"), &spelled)?;
        let prompt = self.model.prompt(&ids, pictures)?;
        self.floats(&format!("inputs_embeds{end}"), &prompt.vectors, FLOATS)?;
        let (states, logits) = whole(self.model, &prompt.vectors)?;
        for (i, state) in states.iter().enumerate() {
            self.floats(&format!("hidden.{i}{end}"), state, FLOATS)?;
        }
        self.floats(&format!("logits{end}"), &logits, FLOATS)?;
        Ok(prompt)
    }

    /// The same prompt with the fixture's adapter, which leaves the seeing part as it is.
    fn adapted(&mut self, folder: &Path, row: &Row, pictures: &[Picture], options: &LoadOptions) -> Result<()> {
        if !self.expected.has("lora_logits") {
            return Ok(());
        }
        let options = LoadOptions { adapter: Some(folder.join("lora")), ..options.clone() };
        let model = Model::load(&self.expected.weights(), &options)?;
        let prompt = model.prompt(&model.tokenizer.prompt(&row.prompt)?, pictures)?;
        let (_, logits) = whole(&model, &prompt.vectors)?;
        self.floats("lora_logits", &logits, FLOATS)
    }

    /// The mean cross entropy of the answer's tokens: the forward half of a training step.
    fn loss(&mut self, pictures: &[Picture]) -> Result<()> {
        let (Some(ids), Some(labels)) = (self.expected.ids("train_input_ids")?, self.expected.tensor("labels")?) else {
            return Ok(());
        };
        let mark = self.expected.image_token();
        // A picture's marks follow each other: all but the first of them leave empty pieces between.
        let mut pieces: Vec<Vec<i64>> = ids.split(|&id| Some(id) == mark).map(<[i64]>::to_vec).collect();
        let last = pieces.len().saturating_sub(1);
        let mut place = 0;
        pieces.retain(|piece| {
            place += 1;
            !piece.is_empty() || place == 1 || place == last + 1
        });
        let prompt = self.model.prompt(&crate::tokenizer::Ids(pieces), pictures)?;
        let (_, logits) = whole(self.model, &prompt.vectors)?;
        let n = logits.size2()?.0;
        let (ahead, targets) = (logits.f_narrow(0, 0, n - 1)?, labels.f_narrow(0, 1, n - 1)?);
        let loss = ahead.f_cross_entropy_loss(&targets, None::<Tensor>, tch::Reduction::Mean, -100, 0.0)?;
        self.floats("loss", &loss.f_reshape([1])?, FLOATS)
    }

    fn writing(&mut self, prompts: &[Sequence], rows: &[Row]) -> Result<()> {
        let name = |what: &str, row: &Row| format!("{what}{}", row.end);
        let Some(max_new) = rows.first().map(|row| self.expected.ids(&name("greedy", row))).transpose()?.flatten()
        else {
            return Ok(());
        };
        // The reference wrote on behind the end of the text, and wrote ids that no token has.
        let limits = Limits { max_new: max_new.len(), ..Limits::default() };
        let mut steps = Vec::new();
        let mut go_on = |_: usize, _: &[i64]| ControlFlow::Continue(());
        let written = self.model.generate(&mut Kept::default(), prompts, &limits, &mut go_on, Some(&mut steps))?;
        let written = written.into_iter().collect::<Result<Vec<_>>>()?;
        let steps = Tensor::f_stack(&steps, 1)?;
        for (i, (row, written)) in rows.iter().zip(&written).enumerate() {
            self.floats(&name("step_logits", row), &steps.f_select(0, i as i64)?, FLOATS)?;
            self.ids(&name("greedy", row), &written.ids)?;
        }
        Ok(())
    }

    fn floats(&mut self, name: &str, actual: &Tensor, tolerance: f64) -> Result<()> {
        let Some(expected) = self.expected.tensor(name)? else { return Ok(()) };
        // Of long outputs, only the last rows may be kept.
        let (kept, all) = (expected.size().first().copied(), actual.size().first().copied());
        let actual = match (kept, all) {
            (Some(kept), Some(all)) if kept < all && actual.dim() == 2 => actual.f_narrow(0, all - kept, kept)?,
            _ => actual.shallow_clone(),
        };
        let difference = if expected.numel() == actual.numel() {
            let flat = |t: &Tensor| t.f_to(tch::Device::Cpu)?.f_to_kind(Kind::Double)?.f_flatten(0, -1);
            f64::try_from(flat(&expected)?.f_sub(&flat(&actual)?)?.f_abs()?.f_max()?)?
        } else {
            f64::INFINITY
        };
        self.checks.push(Check { name: name.to_owned(), difference, tolerance });
        Ok(())
    }

    fn ids(&mut self, name: &str, actual: &[i64]) -> Result<()> {
        let Some(expected) = self.expected.ids(name)? else { return Ok(()) };
        let differ = expected.iter().zip(actual).filter(|(a, b)| a != b).count();
        let difference = (differ + expected.len().abs_diff(actual.len())) as f64;
        self.checks.push(Check { name: name.to_owned(), difference, tolerance: 0.0 });
        Ok(())
    }
}

/// A prompt `[n, hidden]` read from its start: the states and the logits `[n, vocab]`.
fn whole(model: &Model, prompt: &Tensor) -> Result<(Vec<Tensor>, Tensor)> {
    let batch = Batch::new(std::slice::from_ref(prompt), 0)?;
    let n = batch.columns();
    let mut cache = model.decoder.cache(1, n)?;
    let mut states = Vec::new();
    let positions = batch.positions(0, n)?;
    let out = model.decoder.forward(&batch.vectors, &positions, &Mask::Causal, &mut cache, Some(&mut states))?;
    let logits = model.decoder.logits(&out)?.f_squeeze_dim(0)?;
    states.push(out);
    Ok((states, logits))
}
