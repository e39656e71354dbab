//! config.json and preprocessor_config.json as they are published: every key optional, two layouts in one.

use serde::Deserialize;

/// Text keys stand in `text_config` (llava-hf) or at the top (the original layout, and plain Llama).
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RawText {
    pub model_type: Option<String>,
    pub vocab_size: Option<i64>,
    pub hidden_size: Option<i64>,
    pub intermediate_size: Option<i64>,
    pub num_hidden_layers: Option<i64>,
    pub num_attention_heads: Option<i64>,
    pub num_key_value_heads: Option<i64>,
    pub head_dim: Option<i64>,
    pub rms_norm_eps: Option<f64>,
    pub hidden_act: Option<String>,
    pub max_position_embeddings: Option<i64>,
    pub attention_bias: Option<bool>,
    pub mlp_bias: Option<bool>,
    pub tie_word_embeddings: Option<bool>,
    pub rope_theta: Option<f64>,
    pub rope_scaling: Option<RawRope>,
    /// transformers 5 keeps theta and scaling here.
    pub rope_parameters: Option<RawRope>,
    pub eos_token_id: Option<OneOrMany>,
}

impl RawText {
    /// A `text_config` leaves out what equals the defaults of transformers' class for its `model_type`.
    pub fn or_usual(mut self) -> Self {
        let (intermediate, kv_heads, positions) = match self.model_type.as_deref() {
            Some("llama") => (11_008, None, 2048),
            Some("mistral") => (14_336, Some(8), 4096 * 32),
            _ => return self,
        };
        // Key-value heads follow the heads unless the class says otherwise; only a config without either means 7B's.
        let kv_heads = if self.num_attention_heads.is_none() { kv_heads } else { None };
        self.vocab_size = self.vocab_size.or(Some(32_000));
        self.hidden_size = self.hidden_size.or(Some(4096));
        self.intermediate_size = self.intermediate_size.or(Some(intermediate));
        self.num_hidden_layers = self.num_hidden_layers.or(Some(32));
        self.num_attention_heads = self.num_attention_heads.or(Some(32));
        self.num_key_value_heads = self.num_key_value_heads.or(kv_heads);
        self.max_position_embeddings = self.max_position_embeddings.or(Some(positions));
        self
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RawRope {
    #[serde(alias = "type")]
    pub rope_type: Option<String>,
    pub rope_theta: Option<f64>,
    pub factor: Option<f64>,
    pub low_freq_factor: Option<f64>,
    pub high_freq_factor: Option<f64>,
    pub original_max_position_embeddings: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(i64),
    Many(Vec<i64>),
}

impl OneOrMany {
    pub fn list(self) -> Vec<i64> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RawVision {
    pub model_type: Option<String>,
    pub hidden_size: Option<i64>,
    pub intermediate_size: Option<i64>,
    pub num_hidden_layers: Option<i64>,
    pub num_attention_heads: Option<i64>,
    pub image_size: Option<i64>,
    pub patch_size: Option<i64>,
    pub layer_norm_eps: Option<f64>,
    pub hidden_act: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RawConfig {
    pub model_type: Option<String>,
    pub text_config: Option<RawText>,
    pub vision_config: Option<RawVision>,
    /// `image_token_id` in newer files.
    #[serde(alias = "image_token_id")]
    pub image_token_index: Option<i64>,
    /// The original layout calls it `mm_vision_select_layer`.
    #[serde(alias = "mm_vision_select_layer")]
    pub vision_feature_layer: Option<i64>,
    #[serde(alias = "mm_vision_select_feature")]
    pub vision_feature_select_strategy: Option<String>,
    pub projector_hidden_act: Option<String>,
    pub mm_projector_type: Option<String>,
    pub mm_vision_tower: Option<String>,
    pub image_aspect_ratio: Option<String>,
    pub image_grid_pinpoints: Option<Vec<(usize, usize)>>,
    pub tie_word_embeddings: Option<bool>,
    #[serde(flatten)]
    pub text: RawText,
}

/// A side is one number or an object, by the age of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum RawSide {
    Side(usize),
    Object { shortest_edge: Option<usize>, height: Option<usize> },
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RawPreprocessor {
    pub size: Option<RawSide>,
    pub crop_size: Option<RawSide>,
    pub image_mean: Option<[f64; 3]>,
    pub image_std: Option<[f64; 3]>,
}
