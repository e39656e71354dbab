//! Vision towers: squares of pixels to rows of features.
//!
//! CLIP ViT: paper arXiv 2103.00020, weights `openai/clip-vit-large-patch14-336`.

use crate::config::{Act, ImageConfig, VisionConfig};
use crate::error::Result;
use crate::nn::{LayerNorm, Linear};
use crate::weights::Weights;
use tch::Tensor;

/// What sees.
pub trait VisionTower: Send {
    /// Squares `[n, 3, side, side]` to features `[n, patches (and class), width]`. `states` gets what goes into each
    /// layer, and what comes out of the last one.
    ///
    /// # Errors
    /// What libtorch reports.
    fn forward(&self, squares: &Tensor, states: Option<&mut Vec<Tensor>>) -> Result<Tensor>;
}

struct Layer {
    norm1: LayerNorm,
    qkv: Linear,
    output: Linear,
    norm2: LayerNorm,
    up: Linear,
    down: Linear,
}

/// OpenAI's CLIP, up to the layer whose output a model wants.
pub struct Clip {
    config: VisionConfig,
    keep_class: bool,
    patches: Tensor,
    class: Tensor,
    positions: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

impl Clip {
    /// Takes its tensors, `vision_tower.*`. Layers behind the last one that is wanted are not even read.
    ///
    /// # Errors
    /// As [`Weights::tensor`].
    pub fn load(weights: &Weights, image: &ImageConfig) -> Result<Self> {
        let c = &image.vision;
        let name = |part: &str| format!("vision_tower.embeddings.{part}");
        let positions = c.patches() * c.patches() + 1;
        for unused in image.layers_run..c.layers {
            weights.leave(&format!("vision_tower.encoder.layers.{unused}."));
        }
        let layers: Result<Vec<Layer>> = (0..image.layers_run).map(|i| Layer::load(weights, c, i)).collect();
        Ok(Self {
            config: c.clone(),
            keep_class: image.keep_class,
            patches: weights.tensor(&name("patch_embedding.weight"), &[c.hidden, 3, c.patch, c.patch])?,
            class: weights.tensor(&name("class_embedding"), &[c.hidden])?,
            positions: weights.tensor(&name("position_embedding.weight"), &[positions, c.hidden])?,
            // Spelled so in every published file.
            norm: LayerNorm::load(weights, "vision_tower.pre_layrnorm", c.hidden, c.eps)?,
            layers: layers?,
        })
    }
}

impl VisionTower for Clip {
    fn forward(&self, squares: &Tensor, mut states: Option<&mut Vec<Tensor>>) -> Result<Tensor> {
        let p = self.config.patch;
        let patches = squares.f_conv2d(&self.patches, None::<Tensor>, [p, p], [0, 0], [1, 1], 1)?;
        let patches = patches.f_flatten(2, -1)?.f_transpose(1, 2)?;
        let n = squares.size4()?.0;
        let class = self.class.f_expand([n, 1, self.config.hidden], false)?;
        let x = Tensor::f_cat(&[class, patches], 1)?.f_add(&self.positions)?;
        let mut x = self.norm.forward(&x)?;
        for layer in &self.layers {
            if let Some(states) = states.as_deref_mut() {
                states.push(x.shallow_clone());
            }
            x = x.f_add(&layer.attend(&self.config, &layer.norm1.forward(&x)?)?)?;
            x = x.f_add(&layer.feed(self.config.act, &layer.norm2.forward(&x)?)?)?;
        }
        if let Some(states) = states {
            states.push(x.shallow_clone());
        }
        if self.keep_class { Ok(x) } else { Ok(x.f_narrow(1, 1, x.size3()?.1 - 1)?) }
    }
}

impl Layer {
    fn load(weights: &Weights, c: &VisionConfig, i: i64) -> Result<Self> {
        let name = |part: &str| format!("vision_tower.encoder.layers.{i}.{part}");
        let qkv = ["q", "k", "v"].map(|p| name(&format!("self_attn.{p}_proj")));
        Ok(Self {
            norm1: LayerNorm::load(weights, &name("layer_norm1"), c.hidden, c.eps)?,
            qkv: Linear::stacked(weights, &qkv, c.hidden, &[c.hidden; 3], true)?,
            output: Linear::load(weights, &name("self_attn.out_proj"), c.hidden, c.hidden, true)?,
            norm2: LayerNorm::load(weights, &name("layer_norm2"), c.hidden, c.eps)?,
            up: Linear::load(weights, &name("mlp.fc1"), c.hidden, c.intermediate, true)?,
            down: Linear::load(weights, &name("mlp.fc2"), c.intermediate, c.hidden, true)?,
        })
    }

    fn attend(&self, c: &VisionConfig, x: &Tensor) -> Result<Tensor> {
        let (batch, n, _) = x.size3()?;
        let qkv = self.qkv.forward(x)?;
        let heads = |which: i64| -> Result<Tensor> {
            let part = qkv.f_narrow(-1, which * c.hidden, c.hidden)?;
            Ok(part.f_reshape([batch, n, c.heads, -1])?.f_transpose(1, 2)?)
        };
        let (q, k, v) = (heads(0)?, heads(1)?, heads(2)?);
        let seen = Tensor::f_scaled_dot_product_attention(&q, &k, &v, None::<Tensor>, 0.0, false, None, false)?;
        self.output.forward(&seen.f_transpose(1, 2)?.f_reshape([batch, n, c.hidden])?)
    }

    fn feed(&self, act: Act, x: &Tensor) -> Result<Tensor> {
        let x = self.up.forward(x)?;
        let x = match act {
            Act::QuickGelu => x.f_mul(&x.f_mul_scalar(1.702)?.f_sigmoid()?)?,
            Act::Gelu => x.f_gelu("none")?,
        };
        self.down.forward(&x)
    }
}
