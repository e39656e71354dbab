//! The decoder of the Llama family: RMS norms, grouped-query attention with rotary positions, SwiGLU.
//!
//! Paper: Llama 2 (arXiv 2307.09288); the weights that it was checked with are in tests/.

use super::rope::turn;
use super::{KvCache, Linear, RmsNorm, Rope};
use crate::config::TextConfig;
use crate::error::{Result, TorchError};
use crate::weights::Weights;
use tch::Tensor;

/// Positions that tables are made for, where a model allows more: pictures and answers are far below.
const MOST_POSITIONS: i64 = 16_384;

/// Which earlier positions a position sees.
pub enum Mask {
    /// All of them, itself included: one new position, or a prompt from its start.
    Causal,
    /// Those that are true in `[batch, 1, new, all]`: rows that are padded on the left, or a prompt that goes on.
    Given(Tensor),
}

struct Layer {
    input_norm: RmsNorm,
    qkv: Linear,
    output: Linear,
    mlp_norm: RmsNorm,
    gate_up: Linear,
    down: Linear,
}

/// A stack of layers with the embedding before and the output after.
pub struct Decoder {
    config: TextConfig,
    embedding: Tensor,
    layers: Vec<Layer>,
    norm: RmsNorm,
    head: Linear,
    rope: Rope,
}

impl Decoder {
    /// Takes its tensors: `language_model.*` and `lm_head`.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn load(weights: &Weights, config: &TextConfig) -> Result<Self> {
        let c = config;
        let embedding = weights.tensor("language_model.embed_tokens.weight", &[c.vocab, c.hidden])?;
        let layers: Result<Vec<Layer>> = (0..c.layers).map(|i| Layer::load(weights, c, i)).collect();
        let head = if c.tied && !weights.has("lm_head.weight") {
            Linear::of(embedding.shallow_clone())
        } else {
            Linear::of(weights.tensor("lm_head.weight", &[c.vocab, c.hidden])?)
        };
        Ok(Self {
            config: c.clone(),
            embedding,
            layers: layers?,
            norm: RmsNorm::load(weights, "language_model.norm", c.hidden, c.eps)?,
            head,
            rope: Rope::new(c, c.max_positions.min(MOST_POSITIONS), weights.device(), weights.kind())?,
        })
    }

    /// Its numbers.
    #[must_use]
    pub fn config(&self) -> &TextConfig {
        &self.config
    }

    /// The most positions that a text can have.
    #[must_use]
    pub fn positions(&self) -> i64 {
        self.config.max_positions.min(MOST_POSITIONS)
    }

    /// Whether a text of so many positions is one that it can read.
    ///
    /// # Errors
    /// More positions than the model has.
    pub fn fits(&self, positions: i64) -> Result<()> {
        let limit = self.positions();
        if positions > limit {
            return Err(TorchError::TooLong { needed: positions as usize, limit: limit as usize });
        }
        Ok(())
    }

    /// A cache for it.
    ///
    /// # Errors
    /// More positions than the model has; memory.
    pub fn cache(&self, batch: i64, capacity: i64) -> Result<KvCache> {
        self.fits(capacity)?;
        KvCache::new(&self.config, batch, capacity, self.embedding.device(), self.embedding.kind())
    }

    /// Ids `[batch, n]` to vectors `[batch, n, hidden]`.
    ///
    /// # Errors
    /// An id beyond the vocabulary.
    pub fn embed(&self, ids: &Tensor) -> Result<Tensor> {
        Ok(Tensor::f_embedding(&self.embedding, ids, -1, false, false)?)
    }

    /// Reads vectors `[batch, n, hidden]` at `positions` `[batch, n]`, writes the cache behind what it holds, and gives
    /// the normed output `[batch, n, hidden]`. `states` gets the input, then the output of each layer but the last,
    /// whose normed output is the result: transformers' `hidden_states`.
    ///
    /// # Errors
    /// A full cache; what libtorch reports.
    pub fn forward(
        &self,
        x: &Tensor,
        positions: &Tensor,
        mask: &Mask,
        cache: &mut KvCache,
        mut states: Option<&mut Vec<Tensor>>,
    ) -> Result<Tensor> {
        let turns = self.rope.at(positions)?;
        let mut x = x.shallow_clone();
        for (i, layer) in self.layers.iter().enumerate() {
            if let Some(states) = states.as_deref_mut() {
                states.push(x.shallow_clone());
            }
            let attended = layer.attend(&self.config, &layer.input_norm.forward(&x)?, &turns, mask, cache, i)?;
            x = x.f_add(&attended)?;
            x = x.f_add(&layer.feed(&layer.mlp_norm.forward(&x)?)?)?;
        }
        cache.advance(x.size3()?.1);
        self.norm.forward(&x)
    }

    /// Outputs `[..., hidden]` to logits `[..., vocab]`, in f32.
    ///
    /// # Errors
    /// What libtorch reports.
    pub fn logits(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.head.forward(x)?.f_to_kind(tch::Kind::Float)?)
    }
}

