//! The registry: from a checked configuration to profiles that run.

use crate::adapter::Adapter;
use crate::builtin::Builtin;
use crate::catalogue::{Catalogue, Entry, Origin, survey};
use crate::config::{Config, ConfigError, Isolation, Mistake, ProfileConfig, Role, check_against, nearest, split_id};
use crate::error::HostError;
use crate::profile::{Loaded, Profile};
use crate::search::SearchPath;
use crate::services::Directories;
use crate::table::Table;
use crate::transport::Transport;
use crate::worker::{Limits, Pool, PoolSettings, Source, WorkerCommand};
use crate::{library, paths};
use giqa_core::{ComponentError, ComponentManifest, ComponentProvenance, ComponentSpec, PluginManifest, Threading};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The deadline of a call in a worker process where plugins.toml sets none.
const DEADLINE: Duration = Duration::from_secs(120);
/// The memory of a worker process where plugins.toml sets none.
const MEMORY: u64 = 4_096_000_000;

/// What a host needs beside its configuration.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// Plugins that are linked into the program.
    pub builtins: Vec<Builtin>,
    /// Folders named by hand (`--plugin-dir`).
    pub plugin_dirs: Vec<PathBuf>,
    /// How to start a worker; without it, nothing runs in a process of its own.
    pub worker: Option<WorkerCommand>,
    /// Where plugins keep caches and find weights.
    pub directories: Directories,
    /// Calls that may run at a time; as many workers a plugin gets.
    pub jobs: usize,
    /// Plugins that are linked into the program run in workers, too, unless their configuration says otherwise: for
    /// programs that must outlive whatever a picture does to a plugin.
    pub isolate_builtins: bool,
}

/// Configuration, catalogue, and the plugins that are running.
#[derive(Debug)]
pub struct Host {
    config: Config,
    options: HostOptions,
    path: SearchPath,
    catalogue: Catalogue,
    backends: Mutex<HashMap<String, Backend>>,
}

/// A plugin that is open.
#[derive(Debug, Clone)]
enum Backend {
    Here(Arc<Table>),
    Elsewhere(Arc<Pool>, Box<PluginManifest>),
}

impl Backend {
    fn manifest(&self) -> &PluginManifest {
        match self {
            Backend::Here(table) => table.manifest(),
            Backend::Elsewhere(_, manifest) => manifest,
        }
    }
}

/// A component, made, with what is known of it.
struct Made {
    provenance: ComponentProvenance,
    max_batch: u32,
    spec: ComponentSpec,
    transport: Box<dyn Transport>,
}

