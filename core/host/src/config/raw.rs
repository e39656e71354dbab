//! What may be written in plugins.toml.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// giqa's configuration: which plugins there are, and which of their components work together.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "plugins.toml")]
pub(super) struct RawConfig {
    /// The profile that runs when none is named.
    #[serde(default = "classic")]
    pub profile: String,
    /// Folders with plugin libraries; relative ones are resolved against this file's folder.
    #[serde(default)]
    pub plugin_dirs: Vec<String>,
    /// Named sets of components.
    #[serde(default)]
    pub profiles: BTreeMap<String, RawProfile>,
    /// Plugins and their settings.
    #[serde(default)]
    pub plugins: BTreeMap<String, RawPlugin>,
}

fn classic() -> String {
    "classic".to_owned()
}

/// A named set of components, each written as "plugin.component".
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProfile {
    /// Take what is not set here from this profile.
    #[serde(default)]
    #[schemars(with = "String")]
    pub inherits: Option<String>,
    /// Region proposers.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub proposers: Option<Vec<String>>,
    /// Metrics.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub metrics: Option<Vec<String>>,
    /// The model that describes and answers.
    #[serde(default)]
    #[schemars(with = "String")]
    pub model: Option<String>,
}

/// One plugin.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlugin {
    /// The library: its name on the search path (giqa_NAME if not set), or a path.
    #[serde(default)]
    #[schemars(with = "String")]
    pub library: Option<String>,
    /// Where it runs: in giqa's own process, or in worker processes, where a crash costs one result.
    /// Default: built-in plugins in-process, libraries in a process of their own.
    #[serde(default)]
    #[schemars(with = "Isolation")]
    pub isolation: Option<Isolation>,
    /// blake3 of the library in hex; another file is not loaded.
    #[serde(default)]
    #[schemars(with = "String", regex(pattern = r"^[0-9a-fA-F]{64}$"))]
    pub blake3: Option<String>,
    /// Seconds that one call in a worker process may go on without a sign of life (progress, text); in all, it may take
    /// ten times as long (default 120).
    #[serde(default)]
    #[schemars(with = "f64", extend("exclusiveMinimum" = 0))]
    pub deadline_s: Option<f64>,
    /// Memory that one worker process may take, in megabytes (default 4096).
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1))]
    pub memory_limit_mb: Option<u64>,
    /// Number of worker processes (default: one per parallel job; 1 for plugins that take one call at a time).
    #[serde(default)]
    #[schemars(with = "usize", range(min = 1, max = 256))]
    pub workers: Option<usize>,
    /// Settings of its components.
    #[serde(default)]
    pub components: BTreeMap<String, RawComponent>,
}

/// One component. Its further keys are its own; the plugin's manifest says which there are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct RawComponent {
    /// Which of the plugin's components this is, if its name doesn't say so.
    #[serde(default)]
    #[schemars(with = "String")]
    pub component: Option<String>,
    #[serde(flatten)]
    #[schemars(skip)]
    pub config: serde_json::Map<String, serde_json::Value>,
}

/// Where a plugin runs.
// The variants have no docs so that the schema is a plain list of names, which errors can quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
#[schemars(inline)]
pub enum Isolation {
    InProcess,
    Process,
}

/// The JSON Schema of plugins.toml.
#[must_use]
pub fn plugins_schema() -> serde_json::Value {
    schemars::schema_for!(RawConfig).to_value()
}
