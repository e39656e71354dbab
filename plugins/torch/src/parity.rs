//! Comparison with what reference code computed, step by step from pixels to written tokens.
//!
//! A fixture is a checkpoint's folder with `image.png`, `expected.json` and `expected.safetensors` beside the weights.
//! Tensors that a fixture doesn't have are not compared.

mod fixture;

pub use fixture::Fixture;

use crate::batch::Batch;
use crate::error::Result;
use crate::generate::Limits;
use crate::model::{LoadOptions, Model};
use crate::nn::Mask;
use crate::picture::{AspectRatio, Pixels};
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

/// Compares everything that the folder has expectations for.
///
/// # Errors
/// A folder that is no fixture; a model that can't be loaded or run.
pub fn compare(folder: &Path, picture: &Pixels, options: &LoadOptions) -> Result<Vec<Check>> {
    let _no_grad = tch::no_grad_guard();
    let model = Model::load(folder, options)?;
    let mut run = Run { model: &model, expected: Fixture::open(folder)?, checks: Vec::new() };
    let features = run.seeing(picture)?;
    run.reading(features.as_ref())?;
    run.loss(features.as_ref())?;
    run.writing(features.as_ref())?;
    Ok(run.checks)
}

struct Run<'a> {
    model: &'a Model,
    expected: Fixture,
    checks: Vec<Check>,
}

impl Run<'_> {
    fn seeing(&mut self, picture: &Pixels) -> Result<Option<Tensor>> {
        let Some(eye) = self.model.eye.as_ref().filter(|_| self.expected.has("pixel_values")) else { return Ok(None) };
        let preprocess = &eye.config().preprocess;
        let tiles = preprocess.run(picture);
        self.floats("pixel_values", &Tensor::f_from_slice(&tiles.values)?, PIXELS)?;
        let crop = crate::picture::Preprocess { aspect: AspectRatio::Crop, ..preprocess.clone() };
        self.floats("pixel_values_crop", &Tensor::f_from_slice(&crop.run(picture).values)?, PIXELS)?;
        let mut states = Vec::new();
        let features = eye.features(&tiles, Some(&mut states))?;
        for (i, state) in states.iter().enumerate() {
            self.floats(&format!("vision_hidden.{i}"), state, FLOATS)?;
        }
        self.floats("image_features", &features, FLOATS)?;
        Ok(Some(features))
    }

    fn reading(&mut self, features: Option<&Tensor>) -> Result<()> {
        let Some(text) = self.expected.prompt() else { return Ok(()) };
        let ids = self.model.tokenizer.prompt(text)?;
        let count = features.map_or(Ok(0), |f| f.size2().map(|(n, _)| n))?;
        if let Some(mark) = self.expected.image_token() {
            let marks = vec![mark; count as usize];
            self.ids("input_ids", &[ids.before.as_slice(), &marks, &ids.after].concat())?;
        }
        let prompt = self.model.prompt(&ids, features)?;
        self.floats("inputs_embeds", &prompt, FLOATS)?;
        let (states, logits) = self.whole(&prompt)?;
        for (i, state) in states.iter().enumerate() {
            self.floats(&format!("hidden.{i}"), state, FLOATS)?;
        }
        self.floats("logits", &logits, FLOATS)
    }

    /// The mean cross entropy of the answer's tokens: the forward half of a training step.
    fn loss(&mut self, features: Option<&Tensor>) -> Result<()> {
        let (Some(ids), Some(labels)) = (self.expected.ids("train_input_ids")?, self.expected.tensor("labels")?) else {
            return Ok(());
        };
        let mark = self.expected.image_token();
        let at = ids.iter().position(|&id| Some(id) == mark);
        let rest = ids.iter().rposition(|&id| Some(id) == mark).map_or(0, |last| last + 1);
        let (before, after) = (ids[..at.unwrap_or(0)].to_vec(), ids[rest..].to_vec());
        let prompt = self.model.prompt(&crate::tokenizer::Ids { before, after, image: at.is_some() }, features)?;
        let (_, logits) = self.whole(&prompt)?;
        let n = logits.size2()?.0;
        let (ahead, targets) = (logits.f_narrow(0, 0, n - 1)?, labels.f_narrow(0, 1, n - 1)?);
        let loss = ahead.f_cross_entropy_loss(&targets, None::<Tensor>, tch::Reduction::Mean, -100, 0.0)?;
        self.floats("loss", &loss.f_reshape([1])?, FLOATS)
    }

    fn writing(&mut self, features: Option<&Tensor>) -> Result<()> {
        let (Some(text), Some(greedy)) = (self.expected.prompt(), self.expected.ids("greedy")?) else { return Ok(()) };
        let prompt = self.model.prompt(&self.model.tokenizer.prompt(text)?, features)?;
        // The reference wrote on behind the end of the text, and wrote ids that no token has.
        let limits = Limits { max_new: greedy.len(), stop: Vec::new(), vocab: None };
        let mut steps = Vec::new();
        let mut go_on = |_: usize, _: &[i64]| ControlFlow::Continue(());
        let written = self.model.generate(&[prompt], &limits, &mut go_on, Some(&mut steps))?;
        self.floats("step_logits", &Tensor::f_cat(&steps, 0)?, FLOATS)?;
        self.ids("greedy", &written.first().map(|w| w.ids.clone()).unwrap_or_default())
    }

    /// A prompt `[n, hidden]` read from its start: the states and the logits `[n, vocab]`.
    fn whole(&self, prompt: &Tensor) -> Result<(Vec<Tensor>, Tensor)> {
        let batch = Batch::new(std::slice::from_ref(prompt))?;
        let n = batch.columns();
        let mut cache = self.model.decoder.cache(1, n)?;
        let mut states = Vec::new();
        let positions = batch.positions(0, n)?;
        let out =
            self.model.decoder.forward(&batch.vectors, &positions, &Mask::Causal, &mut cache, Some(&mut states))?;
        let logits = self.model.decoder.logits(&out)?.f_squeeze_dim(0)?;
        states.push(out);
        Ok((states, logits))
    }

    fn floats(&mut self, name: &str, actual: &Tensor, tolerance: f64) -> Result<()> {
        let Some(expected) = self.expected.tensor(name)? else { return Ok(()) };
        let difference = if expected.numel() == actual.numel() {
            let flat = |t: &Tensor| t.f_to(tch::Device::Cpu)?.f_to_kind(Kind::Double)?.f_flatten(0, -1);
            f64::try_from(flat(&expected)?.f_sub(&flat(actual)?)?.f_abs()?.f_max()?)?
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
