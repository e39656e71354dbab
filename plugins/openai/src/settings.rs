//! A component's table in plugins.toml, checked. `manifest.json` says what each key means.

mod default;

use crate::boxes::{BoxDialect, BoxFrame};
use crate::picture::ImageFormat;
use crate::secret::{Redactor, Secret};
use giqa_core::{ComponentError, ErrorKind};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::tls::{PemItem, RootCerts, parse_pem};

/// The longest time that any key means.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// The table as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    base_url: OneOrMany,
    #[serde(default)]
    api_key_env: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    headers_env: BTreeMap<String, String>,
    #[serde(default)]
    ca_file: Option<PathBuf>,
    #[serde(flatten)]
    plain: Plain,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// The keys that are used as they are written.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Plain {
    pub model: String,
    #[serde(default = "default::connect_timeout", deserialize_with = "seconds")]
    pub connect_timeout_s: Duration,
    #[serde(default = "default::idle_timeout", deserialize_with = "seconds")]
    pub idle_timeout_s: Duration,
    #[serde(default = "default::timeout", deserialize_with = "seconds")]
    pub timeout_s: Duration,
    #[serde(default = "default::retries")]
    pub retries: u32,
    #[serde(default = "default::max_retry_wait", deserialize_with = "seconds")]
    pub max_retry_wait_s: Duration,
    #[serde(default = "default::breaker_failures")]
    pub breaker_failures: u32,
    #[serde(default = "default::breaker_pause", deserialize_with = "seconds")]
    pub breaker_pause_s: Duration,
    #[serde(default = "default::max_concurrency")]
    pub max_concurrency: usize,
    #[serde(default)]
    pub requests_per_minute: Option<f64>,
    #[serde(default)]
    pub tokens_per_minute: Option<f64>,
    #[serde(default = "default::max_response_kb")]
    pub max_response_kb: u64,
    #[serde(default = "default::max_image_side")]
    pub max_image_side: u32,
    #[serde(default = "default::jpeg_quality")]
    pub jpeg_quality: u8,
    #[serde(default)]
    pub image_format: ImageFormat,
    #[serde(default)]
    pub detail: Option<String>,
    #[serde(default)]
    pub temperature: f64,
    #[serde(default)]
    pub seed: Option<u64>,
    #[serde(default = "default::max_tokens")]
    pub max_tokens: u32,
    #[serde(default)]
    pub max_tokens_key: MaxTokensKey,
    #[serde(default)]
    pub extra: Map<String, Value>,
    #[serde(default = "default::yes")]
    pub stream: bool,
    #[serde(default = "default::top_logprobs")]
    pub top_logprobs: u32,
    #[serde(default)]
    pub structured: Structured,
    #[serde(default)]
    pub box_dialect: BoxDialect,
    #[serde(default)]
    pub box_frame: BoxFrame,
    #[serde(default)]
    pub require_boxes: bool,
    #[serde(default)]
    pub rate: bool,
    #[serde(default)]
    pub judge: bool,
    #[serde(default)]
    pub complete_with: CompleteWith,
    #[serde(default)]
    pub prompts: BTreeMap<String, String>,
    #[serde(default = "default::yes")]
    pub cache: bool,
    #[serde(default = "default::cache_max_mb")]
    pub cache_max_mb: u64,
    #[serde(default)]
    pub prices: Option<Prices>,
}

/// Under which name the limit of an answer's length is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MaxTokensKey {
    #[default]
    MaxTokens,
    MaxCompletionTokens,
}

/// How a server is asked for JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Structured {
    #[default]
    Off,
    /// As `JsonSchema`; a server that refuses that is asked without it.
    Auto,
    JsonSchema,
    JsonObject,
    /// vLLM's own key since 0.12.
    #[serde(rename = "structured_outputs")]
    Vllm,
    /// vLLM's own key before that.
    GuidedJson,
}

/// Which endpoint completes prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CompleteWith {
    #[default]
    Chat,
    Completions,
}

/// Price of a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prices {
    #[serde(default)]
    pub input: f64,
    #[serde(default)]
    pub output: f64,
}

