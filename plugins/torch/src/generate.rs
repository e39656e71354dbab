//! Writing: one token after the other, the most likely one or one that is drawn.

use crate::error::{Result, TorchError};
use crate::grammar::{Mask, Place};
use crate::kept::Kept;
use crate::model::Model;
use crate::sampling::{Dice, Sampling};
use crate::sequence::Sequence;
use crate::weigh::longest;
use std::ops::ControlFlow;
use std::sync::Arc;
use tch::{Kind, Tensor};

/// What to write, and how long.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The most tokens of one answer.
    pub max_new: usize,
    /// Tokens that end an answer.
    pub stop: Vec<i64>,
    /// Ids from here on are never written: rows that only fill a vocabulary up.
    pub vocab: Option<i64>,
    /// How tokens are drawn; `None` takes the most likely one each time.
    pub sampling: Option<Sampling>,
    /// What may follow what; `None` lets everything.
    pub grammar: Option<Arc<Mask>>,
}

/// What was written for one prompt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Written {
    /// Token ids, without the one that ended it.
    pub ids: Vec<i64>,
    /// Whether it ended by itself, not at the limit.
    pub ended: bool,
    /// The logarithms of the probabilities of the answers that were weighed.
    pub logs: Vec<f64>,
}

/// Hears of each token as it is written: the row and all of its ids so far. `Break` stops everything.
pub type OnToken<'a> = dyn FnMut(usize, &[i64]) -> ControlFlow<()> + 'a;

/// One answer as it is written.
struct Row {
    written: Written,
    dice: Dice,
    place: Place,
    failed: Option<TorchError>,
}

impl Row {
    fn new(limits: &Limits) -> Self {
        let dice = Dice::new(limits.sampling.map_or(0, |s| s.seed));
        Self { written: Written::default(), dice, place: Place::default(), failed: None }
    }

    fn is_done(&self) -> bool {
        self.written.ended || self.failed.is_some()
    }

    /// Takes what was weighed, unless numbers ran away.
    fn weighed(&mut self, logs: Vec<f64>) {
        if logs.iter().all(|log| log.is_finite()) {
            self.written.logs = logs;
        } else {
            self.failed = Some(TorchError::NotFinite { at: 0 });
        }
    }

    /// Takes its next token, `None` where numbers ran away; says whether a token was written.
    fn take(&mut self, id: Option<i64>, limits: &Limits) -> bool {
        match id {
            _ if self.is_done() => false,
            None => {
                self.failed = Some(TorchError::NotFinite { at: self.written.ids.len() });
                false
            }
            Some(id) if limits.stop.contains(&id) => {
                self.written.ended = true;
                false
            }
            Some(id) => {
                if let Some(grammar) = &limits.grammar {
                    self.place = self.place.behind(grammar.tokens(), id);
                }
                self.written.ids.push(id);
                true
            }
        }
    }
}

impl Model {
    /// Reads prompts and writes what follows each of them. Of what `kept` holds, nothing is read again. `steps` gets the
    /// logits `[rows, vocab]` behind each token.
    ///
    /// # Errors
    /// For all: prompts that are too long, memory, or `Break` from `on_token`. For one: numbers that ran away.
    pub fn generate(
        &self,
        kept: &mut Kept,
        prompts: &[Sequence],
        limits: &Limits,
        on_token: &mut OnToken<'_>,
        steps: Option<&mut Vec<Tensor>>,
    ) -> Result<Vec<Result<Written>>> {
        self.weigh_and_generate(kept, prompts, &[], limits, on_token, steps)
    }

    /// As [`Model::generate`], and weighs each prompt's `options` (one list for each, or none at all) as
    /// [`Model::log_probabilities`] does, without reading a prompt twice.
    ///
    /// # Errors
    /// As [`Model::generate`].
    pub fn weigh_and_generate(
        &self,
        kept: &mut Kept,
        prompts: &[Sequence],
        options: &[Vec<Vec<i64>>],
        limits: &Limits,
        on_token: &mut OnToken<'_>,
        mut steps: Option<&mut Vec<Tensor>>,
    ) -> Result<Vec<Result<Written>>> {
        let _no_grad = tch::no_grad_guard();
        let mut rows: Vec<Row> = prompts.iter().map(|_| Row::new(limits)).collect();
        if prompts.is_empty() || limits.max_new == 0 {
            return Ok(rows.into_iter().map(|row| Ok(row.written)).collect());
        }
        let (mut reading, mut logits) = self.begin(kept, prompts, limits.max_new.max(longest(options)))?;
        let outcome = (|| {
            for (row, logs) in rows.iter_mut().zip(reading.weigh(self, &logits, options)?) {
                row.weighed(logs);
            }
            for n in 1..=limits.max_new {
                if let Some(steps) = steps.as_deref_mut() {
                    steps.push(logits.shallow_clone());
                }
                let next = choose(&logits, &mut rows, limits, limits.max_new - n)?;
                for (i, (row, &id)) in rows.iter_mut().zip(&next).enumerate() {
                    if row.take(id, limits) && on_token(i, &row.written.ids).is_break() {
                        return Err(TorchError::Cancelled);
                    }
                }
                if n == limits.max_new || rows.iter().all(Row::is_done) {
                    break;
                }
                // Rows that are done go on with anything.
                let ids: Vec<i64> = next.into_iter().map(Option::unwrap_or_default).collect();
                logits = reading.next(self, &ids)?;
            }
            Ok(())
        })();
        reading.end(kept, prompts);
        outcome?;
        Ok(rows.into_iter().map(|row| row.failed.map_or(Ok(row.written), Err)).collect())
    }
}

/// The next token of each row, behind which at most `left` follow; `None` where the logits are not finite.
fn choose(logits: &Tensor, rows: &mut [Row], limits: &Limits, left: usize) -> Result<Vec<Option<i64>>> {
    let all = logits.size2()?.1;
    let known = limits.grammar.as_ref().map_or(all, |grammar| grammar.tokens().len() as i64);
    let vocab = limits.vocab.unwrap_or(all).min(all).min(known);
    let mut logits = logits.f_narrow(-1, 0, vocab)?;
    if let Some(grammar) = &limits.grammar {
        let places: Vec<_> = rows.iter().map(|row| (!row.is_done()).then_some(row.place)).collect();
        logits = grammar.apply(&logits, &places, left)?;
    }
    let Some(sampling) = limits.sampling else { return most_likely(&logits) };
    let logits = Vec::<f32>::try_from(logits.f_flatten(0, -1)?.f_to_kind(Kind::Float)?)?;
    let each = rows.iter_mut().zip(logits.chunks_exact(vocab as usize));
    Ok(each.map(|(row, logits)| sampling.draw(logits, &mut row.dice).map(|id| id as i64)).collect())
}

fn most_likely(logits: &Tensor) -> Result<Vec<Option<i64>>> {
    let (best, ids) = logits.f_max_dim(-1, false)?;
    // The largest of numbers with a NaN among them is NaN.
    let best = Vec::<f32>::try_from(best.f_to_kind(Kind::Float)?)?;
    let ids = Vec::<i64>::try_from(ids)?;
    Ok(best.iter().zip(ids).map(|(best, id)| best.is_finite().then_some(id)).collect())
}
