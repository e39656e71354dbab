//! Weighing given answers: how likely a model holds each of them.

use crate::error::{Result, TorchError};
use crate::kept::Kept;
use crate::model::Model;
use crate::reading::Reading;
use crate::sequence::Sequence;
use tch::{Kind, Tensor};

impl Model {
    /// How likely each of these continuations of a prompt is, in token ids: the natural logarithm of its probability,
    /// `<= 0`, the sum over its tokens. Nothing makes up for length: a longer answer is less likely than its own
    /// beginning, and an empty one is certain. The prompt is read once, and not at all where `kept` holds it.
    ///
    /// # Errors
    /// As [`Model::generate`].
    pub fn log_probabilities(&self, kept: &mut Kept, prompt: &Sequence, options: &[Vec<i64>]) -> Result<Vec<f64>> {
        let _no_grad = tch::no_grad_guard();
        let longest = options.iter().map(Vec::len).max().unwrap_or(0);
        let prompts = std::slice::from_ref(prompt);
        let (mut reading, first) = self.begin(kept, prompts, longest)?;
        let sums = options.iter().map(|option| self.log_probability(&mut reading, &first, option)).collect();
        reading.end(kept, prompts);
        sums
    }

    /// Of one continuation, whose first token has the logits `first` `[1, vocab]`.
    fn log_probability(&self, reading: &mut Reading, first: &Tensor, option: &[i64]) -> Result<f64> {
        let Some((_, given)) = option.split_last() else { return Ok(0.0) };
        reading.rewind();
        let mut logits = vec![first.shallow_clone()];
        if !given.is_empty() {
            let out = reading.forward(self, &self.embed(given)?.f_unsqueeze(0)?)?;
            logits.push(self.decoder.logits(&out.f_select(0, 0)?)?);
        }
        let logs = Tensor::f_cat(&logits, 0)?.f_log_softmax(-1, Kind::Float)?;
        let ids = Tensor::f_from_slice(option)?.f_to(self.device())?.f_unsqueeze(1)?;
        let sum = f64::try_from(logs.f_gather(1, &ids, false)?.f_sum(Kind::Double)?)?;
        if sum.is_finite() { Ok(sum) } else { Err(TorchError::NotFinite { at: 0 }) }
    }
}
