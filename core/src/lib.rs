//! # giqa-core
//!
//! The words that every other part of giqa speaks: boxes and grid cells, grounded text, scores, findings and
//! reports, and the three component traits ([`Metric`], [`RegionProposer`], [`GroundingModel`]).
//!
//! This crate does no I/O, holds no `unsafe` and knows nobody else in the workspace.
//!
//! One frame of reference everywhere: **upright pixels** (EXIF orientation applied), top-left origin, boxes as
//! `x1 y1 x2 y2`, normalised to `0..=1` unless a type says otherwise.

mod attribute;
mod choices;
mod context;
mod error;
mod evidence;
mod geometry;
mod grid;
mod image;
mod manifest;
mod map;
mod report;
mod request;
pub mod text;
mod traits;
pub mod wire;

pub use attribute::{Attribute, Level};
pub use choices::Choices;
pub use context::{CancelToken, Context, Observer, Silent};
pub use error::{ComponentError, ErrorKind};
pub use evidence::{Evidence, Finding, FindingEvidence, Region, Score};
pub use geometry::{BoxError, NormBox, PixelBox, union_area, union_iou};
pub use grid::{Cells, Decoding, Grid};
pub use image::{ImageView, ViewError};
pub use manifest::{
    Better, ComponentManifest, ComponentSpec, CostClass, MANIFEST_SCHEMA, MetricSpec, ModelSpec, ModelTask,
    NeededLibrary, PluginManifest, ProposerSpec, ReferenceNeed, Severity, Threading, Weights,
};
pub use map::{Map, MapError};
pub use report::{
    ComponentProvenance, Decision, Description, ImageInfo, Provenance, Quality, REPORT_SCHEMA, ReferenceProvenance,
    Report, Verdict,
};
pub use request::{
    Measurement, MetricInput, ModelInput, ModelOutput, OptionProbability, ProposerInput, Request, Usage,
};
pub use traits::{GroundingModel, Metric, RegionProposer};
