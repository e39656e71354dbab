//! What a checkpoint says of itself: config.json, generation_config.json and preprocessor_config.json, checked.

mod parts;
mod raw;
#[cfg(test)]
mod tests;

pub use parts::{Act, RopeScaling, TextConfig, VisionConfig};

use crate::error::{Result, TorchError};
use crate::picture::{AspectRatio, Preprocess};
use raw::{OneOrMany, RawConfig, RawPreprocessor, RawSide, RawVision};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// OpenAI's means and deviations, where a checkpoint has no preprocessor_config.json.
const CLIP_MEAN: [f64; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
const CLIP_STD: [f64; 3] = [0.268_629_54, 0.261_302_58, 0.275_777_11];

/// A whole model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    /// The folder that it was read from.
    pub folder: PathBuf,
    /// The language model.
    pub text: TextConfig,
    /// What makes it see; `None` for a plain language model.
    pub image: Option<ImageConfig>,
    /// Tokens that end an answer.
    pub stop: Vec<i64>,
    /// The name of the prompt template that it was trained with, as far as the files tell.
    pub prompt: &'static str,
}

/// The seeing part of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageConfig {
    /// The vision tower.
    pub vision: VisionConfig,
    /// How pictures are prepared.
    pub preprocess: Preprocess,
    /// How many layers of the tower are run; the features are the last one's output.
    pub layers_run: i64,
    /// Whether the class token is among the features.
    pub keep_class: bool,
    /// The id of `<image>`; `None` where the vocabulary has none (the original layout).
    pub token: Option<i64>,
    /// A folder with the vision tower's weights, where the checkpoint's own files lack them.
    pub tower_folder: Option<PathBuf>,
}

impl ModelConfig {
    /// Reads the files of a checkpoint's folder.
    ///
    /// # Errors
    /// A file that can't be read or is no JSON; an architecture that this plugin doesn't have.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("config.json");
        let mut raw: RawConfig = read_json(&path)?.ok_or_else(|| TorchError::Read {
            path: path.clone(),
            source: std::io::Error::new(
                std::io::ErrorKind::NotFound,
                "no such file; weights must name a model's folder",
            ),
        })?;
        let kind = raw.model_type.clone().unwrap_or_default();
        // The original layout keeps the language model's keys at the top, and so does a plain language model.
        let text = raw.text_config.take().unwrap_or_else(|| raw.text.clone());
        let sees = match kind.as_str() {
            "llava" | "llava_next" | "llava_llama" | "llava_mistral" => true,
            "llama" | "mistral" => raw.mm_vision_tower.is_some(),
            _ => {
                return Err(TorchError::Unsupported {
                    folder: folder.to_owned(),
                    problem: format!("config.json names the model type '{kind}', which this plugin doesn't have"),
                    hint: "it has llava, llava_next, llava_llama, llava_mistral, llama, mistral".to_owned(),
                });
            }
        };
        let prompt = match (kind.as_str(), text.model_type.as_deref()) {
            ("llava_mistral" | "mistral", _) | (_, Some("mistral")) => "mistral",
            _ => "vicuna_v1",
        };
        #[derive(serde::Deserialize)]
        struct Generation {
            eos_token_id: Option<OneOrMany>,
        }
        let generation: Option<Generation> = read_json(&folder.join("generation_config.json"))?;
        let stop = generation.and_then(|g| g.eos_token_id).or_else(|| text.eos_token_id.clone());
        let image = if sees { Some(image_config(folder, &path, &kind, &raw)?) } else { None };
        Ok(Self {
            folder: folder.to_owned(),
            text: TextConfig::check(text, raw.tie_word_embeddings, &path)?,
            image,
            stop: stop.map_or_else(|| vec![2], OneOrMany::list),
            prompt,
        })
    }
}

