//! Raw tables -> [`Config`].

use super::document::{Document, escape};
use super::mistake::{Mistake, nearest};
use super::raw::{RawConfig, RawPlugin, RawProfile, plugins_schema};
use super::schema_check::check_against;
use super::{ComponentConfig, Config, PluginConfig, ProfileConfig};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What a component is used as in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Proposer,
    Metric,
    Model,
}

impl Role {
    /// The kind that a component must have for it.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Role::Proposer => "proposer",
            Role::Metric => "metric",
            Role::Model => "model",
        }
    }
}

/// A component that a profile names, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub id: String,
    pub role: Role,
    pub pointer: String,
}

/// `plugin.component` in its parts.
pub(crate) fn split_id(id: &str) -> Option<(&str, &str)> {
    id.split_once('.').filter(|(plugin, component)| !plugin.is_empty() && !component.is_empty())
}

impl Config {
    /// Every component that a profile names itself (inherited ones stand where they are inherited from).
    pub(crate) fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        let profiles = self.document.values().get("profiles").and_then(Value::as_object);
        for (name, profile) in profiles.into_iter().flatten() {
            let at = format!("/profiles/{}", escape(name));
            for (key, role) in [("proposers", Role::Proposer), ("metrics", Role::Metric)] {
                let list = profile.get(key).and_then(Value::as_array);
                for (i, id) in list.into_iter().flatten().enumerate() {
                    let id = id.as_str().unwrap_or_default().to_owned();
                    found.push(Reference { id, role, pointer: format!("{at}/{key}/{i}") });
                }
            }
            if let Some(id) = profile.get("model").and_then(Value::as_str) {
                found.push(Reference { id: id.to_owned(), role: Role::Model, pointer: format!("{at}/model") });
            }
        }
        found
    }
}

/// Checks a document. What it says of profiles comes before `defaults`, whose profiles stand behind it.
pub(super) fn check(document: Document, folder: &Path, defaults: &str) -> Config {
    let mut mistakes = check_against(&plugins_schema(), document.values(), &document, "");
    let mut raw: RawConfig = serde_json::from_value(document.values().clone()).unwrap_or_else(|e| {
        // The schema has told more about it, unless it let something pass.
        if mistakes.is_empty() {
            mistakes.push(document.mistake("", e.to_string()));
        }
        readable_profiles(&document)
    });
    let defaults: RawConfig = toml::from_str(defaults).unwrap_or_default();
    for (name, profile) in defaults.profiles {
        raw.profiles.entry(name).or_insert(profile);
    }
    let profiles = resolve_profiles(&raw, &document, &mut mistakes);
    if !raw.profiles.contains_key(&raw.profile) {
        let near = nearest(&raw.profile, raw.profiles.keys().map(String::as_str));
        mistakes.push(document.mistake("/profile", format!("no profile '{}'{near}", raw.profile)));
    }
    let plugins = raw.plugins.into_iter().map(|(name, plugin)| (name, plugin_config(plugin, folder))).collect();
    let plugin_dirs = raw.plugin_dirs.iter().map(|d| crate::paths::resolve(d, folder)).collect();
    Config { profile: raw.profile, plugin_dirs, profiles, plugins, folder: folder.to_owned(), document, mistakes }
}

/// What can be read of a file that can't be read as a whole, so that its names are checked all the same.
fn readable_profiles(document: &Document) -> RawConfig {
    let mut raw = RawConfig { profile: "classic".to_owned(), ..RawConfig::default() };
    if let Some(name) = document.values().get("profile").and_then(Value::as_str) {
        name.clone_into(&mut raw.profile);
    }
    for (name, profile) in document.values().get("profiles").and_then(Value::as_object).into_iter().flatten() {
        let profile = serde_json::from_value(profile.clone()).unwrap_or_else(|_| RawProfile {
            inherits: profile.get("inherits").and_then(Value::as_str).map(ToOwned::to_owned),
            ..RawProfile::default()
        });
        raw.profiles.insert(name.clone(), profile);
    }
    raw
}

fn resolve_profiles(
    raw: &RawConfig,
    document: &Document,
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<String, ProfileConfig> {
    let mut resolved = BTreeMap::new();
    for name in raw.profiles.keys() {
        let mut profile = ProfileConfig::default();
        let (mut proposers, mut metrics) = (None, None);
        let mut seen: Vec<&str> = Vec::new();
        let mut at = Some(name.as_str());
        while let Some(current) = at {
            let child = seen.last().copied().unwrap_or(name);
            let pointer = format!("/profiles/{}/inherits", escape(child));
            if seen.contains(&current) {
                // Told once, at the profile that begins the circle.
                if current == name {
                    let circle = seen.join(" -> ");
                    mistakes.push(
                        document.mistake(
                            &pointer,
                            format!("profiles inherit each other in a circle: {circle} -> {current}"),
                        ),
                    );
                }
                break;
            }
            let Some(table) = raw.profiles.get(current) else {
                if child == name {
                    let near = nearest(current, raw.profiles.keys().map(String::as_str));
                    mistakes.push(
                        document
                            .mistake(&pointer, format!("profile '{child}' inherits unknown profile '{current}'{near}")),
                    );
                }
                break;
            };
            seen.push(current);
            proposers = proposers.or_else(|| table.proposers.clone());
            metrics = metrics.or_else(|| table.metrics.clone());
            profile.model = profile.model.or_else(|| table.model.clone());
            at = table.inherits.as_deref();
        }
        profile.proposers = proposers.unwrap_or_default();
        profile.metrics = metrics.unwrap_or_default();
        resolved.insert(name.clone(), profile);
    }
    resolved
}

fn plugin_config(raw: RawPlugin, folder: &Path) -> PluginConfig {
    let library = raw.library.map(|l| {
        // A bare name is looked for on the search path; anything with a separator is a path.
        if l.contains(std::path::MAIN_SEPARATOR) || l.starts_with('~') {
            crate::paths::resolve(&l, folder).display().to_string()
        } else {
            l
        }
    });
    let components = raw
        .components
        .into_iter()
        .map(|(name, c)| (name, ComponentConfig { component: c.component, config: Value::Object(c.config) }))
        .collect();
    PluginConfig {
        library,
        isolation: raw.isolation,
        blake3: raw.blake3,
        deadline: raw.deadline_s.and_then(|s| Duration::try_from_secs_f64(s).ok()),
        memory_limit: raw.memory_limit_mb.map(|mb| mb.saturating_mul(1_000_000)),
        workers: raw.workers,
        components,
    }
}
