//! A model and what it remembers of the pictures and prompts before.

use crate::error::{Result, TorchError};
use crate::kept::Kept;
use crate::model::Model;
use crate::picture::Pixels;
use crate::sequence::Picture;
use giqa_sdk::core::ImageView;

/// Tiles that go through the vision tower together, at most (or one picture's, where that has more).
const TOGETHER: usize = 16;

/// One caller at a time uses it.
pub(super) struct Inner {
    pub model: Model,
    /// The picture that was seen last: many questions follow about one picture.
    seen: Option<Picture>,
    /// The other pictures of the call that is being answered.
    beside: Vec<Picture>,
    /// What was read of the prompt before.
    pub kept: Kept,
}

impl Inner {
    /// With room for answers of so many tokens.
    pub fn new(model: Model, max_new: usize) -> Self {
        Self { model, seen: None, beside: Vec::new(), kept: Kept::with_room(max_new) }
    }

    /// Looks at several pictures together, before each of them is asked for; `goes_on` is asked between.
    pub fn see_all<'a>(&mut self, views: impl Iterator<Item = ImageView<'a>>, goes_on: &dyn Fn() -> bool) {
        self.beside.clear();
        let Some(eye) = &self.model.eye else { return };
        let mut fresh: Vec<ImageView<'_>> = Vec::new();
        let seen = self.seen.as_ref().map_or(0, |seen| seen.id);
        for view in views {
            if ![0, seen].contains(&view.id()) && fresh.iter().all(|known| known.id() != view.id()) {
                fresh.push(view);
            }
        }
        if fresh.len() < 2 {
            return;
        }
        let (mut ids, mut tiles, mut count) = (Vec::new(), Vec::new(), 0);
        let mut left = fresh.into_iter().peekable();
        while let Some(view) = left.next() {
            if !goes_on() {
                return;
            }
            let picture = eye.config().preprocess.run(&Pixels::new(&view));
            count += picture.count;
            ids.push(view.id());
            tiles.push(picture);
            if left.peek().is_some() && count < TOGETHER {
                continue;
            }
            match tch::no_grad(|| eye.features_of_all(&tiles)) {
                Ok(features) => {
                    let pictures = ids.drain(..).zip(features).map(|(id, features)| Picture { id, features });
                    self.beside.extend(pictures);
                }
                // One by one, each tells of its own.
                Err(error) => {
                    tracing::debug!("{} pictures at once: {error}", tiles.len());
                    ids.clear();
                }
            }
            tiles.clear();
            count = 0;
        }
    }

    /// Forgets the pictures of a call but for the last.
    pub fn answered(&mut self) {
        self.beside.clear();
    }

    /// A picture's features.
    pub fn see(&mut self, view: &ImageView<'_>) -> Result<Picture> {
        let known = |p: &Picture| Picture { id: p.id, features: p.features.shallow_clone() };
        let seen = self.seen.iter().chain(&self.beside).find(|seen| seen.id == view.id() && seen.id != 0);
        if let Some(seen) = seen {
            let picture = known(seen);
            self.seen = Some(known(&picture));
            return Ok(picture);
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
