//! A model that is asked about pictures.

use super::ask::{LEVELS, RATE, YES_NO, is_yes_no, odds, question, score};
use super::frame::Frame;
use super::settings::{CoordFrame, Settings};
use super::stream::Stream;
use crate::error::{Result, TorchError};
use crate::generate::{Limits, Written};
use crate::model::{LoadOptions, Model};
use crate::picture::{AspectRatio, Pixels};
use crate::prompt::Prompt;
use giqa_sdk::core::text::{ParseOptions, parse};
use giqa_sdk::core::{
    ComponentError, Context, ErrorKind, GroundingModel, ImageView, ModelInput, ModelOutput, ModelSpec,
    OptionProbability, Request, Usage,
};
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use tch::Tensor;

/// The component.
pub(super) struct Chat {
    spec: ModelSpec,
    settings: Settings,
    prompt: Prompt,
    plain: Prompt,
    limits: Limits,
    /// Tensors are not shared between threads; the host calls one at a time anyway.
    inner: Mutex<Inner>,
}

struct Inner {
    model: Model,
    /// The features of the picture that was seen last, by its identity: many questions follow about one picture.
    seen: Option<(u64, Tensor)>,
}

/// One item, ready for the model.
struct Job {
    vectors: Tensor,
    frame: Option<Frame>,
    options: Vec<OptionProbability>,
    score: Option<f64>,
}

impl Chat {
    /// Loads the model.
    pub fn new(spec: ModelSpec, settings: Settings, sees: bool) -> Result<Self> {
        if let Some(threads) = settings.threads {
            tch::set_num_threads(threads);
        }
        let device = settings.device()?;
        let options = LoadOptions {
            device,
            kind: settings.kind(device),
            aspect: settings.image_aspect_ratio,
            tower: settings.vision_weights.clone(),
            adapter: settings.adapter.clone(),
        };
        let model = Model::load(&settings.weights, &options)?;
        if sees && model.eye.is_none() {
            return Err(TorchError::Unsupported {
                folder: settings.weights,
                problem: "this model doesn't see pictures".to_owned(),
                hint: "a plain language model is torch.llama".to_owned(),
            });
        }
        let trained = if sees { model.config.prompt } else { "plain" };
        let prompt = Prompt::new(settings.prompt.as_deref().unwrap_or(trained))?;
        let limits = Limits {
            max_new: settings.max_new_tokens,
            stop: model.config.stop.clone(),
            vocab: Some(model.tokenizer.size()),
        };
        let plain = Prompt::new("plain")?;
        Ok(Self { spec, settings, prompt, plain, limits, inner: Mutex::new(Inner { model, seen: None }) })
    }

    fn job(&self, inner: &mut Inner, item: &ModelInput<'_>) -> Result<Job, ComponentError> {
        let view = match (item.request, item.image) {
            (Request::Complete { .. }, _) => None,
            (_, Some(view)) if inner.model.eye.is_some() => Some(view),
            (_, None) => return Err(ComponentError::new(ErrorKind::BadRequest, "the item has no image")),
            (_, Some(_)) => return Err(ComponentError::new(ErrorKind::BadRequest, "this model only completes text")),
        };
        let frame = view.and_then(|view| self.frame(inner, &view));
        let text = match item.request {
            Request::Describe => self.prompt.render(&self.settings.describe, true)?,
            Request::Answer { question: words, boxes } => self.prompt.render(&question(words, boxes, frame), true)?,
            Request::Complete { prompt } => {
                let template = if self.settings.prompt.is_some() { &self.prompt } else { &self.plain };
                template.render(prompt, false)?
            }
        };
        let features = view.map(|view| inner.features(&view)).transpose()?;
        let features = features.as_slice();
        let vectors = inner.model.prompt(&inner.model.tokenizer.prompt(&text)?, features)?;
        // Asked here, where it costs this item alone.
        let positions = vectors.size2().map_err(TorchError::from)?.0;
        inner.model.decoder.fits(positions + self.limits.max_new as i64)?;
        let (mut options, mut level) = (Vec::new(), None);
        match item.request {
            Request::Answer { question, .. } if is_yes_no(question) => {
                let logs = inner.weigh(&format!("{text} "), &["Yes", "No"], features)?;
                options = odds(&YES_NO, &logs);
            }
            Request::Describe if self.settings.rate => {
                let text = format!("{}{}", self.prompt.render(RATE[0], true)?, RATE[1]);
                level = Some(score(&odds(&LEVELS, &inner.weigh(&text, &LEVELS, features)?)));
            }
            _ => {}
        }
        Ok(Job { vectors, frame, options, score: level })
    }

