//! A model and what it remembers of the pictures and prompts before.

use crate::error::{Result, TorchError};
use crate::kept::Kept;
use crate::model::Model;
use crate::picture::Pixels;
use crate::sequence::Picture;
use giqa_sdk::core::ImageView;

/// One caller at a time uses it.
pub(super) struct Inner {
    pub model: Model,
    /// The picture that was seen last: many questions follow about one picture.
    seen: Option<Picture>,
    /// What was read of the prompt before.
    pub kept: Kept,
}

impl Inner {
    /// With room for answers of so many tokens.
    pub fn new(model: Model, max_new: usize) -> Self {
        Self { model, seen: None, kept: Kept::with_room(max_new) }
    }

    /// A picture's features.
    pub fn see(&mut self, view: &ImageView<'_>) -> Result<Picture> {
        let known = |p: &Picture| Picture { id: p.id, features: p.features.shallow_clone() };
        if let Some(seen) = self.seen.as_ref().filter(|seen| seen.id == view.id() && seen.id != 0) {
            return Ok(known(seen));
        }
        let Some(eye) = &self.model.eye else { return Err(TorchError::Torch("this model doesn't see".to_owned())) };
        let seen = Picture { id: view.id(), features: tch::no_grad(|| eye.see(&Pixels::new(view)))? };
        let picture = known(&seen);
        self.seen = Some(seen);
        Ok(picture)
    }

    /// How likely each option is to follow a text.
    pub fn weigh(&mut self, text: &str, options: &[impl AsRef<str>], pictures: &[Picture]) -> Result<Vec<f64>> {
        let (start, ends) = self.model.tokenizer.continuations(text, options)?;
        let prompt = self.model.prompt(&start, pictures)?;
        self.model.log_probabilities(&mut self.kept, &prompt, &ends)
    }
}
