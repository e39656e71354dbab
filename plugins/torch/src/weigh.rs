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
        let prompts = std::slice::from_ref(prompt);
        let (mut reading, first) = self.begin(kept, prompts, longest(&[options]))?;
        let logs = reading.weigh(self, &first, &[options]);
        reading.end(kept, prompts);
        let logs = logs?.pop().unwrap_or_default();
        if logs.iter().all(|log| log.is_finite()) { Ok(logs) } else { Err(TorchError::NotFinite { at: 0 }) }
    }
}

/// Tokens of the longest of all rows' options.
pub(crate) fn longest(options: &[impl AsRef<[Vec<i64>]>]) -> usize {
    options.iter().flat_map(AsRef::as_ref).map(Vec::len).max().unwrap_or(0)
}

impl Reading {
    /// The logarithms of each row's options, behind the prompts, whose next tokens have the logits `first`
    /// `[rows, vocab]`; NaN where numbers ran away. What was read behind the prompts before is forgotten.
    pub(crate) fn weigh(
        &mut self,
        model: &Model,
        first: &Tensor,
        options: &[impl AsRef<[Vec<i64>]>],
    ) -> Result<Vec<Vec<f64>>> {
        let most = options.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
        let mut logs: Vec<Vec<f64>> = options.iter().map(|_| Vec::new()).collect();
        for n in 0..most {
            // Each row's n-th option; rows that have fewer are weighed with nothing.
            let nth: Vec<Option<&[i64]>> = options.iter().map(|row| row.as_ref().get(n).map(Vec::as_slice)).collect();
            let sums = self.weigh_one_each(model, first, &nth)?;
            for ((logs, option), sum) in logs.iter_mut().zip(&nth).zip(sums) {
                logs.extend(option.map(|_| sum));
            }
        }
        self.rewind();
        Ok(logs)
    }

    /// Of one option for each row.
    fn weigh_one_each(&mut self, model: &Model, first: &Tensor, options: &[Option<&[i64]>]) -> Result<Vec<f64>> {
        self.rewind();
        let (rows, columns) = (options.len() as i64, longest_of(options) as i64);
        if columns == 0 {
            return Ok(vec![0.0; options.len()]);
        }
        // Padded behind their ends, where nothing is read out.
        let padded = |option: &Option<&[i64]>| {
            let ids = option.unwrap_or_default();
            ids.iter().copied().chain(std::iter::repeat(0)).take(columns as usize).collect::<Vec<_>>()
        };
        let ids: Vec<i64> = options.iter().flat_map(padded).collect();
        let ids = Tensor::f_from_slice(&ids)?.f_reshape([rows, columns])?.f_to(model.device())?;
        let mut logits = vec![first.f_unsqueeze(1)?];
        if columns > 1 {
            let given = model.decoder.embed(&ids.f_narrow(1, 0, columns - 1)?)?;
            logits.push(model.decoder.logits(&self.forward(model, &given)?)?);
        }
        let logs = Tensor::f_cat(&logits, 1)?.f_log_softmax(-1, Kind::Float)?;
        let logs = logs.f_gather(2, &ids.f_unsqueeze(2)?, false)?.f_to_kind(Kind::Double)?;
        let logs = Vec::<f64>::try_from(logs.f_flatten(0, -1)?)?;
        let rows = logs.chunks_exact(columns as usize).zip(options);
        Ok(rows.map(|(logs, option)| logs.iter().take(option.unwrap_or_default().len()).sum()).collect())
    }
}

fn longest_of(options: &[Option<&[i64]>]) -> usize {
    options.iter().flatten().map(|option| option.len()).max().unwrap_or(0)
}
