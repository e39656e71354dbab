//! A model that is asked about pictures.

use super::halves::in_halves;
use super::inner::Inner;
use super::settings::Settings;
use super::stream::Stream;
use crate::error::{Result, TorchError};
use crate::generate::{Limits, Written};
use crate::model::{LoadOptions, Model};
use crate::prompt::Prompt;
use crate::sequence::Sequence;
use giqa_sdk::core::{ComponentError, Context, GroundingModel, ModelInput, ModelOutput, ModelSpec};
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};

/// The component.
pub(super) struct Chat {
    spec: ModelSpec,
    pub settings: Settings,
    pub prompt: Prompt,
    pub plain: Prompt,
    pub limits: Limits,
    /// Tensors are not shared between threads; the host calls one at a time anyway.
    inner: Mutex<Inner>,
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
            sampling: settings.sampling(),
        };
        let plain = Prompt::new("plain")?;
        let inner = Mutex::new(Inner::new(model, limits.max_new));
        Ok(Self { spec, settings, prompt, plain, limits, inner })
    }

    /// Writes what follows these prompts, at once as far as memory allows; `items` are the numbers that they have for
    /// the caller.
    fn write(
        &self,
        inner: &mut Inner,
        items: &[usize],
        prompts: &[Sequence],
        context: &Context<'_>,
    ) -> Result<Vec<Result<Written>>> {
        // Kept over attempts: what was told once is not told again.
        let mut streams = vec![Stream::default(); prompts.len()];
        let mut run = |range: Range<usize>| {
            let Inner { model, kept, .. } = &mut *inner;
            let (items, prompts, streams) = (&items[range.clone()], &prompts[range.clone()], &mut streams[range]);
            let mut hear = |row: usize, ids: &[i64]| {
                if let (Some(stream), Some(item)) = (streams.get_mut(row), items.get(row))
                    && let Some(text) = stream.next(&model.tokenizer, ids)
                {
                    context.observer().token(*item, &text);
                }
                if context.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let written = model.generate(kept, prompts, &self.limits, &mut hear, None);
            if matches!(written, Err(TorchError::OutOfMemory(_))) {
                kept.forget();
            }
            written
        };
        in_halves(0..prompts.len(), &mut run)
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
        let (mut numbers, mut jobs, mut prompts) = (Vec::new(), Vec::new(), Vec::new());
        for (i, item) in items.iter().enumerate() {
            let job =
                if context.is_cancelled() { Err(ComponentError::cancelled()) } else { self.job(&mut inner, item) };
            results.push(job.map(|(job, prompt)| {
                numbers.push(i);
                jobs.push(job);
                prompts.push(prompt);
                ModelOutput::default()
            }));
        }
        match self.write(&mut inner, &numbers, &prompts, context) {
            Ok(written) => {
                for ((i, job), written) in numbers.into_iter().zip(jobs).zip(written) {
                    let output = written.and_then(|written| job.output(&inner.model, &written));
                    results[i] = output.map_err(Into::into);
                }
            }
            Err(error) => {
                let error = ComponentError::from(error);
                for i in numbers {
                    results[i] = Err(error.clone());
                }
            }
        }
        results
    }
}
