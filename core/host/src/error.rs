//! Why a plugin can't be used. Each message names the plugin or file and the remedy.

use giqa_core::ComponentError;
use std::path::{Path, PathBuf};

/// A plugin that can't be used, or a component that can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// No library of this name on the search path.
    #[error(
        "plugin '{plugin}': no library '{library}' found; looked in {}. Install it there, or set `library` in plugins.toml to its path",
        places(looked_in)
    )]
    NotFound {
        /// Name in plugins.toml.
        plugin: String,
        /// File name or path that was looked for.
        library: String,
        /// Where.
        looked_in: Vec<PathBuf>,
    },
    /// The file can't be read.
    #[error("plugin library {}: {source}. Check that the file is there and readable", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not a shared library of this machine.
    #[error("{} is not a shared library: {reason}. Point `library` at the plugin's {} file", path.display(), std::env::consts::DLL_EXTENSION)]
    NotALibrary {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The library can't be loaded.
    #[error("{} can't be loaded: {reason}. It may be built for another machine, or a library that it needs may be missing", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// What the loader says.
        reason: String,
    },
    /// A shared library, but no plugin.
    #[error("{} is not a giqa ABI v1 plugin: it does not export GIQA_PLUGIN_V1. Rebuild it against giqa_plugin.h or giqa-sdk of this version", path.display())]
    NotAPlugin {
        /// The file.
        path: PathBuf,
    },
    /// A plugin of another major version of the border, or with an incomplete table.
    #[error("{}: {reason}. This giqa speaks ABI {}.{}; install a plugin built for ABI {}", path.display(), giqa_abi::GIQA_ABI_MAJOR, giqa_abi::GIQA_ABI_MINOR, giqa_abi::GIQA_ABI_MAJOR)]
    Abi {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The manifest is missing, wrong, or not true.
    #[error("{}: its manifest {reason}. Ask the plugin's author to correct it (`giqa plugins check` shows all that is wrong)", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Others may write to the file or its folder.
    #[error("{} is not loaded: {writable} may be written to by everybody. Remove that right: chmod o-w '{writable}'", path.display(), writable = writable.display())]
    WorldWritable {
        /// The library.
        path: PathBuf,
        /// The file or folder.
        writable: PathBuf,
    },
    /// The library is not the pinned one.
    #[error("{} is not loaded: plugins.toml pins blake3 {expected}, the file has {actual}. Update the pin if the change was meant", path.display())]
    Pin {
        /// The file.
        path: PathBuf,
        /// From plugins.toml.
        expected: String,
        /// Of the file.
        actual: String,
    },
    /// A component could not be made.
    #[error("component '{id}' can't be made: {source}")]
    Create {
        /// `plugin.component`.
        id: String,
        /// Why.
        source: ComponentError,
    },
    /// Components of a plugin that can't be used.
    #[error("{} can't be used: {reason}", some(ids))]
    Unusable {
        /// `plugin.component`, each.
        ids: Vec<String>,
        /// What is wrong with the plugin, and the remedy.
        reason: String,
    },
    /// The worker process did not come up.
    #[error("plugin '{plugin}': its worker process {reason}")]
    Worker {
        /// Name in plugins.toml.
        plugin: String,
        /// What happened.
        reason: String,
    },
    /// A name that plugins.toml does not have.
    #[error("{0}")]
    UnknownName(String),
}

fn places(list: &[PathBuf]) -> String {
    if list.is_empty() {
        return "no folder (the search path is empty)".to_owned();
    }
    list.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn some(ids: &[String]) -> String {
    let named: Vec<String> = ids.iter().take(3).map(|id| format!("'{id}'")).collect();
    let more = match ids.len().saturating_sub(named.len()) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("{}{more}", named.join(", "))
}

impl HostError {
    /// Whether it concerns one component; the plugin's others may work.
    pub(crate) fn is_of_one_component(&self) -> bool {
        matches!(self, Self::Create { .. } | Self::UnknownName(_))
    }

    pub(crate) fn manifest(path: &Path, reason: impl Into<String>) -> Self {
        Self::Manifest { path: path.to_owned(), reason: reason.into() }
    }
}
