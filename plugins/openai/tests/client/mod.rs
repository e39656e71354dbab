//! The plugin's static twin, and what tests ask of it.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "each test file uses a part of it")]

use giqa_core::{
    CancelToken, ComponentError, Context, Evidence, GroundingModel, ImageView, ModelInput, ModelOutput, Observer,
    Request, Silent,
};
use giqa_openai::OpenAi;
use giqa_sdk::{Instance, Plugin, Services};
use serde_json::{Value, json};
use std::path::Path;

/// A component that asks this server; `more` are further keys. Short pauses, no cache.
pub fn model(url: &str, more: Value) -> Box<dyn GroundingModel> {
    model_in(None, json!(url), more)
}

/// The same with a cache folder and any number of servers.
pub fn model_in(cache: Option<&Path>, base_url: Value, more: Value) -> Box<dyn GroundingModel> {
    let mut config = json!({
        "base_url": base_url, "model": "m", "retries": 2, "breaker_pause_s": 0.2, "timeout_s": 20, "box_dialect": "giqa"
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let services = Services { cache_dir: cache.map(Path::to_owned), weights_dir: None };
    match OpenAi::create(&services, "chat", &config).unwrap() {
        Instance::Model(model) => model,
        _ => panic!("not a model"),
    }
}

/// Pixels of a small picture of one colour.
pub fn pixels(shade: u8) -> Vec<u8> {
    vec![shade; 3 * 40 * 20]
}

pub type Outcome = Result<ModelOutput, ComponentError>;

/// One request about one picture.
pub fn ask(model: &dyn GroundingModel, request: &Request) -> Outcome {
    ask_many(model, request, &[128], &Silent).remove(0)
}

/// One request about pictures of these shades, as a batch.
pub fn ask_many(model: &dyn GroundingModel, request: &Request, shades: &[u8], observer: &dyn Observer) -> Vec<Outcome> {
    let pictures: Vec<_> = shades.iter().map(|s| pixels(*s)).collect();
    let evidence = Evidence::default();
    let view = |p| Some(ImageView::packed(40, 20, p).unwrap());
    let items: Vec<_> = pictures.iter().map(|p| ModelInput { image: view(p), request, evidence: &evidence }).collect();
    let cancel = CancelToken::new();
    model.generate(&Context::new(&cancel, observer), &items)
}

/// A description of one picture.
pub fn describe(model: &dyn GroundingModel) -> Outcome {
    ask(model, &Request::Describe)
}

/// An answer about one picture.
pub fn answer(model: &dyn GroundingModel, question: &str) -> Outcome {
    ask(model, &Request::Answer { question: question.to_owned(), boxes: vec![] })
}
