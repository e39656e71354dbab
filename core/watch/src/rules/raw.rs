//! The file as it is written.

use giqa_core::Decision;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// `rules.toml`
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawRules {
    /// The verdict when no rule that gives one fires; "accept" when absent.
    pub default: Option<Decision>,
    /// Tried in order.
    #[schemars(with = "Vec<RawRule>")]
    pub rules: Vec<Spanned<RawRule>>,
    /// What can be done, by name.
    #[schemars(with = "BTreeMap<String, RawAction>")]
    pub actions: BTreeMap<String, Spanned<RawAction>>,
    /// Names of actions by verdict.
    #[schemars(with = "Option<RawOn>")]
    pub on: Option<Spanned<RawOn>>,
}

/// One rule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// Its name, for reports and journals.
    pub name: String,
    /// When it fires: `finding.sharpness.severity > 0.6 and region == 'subject'`.
    #[schemars(with = "String")]
    pub when: Spanned<String>,
    /// What it decides. The worst verdict of all rules that fire stands.
    pub verdict: Option<Decision>,
    /// Names of actions.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Later rules are not looked at.
    #[serde(default)]
    pub stop: bool,
}

/// Actions by verdict.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawOn {
    /// For accepted photos.
    pub accept: Vec<String>,
    /// For photos that a person should see.
    pub review: Vec<String>,
    /// For rejected photos.
    pub reject: Vec<String>,
}

/// One action: exactly one of `move`, `copy`, `link`, `xmp`, `json`, `append`, `command`, `webhook`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawAction {
    /// Move the photo (and its sidecars) into this folder, relative to the watched folder.
    pub r#move: Option<String>,
    /// Copy it into this folder.
    pub copy: Option<String>,
    /// Hard link it into this folder.
    pub link: Option<String>,
    /// Write rating, label, keywords and description into an XMP sidecar: "lightroom" (NAME.xmp) or "darktable"
    /// (NAME.jpg.xmp).
    pub xmp: Option<Naming>,
    /// Write the report as JSON into this folder; "." = beside the photo.
    pub json: Option<String>,
    /// Append a line to this file, *.csv or *.jsonl.
    pub append: Option<String>,
    /// Run a program with these arguments. No shell takes part.
    pub command: Option<Vec<String>>,
    /// Send the verdict to this address, as JSON by POST.
    pub webhook: Option<String>,
    /// Seconds that a command or an answer may take; 30 when absent.
    pub time_limit: Option<f64>,
    /// How often a webhook is tried again; 3 when absent.
    pub retries: Option<u32>,
    /// It is only proposed, and carried out when a person confirms it.
    pub confirm: bool,
}

/// How XMP sidecars are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Naming {
    /// `NAME.xmp`
    Lightroom,
    /// `NAME.jpg.xmp`
    Darktable,
}

/// The JSON schema of `rules.toml`.
#[must_use]
pub fn rules_schema() -> serde_json::Value {
    schemars::schema_for!(RawRules).to_value()
}
