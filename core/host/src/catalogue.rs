//! Which plugins there are, from their manifests alone: nothing of them runs here.

use crate::builtin::Builtin;
use crate::config::{Config, PluginConfig};
use crate::error::HostError;
use crate::search::{SearchPath, default_library};
use giqa_core::{ComponentManifest, PluginManifest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a plugin comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Linked into the program.
    Builtin(Builtin),
    /// A library.
    Library(PathBuf),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Builtin(_) => f.write_str("built in"),
            Origin::Library(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A plugin and what it says of itself.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it comes from.
    pub origin: Origin,
    /// Its manifest.
    pub manifest: PluginManifest,
    /// Its table in plugins.toml.
    pub config: PluginConfig,
}

impl Entry {
    /// The manifest's component behind a name that a profile uses: a configured instance, or the component itself.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<&ComponentManifest> {
        let Some(configured) = self.config.components.get(name) else { return self.manifest.component(name) };
        match &configured.component {
            Some(component) => self.manifest.component(component),
            None => self.manifest.component(name).or(match self.manifest.components.as_slice() {
                [only] => Some(only),
                _ => None,
            }),
        }
    }

    /// All names that a profile may use.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let components = self.manifest.components.iter().map(|c| c.name.as_str());
        let configured = self.config.components.keys().map(String::as_str);
        components.chain(configured.filter(|n| self.manifest.component(n).is_none()))
    }
}

/// Plugins by name; those that can't be used, with the reason.
pub type Catalogue = BTreeMap<String, Result<Entry, HostError>>;

/// Looks at everything there is: what plugins.toml names, what is built in, what lies on the search path.
pub(crate) fn survey(config: &Config, builtins: &[Builtin], path: &SearchPath) -> Catalogue {
    let mut catalogue = Catalogue::new();
    for (name, plugin) in &config.plugins {
        let builtin = builtins.iter().find(|b| b.name() == name);
        catalogue.insert(name.clone(), entry(name, plugin, builtin, path));
    }
    for builtin in builtins {
        if !catalogue.contains_key(builtin.name()) {
            let found = entry(builtin.name(), &PluginConfig::default(), Some(builtin), path);
            catalogue.insert(builtin.name().to_owned(), found);
        }
    }
    for library in path.all() {
        // A library that is no plugin only matters when it is named.
        if let Ok(manifest) = crate::manifest::read(&library) {
            catalogue.entry(manifest.name.clone()).or_insert_with(|| {
                Ok(Entry { origin: Origin::Library(library), manifest, config: PluginConfig::default() })
            });
        }
    }
    catalogue
}

fn entry(name: &str, plugin: &PluginConfig, builtin: Option<&Builtin>, path: &SearchPath) -> Result<Entry, HostError> {
    let library = plugin.library.clone().unwrap_or_else(|| default_library(name));
    let found = if Path::new(&library).is_absolute() {
        Some(PathBuf::from(&library))
    } else {
        // Whoever names a library of a built-in plugin wants that library, wherever it lies.
        path.find(&library, builtin.is_some() && plugin.library.is_none())
    };
    let (origin, manifest) = match (found, builtin) {
        (Some(file), _) => {
            let manifest = crate::manifest::read(&file)?;
            (Origin::Library(file), manifest)
        }
        (None, Some(builtin)) if plugin.library.is_none() => (Origin::Builtin(*builtin), builtin.manifest()?),
        (None, _) => return Err(path.not_found(name, &library)),
    };
    Ok(Entry { origin, manifest, config: plugin.clone() })
}
