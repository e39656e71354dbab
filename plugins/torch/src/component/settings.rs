//! A component's table in plugins.toml. `manifest.json` says what each key means.

use crate::error::Result;
use crate::picture::AspectRatio;
use crate::sampling::Sampling;
use serde::Deserialize;
use std::path::PathBuf;
use tch::{Device, Kind};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub weights: PathBuf,
    pub vision_weights: Option<PathBuf>,
    pub adapter: Option<PathBuf>,
    #[serde(default = "auto")]
    pub device: String,
    #[serde(default)]
    pub dtype: Dtype,
    pub threads: Option<i32>,
    pub prompt: Option<String>,
    #[serde(default = "describe")]
    pub describe: String,
    #[serde(default = "max_new_tokens")]
    pub max_new_tokens: usize,
    pub image_aspect_ratio: Option<AspectRatio>,
    #[serde(default)]
    pub coord_frame: CoordFrame,
    #[serde(default)]
    pub rate: bool,
    #[serde(default)]
    pub temperature: f64,
    #[serde(default = "one")]
    pub top_p: f64,
    pub top_k: Option<usize>,
    #[serde(default)]
    pub seed: u64,
    #[serde(default)]
    pub grammar: Grammar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Dtype {
    #[default]
    Auto,
    F32,
    Bf16,
    F16,
    Int8,
}

/// What is let through of a description or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Grammar {
    #[default]
    None,
    Boxes,
}

/// What a model's boxes refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CoordFrame {
    #[default]
    Original,
    Padded,
}

fn auto() -> String {
    "auto".to_owned()
}

/// The paper's own question (Grounding-IQA, GIQA-DES).
fn describe() -> String {
    "Describe the quality of the image in detail, with locations.".to_owned()
}

fn max_new_tokens() -> usize {
    512
}

fn one() -> f64 {
    1.0
}

impl Settings {
    /// How tokens are drawn, if they are.
    pub fn sampling(&self) -> Option<Sampling> {
        let Self { temperature, top_p, top_k, seed, .. } = *self;
        (temperature > 0.0).then_some(Sampling { temperature, top_k, top_p, seed })
    }

    /// The device that is meant.
    ///
    /// # Errors
    /// A GPU that isn't there.
    pub fn device(&self) -> Result<Device> {
        crate::cuda::device(&self.device)
    }

    /// The type of activations that is meant. Half the bits are no gain on a CPU: its matrix product in bf16 is a hundred times slower.
    pub fn kind(&self, device: Device) -> Kind {
        match self.dtype {
            Dtype::F32 => Kind::Float,
            Dtype::Bf16 => Kind::BFloat16,
            Dtype::F16 => Kind::Half,
            Dtype::Auto | Dtype::Int8 if device == Device::Cpu => Kind::Float,
            Dtype::Auto | Dtype::Int8 => Kind::BFloat16,
        }
    }
}
