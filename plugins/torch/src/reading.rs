//! Prompts on their way through the decoder, side by side; what they have in common is read once.

use crate::batch::Batch;
use crate::error::Result;
use crate::kept::Kept;
use crate::model::Model;
use crate::nn::KvCache;
use crate::sequence::{Sequence, common};
use crate::shim;
use crate::steps::Steps;
use tch::Tensor;

/// A common beginning of fewer positions than this is not worth a pass of its own: the words before a picture.
const LEAST_SHARED: usize = 64;

/// Prompts that have been read, and what was written behind them.
pub(crate) struct Reading {
    batch: Batch,
    cache: KvCache,
    /// Where steps can be recorded, once the first has been made.
    steps: Option<Steps>,
}

impl Model {
    /// Reads prompts, with room for `room` positions behind each; gives the logits `[rows, vocab]` of what follows. One
    /// alone is read into the kept cache; of several with a long common beginning, that is.
    pub(crate) fn begin(&self, kept: &mut Kept, prompts: &[Sequence], room: usize) -> Result<(Reading, Tensor)> {
        let cache = match prompts {
            [prompt] => kept.take(self, &prompt.marks, prompt.len().saturating_sub(1), room)?,
            _ => self.several(kept, prompts, room)?,
        };
        let rests = prompts.iter().map(|p| p.from(cache.len() as usize)).collect::<Result<Vec<_>>>()?;
        let (reading, out) = Reading::start(self, &rests, cache)?;
        let logits = self.decoder.logits(&out.f_select(1, -1)?)?;
        Ok((reading, logits))
    }

    /// A cache for several prompts that holds their common beginning, if that is long.
    fn several(&self, kept: &mut Kept, prompts: &[Sequence], room: usize) -> Result<KvCache> {
        let longest = prompts.iter().map(Sequence::len).max().unwrap_or_default();
        let mut cache = self.decoder.cache(prompts.len() as i64, (longest + room) as i64)?;
        let Some((first, others)) = prompts.split_first() else { return Ok(cache) };
        let shared = others.iter().map(|other| common(&first.marks, &other.marks)).min().unwrap_or_default();
        let shortest = prompts.iter().map(Sequence::len).min().unwrap_or_default();
        // Each must have something left to read.
        let shared = shared.min(shortest.saturating_sub(1));
        if shared < LEAST_SHARED {
            return Ok(cache);
        }
        let mut one = kept.take(self, &first.marks[..shared], shared, 0)?;
        let known = one.len();
        if (known as usize) < shared {
            let rest = first.vectors.f_narrow(0, known, shared as i64 - known)?;
            one = Reading::start(self, &[rest], one)?.0.cache;
        }
        cache.begin_as(&one, shared as i64)?;
        kept.put(one, first);
        Ok(cache)
    }
}

impl Reading {
    /// Reads what is left of prompts, `[n_i, hidden]`, behind what the cache holds; gives the normed outputs too.
    fn start(model: &Model, rests: &[Tensor], cache: KvCache) -> Result<(Self, Tensor)> {
        let batch = Batch::new(rests, cache.len())?;
        let vectors = batch.vectors.shallow_clone();
        let mut reading = Self { batch, cache, steps: None };
        let out = reading.forward(model, &vectors)?;
        Ok((reading, out))
    }

    /// Reads further columns `[rows, n, hidden]`; gives the logits `[rows, vocab]` of what follows the last one.
    pub(crate) fn read(&mut self, model: &Model, vectors: &Tensor) -> Result<Tensor> {
        model.decoder.logits(&self.forward(model, vectors)?.f_select(1, -1)?)
    }

    /// Reads one further token of each row, as [`Reading::read`] does.
    pub(crate) fn next(&mut self, model: &Model, ids: &[i64]) -> Result<Tensor> {
        if self.steps.is_none() && model.device().is_cuda() && shim::is_there() {
            self.fix(model)?;
        }
        if let Some(steps) = &mut self.steps {
            return steps.step(model, &mut self.cache, ids);
        }
        let ids = Tensor::f_from_slice(ids)?.f_unsqueeze(1)?.f_to(model.device())?;
        self.read(model, &model.decoder.embed(&ids)?)
    }

    /// From here on, [`Reading::next`] only.
    fn fix(&mut self, model: &Model) -> Result<()> {
        self.steps = Some(Steps::new(&self.batch, &mut self.cache, model.device())?);
        Ok(())
    }

    /// Reads further columns; gives the normed outputs `[rows, n, hidden]`.
    pub(crate) fn forward(&mut self, model: &Model, vectors: &Tensor) -> Result<Tensor> {
        let (start, n) = (self.cache.len(), vectors.size3()?.1);
        let (positions, mask) = (self.batch.positions(start, n)?, self.batch.mask(start, n)?);
        model.decoder.forward(vectors, &positions, &mask, &mut self.cache, None)
    }

    /// Forgets what was read behind the prompts.
    pub(crate) fn rewind(&mut self) {
        self.cache.truncate(self.batch.columns());
    }

    /// Gives the cache of a single prompt back.
    pub(crate) fn end(mut self, kept: &mut Kept, prompts: &[Sequence]) {
        self.cache.fix(None);
        if let [prompt] = prompts {
            kept.put(self.cache, prompt);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LoadOptions;
    use std::path::Path;

    #[test]
    fn fixed_steps_say_what_free_ones_do() {
        let _no_grad = tch::no_grad_guard();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/models");
        // Grouped queries in the second.
        for name in ["llava15", "llava_next"] {
            let model = Model::load(&fixtures.join(name), &LoadOptions::default()).unwrap();
            let prompt = |text: &str| model.prompt(&model.tokenizer.prompt(text).unwrap(), &[]).unwrap();
            let long = "USER: Describe the noise, in detail. ASSISTANT:";
            for texts in [vec![long], vec![long, "USER: noise"]] {
                let prompts: Vec<Sequence> = texts.iter().map(|text| prompt(text)).collect();
                let (mut free, first) = model.begin(&mut Kept::default(), &prompts, 8).unwrap();
                let (mut fixed, _) = model.begin(&mut Kept::default(), &prompts, 8).unwrap();
                fixed.fix(&model).unwrap();
                let mut logits = first;
                for step in 0..8 {
                    let ids: Vec<i64> = logits.argmax(-1, false).try_into().unwrap();
                    logits = free.next(&model, &ids).unwrap();
                    let off = (fixed.next(&model, &ids).unwrap() - &logits).abs().max().double_value(&[]);
                    assert!(off < 1e-4, "{name}, {} rows, step {step}: {off}", texts.len());
                }
            }
        }
    }
}
