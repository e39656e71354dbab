//! Prompts on their way through the decoder, side by side; what they have in common is read once.

use crate::batch::Batch;
use crate::error::Result;
use crate::kept::Kept;
use crate::model::Model;
use crate::nn::KvCache;
use crate::sequence::{Sequence, common};
use tch::Tensor;

/// A common beginning of fewer positions than this is not worth a pass of its own: the words before a picture.
const LEAST_SHARED: usize = 64;

/// Prompts that have been read, and what was written behind them.
pub(crate) struct Reading {
    batch: Batch,
    cache: KvCache,
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
        let mut reading = Self { batch, cache };
        let out = reading.forward(model, &vectors)?;
        Ok((reading, out))
    }

    /// Reads further columns `[rows, n, hidden]`; gives the logits `[rows, vocab]` of what follows the last one.
    pub(crate) fn read(&mut self, model: &Model, vectors: &Tensor) -> Result<Tensor> {
        model.decoder.logits(&self.forward(model, vectors)?.f_select(1, -1)?)
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
    pub(crate) fn end(self, kept: &mut Kept, prompts: &[Sequence]) {
        if let [prompt] = prompts {
            kept.put(self.cache, prompt);
        }
    }
}
