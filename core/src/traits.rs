//! The three kinds of component.
//!
//! All are batch-first, blocking and cancellable. They give **one result per item, in order**; an error costs its
//! item alone. The engine cannot tell a plain Rust type from a dynamic plugin or a worker process behind them.

use crate::{
    ComponentError, Context, Measurement, MetricInput, MetricSpec, ModelInput, ModelOutput, ModelSpec, ProposerInput,
    ProposerSpec, Region,
};

/// image (+ original, + region) -> score with an optional map, or "not measurable".
pub trait Metric: Send + Sync {
    /// What it is and needs.
    fn spec(&self) -> &MetricSpec;

    /// Measures each item.
    ///
    /// # Errors
    /// Per item: [`ComponentError`] with the cause and the remedy.
    fn measure(&self, context: &Context<'_>, items: &[MetricInput<'_>]) -> Vec<Result<Measurement, ComponentError>>;
}

/// image (+ phrases) -> regions.
pub trait RegionProposer: Send + Sync {
    /// What it is and needs.
    fn spec(&self) -> &ProposerSpec;

    /// Proposes regions for each item, surest first.
    ///
    /// # Errors
    /// Per item: [`ComponentError`] with the cause and the remedy.
    fn propose(&self, context: &Context<'_>, items: &[ProposerInput<'_>]) -> Vec<Result<Vec<Region>, ComponentError>>;
}

/// image + request + evidence -> grounded text.
pub trait GroundingModel: Send + Sync {
    /// What it is and needs.
    fn spec(&self) -> &ModelSpec;

    /// Answers each item.
    ///
    /// # Errors
    /// Per item: [`ComponentError`] with the cause and the remedy.
    fn generate(&self, context: &Context<'_>, items: &[ModelInput<'_>]) -> Vec<Result<ModelOutput, ComponentError>>;
}
