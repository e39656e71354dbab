//! LoRA adapters in peft's layout, merged into the weights as these are read: the model runs as fast as without.

use crate::config::read_json;
use crate::error::{Result, TorchError};
use crate::files::read_into;
use crate::names::canonical;
use crate::safetensors::{Entry, SafeTensors};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tch::{Kind, Tensor};

#[derive(serde::Deserialize)]
struct Config {
    r: f64,
    lora_alpha: f64,
    #[serde(default)]
    use_rslora: bool,
    #[serde(default)]
    use_dora: bool,
    #[serde(default)]
    rank_pattern: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    alpha_pattern: BTreeMap<String, serde_json::Value>,
}

/// The two halves of one matrix's change.
#[derive(Default)]
struct Pair {
    /// `[rank, in]`.
    a: Option<Entry>,
    /// `[out, rank]`.
    b: Option<Entry>,
}

/// An adapter's files.
pub struct Adapter {
    folder: PathBuf,
    file: SafeTensors,
    pairs: BTreeMap<String, Pair>,
    scale: f64,
    merged: BTreeSet<String>,
}

impl Adapter {
    /// Opens `adapter_config.json` and `adapter_model.safetensors`.
    ///
    /// # Errors
    /// Files that are missing or damaged; kinds of adapters that can't be merged so.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("adapter_config.json");
        let config: Config = read_json(&path)?.ok_or_else(|| TorchError::Read {
            path: path.clone(),
            source: std::io::Error::new(std::io::ErrorKind::NotFound, "no such file; adapter must name a LoRA folder"),
        })?;
        if config.use_dora || !config.rank_pattern.is_empty() || !config.alpha_pattern.is_empty() {
            let problem = "DoRA, rank_pattern and alpha_pattern are not supported".to_owned();
            return Err(TorchError::Malformed { path, problem });
        }
        let file = SafeTensors::open(&folder.join("adapter_model.safetensors"))?;
        let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
        for (name, entry) in file.entries() {
            let plain = name.strip_prefix("base_model.model.").unwrap_or(name);
            let key = |half: &str| plain.strip_suffix(half).map(|base| canonical(&format!("{base}.weight")));
            if let Some(key) = key(".lora_A.weight") {
                pairs.entry(key).or_default().a = Some(entry.clone());
            } else if let Some(key) = key(".lora_B.weight") {
                pairs.entry(key).or_default().b = Some(entry.clone());
            } else {
                let problem = format!("tensor {name} is no half of a LoRA pair; whole modules are not supported");
                return Err(TorchError::Malformed { path: file.path().to_owned(), problem });
            }
        }
        let rank = if config.use_rslora { config.r.sqrt() } else { config.r };
        let scale = config.lora_alpha / rank;
        Ok(Self { folder: folder.to_owned(), file, pairs, scale, merged: BTreeSet::new() })
    }

    /// Whether it changes the weight of this name.
    #[must_use]
    pub fn changes(&self, name: &str) -> bool {
        self.pairs.contains_key(name)
    }

    /// Adds its change to a weight `[out, in]`, in f32; leaves alone what the adapter doesn't change.
    ///
    /// # Errors
    /// Halves that don't fit the weight or each other.
    pub fn merge(&mut self, name: &str, weight: &Tensor) -> Result<()> {
        let Some(pair) = self.pairs.get(name) else { return Ok(()) };
        let path = self.file.path().to_owned();
        let wrong = |problem: String| TorchError::Malformed { path: path.clone(), problem };
        let (Some(a), Some(b)) = (&pair.a, &pair.b) else {
            return Err(wrong(format!("{name} has only one half of its LoRA pair")));
        };
        let fits = a.shape.first() == b.shape.get(1)
            && [b.shape.first(), a.shape.get(1)].into_iter().flatten().eq(&weight.size());
        if !fits || a.shape.len() != 2 || b.shape.len() != 2 {
            return Err(wrong(format!(
                "the pair {:?}, {:?} does not fit {name} {:?}",
                a.shape,
                b.shape,
                weight.size()
            )));
        }
        let (a, b) = (a.clone(), b.clone());
        let half = |file: &mut SafeTensors, entry: &Entry| -> Result<Tensor> {
            let half = Tensor::f_empty(&entry.shape, (Kind::Float, weight.device()))?;
            read_into(file, name, entry, &half)?;
            Ok(half)
        };
        let change = half(&mut self.file, &b)?.f_matmul(&half(&mut self.file, &a)?)?.f_mul_scalar(self.scale)?;
        self.merged.insert(name.to_owned());
        weight.shallow_clone().f_copy_(&change.f_add(&weight.f_to_kind(Kind::Float)?)?)?;
        Ok(())
    }

    /// What no weight took, in words.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        let left = self.pairs.keys().filter(|name| !self.merged.contains(*name));
        left.map(|name| format!("the adapter {} changes {name}, which is not there", self.folder.display())).collect()
    }
}