impl Layer {
    fn load(weights: &Weights, c: &TextConfig, i: i64) -> Result<Self> {
        let name = |part: &str| format!("language_model.layers.{i}.{part}");
        let (q, kv) = (c.heads * c.head_dim, c.kv_heads * c.head_dim);
        let qkv = ["q", "k", "v"].map(|p| name(&format!("self_attn.{p}_proj")));
        let gate_up = ["gate", "up"].map(|p| name(&format!("mlp.{p}_proj")));
        Ok(Self {
            input_norm: RmsNorm::load(weights, &name("input_layernorm"), c.hidden, c.eps)?,
            qkv: Linear::stacked(weights, &qkv, c.hidden, &[q, kv, kv], c.attention_bias)?,
            output: Linear::load(weights, &name("self_attn.o_proj"), q, c.hidden, c.attention_bias)?,
            mlp_norm: RmsNorm::load(weights, &name("post_attention_layernorm"), c.hidden, c.eps)?,
            gate_up: Linear::stacked(weights, &gate_up, c.hidden, &[c.intermediate, c.intermediate], false)?,
            down: Linear::load(weights, &name("mlp.down_proj"), c.intermediate, c.hidden, false)?,
        })
    }

    fn attend(
        &self,
        c: &TextConfig,
        x: &Tensor,
        (cos, sin): &(Tensor, Tensor),
        mask: &Mask,
        cache: &mut KvCache,
        index: usize,
    ) -> Result<Tensor> {
        let (batch, n, _) = x.size3()?;
        let qkv = self.qkv.forward(x)?;
        let heads = |first: i64, count: i64| -> Result<Tensor> {
            let part = qkv.f_narrow(-1, first * c.head_dim, count * c.head_dim)?;
            Ok(part.f_reshape([batch, n, count, c.head_dim])?.f_transpose(1, 2)?)
        };
        let q = turn(&heads(0, c.heads)?, cos, sin)?;
        let k = turn(&heads(c.heads, c.kv_heads)?, cos, sin)?;
        let v = heads(c.heads + c.kv_heads, c.kv_heads)?;
        let (k, v) = cache.write(index, &k, &v)?;
        let (mask, causal) = match mask {
            // A single new position sees everything before it: no mask, which is the fastest kernel.
            Mask::Causal => (None, n > 1),
            Mask::Given(mask) => (Some(mask), false),
        };
        let grouped = c.kv_heads != c.heads;
        let seen = Tensor::f_scaled_dot_product_attention(&q, &k, &v, mask, 0.0, causal, None, grouped)?;
        self.output.forward(&seen.f_transpose(1, 2)?.f_reshape([batch, n, c.heads * c.head_dim])?)
    }

    fn feed(&self, x: &Tensor) -> Result<Tensor> {
        let both = self.gate_up.forward(x)?;
        let half = both.size().last().copied().unwrap_or_default() / 2;
        let (gate, up) = (both.f_narrow(-1, 0, half)?, both.f_narrow(-1, half, half)?);
        self.down.forward(&gate.f_silu()?.f_mul(&up)?)
    }
}
