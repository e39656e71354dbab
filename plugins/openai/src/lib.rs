//! # giqa-openai
//!
//! Models behind any server that speaks the OpenAI chat API: vLLM, SGLang, llama.cpp, Ollama, hosted services. The
//! serving engine distributes; this plugin keeps it busy and turns what it says into grounded text.
//!
//! ```text
//! request --prompt, picture--> body --cache--> limits --> server --> reply --boxes, odds--> output
//! ```

mod body;
mod boxes;
mod client;
mod model;
mod odds;
mod picture;
mod prompt;
mod reply;
mod secret;
mod settings;
mod structured;

use giqa_core::{ComponentError, ErrorKind};
use giqa_sdk::{Instance, Plugin, Services};

/// The plugin.
#[derive(Debug)]
pub struct OpenAi;

impl Plugin for OpenAi {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn create(services: &Services, component: &str, config: &serde_json::Value) -> Result<Instance, ComponentError> {
        if component != "chat" {
            let message = format!("plugin 'openai' has no component '{component}'");
            return Err(ComponentError::new(ErrorKind::BadRequest, message));
        }
        let spec = giqa_sdk::model_spec::<Self>(component)?;
        let settings = settings::Settings::read(config)?;
        Ok(Instance::Model(Box::new(model::Chat::new(spec, settings, services.cache_dir.as_deref())?)))
    }
}

giqa_sdk::export_plugin!(OpenAi);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_this_version_and_the_test_kit_has_no_complaints() {
        assert_eq!(giqa_sdk::manifest::<OpenAi>().unwrap().version, env!("CARGO_PKG_VERSION"));
        assert_eq!(giqa_sdk::testkit::check::<OpenAi>().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn unknown_components_are_refused() {
        let made = OpenAi::create(&Services::default(), "nothing", &serde_json::json!({}));
        assert!(made.is_err_and(|e| e.message.contains("'nothing'")));
    }
}
