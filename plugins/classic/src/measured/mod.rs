//! The `measured` model: a description and answers in words, made of what was measured and of nothing else.
//!
//! No network, no weights: templates, chosen by a hash of the evidence so that the same picture always reads the same
//! and different pictures don't all read alike. What it can't know (what a picture shows, who, when) it says it can't.

mod answer;
mod compare;
mod describe;
mod how;
mod kind;
mod lexicon;
mod open;
mod place;
mod prose;
mod quality;
mod question;
mod scene;
mod target;
mod words;

use giqa_core::{
    Attribute, ComponentError, Context, ErrorKind, GroundingModel, ImageView, ModelInput, ModelOutput, ModelSpec,
    NormBox, Request,
};
use scene::Scene;
use std::collections::BTreeMap;

/// What one metric sees in a picture or in a box of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The metric, `plugin.component`.
    pub metric: String,
    /// What it judges or describes.
    pub attribute: Attribute,
    /// The value.
    pub value: f64,
    /// Severity of the fault that the value tells, `0..=1`; 0 for metrics that only describe.
    pub severity: f64,
    /// A value that would be fine.
    pub expected: f64,
    /// Numbers behind the value, by name.
    pub details: BTreeMap<String, f64>,
}

/// Measures a picture, or a box of it; metrics that have no meaning there are missing from the answer.
pub type MeasureFn = Box<dyn Fn(ImageView<'_>, Option<NormBox>) -> Vec<Observed> + Send + Sync>;

/// The model.
pub struct Measured {
    spec: ModelSpec,
    measure: MeasureFn,
}

impl Measured {
    /// A model that looks at pixels through `measure` where the evidence doesn't say enough.
    #[must_use]
    pub fn new(spec: ModelSpec, measure: MeasureFn) -> Self {
        Self { spec, measure }
    }

    fn one(&self, context: &Context<'_>, item: &ModelInput<'_>) -> Result<ModelOutput, ComponentError> {
        if context.is_cancelled() {
            return Err(ComponentError::cancelled());
        }
        let scene = |task: &str| match item.image {
            Some(image) => Ok(Scene::new(image, item.evidence, &self.measure)),
            None => {
                Err(ComponentError::new(ErrorKind::BadRequest, format!("{task} needs a picture, and there is none")))
            }
        };
        let text = match item.request {
            Request::Describe => describe::describe(&scene("a description")?),
            Request::Answer { question, boxes } => answer::answer(&scene("an answer")?, question, boxes),
            Request::Complete { .. } => {
                return Err(ComponentError::new(
                    ErrorKind::BadRequest,
                    "the measured model does not go on from a prompt",
                )
                .hint("choose a language model as the profile's model"));
            }
        };
        Ok(ModelOutput { text, ..ModelOutput::default() })
    }
}

impl GroundingModel for Measured {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn generate(&self, context: &Context<'_>, items: &[ModelInput<'_>]) -> Vec<Result<ModelOutput, ComponentError>> {
        items.iter().map(|item| self.one(context, item)).collect()
    }
}

#[cfg(test)]
mod tests;
