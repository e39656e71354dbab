//! The two halves of a model, with every number in place.

use super::raw::{RawRope, RawText, RawVision};
use crate::error::{Result, TorchError};
use std::path::Path;

/// How frequencies of the rotary embedding are stretched over longer texts than a model was first trained on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RopeScaling {
    /// As they are.
    None,
    /// All positions divided by this factor.
    Linear(f64),
    /// Llama 3.1: low frequencies divided by `factor`, high ones kept, those between blended.
    Llama3 {
        /// Divisor of the low frequencies.
        factor: f64,
        /// Below `original / low` turns a frequency counts as low.
        low: f64,
        /// Above `original / high` turns it counts as high.
        high: f64,
        /// Positions of the first training.
        original: f64,
    },
}

/// A decoder of the Llama family.
#[derive(Debug, Clone, PartialEq)]
pub struct TextConfig {
    /// Rows of the embedding; more than the tokenizer's where it was padded.
    pub vocab: i64,
    /// Width of the residual stream.
    pub hidden: i64,
    /// Width inside the feed-forward part.
    pub intermediate: i64,
    /// Decoder layers.
    pub layers: i64,
    /// Query heads.
    pub heads: i64,
    /// Key and value heads; fewer than `heads` with grouped queries.
    pub kv_heads: i64,
    /// Width of one head.
    pub head_dim: i64,
    /// Epsilon of the norms.
    pub eps: f64,
    /// Positions that it was trained on.
    pub max_positions: i64,
    /// Base of the rotary embedding.
    pub rope_theta: f64,
    /// Stretching of the rotary embedding.
    pub rope_scaling: RopeScaling,
    /// Whether q, k, v and o have biases.
    pub attention_bias: bool,
    /// Whether the output layer is the embedding.
    pub tied: bool,
}

/// The non-linearity of a vision tower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// `x * sigmoid(1.702 x)`, OpenAI's CLIP.
    QuickGelu,
    /// The exact one, by erf.
    Gelu,
}

/// A vision tower of CLIP's kind.
#[derive(Debug, Clone, PartialEq)]
pub struct VisionConfig {
    /// Width of the residual stream.
    pub hidden: i64,
    /// Width inside the feed-forward part.
    pub intermediate: i64,
    /// Layers in the file.
    pub layers: i64,
    /// Attention heads.
    pub heads: i64,
    /// Side of the picture, in pixels.
    pub image_size: i64,
    /// Side of a patch, in pixels.
    pub patch: i64,
    /// Epsilon of the norms.
    pub eps: f64,
    /// The non-linearity.
    pub act: Act,
}

impl TextConfig {
    pub(super) fn check(raw: RawText, tied_at_top: Option<bool>, path: &Path) -> Result<Self> {
        let raw = raw.or_usual();
        let need = |key: &str, value: Option<i64>| positive(path, key, value);
        let hidden = need("hidden_size", raw.hidden_size)?;
        let heads = need("num_attention_heads", raw.num_attention_heads)?;
        let kv_heads = raw.num_key_value_heads.unwrap_or(heads);
        if kv_heads < 1 || heads % kv_heads != 0 {
            return Err(wrong(path, format!("{heads} heads can't share {kv_heads} key-value heads")));
        }
        if let Some(act) = raw.hidden_act.as_deref().filter(|a| *a != "silu") {
            return Err(wrong(path, format!("hidden_act '{act}' is not supported, only 'silu'")));
        }
        if raw.mlp_bias == Some(true) {
            return Err(wrong(path, "mlp_bias is not supported".to_owned()));
        }
        let rope = raw.rope_parameters.or(raw.rope_scaling).unwrap_or_default();
        Ok(Self {
            vocab: need("vocab_size", raw.vocab_size)?,
            hidden,
            intermediate: need("intermediate_size", raw.intermediate_size)?,
            layers: need("num_hidden_layers", raw.num_hidden_layers)?,
            heads,
            kv_heads,
            head_dim: need("head_dim", raw.head_dim.or(Some(hidden / heads)))?,
            eps: raw.rms_norm_eps.unwrap_or(1e-6),
            max_positions: need("max_position_embeddings", raw.max_position_embeddings.or(Some(2048)))?,
            rope_theta: rope.rope_theta.or(raw.rope_theta).unwrap_or(10_000.0),
            rope_scaling: scaling(&rope, path)?,
            attention_bias: raw.attention_bias.unwrap_or(false),
            tied: tied_at_top.or(raw.tie_word_embeddings).unwrap_or(false),
        })
    }
}

fn scaling(rope: &RawRope, path: &Path) -> Result<RopeScaling> {
    let factor = rope.factor.unwrap_or(1.0);
    match rope.rope_type.as_deref() {
        None | Some("default") => Ok(RopeScaling::None),
        Some("linear") => Ok(RopeScaling::Linear(factor)),
        Some("llama3") => Ok(RopeScaling::Llama3 {
            factor,
            low: rope.low_freq_factor.unwrap_or(1.0),
            high: rope.high_freq_factor.unwrap_or(4.0),
            original: rope.original_max_position_embeddings.unwrap_or(8192.0),
        }),
        Some(other) => Err(wrong(path, format!("rope type '{other}' is not supported"))),
    }
}

impl VisionConfig {
    /// Keys that are not there are those of CLIP ViT-L/14 at 336 pixels, as in transformers' converted files, which
    /// leave out what equals their defaults.
    pub(super) fn check(raw: RawVision, path: &Path) -> Result<Self> {
        if let Some(kind) = raw.model_type.as_deref().filter(|k| !["clip_vision_model", "clip"].contains(k)) {
            return Err(wrong(path, format!("the vision tower '{kind}' is not supported, only clip_vision_model")));
        }
        let need = |key: &str, value: Option<i64>, usual: i64| positive(path, key, value.or(Some(usual)));
        let config = Self {
            hidden: need("hidden_size", raw.hidden_size, 1024)?,
            intermediate: need("intermediate_size", raw.intermediate_size, 4096)?,
            layers: need("num_hidden_layers", raw.num_hidden_layers, 24)?,
            heads: need("num_attention_heads", raw.num_attention_heads, 16)?,
            image_size: need("image_size", raw.image_size, 336)?,
            patch: need("patch_size", raw.patch_size, 14)?,
            eps: raw.layer_norm_eps.unwrap_or(1e-5),
            act: match raw.hidden_act.as_deref() {
                None | Some("quick_gelu") => Act::QuickGelu,
                Some("gelu") => Act::Gelu,
                Some(other) => return Err(wrong(path, format!("the vision tower's hidden_act '{other}'"))),
            },
        };
        if config.hidden % config.heads != 0 || config.image_size % config.patch != 0 {
            return Err(wrong(path, "the vision tower's sizes are no multiples of its heads and patches".to_owned()));
        }
        Ok(config)
    }

    /// Patches along a side of the picture.
    #[must_use]
    pub fn patches(&self) -> i64 {
        self.image_size / self.patch
    }
}

fn positive(path: &Path, key: &str, value: Option<i64>) -> Result<i64> {
    match value {
        // A million is more than any model has of anything; beyond, products would run over.
        Some(v) if (1..=1 << 20).contains(&v) => Ok(v),
        Some(v) => Err(wrong(path, format!("{key} is {v}"))),
        None => Err(wrong(path, format!("{key} is missing"))),
    }
}

fn wrong(path: &Path, problem: String) -> TorchError {
    TorchError::Malformed { path: path.to_owned(), problem }
}
