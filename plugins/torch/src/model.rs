//! A whole model: files in, prompts to vectors, and what the decoder says to them.

use crate::config::ModelConfig;
use crate::error::Result;
use crate::eye::Eye;
use crate::lora::Adapter;
use crate::nn::Decoder;
use crate::picture::AspectRatio;
use crate::tokenizer::Tokenizer;
use crate::weights::Weights;
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};

/// What a user may say about loading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOptions {
    /// Where it runs.
    pub device: Device,
    /// The type of activations, and of the weights but for `int8`.
    pub kind: Kind,
    /// Whether matrices are kept in 8 bits; embeddings, norms and the output over the vocabulary stay as they are.
    pub int8: bool,
    /// In place of what the checkpoint says, how pictures that are not square are seen.
    pub aspect: Option<AspectRatio>,
    /// A folder with the vision tower's weights, for checkpoints that lack them.
    pub tower: Option<PathBuf>,
    /// A folder with a LoRA adapter, merged into the weights.
    pub adapter: Option<PathBuf>,
}

impl Default for LoadOptions {
    /// On the CPU in f32, the only type that is fast there.
    fn default() -> Self {
        Self { device: Device::Cpu, kind: Kind::Float, int8: false, aspect: None, tower: None, adapter: None }
    }
}

/// A loaded model.
pub struct Model {
    /// What the checkpoint says.
    pub config: ModelConfig,
    /// Text to ids.
    pub tokenizer: Tokenizer,
    /// The language model.
    pub decoder: Decoder,
    /// The seeing part.
    pub eye: Option<Eye>,
    device: Device,
}

impl Model {
    /// Loads a checkpoint's folder.
    ///
    /// # Errors
    /// Files that are missing, damaged or don't fit each other; an architecture that isn't there; memory.
    pub fn load(folder: &Path, options: &LoadOptions) -> Result<Self> {
        let _no_grad = tch::no_grad_guard();
        let mut config = ModelConfig::read(folder)?;
        if let (Some(image), Some(aspect)) = (&mut config.image, options.aspect) {
            image.preprocess.aspect = aspect;
        }
        let tokenizer = Tokenizer::read(folder)?;
        let own = config.image.as_ref().and_then(|image| image.tower_folder.clone());
        let tower = options.tower.clone().or(own);
        let mut weights = Weights::open(folder, tower.as_deref(), options.device, options.kind)?.in_int8(options.int8);
        if let Some(adapter) = &options.adapter {
            weights = weights.adapted(Adapter::open(adapter)?);
        }
        let decoder = Decoder::load(&weights, &config.text)?;
        let eye = Eye::load(&weights, &config)?;
        weights.finish()?;
        Ok(Self { config, tokenizer, decoder, eye, device: options.device })
    }

    /// Where it runs.
    #[must_use]
    pub fn device(&self) -> Device {
        self.device
    }

    /// Ids `[n]` to vectors `[n, hidden]`.
    ///
    /// # Errors
    /// An id beyond the vocabulary.
    pub fn embed(&self, ids: &[i64]) -> Result<Tensor> {
        let ids = Tensor::f_from_slice(ids)?.f_to(self.device)?;
        self.decoder.embed(&ids)
    }
}
