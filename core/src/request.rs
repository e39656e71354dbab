//! What goes into a component and what comes out, one item of a batch each.

use crate::text::GroundedText;
use crate::{Evidence, ImageView, Map, NormBox};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One picture for a metric.
#[derive(Debug, Clone, Copy)]
pub struct MetricInput<'a> {
    /// The picture.
    pub image: ImageView<'a>,
    /// The original, for full-reference metrics; of the same size.
    pub reference: Option<ImageView<'a>>,
    /// Measure only here; `None` = everywhere.
    pub region: Option<NormBox>,
    /// Whether the caller wants the map.
    pub map: bool,
}

impl<'a> MetricInput<'a> {
    /// The whole picture, without a map.
    #[must_use]
    pub fn new(image: ImageView<'a>) -> Self {
        Self { image, reference: None, region: None, map: false }
    }
}

/// What a metric says.
#[derive(Debug, Clone, PartialEq)]
pub enum Measurement {
    /// It could be measured.
    Measured {
        /// The value, finite.
        value: f64,
        /// Where it is how large, when asked for and known.
        map: Option<Map>,
        /// Further numbers behind the value, by name.
        details: BTreeMap<String, f64>,
    },
    /// The metric has no meaning for this picture.
    NotMeasurable {
        /// Why: "flat", "smaller than 96 pixels".
        reason: String,
    },
}

impl Measurement {
    /// A bare value.
    #[must_use]
    pub fn value(value: f64) -> Self {
        Measurement::Measured { value, map: None, details: BTreeMap::new() }
    }

    /// No value, and why.
    pub fn not_measurable(reason: impl Into<String>) -> Self {
        Measurement::NotMeasurable { reason: reason.into() }
    }
}

/// One picture for a proposer.
#[derive(Debug, Clone, Copy)]
pub struct ProposerInput<'a> {
    /// The picture.
    pub image: ImageView<'a>,
    /// What to look for; empty = whatever stands out. Proposers without open vocabulary ignore it.
    pub phrases: &'a [String],
}

/// What a model is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "task", rename_all = "lowercase")]
pub enum Request {
    /// A grounded quality description (GIQA-DES).
    Describe,
    /// An answer to a question (GIQA-VQA).
    Answer {
        /// The question, perhaps with grounded spans (`Is the [sky](<0, 139>) clear?`).
        question: String,
        /// Boxes that the question is about, beside those in its words.
        #[serde(default)]
        boxes: Vec<NormBox>,
    },
    /// Text that goes on from a prompt; no picture.
    Complete {
        /// The prompt.
        prompt: String,
    },
}

/// One request to a model.
#[derive(Debug, Clone, Copy)]
pub struct ModelInput<'a> {
    /// The picture; `None` for [`Request::Complete`].
    pub image: Option<ImageView<'a>>,
    /// What is asked.
    pub request: &'a Request,
    /// What is known already.
    pub evidence: &'a Evidence,
}

/// A possible answer and how likely the model holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptionProbability {
    /// The answer: "yes", "no", "good".
    pub option: String,
    /// `0..=1`.
    pub probability: f64,
}

/// What an answer took, where the model counts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Tokens that the model read, pictures included.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Tokens that it wrote.
    #[serde(default)]
    pub completion_tokens: u64,
    /// What they cost, in the currency of the prices in its configuration; absent without prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Whether the answer was kept from an earlier run, so that nothing was spent this time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
}

/// What a model says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ModelOutput {
    /// The text with its spans.
    pub text: GroundedText,
    /// The model's own quality score, `0..=100`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Probabilities of the possible answers, where the model gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionProbability>,
    /// Repairs and doubts to show beside the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What the answer took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}