impl Host {
    /// Checks a configuration against the plugins that there are.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake: unknown plugins, components, keys and values.
    pub fn new(config: Config, options: HostOptions) -> Result<Self, ConfigError> {
        let path = SearchPath::new(&options.plugin_dirs, &config.plugin_dirs);
        let catalogue = survey(&config, &options.builtins, &path);
        let host = Self { config, options, path, catalogue, backends: Mutex::default() };
        ConfigError::unless_empty(host.mistakes())?;
        Ok(host)
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The plugins that there are.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Where libraries are looked for.
    #[must_use]
    pub fn search_path(&self) -> &SearchPath {
        &self.path
    }

    /// What only shows once the manifests are known.
    fn mistakes(&self) -> Vec<Mistake> {
        let document = &self.config.document;
        let mut mistakes = self.config.mistakes.clone();
        for reference in self.config.references() {
            if let Some(message) = self.wrong_reference(&reference.id, reference.role) {
                mistakes.push(document.mistake(&reference.pointer, message));
            }
        }
        for (name, plugin) in &self.config.plugins {
            // A plugin that can't be used is told when it is needed; its keys can't be checked without a manifest.
            let Some(Ok(entry)) = self.catalogue.get(name) else { continue };
            for (component, table) in &plugin.components {
                let pointer = format!("/plugins/{name}/components/{component}");
                match entry.component(component) {
                    Some(manifest) => {
                        mistakes.extend(check_against(&manifest.config_schema, &table.config, document, &pointer));
                    }
                    None => {
                        let wanted = table.component.as_deref().unwrap_or(component);
                        let near = nearest(wanted, entry.manifest.components.iter().map(|c| c.name.as_str()));
                        let place =
                            if table.component.is_some() { format!("{pointer}/component") } else { pointer.clone() };
                        mistakes.push(
                            document.mistake(&place, format!("plugin '{name}' has no component '{wanted}'{near}")),
                        );
                    }
                }
            }
        }
        mistakes
    }

    fn wrong_reference(&self, id: &str, role: Role) -> Option<String> {
        let Some((plugin, component)) = split_id(id) else {
            return Some(format!("'{id}' is not a component; write plugin.component, e.g. classic.sharpness"));
        };
        match self.catalogue.get(plugin) {
            None => {
                let near = nearest(plugin, self.catalogue.keys().map(String::as_str));
                Some(format!("unknown plugin '{plugin}' in '{id}'{near}"))
            }
            Some(Err(_)) => None,
            Some(Ok(entry)) => match entry.component(component) {
                // An instance of nothing is told where it is configured.
                None if entry.config.components.contains_key(component) => None,
                None => {
                    let near = nearest(component, entry.names());
                    let near = if near.is_empty() {
                        format!("; it has {}", entry.names().collect::<Vec<_>>().join(", "))
                    } else {
                        near.replace("mean '", &format!("mean '{plugin}."))
                    };
                    Some(format!("unknown component '{id}'{near}"))
                }
                Some(c) if c.spec.kind() != role.kind() => {
                    Some(format!("'{id}' is a {}, but stands where a {} is expected", c.spec.kind(), role.kind()))
                }
                Some(_) => None,
            },
        }
    }

    /// Makes a profile's components. Those that can't be made are left out and told.
    ///
    /// # Errors
    /// [`HostError::UnknownName`] when there is no such profile.
    pub fn profile(&self, name: Option<&str>) -> Result<(Profile, Vec<HostError>), HostError> {
        let name = name.unwrap_or(&self.config.profile);
        let wanted = self.config.profiles.get(name).ok_or_else(|| {
            let names: Vec<_> = self.config.profiles.keys().map(String::as_str).collect();
            let near = nearest(name, names.iter().copied());
            HostError::UnknownName(format!("no profile '{name}'{near} (there are: {})", names.join(", ")))
        })?;
        Ok(self.assemble(name, wanted))
    }

    fn assemble(&self, name: &str, wanted: &ProfileConfig) -> (Profile, Vec<HostError>) {
        let mut problems = Vec::new();
        let mut profile = Profile { name: name.to_owned(), ..Profile::default() };
        let ids = wanted.proposers.iter().chain(&wanted.metrics).chain(&wanted.model);
        // A plugin that can't be used is tried, and told, once.
        let mut unusable: BTreeMap<&str, (Vec<String>, String)> = BTreeMap::new();
        for id in ids {
            let plugin = split_id(id).map_or(id.as_str(), |(plugin, _)| plugin);
            if let Some((ids, _)) = unusable.get_mut(plugin) {
                ids.push(id.clone());
                continue;
            }
            match self.make(id) {
                Ok(Made { provenance, max_batch, spec, transport }) => match spec {
                    ComponentSpec::Metric(spec) => {
                        profile
                            .metrics
                            .push(Loaded { provenance, component: Arc::new(Adapter::new(spec, max_batch, transport)) });
                    }
                    ComponentSpec::Proposer(spec) => {
                        profile
                            .proposers
                            .push(Loaded { provenance, component: Arc::new(Adapter::new(spec, max_batch, transport)) });
                    }
                    ComponentSpec::Model(spec) => {
                        profile.model =
                            Some(Loaded { provenance, component: Arc::new(Adapter::new(spec, max_batch, transport)) });
                    }
                },
                Err(problem) if problem.is_of_one_component() => problems.push(problem),
                Err(HostError::Unusable { ids, reason }) => {
                    unusable.insert(plugin, (ids, reason));
                }
                Err(problem) => {
                    unusable.insert(plugin, (vec![id.clone()], problem.to_string()));
                }
            }
        }
        problems.extend(unusable.into_values().map(|(ids, reason)| HostError::Unusable { ids, reason }));
        (profile, problems)
    }

    fn make(&self, id: &str) -> Result<Made, HostError> {
        let unknown = || HostError::UnknownName(format!("no component '{id}'"));
        let (plugin, name) = split_id(id).ok_or_else(unknown)?;
        let entry = match self.catalogue.get(plugin).ok_or_else(unknown)? {
            Ok(entry) => entry,
            // In words: errors can't be cloned.
            Err(e) => return Err(HostError::Unusable { ids: vec![id.to_owned()], reason: e.to_string() }),
        };
        let backend = self.backend(plugin, entry)?;
        let component = entry.component(name).ok_or_else(unknown)?;
        // The manifest in the file may lie about the one in the code.
        let component = backend.manifest().component(&component.name).ok_or_else(unknown)?.clone();
        let mut config = entry.config.components.get(name).map_or_else(empty, |c| c.config.clone());
        resolve_paths(&mut config, &component, &self.config.folder);
        let config_text = config.to_string();
        let create = |e: ComponentError| HostError::Create { id: id.to_owned(), source: e };
        let transport: Box<dyn Transport> = match &backend {
            Backend::Here(table) => Box::new(table.create(&component.name, &config_text).map_err(create)?),
            Backend::Elsewhere(pool, _) => Box::new(pool.component(&component.name, &config_text).map_err(create)?),
        };
        let provenance = ComponentProvenance {
            id: id.to_owned(),
            version: backend.manifest().version.clone(),
            config_hash: blake3::hash(config_text.as_bytes()).to_hex().to_string(),
            weights_hash: weights_hash(&component),
            usage: None,
        };
        Ok(Made { provenance, max_batch: component.max_batch, spec: component.spec, transport })
    }

    /// Opens a plugin, once.
    fn backend(&self, name: &str, entry: &Entry) -> Result<Backend, HostError> {
        let mut backends = self.backends.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(backend) = backends.get(name) {
            return Ok(backend.clone());
        }
        let backend = self.open(name, entry)?;
        backends.insert(name.to_owned(), backend.clone());
        Ok(backend)
    }

    fn open(&self, name: &str, entry: &Entry) -> Result<Backend, HostError> {
        let config = &entry.config;
        let directories = self.options.directories.clone();
        let (source, shown, usual) = match &entry.origin {
            Origin::Builtin(builtin) => {
                let usual = if self.options.isolate_builtins { Isolation::Process } else { Isolation::InProcess };
                (Source::Builtin(builtin.name().to_owned()), PathBuf::from(name), usual)
            }
            Origin::Library(path) => {
                let real = library::vet(path, config.blake3.as_deref())?;
                (Source::Library(real.clone()), real, Isolation::Process)
            }
        };
        if config.isolation.unwrap_or(usual) == Isolation::InProcess {
            return Ok(Backend::Here(match &entry.origin {
                Origin::Builtin(builtin) => builtin.table(directories)?,
                Origin::Library(_) => library::load(&shown, directories)?,
            }));
        }
        let command = self.options.worker.clone().ok_or_else(|| HostError::Worker {
            plugin: name.to_owned(),
            reason: "can't be started: this program has no worker command. Set isolation = \"in-process\"".to_owned(),
        })?;
        let alone = entry.manifest.threading == Threading::Process;
        let settings = PoolSettings {
            plugin: name.to_owned(),
            command,
            source,
            directories,
            limits: Limits {
                deadline: config.deadline.unwrap_or(DEADLINE),
                memory: Some(config.memory_limit.unwrap_or(MEMORY)),
            },
            workers: config.workers.unwrap_or(if alone { 1 } else { self.options.jobs.max(1) }),
            calls: entry.manifest.concurrent_calls as usize,
        };
        let (pool, manifest) = Pool::start(settings, &shown)?;
        if manifest != entry.manifest {
            return Err(HostError::manifest(&shown, "in the file differs from the one that its code gives"));
        }
        Ok(Backend::Elsewhere(pool, Box::new(manifest)))
    }
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

/// Makes strings whose schema says `"format": "path"` absolute.
fn resolve_paths(config: &mut Value, component: &ComponentManifest, folder: &Path) {
    let Some(properties) = component.config_schema.get("properties").and_then(Value::as_object) else { return };
    let Some(table) = config.as_object_mut() else { return };
    for (key, value) in table {
        let is_path = properties.get(key).and_then(|p| p.get("format")).and_then(Value::as_str) == Some("path");
        if let (true, Some(written)) = (is_path, value.as_str()) {
            *value = Value::String(paths::resolve(written, folder).display().to_string());
        }
    }
}

fn weights_hash(component: &ComponentManifest) -> Option<String> {
    if component.weights.is_empty() {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    for weights in &component.weights {
        hasher.update(weights.blake3.as_bytes());
    }
    Some(hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_are_resolved() {
        let component: ComponentManifest = serde_json::from_value(serde_json::json!({
            "name": "m", "kind": "model", "tasks": [],
            "config_schema": {"properties": {"weights": {"type": "string", "format": "path"}, "prompt": {"type": "string"}}}
        }))
        .unwrap();
        let mut config = serde_json::json!({"weights": "w", "prompt": "p", "n": 1});
        resolve_paths(&mut config, &component, Path::new("/base"));
        assert_eq!(config, serde_json::json!({"weights": "/base/w", "prompt": "p", "n": 1}));
        assert_eq!(weights_hash(&component), None);
    }
}
