//! A model that is asked about pictures.

use super::halves::in_halves;
use super::inner::Inner;
use super::job::Job;
use super::settings::{Dtype, Grammar, Settings};
use super::shared;
use super::stream::Stream;
use crate::error::{Result, TorchError};
use crate::generate::{Limits, Written};
use crate::grammar::{Mask, Tokens};
use crate::model::{LoadOptions, Model};
use crate::prompt::Prompt;
use crate::sequence::Sequence;
use giqa_sdk::core::{ComponentError, Context, GroundingModel, ModelInput, ModelOutput, ModelSpec, Request};
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex, PoisonError};

/// The component.
pub(super) struct Chat {
    spec: ModelSpec,
    pub settings: Settings,
    pub prompt: Prompt,
    pub plain: Prompt,
    pub limits: Limits,
    /// Tensors are not shared between threads; components on the same weights take turns.
    inner: Arc<Mutex<Inner>>,
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
            int8: settings.dtype == Dtype::Int8,
            aspect: settings.image_aspect_ratio,
            tower: settings.vision_weights.clone(),
            adapter: settings.adapter.clone(),
        };
        let inner = shared::model(&settings.weights, &options, settings.max_new_tokens)?;
        let held = inner.lock().unwrap_or_else(PoisonError::into_inner);
        let model = &held.model;
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
            grammar: (settings.grammar == Grammar::Boxes).then(|| boxes(model)).transpose()?,
        };
        let plain = Prompt::new("plain")?;
        drop(held);
        Ok(Self { spec, settings, prompt, plain, limits, inner })
    }

    /// Writes the answers to these jobs, at once as far as memory allows.
    fn write(
        inner: &mut Inner,
        jobs: &[Job],
        prompts: &[Sequence],
        limits: &Limits,
        context: &Context<'_>,
    ) -> Result<Vec<Result<Written>>> {
        // Kept over attempts: what was told once is not told again.
        let mut streams = vec![Stream::default(); prompts.len()];
        let options: Vec<_> = jobs.iter().map(|job| job.ends.clone()).collect();
        let mut run = |range: Range<usize>| {
            let Inner { model, kept, .. } = &mut *inner;
            let (jobs, prompts, options) = (&jobs[range.clone()], &prompts[range.clone()], &options[range.clone()]);
            let streams = &mut streams[range];
            let mut hear = |row: usize, ids: &[i64]| {
                if let (Some(stream), Some(job)) = (streams.get_mut(row), jobs.get(row))
                    && let Some(text) = stream.next(&model.tokenizer, ids)
                {
                    context.observer().token(job.item, &text);
                }
                if context.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let written = model.weigh_and_generate(kept, prompts, options, limits, &mut hear, None);
            if matches!(written, Err(TorchError::OutOfMemory(_))) {
                kept.forget();
            }
            written
        };
        in_halves(0..prompts.len(), &mut run)
    }
}

/// The grammar of boxes for a model's tokens.
fn boxes(model: &Model) -> Result<Arc<Mask>> {
    let mut pieces = model.tokenizer.pieces()?;
    for &id in &model.config.stop {
        if let Some(piece) = usize::try_from(id).ok().and_then(|id| pieces.get_mut(id)) {
            *piece = Some(String::new());
        }
    }
    let tokens = Tokens::new(pieces).map_err(|missing| TorchError::Unsupported {
        folder: model.config.folder.clone(),
        problem: format!("boxes can't be spelled with this tokenizer: {missing}"),
        hint: "grammar = \"none\" lets the model write what it will".to_owned(),
    })?;
    Ok(Arc::new(Mask::new(tokens)))
}

/// One result for each item, in order.
type Outputs = Vec<Result<ModelOutput, ComponentError>>;

impl GroundingModel for Chat {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn generate(&self, context: &Context<'_>, items: &[ModelInput<'_>]) -> Outputs {
        let _no_grad = tch::no_grad_guard();
        // A panic in an earlier call has left nothing half done: tensors are only replaced whole.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = items.iter().filter(|item| !matches!(item.request, Request::Complete { .. }));
        inner.see_all(seen.filter_map(|item| item.image), &|| !context.is_cancelled());
        let mut results: Outputs = Vec::with_capacity(items.len());
        let (mut answers, mut completions) = (Vec::new(), Vec::new());
        for (i, item) in items.iter().enumerate() {
            let job =
                if context.is_cancelled() { Err(ComponentError::cancelled()) } else { self.job(&mut inner, i, item) };
            results.push(job.map(|job| {
                let completes = matches!(item.request, Request::Complete { .. });
                if completes {
                    completions.push(job)
                } else {
                    answers.push(job)
                }
                ModelOutput::default()
            }));
        }
        inner.answered();
        // The grammar is one of descriptions and answers.
        let free = Limits { grammar: None, ..self.limits.clone() };
        for (jobs, limits) in [(answers, &self.limits), (completions, &free)] {
            let (jobs, prompts): (Vec<Job>, Vec<Sequence>) = jobs.into_iter().unzip();
            let written = Self::write(&mut inner, &jobs, &prompts, limits, context)
                .map(|rows| rows.into_iter().map(|row| row.map_err(ComponentError::from)).collect::<Vec<_>>());
            let rows = written.unwrap_or_else(|error| {
                let error = ComponentError::from(error);
                jobs.iter().map(|_| Err(error.clone())).collect()
            });
            for (job, row) in jobs.into_iter().zip(rows) {
                let item = job.item;
                results[item] = row.and_then(|row| Ok(job.output(&inner.model, &row)?));
            }
        }
        results
    }
}
