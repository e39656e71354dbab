//! One token after the other on tensors that stay where they are: a step can then be recorded once, as a CUDA graph, and
//! repeated. It attends over the whole cache, behind a mask, since nothing in it may depend on how far it is.

use crate::batch::Batch;
use crate::error::{Result, TorchError};
use crate::model::Model;
use crate::nn::{KvCache, Mask};
use crate::shim::Graph;
use tch::{Device, Kind, Tensor};

/// What a step reads and writes.
pub(crate) struct Steps {
    /// `[rows, 1]`.
    ids: Tensor,
    /// `[rows, 1]`, of the next token.
    positions: Tensor,
    /// `[1]`, the next column of the cache.
    at: Tensor,
    /// `[rows, 1, 1, capacity]`.
    mask: Tensor,
    recorded: Option<(Graph, Tensor)>,
    /// Whether a recording was tried.
    tried: bool,
}

impl Steps {
    /// Goes on behind what the cache holds.
    ///
    /// # Errors
    /// Memory.
    pub fn new(batch: &Batch, cache: &mut KvCache, device: Device) -> Result<Self> {
        let (len, capacity) = (cache.len(), cache.capacity());
        let mask = match batch.mask(capacity - 1, 1)? {
            Mask::Given(mask) => mask,
            Mask::Causal => Tensor::f_ones([batch.rows(), 1, 1, capacity], (Kind::Bool, device))?,
        };
        let _ = mask.f_narrow(3, len, capacity - len)?.f_zero_()?;
        let at = Tensor::f_from_slice(&[len])?.f_to(device)?;
        cache.fix(Some(at.shallow_clone()));
        let ids = Tensor::f_zeros([batch.rows(), 1], (Kind::Int64, device))?;
        let positions = batch.positions(len, 1)?;
        Ok(Self { ids, positions, at, mask, recorded: None, tried: false })
    }

    /// Reads one token of each row; gives the logits `[rows, vocab]` of what follows.
    ///
    /// # Errors
    /// A full cache; what libtorch reports.
    pub fn step(&mut self, model: &Model, cache: &mut KvCache, ids: &[i64]) -> Result<Tensor> {
        let len = cache.len();
        if len >= cache.capacity() {
            return Err(TorchError::TooLong { needed: len as usize + 1, limit: cache.capacity() as usize });
        }
        self.ids.f_copy_(&Tensor::f_from_slice(ids)?.f_unsqueeze(1)?)?;
        let _ = self.mask.f_narrow(3, len, 1)?.f_fill_(1)?;
        if let Some((graph, logits)) = &self.recorded {
            graph.replay()?;
            cache.advance(1);
            // The next step writes over them.
            return Ok(logits.f_add_scalar(0)?);
        }
        let Device::Cuda(device) = model.device() else { return self.work(model, cache) };
        if std::mem::replace(&mut self.tried, true) {
            return self.work(model, cache);
        }
        let mut outputs = Vec::new();
        let recorded = Graph::of(device, &mut || self.work(model, cache).map(|logits| outputs.push(logits)));
        // Recorded work counts, but was not done.
        cache.truncate(len + 1);
        let mut outputs = outputs.into_iter();
        match (recorded, outputs.next(), outputs.next()) {
            (Ok(Some(graph)), Some(done), Some(logits)) => {
                self.recorded = Some((graph, logits));
                Ok(done)
            }
            (Ok(_), None, _) => self.work(model, cache),
            (Ok(_), Some(done), _) => Ok(done),
            (Err(error), Some(done), _) => {
                tracing::warn!("steps can't be recorded: {error}");
                Ok(done)
            }
            (Err(error), None, _) => Err(error),
        }
    }

    fn work(&mut self, model: &Model, cache: &mut KvCache) -> Result<Tensor> {
        let vectors = model.decoder.embed(&self.ids)?;
        let mask = Mask::Given(self.mask.shallow_clone());
        let out = model.decoder.forward(&vectors, &self.positions, &mask, cache, None)?;
        let logits = model.decoder.logits(&out.f_select(1, -1)?)?;
        let _ = (self.positions.f_add_scalar_(1)?, self.at.f_add_scalar_(1)?);
        Ok(logits)
    }
}