fn image_config(folder: &Path, path: &Path, kind: &str, raw: &RawConfig) -> Result<ImageConfig> {
    let malformed = |problem: String| TorchError::Malformed { path: path.to_owned(), problem };
    for (key, value, known) in [
        ("mm_projector_type", &raw.mm_projector_type, "mlp2x_gelu"),
        ("projector_hidden_act", &raw.projector_hidden_act, "gelu"),
    ] {
        if let Some(value) = value.as_deref().filter(|v| *v != known) {
            return Err(malformed(format!("{key} '{value}' is not supported, only '{known}'")));
        }
    }
    let tower_folder = raw.mm_vision_tower.as_deref().map(|t| folder.join(t)).filter(|t| t.is_dir());
    let vision = match (&raw.vision_config, &tower_folder) {
        (Some(vision), _) => vision.clone(),
        (None, Some(tower)) => tower_config(tower)?,
        // The original layout only names the tower; every LLaVA-1.5 and 1.6 was trained with this one.
        (None, None) => RawVision::default(),
    };
    let vision = VisionConfig::check(vision, path)?;
    // hidden_states[-2] is the output of the last layer but one: the input counts as the first state.
    let feature_layer = raw.vision_feature_layer.unwrap_or(-2);
    let layers_run = if feature_layer < 0 { vision.layers + 1 + feature_layer } else { feature_layer };
    if !(0..=vision.layers).contains(&layers_run) {
        return Err(malformed(format!("vision_feature_layer {feature_layer} of {} layers", vision.layers)));
    }
    let keep_class = match raw.vision_feature_select_strategy.as_deref() {
        None | Some("default" | "patch") => false,
        Some("full" | "cls_patch") => true,
        Some(other) => return Err(malformed(format!("vision_feature_select_strategy '{other}'"))),
    };
    let original = raw.text_config.is_none() && raw.mm_vision_tower.is_some();
    // Original files write (width, height), the converted ones (height, width).
    let turn = |(a, b): (usize, usize)| if original { (a, b) } else { (b, a) };
    let grids: Vec<_> = raw.image_grid_pinpoints.iter().flatten().copied().map(turn).collect();
    let aspect = match raw.image_aspect_ratio.as_deref() {
        Some("anyres") => AspectRatio::Anyres,
        Some("pad") => AspectRatio::Pad,
        Some("square" | "crop") => AspectRatio::Crop,
        Some(other) => return Err(malformed(format!("image_aspect_ratio '{other}'"))),
        None if kind == "llava_next" => AspectRatio::Anyres,
        None => AspectRatio::Pad,
    };
    let side = vision.image_size as usize;
    if aspect == AspectRatio::Anyres {
        let fits = |&(w, h): &(usize, usize)| w > 0 && h > 0 && w % side == 0 && h % side == 0;
        if grids.is_empty() || !grids.iter().all(fits) {
            return Err(malformed(format!("image_grid_pinpoints must be multiples of {side} pixels")));
        }
    }
    let preprocess = preprocess(folder, side, aspect, grids)?;
    Ok(ImageConfig { vision, preprocess, layers_run, keep_class, token: raw.image_token_index, tower_folder })
}

fn preprocess(folder: &Path, side: usize, aspect: AspectRatio, grids: Vec<(usize, usize)>) -> Result<Preprocess> {
    let path = folder.join("preprocessor_config.json");
    let raw: RawPreprocessor = read_json(&path)?.unwrap_or_default();
    let named = raw.crop_size.or(raw.size).and_then(|size| match size {
        RawSide::Side(side) => Some(side),
        RawSide::Object { shortest_edge, height } => shortest_edge.or(height),
    });
    if let Some(other) = named.filter(|&n| n != side) {
        let problem = format!("the pictures are {other} pixels wide, but the vision tower takes {side}");
        return Err(TorchError::Malformed { path, problem });
    }
    let (mean, std) = (raw.image_mean.unwrap_or(CLIP_MEAN), raw.image_std.unwrap_or(CLIP_STD));
    Ok(Preprocess { side, mean, std, aspect, grids })
}

/// The vision part of a CLIP folder: its own file, or one that has text beside it.
fn tower_config(folder: &Path) -> Result<RawVision> {
    #[derive(serde::Deserialize)]
    struct Clip {
        vision_config: Option<RawVision>,
    }
    let path = folder.join("config.json");
    let both: Clip = read_json(&path)?.unwrap_or(Clip { vision_config: None });
    match both.vision_config {
        Some(vision) => Ok(vision),
        None => Ok(read_json(&path)?.unwrap_or_default()),
    }
}

/// `None` where the file is not there.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(TorchError::Read { path: path.to_owned(), source }),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|e| TorchError::Malformed { path: path.to_owned(), problem: e.to_string() })
}
