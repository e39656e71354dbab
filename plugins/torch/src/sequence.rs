//! A prompt as the decoder reads it, and what stands at each of its places.

use crate::error::{Result, TorchError};
use crate::model::Model;
use crate::tokenizer::Ids;
use tch::Tensor;

/// A picture that was seen.
pub struct Picture {
    /// Identity of its pixels; 0 = unknown, equal to nothing.
    pub id: u64,
    /// Its features, `[n, hidden]`.
    pub features: Tensor,
}

impl Picture {
    /// Features whose picture nobody knows.
    #[must_use]
    pub fn unknown(features: Tensor) -> Self {
        Self { id: 0, features }
    }
}

/// What stands at one place of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A token.
    Word(i64),
    /// One of a picture's features.
    Patch {
        /// The picture's identity.
        picture: u64,
        /// Which of its features.
        place: usize,
    },
}

impl Mark {
    /// Whether both are known to be the same.
    fn same(self, other: Mark) -> bool {
        self == other && !matches!(self, Mark::Patch { picture: 0, .. })
    }
}

/// How many places at their beginning two prompts are known to have in common.
#[must_use]
pub fn common(a: &[Mark], b: &[Mark]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a.same(**b)).count()
}

/// A prompt in vectors.
pub struct Sequence {
    /// `[n, hidden]`.
    pub vectors: Tensor,
    /// One for each vector.
    pub marks: Vec<Mark>,
}

impl Sequence {
    /// Places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// The vectors from a place on, `[n - start, hidden]`.
    ///
    /// # Errors
    /// A place beyond the end.
    pub fn from(&self, start: usize) -> Result<Tensor> {
        Ok(self.vectors.f_narrow(0, start as i64, (self.len() - start.min(self.len())) as i64)?)
    }
}

impl Model {
    /// A prompt's vectors, with the pictures' features in their places.
    ///
    /// # Errors
    /// Another number of pictures than the prompt has places for; what libtorch reports.
    pub fn prompt(&self, ids: &Ids, pictures: &[Picture]) -> Result<Sequence> {
        if ids.images() != pictures.len() {
            return Err(TorchError::Prompt {
                name: "the prompt".to_owned(),
                problem: format!("it has places for {} pictures, not for {}", ids.images(), pictures.len()),
            });
        }
        let mut parts = Vec::with_capacity(ids.0.len() + pictures.len());
        let mut marks = Vec::new();
        for (i, piece) in ids.0.iter().enumerate() {
            if let Some(picture) = i.checked_sub(1).and_then(|before| pictures.get(before)) {
                parts.push(picture.features.shallow_clone());
                let patches = picture.features.size2()?.0 as usize;
                marks.extend((0..patches).map(|place| Mark::Patch { picture: picture.id, place }));
            }
            parts.push(self.embed(piece)?);
            marks.extend(piece.iter().copied().map(Mark::Word));
        }
        Ok(Sequence { vectors: Tensor::f_cat(&parts, 0)?, marks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_common_with_nothing() {
        let patch = |picture, place| Mark::Patch { picture, place };
        let known = [Mark::Word(1), patch(7, 0), patch(7, 1), Mark::Word(2)];
        assert_eq!(common(&known, &known), 4);
        assert_eq!(common(&known, &[Mark::Word(1), patch(8, 0), patch(8, 1)]), 1);
        let unknown = [Mark::Word(1), patch(0, 0), Mark::Word(2)];
        assert_eq!(common(&unknown, &unknown), 1);
    }
}
