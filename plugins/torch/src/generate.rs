//! Writing: one token after the other, the most likely one each time.

use crate::batch::Batch;
use crate::error::{Result, TorchError};
use crate::model::Model;
use crate::nn::KvCache;
use std::ops::ControlFlow;
use tch::{Kind, Tensor};

/// How long to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most tokens of one answer.
    pub max_new: usize,
    /// Tokens that end an answer.
    pub stop: Vec<i64>,
    /// Ids from here on are never written: rows that only fill a vocabulary up.
    pub vocab: Option<i64>,
}

/// What was written for one prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Token ids, without the one that ended it.
    pub ids: Vec<i64>,
    /// Whether it ended by itself, not at the limit.
    pub ended: bool,
}

/// Hears of each token as it is written: the row and all of its ids so far. `Break` stops everything.
pub type OnToken<'a> = dyn FnMut(usize, &[i64]) -> ControlFlow<()> + 'a;

impl Model {
    /// Reads prompts `[n_i, hidden]` and writes what follows. `steps` gets the logits `[rows, vocab]` behind each token.
    ///
    /// # Errors
    /// Prompts that are too long, numbers that ran away, memory, or `Break` from `on_token`.
    pub fn generate(
        &self,
        prompts: &[Tensor],
        limits: &Limits,
        on_token: &mut OnToken<'_>,
        mut steps: Option<&mut Vec<Tensor>>,
    ) -> Result<Vec<Written>> {
        let _no_grad = tch::no_grad_guard();
        let mut written = vec![Written::default(); prompts.len()];
        if prompts.is_empty() || limits.max_new == 0 {
            return Ok(written);
        }
        let batch = Batch::new(prompts)?;
        let columns = batch.columns();
        let mut cache = self.decoder.cache(batch.rows(), columns + limits.max_new as i64)?;
        let mut logits = self.read(&batch, &batch.vectors, &mut cache)?;
        for n in 0..limits.max_new {
            if let Some(steps) = steps.as_deref_mut() {
                steps.push(logits.shallow_clone());
            }
            let next = self.choose(&logits, limits, n)?;
            for (row, (written, &id)) in written.iter_mut().zip(&next).enumerate() {
                if written.ended {
                    continue;
                }
                if limits.stop.contains(&id) {
                    written.ended = true;
                    continue;
                }
                written.ids.push(id);
                if on_token(row, &written.ids).is_break() {
                    return Err(TorchError::Cancelled);
                }
            }
            if written.iter().all(|w| w.ended) || n + 1 == limits.max_new {
                break;
            }
            let ids = Tensor::f_from_slice(&next)?.f_reshape([batch.rows(), 1])?.f_to(self.device())?;
            logits = self.read(&batch, &self.decoder.embed(&ids)?, &mut cache)?;
        }
        Ok(written)
    }

    /// Reads further columns `[rows, n, hidden]`; gives the logits `[rows, vocab]` of what follows the last one.
    fn read(&self, batch: &Batch, vectors: &Tensor, cache: &mut KvCache) -> Result<Tensor> {
        let (start, n) = (cache.len(), vectors.size3()?.1);
        let (positions, mask) = (batch.positions(start, n)?, batch.mask(start, n)?);
        let out = self.decoder.forward(vectors, &positions, &mask, cache, None)?;
        self.decoder.logits(&out.f_select(1, -1)?)
    }

    /// The most likely token of each row.
    fn choose(&self, logits: &Tensor, limits: &Limits, at: usize) -> Result<Vec<i64>> {
        let vocab = logits.size2()?.1;
        let (best, ids) = logits.f_narrow(-1, 0, limits.vocab.unwrap_or(vocab).min(vocab))?.f_max_dim(-1, false)?;
        // The largest of numbers with a NaN among them is NaN.
        if !Vec::<f32>::try_from(best.f_to_kind(Kind::Float)?)?.iter().all(|v| v.is_finite()) {
            return Err(TorchError::NotFinite { at });
        }
        Ok(Vec::try_from(ids)?)
    }

    /// How likely the model holds each of these continuations of a prompt `[n, hidden]`: the logarithm of the
    /// probability, natural, `<= 0`. The prompt is read once.
    ///
    /// # Errors
    /// As [`Model::generate`].
    pub fn log_probabilities(&self, prompt: &Tensor, options: &[Vec<i64>]) -> Result<Vec<f64>> {
        let _no_grad = tch::no_grad_guard();
        let batch = Batch::new(std::slice::from_ref(prompt))?;
        let longest = options.iter().map(Vec::len).max().unwrap_or(0);
        let mut cache = self.decoder.cache(1, batch.columns() + longest as i64)?;
        let first = self.read(&batch, &batch.vectors, &mut cache)?;
        let mut sums = Vec::with_capacity(options.len());
        for option in options {
            cache.truncate(batch.columns());
            let Some((_, given)) = option.split_last() else {
                sums.push(0.0);
                continue;
            };
            let mut logits = vec![first.shallow_clone()];
            if !given.is_empty() {
                let vectors = self.embed(given)?.f_unsqueeze(0)?;
                let (start, n) = (cache.len(), given.len() as i64);
                let (positions, mask) = (batch.positions(start, n)?, batch.mask(start, n)?);
                let out = self.decoder.forward(&vectors, &positions, &mask, &mut cache, None)?;
                logits.push(self.decoder.logits(&out.f_select(0, 0)?)?);
            }
            let logs = Tensor::f_cat(&logits, 0)?.f_log_softmax(-1, Kind::Float)?;
            let ids = Tensor::f_from_slice(option)?.f_to(self.device())?.f_unsqueeze(1)?;
            let sum = logs.f_gather(1, &ids, false)?.f_sum(Kind::Double)?;
            let sum = f64::try_from(sum)?;
            if !sum.is_finite() {
                return Err(TorchError::NotFinite { at: 0 });
            }
            sums.push(sum);
        }
        Ok(sums)
    }
}