    /// How the model's boxes lie in the picture, where they are not the picture's own.
    fn frame(&self, inner: &Inner, view: &ImageView<'_>) -> Option<Frame> {
        let padded = inner.model.eye.as_ref().is_some_and(|e| e.config().preprocess.aspect == AspectRatio::Pad);
        (padded && self.settings.coord_frame == CoordFrame::Padded).then(|| Frame::new(view.width(), view.height()))
    }

    /// Writes the answers to these jobs at once; where memory is short, in halves.
    fn write(&self, inner: &Inner, jobs: &[(usize, Job)], context: &Context<'_>) -> Result<Vec<Written>> {
        let prompts: Vec<Tensor> = jobs.iter().map(|(_, job)| job.vectors.shallow_clone()).collect();
        let mut streams = vec![Stream::default(); jobs.len()];
        let mut hear = |row: usize, ids: &[i64]| {
            if let (Some(stream), Some((item, _))) = (streams.get_mut(row), jobs.get(row))
                && let Some(text) = stream.next(&inner.model.tokenizer, ids)
            {
                context.observer().token(*item, &text);
            }
            if context.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        match inner.model.generate(&prompts, &self.limits, &mut hear, None) {
            Err(TorchError::OutOfMemory(what)) if jobs.len() > 1 => {
                tracing::warn!("{} prompts at once need more memory than there is ({what}): halves", jobs.len());
                let (first, second) = jobs.split_at(jobs.len() / 2);
                Ok([self.write(inner, first, context)?, self.write(inner, second, context)?].concat())
            }
            written => written,
        }
    }
}

impl Inner {
    fn features(&mut self, view: &ImageView<'_>) -> Result<Tensor> {
        if let Some((id, features)) = &self.seen
            && *id == view.id()
            && *id != 0
        {
            return Ok(features.shallow_clone());
        }
        let Some(eye) = &self.model.eye else { return Err(TorchError::Torch("this model doesn't see".to_owned())) };
        let features = tch::no_grad(|| eye.see(&Pixels::new(view)))?;
        self.seen = Some((view.id(), features.shallow_clone()));
        Ok(features)
    }

    /// How likely each option is to follow a text.
    fn weigh(&self, text: &str, options: &[&str], features: &[Tensor]) -> Result<Vec<f64>> {
        let (start, ends) = self.model.tokenizer.continuations(text, options)?;
        self.model.log_probabilities(&self.model.prompt(&start, features)?, &ends)
    }
}

impl GroundingModel for Chat {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn generate(&self, context: &Context<'_>, items: &[ModelInput<'_>]) -> Vec<Result<ModelOutput, ComponentError>> {
        let _no_grad = tch::no_grad_guard();
        // A panic in an earlier call has left nothing half done: tensors are only replaced whole.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut results: Vec<Result<ModelOutput, ComponentError>> = Vec::with_capacity(items.len());
        let mut jobs = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let job =
                if context.is_cancelled() { Err(ComponentError::cancelled()) } else { self.job(&mut inner, item) };
            results.push(job.map(|job| {
                jobs.push((i, job));
                ModelOutput::default()
            }));
        }
        match self.write(&inner, &jobs, context) {
            Ok(written) => {
                for ((i, job), written) in jobs.into_iter().zip(written) {
                    let Some(item) = items.get(i) else { continue };
                    results[i] = self.output(&inner.model, job, &written, item).map_err(Into::into);
                }
            }
            Err(error) => {
                let error = ComponentError::from(error);
                for (i, _) in jobs {
                    results[i] = Err(error.clone());
                }
            }
        }
        results
    }
}

impl Chat {
    fn output(&self, model: &Model, job: Job, written: &Written, item: &ModelInput<'_>) -> Result<ModelOutput> {
        let text = model.tokenizer.text(&written.ids)?;
        let image_size = item.image.map(|view| (view.width(), view.height()));
        let parsed = parse(text.trim(), &ParseOptions { image_size, ..ParseOptions::default() });
        let mut warnings: Vec<String> = parsed.warnings.iter().map(ToString::to_string).collect();
        if !written.ended {
            warnings.push(format!("cut off after {} tokens (max_new_tokens)", written.ids.len()));
        }
        let mut text = parsed.text;
        if let Some(frame) = job.frame {
            for span in &mut text.spans {
                span.boxes = span.boxes.iter().map(|b| frame.to_picture(b)).collect();
            }
        }
        let (read, wrote) = (job.vectors.size2()?.0 as u64, written.ids.len() as u64);
        let usage = Some(Usage { prompt_tokens: read, completion_tokens: wrote, ..Usage::default() });
        Ok(ModelOutput { text, score: job.score, options: job.options, warnings, usage })
    }
}
