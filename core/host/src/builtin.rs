//! Plugins that are linked into the program, reached through the same table as libraries.

use crate::error::HostError;
use crate::services::Directories;
use crate::table::Table;
use giqa_abi::GiqaPluginV1;
use giqa_core::PluginManifest;
use std::path::Path;
use std::sync::Arc;

/// A plugin that is linked in.
#[derive(Clone, Copy)]
pub struct Builtin {
    name: &'static str,
    table: &'static GiqaPluginV1,
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Builtin({})", self.name)
    }
}

impl Builtin {
    /// A linked-in plugin by its table, as `giqa_sdk::export_plugin!` makes it.
    ///
    /// # Safety
    /// The table must follow giqa-abi; those made by `export_plugin!` do.
    #[must_use]
    pub const unsafe fn new(name: &'static str, table: &'static GiqaPluginV1) -> Self {
        Self { name, table }
    }

    /// Its name in plugins.toml.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its manifest.
    ///
    /// # Errors
    /// [`HostError::Manifest`] when it is wrong.
    pub fn manifest(&self) -> Result<PluginManifest, HostError> {
        Ok(self.table(Directories::default())?.manifest().clone())
    }

    pub(crate) fn table(&self, directories: Directories) -> Result<Arc<Table>, HostError> {
        // SAFETY: promised to `new`; statics of this program live for ever.
        unsafe { Table::new(self.table, Path::new(self.name), directories) }
    }
}
