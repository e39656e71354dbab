//! A profile, ready to run: components behind their traits, and where each comes from.

use giqa_core::{ComponentProvenance, GroundingModel, Metric, RegionProposer};
use std::sync::Arc;

/// A component behind its trait, with its provenance (whose `id` is `plugin.component`).
pub struct Loaded<T: ?Sized> {
    /// Where it comes from.
    pub provenance: ComponentProvenance,
    /// The component.
    pub component: Arc<T>,
}

impl<T: ?Sized> Loaded<T> {
    /// `plugin.component`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.provenance.id
    }
}

// Derived, it would ask `T: Clone`, which trait objects are not.
impl<T: ?Sized> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        Self { provenance: self.provenance.clone(), component: Arc::clone(&self.component) }
    }
}

/// A named set of components that inspects images.
#[derive(Clone, Default)]
pub struct Profile {
    /// Its name in plugins.toml.
    pub name: String,
    /// Proposers in the order of plugins.toml.
    pub proposers: Vec<Loaded<dyn RegionProposer>>,
    /// Metrics in the order of plugins.toml.
    pub metrics: Vec<Loaded<dyn Metric>>,
    /// The model, where the profile has one.
    pub model: Option<Loaded<dyn GroundingModel>>,
}
