//! What an author writes: one type that makes components by name.

use giqa_core::{
    ComponentError, ComponentSpec, ErrorKind, GroundingModel, Metric, MetricSpec, ModelSpec, PluginManifest,
    ProposerSpec, RegionProposer,
};
use std::path::PathBuf;

/// A component, ready to run.
pub enum Instance {
    /// image -> score.
    Metric(Box<dyn Metric>),
    /// image -> regions.
    Proposer(Box<dyn RegionProposer>),
    /// image + request -> grounded text.
    Model(Box<dyn GroundingModel>),
}

/// What the host offers to a component that is being made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Services {
    /// Where the plugin may keep what it can make again.
    pub cache_dir: Option<PathBuf>,
    /// Where weight files lie.
    pub weights_dir: Option<PathBuf>,
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
    fn create(services: &Services, component: &str, config: &serde_json::Value) -> Result<Instance, ComponentError>;
}

/// The plugin's manifest, parsed.
///
/// # Errors
/// `Failed` when it is not a manifest.
pub fn manifest<P: Plugin>() -> Result<PluginManifest, ComponentError> {
    serde_json::from_str(P::MANIFEST)
        .map_err(|e| ComponentError::new(ErrorKind::Failed, format!("the plugin's own manifest is wrong: {e}")))
}

fn spec<P: Plugin>(component: &str, kind: &str) -> Result<ComponentSpec, ComponentError> {
    let manifest = manifest::<P>()?;
    match manifest.component(component) {
        Some(c) if c.spec.kind() == kind => Ok(c.spec.clone()),
        Some(c) => Err(ComponentError::new(
            ErrorKind::BadRequest,
            format!("{}.{component} is a {}, not a {kind}", manifest.name, c.spec.kind()),
        )),
        None => Err(ComponentError::new(
            ErrorKind::BadRequest,
            format!("plugin '{}' has no component '{component}'", manifest.name),
        )),
    }
}

/// The spec of a metric as the manifest has it.
///
/// # Errors
/// `BadRequest` when the manifest has no metric of this name.
pub fn metric_spec<P: Plugin>(component: &str) -> Result<MetricSpec, ComponentError> {
    match spec::<P>(component, "metric")? {
        ComponentSpec::Metric(spec) => Ok(spec),
        _ => Err(unreachable_kind()),
    }
}

/// The spec of a proposer as the manifest has it.
///
/// # Errors
/// `BadRequest` when the manifest has no proposer of this name.
pub fn proposer_spec<P: Plugin>(component: &str) -> Result<ProposerSpec, ComponentError> {
    match spec::<P>(component, "proposer")? {
        ComponentSpec::Proposer(spec) => Ok(spec),
        _ => Err(unreachable_kind()),
    }
}

/// The spec of a model as the manifest has it.
///
/// # Errors
/// `BadRequest` when the manifest has no model of this name.
pub fn model_spec<P: Plugin>(component: &str) -> Result<ModelSpec, ComponentError> {
    match spec::<P>(component, "model")? {
        ComponentSpec::Model(spec) => Ok(spec),
        _ => Err(unreachable_kind()),
    }
}

// `spec` has compared the kind already; an error keeps the functions above total.
fn unreachable_kind() -> ComponentError {
    ComponentError::new(ErrorKind::Failed, "the manifest names another kind")
}
