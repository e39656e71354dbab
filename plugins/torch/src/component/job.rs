//! One item on its way: from a request to a prompt, and from written tokens to an answer.

use super::ask::{LEVELS, RATE, odds, question, score};
use super::chat::Chat;
use super::frame::Frame;
use super::inner::Inner;
use super::settings::CoordFrame;
use crate::error::Result;
use crate::generate::Written;
use crate::model::Model;
use crate::picture::AspectRatio;
use crate::sequence::Sequence;
use giqa_sdk::core::text::{ParseOptions, parse};
use giqa_sdk::core::{
    Choices, ComponentError, ErrorKind, ImageView, ModelInput, ModelOutput, OptionProbability, Request, Usage,
};

/// What an answer needs beside its text.
pub(super) struct Job {
    /// The number of its item.
    pub item: usize,
    frame: Option<Frame>,
    /// Answers that were weighed.
    options: Vec<OptionProbability>,
    /// Answers to weigh beside the writing, and their ids behind the prompt.
    names: Vec<String>,
    pub ends: Vec<Vec<i64>>,
    score: Option<f64>,
    image_size: Option<(u32, u32)>,
    prompt_tokens: usize,
}

impl Chat {
    /// The prompt of an item, and its answer as far as that is weighed, not written.
    pub fn job(
        &self,
        inner: &mut Inner,
        number: usize,
        item: &ModelInput<'_>,
    ) -> Result<(Job, Sequence), ComponentError> {
        let view = match (item.request, item.image) {
            (Request::Complete { .. }, _) => None,
            (_, Some(view)) if inner.model.eye.is_some() => Some(view),
            (_, None) => return Err(ComponentError::new(ErrorKind::BadRequest, "the item has no image")),
            (_, Some(_)) => return Err(ComponentError::new(ErrorKind::BadRequest, "this model only completes text")),
        };
        let frame = view.and_then(|view| self.frame(inner, &view));
        let text = match item.request {
            Request::Describe => self.prompt.render(&self.settings.describe, true)?,
            Request::Answer { question: words, boxes } => self.prompt.render(&question(words, boxes, frame), true)?,
            Request::Complete { prompt } => {
                let template = if self.settings.prompt.is_some() { &self.prompt } else { &self.plain };
                template.render(prompt, false)?
            }
        };
        let picture = view.map(|view| inner.see(&view)).transpose()?;
        let picture = picture.as_slice();
        let ids = inner.model.tokenizer.prompt(&text)?;
        let prompt = inner.model.prompt(&ids, picture)?;
        let (mut options, mut names, mut ends, mut level) = (Vec::new(), Vec::new(), Vec::new(), None);
        match item.request {
            Request::Answer { question, .. } => {
                if let Some(choices) = Choices::of(question) {
                    let text = format!("{text} ");
                    match inner.model.tokenizer.behind(&ids, &text, &choices.spoken)? {
                        Some(behind) => (names, ends) = (choices.names, behind),
                        None => options = odds(&choices.names, &inner.weigh(&text, &choices.spoken, picture)?),
                    }
                }
            }
            Request::Describe if self.settings.rate => {
                let text = format!("{}{}", self.prompt.render(RATE[0], true)?, RATE[1]);
                level = Some(score(&odds(&LEVELS, &inner.weigh(&text, &LEVELS, picture)?)));
            }
            _ => {}
        }
        // Asked here, where it costs this item alone.
        let longest = ends.iter().map(Vec::len).max().unwrap_or(0).max(self.limits.max_new);
        inner.model.decoder.fits((prompt.len() + longest) as i64)?;
        let image_size = item.image.map(|view| (view.width(), view.height()));
        Ok((
            Job { item: number, frame, options, names, ends, score: level, image_size, prompt_tokens: prompt.len() },
            prompt,
        ))
    }

    /// How the model's boxes lie in the picture, where they are not the picture's own.
    fn frame(&self, inner: &Inner, view: &ImageView<'_>) -> Option<Frame> {
        let padded = inner.model.eye.as_ref().is_some_and(|e| e.config().preprocess.aspect == AspectRatio::Pad);
        (padded && self.settings.coord_frame == CoordFrame::Padded).then(|| Frame::new(view.width(), view.height()))
    }
}

impl Job {
    /// The answer.
    pub fn output(self, model: &Model, written: &Written) -> Result<ModelOutput> {
        let text = model.tokenizer.text(&written.ids)?;
        let parsed = parse(text.trim(), &ParseOptions { image_size: self.image_size, ..ParseOptions::default() });
        let mut warnings: Vec<String> = parsed.warnings.iter().map(ToString::to_string).collect();
        if !written.ended {
            warnings.push(format!("cut off after {} tokens (max_new_tokens)", written.ids.len()));
        }
        let mut text = parsed.text;
        if let Some(frame) = self.frame {
            for span in &mut text.spans {
                span.boxes = span.boxes.iter().map(|b| frame.to_picture(b)).collect();
            }
        }
        let options = if self.names.is_empty() { self.options } else { odds(&self.names, &written.logs) };
        let (read, wrote) = (self.prompt_tokens as u64, written.ids.len() as u64);
        let usage = Some(Usage { prompt_tokens: read, completion_tokens: wrote, ..Usage::default() });
        Ok(ModelOutput { text, score: self.score, options, warnings, usage })
    }
}
