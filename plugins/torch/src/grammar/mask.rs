//! The forbidden tokens of each state on the model's device.

use super::{Place, State, Tokens};
use crate::error::Result;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tch::{Kind, Tensor};

/// A grammar's tokens, made into masks as they are needed.
pub struct Mask {
    tokens: Tokens,
    /// Of plain text and labels, at most thirty of them: there, most of a vocabulary is allowed, which takes milliseconds to
    /// find. The few tokens of the thousands of other states are found in microseconds.
    masks: Mutex<HashMap<(State, usize), Tensor>>,
}

impl Mask {
    /// Of a vocabulary.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self { tokens, masks: Mutex::default() }
    }

    /// The vocabulary.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Logits `[rows, vocab]`, at most [`Tokens::len`] wide, with `-inf` at all that may not follow in each row's place, `None` for a row that
    /// needs no mask; at most `left` tokens will follow the next one.
    ///
    /// # Errors
    /// Memory; a wider vocabulary.
    pub fn apply(&self, logits: &Tensor, places: &[Option<Place>], left: usize) -> Result<Tensor> {
        let vocab = logits.size2()?.1;
        let keys: Vec<_> = places.iter().map(|place| place.map(|place| place.next(left))).collect();
        let masks = match keys.split_first() {
            Some((first, others)) if others.iter().all(|other| other == first) => {
                self.mask(*first, logits)?.f_unsqueeze(0)?
            }
            _ => Tensor::f_stack(&keys.iter().map(|key| self.mask(*key, logits)).collect::<Result<Vec<_>>>()?, 0)?,
        };
        Ok(logits.f_masked_fill(&masks.f_narrow(-1, 0, vocab)?, f64::NEG_INFINITY)?)
    }

    /// True for what is forbidden, `[tokens.len()]`, where the logits are.
    fn mask(&self, key: Option<(State, usize)>, logits: &Tensor) -> Result<Tensor> {
        let Some((state, left)) = key else {
            return Ok(Tensor::f_zeros([self.tokens.len() as i64], (Kind::Bool, logits.device()))?);
        };
        let mut masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mask) = masks.get(&(state, left)) {
            return Ok(mask.shallow_clone());
        }
        let mut forbidden = vec![true; self.tokens.len()];
        for id in self.tokens.allowed(state, left) {
            forbidden[id as usize] = false;
        }
        let mask = Tensor::f_from_slice(&forbidden)?.f_to(logits.device())?;
        if matches!(state, State::Prose | State::Label { .. }) {
            masks.insert((state, left), mask.shallow_clone());
        }
        Ok(mask)
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mask").field("tokens", &self.tokens.len()).finish_non_exhaustive()
    }
}
