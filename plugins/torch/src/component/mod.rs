//! The plugin: models behind giqa's border.

mod ask;
mod chat;
mod frame;
mod halves;
mod inner;
mod job;
mod settings;
mod shared;
mod stream;

use chat::Chat;
use giqa_sdk::core::{ComponentError, ErrorKind};
use giqa_sdk::{Instance, Plugin, Services};
use settings::Settings;

/// The plugin.
#[derive(Debug)]
pub struct Torch;

impl Plugin for Torch {
    const MANIFEST: &'static str = include_str!("../../manifest.json");

    fn create(_: &Services, component: &str, config: &serde_json::Value) -> Result<Instance, ComponentError> {
        let spec = giqa_sdk::model_spec::<Self>(component)?;
        let settings: Settings = serde_json::from_value(config.clone()).map_err(|e| {
            ComponentError::new(ErrorKind::BadConfig, format!("torch.{component}: {e}"))
                .hint("`weights` must name a model's folder")
        })?;
        Ok(Instance::Model(Box::new(Chat::new(spec, settings, component == "llava")?)))
    }
}

giqa_sdk::export_plugin!(Torch);
