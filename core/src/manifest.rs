//! What a plugin says of itself, readable without running it.

use crate::Attribute;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The manifest schema that this version writes and reads.
pub const MANIFEST_SCHEMA: &str = "giqa.manifest/1";

/// A plugin: one library, some components.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PluginManifest {
    /// `giqa.manifest/1`.
    pub schema: String,
    /// Reverse-domain id, unique in the world: `org.example.focus`.
    pub id: String,
    /// The name used in plugins.toml and in `name.component`: lower-case letters, digits and `-`.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]*$"))]
    pub name: String,
    /// The plugin's own semantic version.
    pub version: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// SPDX licence expression.
    #[serde(default)]
    pub license: String,
    /// How its functions may be called.
    #[serde(default)]
    pub threading: Threading,
    /// Calls that one worker process takes at a time. More than 1 is for plugins that wait (for a server) more than they
    /// compute, and needs [`Threading::Any`].
    #[serde(default = "one")]
    pub concurrent_calls: u32,
    /// Libraries of others that it is linked with and that a machine may lack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<NeededLibrary>,
    /// What it offers.
    pub components: Vec<ComponentManifest>,
}

impl PluginManifest {
    /// The component of this name.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<&ComponentManifest> {
        self.components.iter().find(|c| c.name == name)
    }
}

/// A library that is not part of the plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NeededLibrary {
    /// Its name without what systems add to it: `torch_cpu` for `libtorch_cpu.so`.
    pub library: String,
    /// The environment variable that may name the folder in which it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// What to do where it is missing.
    pub hint: String,
}

/// Which calls may overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Threading {
    /// Any instance from any thread at any time.
    Any,
    /// Different instances in parallel, each by one thread at a time.
    #[default]
    Instance,
    /// One call at a time in the whole process.
    Process,
}

/// One component inside a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentManifest {
    /// The part after the dot in `plugin.component`.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]*$"))]
    pub name: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// JSON Schema of its table in plugins.toml; strings with `"format": "path"` are resolved against that file.
    #[serde(default = "any_object")]
    pub config_schema: Value,
    /// The most items that it wants in one call.
    #[serde(default = "one")]
    pub max_batch: u32,
    /// Devices that it can use, best first: `cpu`, `cuda`.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Weight files that it needs.
    #[serde(default)]
    pub weights: Vec<Weights>,
    /// What it is.
    #[serde(flatten)]
    pub spec: ComponentSpec,
}

fn any_object() -> Value {
    serde_json::json!({ "type": "object", "additionalProperties": false })
}

fn one() -> u32 {
    1
}

/// A weight file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Weights {
    /// File name below the weights directory.
    pub file: String,
    /// Its blake3 hash in hex.
    pub blake3: String,
}

/// The kind of a component and what its callers need to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ComponentSpec {
    /// image -> score, perhaps a map.
    Metric(MetricSpec),
    /// image -> regions.
    Proposer(ProposerSpec),
    /// image + request -> grounded text.
    Model(ModelSpec),
}

impl ComponentSpec {
    /// `metric`, `proposer` or `model`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            ComponentSpec::Metric(_) => "metric",
            ComponentSpec::Proposer(_) => "proposer",
            ComponentSpec::Model(_) => "model",
        }
    }
}

/// Which direction of a value is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither: the value describes.
    Neither,
}

/// Whether a metric compares with an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceNeed {
    /// No-reference: the picture alone.
    #[default]
    NoReference,
    /// Full-reference: needs the original.
    FullReference,
}

/// Rough cost, so that a caller can plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CostClass {
    /// Below the cost of decoding the picture.
    #[default]
    Cheap,
    /// About the cost of decoding.
    Medium,
    /// Many times the cost of decoding.
    Heavy,
}

/// How a metric's value becomes the severity of a fault: 0 at `fine`, 1 at `unusable`, linear between, flat outside.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Severity {
    /// The attribute that the metric judges.
    pub attribute: Attribute,
    /// A value at which nothing is wrong.
    pub fine: f64,
    /// A value at which the picture is unusable.
    pub unusable: f64,
}

impl Severity {
    /// Severity of a value, `0..=1`; 0 for NaN or a scale without length.
    #[must_use]
    pub fn of(&self, value: f64) -> f64 {
        let s = (value - self.fine) / (self.unusable - self.fine);
        if s.is_finite() { s.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// What a metric says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricSpec {
    /// Lowest and highest value; `null` = unbounded.
    #[serde(default)]
    pub range: [Option<f64>; 2],
    /// Which direction is better.
    pub better: Better,
    /// Unit of the value, in words.
    #[serde(default)]
    pub unit: String,
    /// Whether it needs the original.
    #[serde(default)]
    pub reference: ReferenceNeed,
    /// Rough cost.
    #[serde(default)]
    pub cost: CostClass,
    /// Whether it can give a map.
    #[serde(default)]
    pub map: bool,
    /// How its value becomes a severity; absent for metrics that only describe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

/// What a proposer says of itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProposerSpec {
    /// Whether it looks for given phrases (open vocabulary).
    #[serde(default)]
    pub phrases: bool,
    /// Rough cost.
    #[serde(default)]
    pub cost: CostClass,
}

/// What a model can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModelTask {
    /// A grounded quality description of a picture.
    Describe,
    /// An answer to a question about a picture.
    Answer,
    /// Text that goes on from a prompt, without a picture.
    Complete,
}

/// What a model says of itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ModelSpec {
    /// What it can be asked.
    pub tasks: Vec<ModelTask>,
    /// Whether it hands out text while it writes.
    #[serde(default)]
    pub streams: bool,
    /// Rough cost.
    #[serde(default)]
    pub cost: CostClass,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_goes_either_way() {
        let low_is_bad = Severity { attribute: Attribute::Sharpness, fine: 0.5, unusable: 0.1 };
        assert_eq!(
            [0.6, 0.5, 0.3, 0.1, 0.0].map(|v| (low_is_bad.of(v) * 100.0).round()),
            [0.0, 0.0, 50.0, 100.0, 100.0]
        );
        assert_eq!(low_is_bad.of(f64::NAN), 0.0);
        assert_eq!(Severity { fine: 1.0, unusable: 1.0, ..low_is_bad }.of(1.0), 0.0);
    }

    #[test]
    fn small_manifests_are_enough() {
        let m: PluginManifest = serde_json::from_value(serde_json::json!({
            "schema": MANIFEST_SCHEMA, "id": "org.example.x", "name": "x", "version": "1.0.0",
            "components": [{ "name": "brightness", "kind": "metric", "better": "neither" }]
        }))
        .unwrap();
        let c = m.component("brightness").unwrap();
        assert_eq!((c.spec.kind(), c.max_batch, m.threading), ("metric", 1, Threading::Instance));
        assert!(m.component("other").is_none());
        let again: PluginManifest = serde_json::from_str(&serde_json::to_string(&m).unwrap()).unwrap();
        assert_eq!(again, m);
    }
}