/// All that a component needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Without a slash at the end; at least one.
    pub base_urls: Vec<String>,
    /// Headers of every request, the key among them.
    pub headers: Vec<(String, Secret)>,
    pub redactor: Redactor,
    /// Whom to trust instead of Mozilla's roots.
    pub roots: Option<RootCerts>,
    pub plain: Plain,
}

impl Settings {
    /// Reads a table; secrets come from the environment.
    ///
    /// # Errors
    /// `BadConfig` with what is wrong and what to write instead.
    pub(crate) fn read(config: &Value) -> Result<Self, ComponentError> {
        let raw: Raw = serde_json::from_value(config.clone()).map_err(|e| {
            bad(format!("the component's table can't be used: {e}"), "see docs/backends.md for examples")
        })?;
        let urls = match raw.base_url {
            OneOrMany::One(url) => vec![url],
            OneOrMany::Many(urls) => urls,
        };
        if urls.is_empty() {
            return Err(bad("base_url is an empty list", "name at least one server"));
        }
        let base_urls = urls.iter().map(|u| base_url(u)).collect::<Result<_, _>>()?;
        let mut headers: Vec<(String, Secret)> =
            raw.headers.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
        let mut secrets = Vec::new();
        if let Some(variable) = &raw.api_key_env {
            let key = from_environment(variable, "api_key_env")?;
            headers.push(("Authorization".to_owned(), Secret::new(format!("Bearer {}", key.reveal()))));
            secrets.push(key);
        }
        for (name, variable) in &raw.headers_env {
            let value = from_environment(variable, "headers_env")?;
            secrets.push(value.clone());
            headers.push((name.clone(), value));
        }
        for (name, value) in &headers {
            let named = ureq::http::HeaderName::try_from(name.as_str()).is_ok();
            if !named || ureq::http::HeaderValue::try_from(value.reveal()).is_err() {
                let what = format!("the header '{}' can't be sent", name.escape_debug());
                return Err(bad(what, "headers are one line of visible ASCII characters"));
            }
        }
        let roots = raw.ca_file.as_deref().map(roots).transpose()?;
        Ok(Self { base_urls, headers, redactor: Redactor::new(secrets), roots, plain: raw.plain })
    }
}

fn base_url(written: &str) -> Result<String, ComponentError> {
    let parsed = ureq::http::Uri::try_from(written).ok();
    let scheme = parsed.as_ref().and_then(|u| u.scheme_str());
    match (&parsed, scheme) {
        (Some(uri), Some("http" | "https")) => {
            let host = uri.authority().map(|a| a.as_str()).unwrap_or_default();
            if host.contains('@') || uri.query().is_some() {
                // Not quoted: it may hold a password.
                return Err(bad(
                    "a base_url holds a user name, a password or a query",
                    "put secrets into the environment and name the variable with api_key_env or headers_env",
                ));
            }
            Ok(written.trim_end_matches('/').to_owned())
        }
        _ => Err(bad(
            format!("base_url '{}' is no address", written.escape_debug()),
            "write the scheme, too: \"http://127.0.0.1:8000/v1\"",
        )),
    }
}

/// The certificates of a PEM file.
fn roots(file: &Path) -> Result<RootCerts, ComponentError> {
    let told = |why: &dyn std::fmt::Display| {
        bad(format!("ca_file {} can't be used: {why}", file.display()), "name a PEM file with certificates")
    };
    let pem = std::fs::read(file).map_err(|e| told(&e))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|e| told(&e))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(told(&"there is no certificate in it"));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

fn from_environment(variable: &str, key: &str) -> Result<Secret, ComponentError> {
    match std::env::var(variable) {
        Ok(value) if !value.trim().is_empty() => Ok(Secret::new(value.trim())),
        _ => Err(bad(
            format!("{key} names the environment variable {}, which is not set", variable.escape_debug()),
            "export it before giqa is started, or remove the key where the server wants none",
        )),
    }
}

fn bad(what: impl Into<String>, hint: &str) -> ComponentError {
    ComponentError::new(ErrorKind::BadConfig, what).hint(hint)
}

fn seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    // Longer ones would not fit the system's clock.
    Duration::try_from_secs_f64(seconds).map(|d| d.min(LONGEST)).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests;
