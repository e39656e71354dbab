//! What an author writes: one type that makes components by name.

use giqa_core::{ComponentError, GroundingModel, Metric, RegionProposer};

/// A component, ready to run.
pub enum Instance {
    /// image -> score.
    Metric(Box<dyn Metric>),
    /// image -> regions.
    Proposer(Box<dyn RegionProposer>),
    /// image + request -> grounded text.
    Model(Box<dyn GroundingModel>),
}

/// A plugin: a manifest and a way to make its components.
pub trait Plugin: 'static {
    /// The manifest, the text of `manifest.json` (use `include_str!`).
    const MANIFEST: &'static str;

    /// Makes the component of this name. `config` is its table in plugins.toml, already checked by the host against
    /// the manifest's `config_schema`; `{}` where there is none.
    ///
    /// # Errors
    /// [`ComponentError`] of kind `BadConfig` when the values don't fit each other, `Failed` when something that it
    /// needs is missing.
    fn create(component: &str, config: &serde_json::Value) -> Result<Instance, ComponentError>;
}
