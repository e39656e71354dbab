//! The report: everything about one image (`giqa.report/1`). Keys are added, never renamed, within /1.

use crate::text::Span;
use crate::{Attribute, Finding, Level, Region, Score, Usage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The report schema that this version writes.
pub const REPORT_SCHEMA: &str = "giqa.report/1";

/// Everything about one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "giqa report", description = "What giqa found in one image.")]
pub struct Report {
    /// `giqa.report/1`.
    pub schema: String,
    /// The file.
    pub image: ImageInfo,
    /// Overall quality.
    pub quality: Quality,
    /// Values of the metrics.
    pub scores: Vec<Score>,
    /// Regions that the scores, findings and the description speak of.
    pub regions: Vec<Region>,
    /// Faults, worst first.
    pub findings: Vec<Finding>,
    /// The grounded description; absent where the profile has no model or the model failed (see `warnings`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// What the rules decided; absent without rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What made the report.
    pub provenance: Provenance,
    /// What went wrong or was repaired on the way.
    pub warnings: Vec<String>,
    /// Milliseconds by step (`decode`, `propose`, `measure`, `ground`, `total`).
    pub timing_ms: BTreeMap<String, f64>,
}

/// The file and the picture in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageInfo {
    /// As given on the command line or found below a folder.
    pub path: String,
    /// Hash of the file's bytes, hex.
    pub blake3: String,
    /// Width in upright pixels.
    pub width: u32,
    /// Height in upright pixels.
    pub height: u32,
    /// `jpeg`, `png`, ... by content, not by name.
    pub format: String,
    /// EXIF orientation that was applied, 1 to 8.
    pub orientation: u8,
    /// Size of the file.
    pub bytes: u64,
}

/// Overall quality.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quality {
    /// `0` (worst) to `100` (best).
    #[schemars(range(min = 0.0, max = 100.0))]
    pub score: f64,
    /// The score in words.
    pub level: Level,
}

impl Quality {
    /// Quality of a score, clamped to `0..=100`.
    #[must_use]
    pub fn of_score(score: f64) -> Self {
        let score = if score.is_nan() { 0.0 } else { score.clamp(0.0, 100.0) };
        Self { score, level: Level::of_score(score) }
    }

    /// Quality that severities leave, one per attribute: `100 * (1 - |weight * severity|)`, where `|.|` is the norm of
    /// power 3 over the attributes: the worst fault decides, and slight ones beside it hardly count, as viewers judge.
    /// It never rises when a severity does. A severity of 1 alone leaves 10 to 60 points, by how much the attribute
    /// matters.
    #[must_use]
    pub fn of_severities(severities: impl IntoIterator<Item = (Attribute, f64)>) -> Self {
        // 1 would add faults up, infinity take the worst alone (docs/quality.md).
        const POWER: f64 = 3.0;
        let lost = severities.into_iter().map(|(a, s)| (weight(a) * s.clamp(0.0, 1.0)).powf(POWER)).sum::<f64>();
        Self::of_score(100.0 * (1.0 - lost.powf(1.0 / POWER)))
    }
}

/// What a severity of 1 takes away, as a share.
fn weight(attribute: Attribute) -> f64 {
    match attribute {
        Attribute::Sharpness | Attribute::Exposure => 0.9,
        Attribute::Motion | Attribute::Compression | Attribute::Artefact => 0.8,
        Attribute::Noise => 0.7,
        Attribute::Contrast | Attribute::Colour | Attribute::Haze => 0.6,
        Attribute::Banding => 0.6,
    }
}

/// Words about the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Description {
    /// Plain text; the labels stay, the boxes don't.
    pub text: String,
    /// The same with boxes on the 20 x 20 grid: `... [sky](<0, 139>) ...`.
    pub grounded: String,
    /// Which part of `text` speaks of which boxes; offsets are bytes of its UTF-8 form.
    pub spans: Vec<Span>,
}

/// What rules decide about a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Keep.
    Accept,
    /// Let a person look.
    Review,
    /// Sort out.
    Reject,
}

/// A decision and the rules that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// Names of the rules that fired.
    pub rules: Vec<String>,
}

/// What made a report: the same input and provenance give the same report, timings and path aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Version of giqa.
    pub giqa: String,
    /// Name of the profile.
    pub profile: String,
    /// The components in the order in which they ran.
    pub components: Vec<ComponentProvenance>,
    /// The original that the image was compared with; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReferenceProvenance>,
}

/// The original that full-reference metrics compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceProvenance {
    /// The file.
    pub path: String,
    /// Hash of the file's bytes, hex.
    pub blake3: String,
}

/// One component that took part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentProvenance {
    /// `plugin.component`, as in plugins.toml.
    pub id: String,
    /// Version of the plugin.
    pub version: String,
    /// blake3 of its configuration as canonical JSON, hex.
    pub config_hash: String,
    /// blake3 over its weights; absent without weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights_hash: Option<String>,
    /// What its answer took, where it counts: tokens and their cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}
