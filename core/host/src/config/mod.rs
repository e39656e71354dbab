//! plugins.toml: raw tables in, checked configuration out, every mistake at once.
//!
//! `raw` is what may be written (its JSON Schema is checked in as `schema/plugins.schema.json`), `document` knows
//! where everything stands in the file, `check` turns the one into a [`Config`] with the help of the other.

mod check;
mod document;
mod mistake;
mod raw;
mod schema_check;

pub use mistake::{ConfigError, Mistake};
pub use raw::{Isolation, plugins_schema};

pub(crate) use check::{Role, split_id};
pub(crate) use document::Document;
pub use mistake::nearest;
pub(crate) use schema_check::check_against;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// plugins.toml; fully checked once it is in a [`crate::Host`].
#[derive(Debug, Clone)]
pub struct Config {
    /// The profile that runs when none is named.
    pub profile: String,
    /// Folders with plugin libraries, absolute.
    pub plugin_dirs: Vec<PathBuf>,
    /// Profiles by name, inheritance resolved.
    pub profiles: BTreeMap<String, ProfileConfig>,
    /// Plugins by name.
    pub plugins: BTreeMap<String, PluginConfig>,
    /// What relative paths are resolved against.
    pub(crate) folder: PathBuf,
    pub(crate) document: Document,
    /// Mistakes found so far.
    pub(crate) mistakes: Vec<Mistake>,
}

/// A profile: ids (`plugin.component`) of its components.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileConfig {
    /// Region proposers.
    pub proposers: Vec<String>,
    /// Metrics.
    pub metrics: Vec<String>,
    /// The model.
    pub model: Option<String>,
}

/// One plugin's table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PluginConfig {
    /// Name on the search path, or a path.
    pub library: Option<String>,
    /// Where it runs; `None` = built-in plugins in this process, libraries in their own.
    pub isolation: Option<Isolation>,
    /// blake3 of the library, hex.
    pub blake3: Option<String>,
    /// Time for one call in a worker process.
    pub deadline: Option<Duration>,
    /// Memory of one worker process, bytes.
    pub memory_limit: Option<u64>,
    /// Worker processes.
    pub workers: Option<usize>,
    /// Configured components by name.
    pub components: BTreeMap<String, ComponentConfig>,
}

/// One component's table.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentConfig {
    /// Which of the plugin's components it is; `None` = the one of the same name, else the plugin's only one.
    pub component: Option<String>,
    /// Its own keys.
    pub config: Value,
}

impl Config {
    /// Reads a file. `defaults` is the text of the embedded configuration: its profiles are there unless the file has
    /// its own of the same name.
    ///
    /// Mistakes beyond TOML's own are kept until [`crate::Host::new`] has found those that need manifests, so that
    /// all are told at once.
    ///
    /// # Errors
    /// [`ConfigError`] when the file can't be read or is not TOML.
    pub fn load(path: &Path, defaults: &str) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|e| ConfigError::unreadable(path, &e))?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        Self::parse(&text, &path.display().to_string(), &folder, defaults)
    }

    /// Reads a text, as [`load`](Self::load) does. `name` is for messages; relative paths in it are resolved against
    /// `folder`.
    ///
    /// # Errors
    /// [`ConfigError`] when it is not TOML.
    pub fn parse(text: &str, name: &str, folder: &Path, defaults: &str) -> Result<Self, ConfigError> {
        Ok(check::check(Document::parse(text, name)?, folder, defaults))
    }
}
