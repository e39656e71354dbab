//! What was seen before words are made of it: regions, scores, findings.

use crate::{Attribute, Better, Cells, Level, NormBox, Quality};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A named box. Ids are unique within a report (`r1`, `r2`, ...).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Region {
    /// Id within the report; proposers leave it empty, the engine numbers the regions.
    #[serde(default)]
    pub id: String,
    /// What or where it is: "subject", "sky", "upper left".
    pub name: String,
    /// Where it is.
    #[serde(rename = "box")]
    pub bounds: NormBox,
    /// The same on the 20 x 20 grid; filled in by the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Cells>,
    /// How sure the proposer is, `0..=1`.
    pub score: f64,
    /// The component that proposed it, `plugin.component`; filled in by the engine.
    #[serde(default)]
    pub source: String,
    /// The attribute by which the place was found, where it was found by a fault: only that one is judged there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Attribute>,
    /// How bad that fault is there, `0..=1`, where the proposer can tell from more than one metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<f64>,
}

impl Region {
    /// A region as a proposer gives it.
    pub fn new(name: impl Into<String>, bounds: NormBox, score: f64) -> Self {
        Self {
            id: String::new(),
            name: name.into(),
            bounds,
            cells: None,
            score,
            source: String::new(),
            cause: None,
            severity: None,
        }
    }

    /// The same, found by a fault of this attribute and severity (`0..=1`).
    #[must_use]
    pub fn because(mut self, cause: Attribute, severity: f64) -> Self {
        self.cause = Some(cause);
        self.severity = Some(severity);
        self
    }
}

/// One metric's value for the picture or a region of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// The metric, `plugin.component`.
    pub metric: String,
    /// The value; absent where the metric is not measurable.
    pub value: Option<f64>,
    /// Lowest and highest value that the metric gives; `null` = unbounded.
    pub range: [Option<f64>; 2],
    /// Which direction is better.
    pub better: Better,
    /// Id of the region it was measured in; absent = the whole picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Severity of the fault that the value alone tells, `0..=1`, by the metric's own scale; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<f64>,
    /// Whether it compares with the original (`provenance.reference`); absent = no.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub full_reference: bool,
    /// Why there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_measurable: Option<String>,
    /// Further numbers behind the value, by name (shares in `0..=1`, standard deviations in 8-bit steps, ...).
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub details: std::collections::BTreeMap<String, f64>,
}

/// The measured value behind a finding and the value that would have been fine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingEvidence {
    /// The metric, `plugin.component`.
    pub metric: String,
    /// What it measured.
    pub value: f64,
    /// What would have been fine.
    pub expected: f64,
}

/// A fault: which attribute, how bad, where, and why we say so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What is wrong.
    pub attribute: Attribute,
    /// How bad, `0` (nothing) to `1` (unusable).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub severity: f64,
    /// The level that is left of the attribute.
    pub level: Level,
    /// Id of the region; absent = the whole picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The measurement that shows it.
    pub evidence: FindingEvidence,
}

/// All that is known about a picture before a model speaks.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Proposed regions, numbered.
    #[serde(default)]
    pub regions: Vec<Region>,
    /// Scores of the whole picture and of regions.
    #[serde(default)]
    pub scores: Vec<Score>,
    /// Faults, worst first.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Overall quality, as the report will have it; absent where nothing was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
}

impl Evidence {
    /// The region of this id.
    #[must_use]
    pub fn region(&self, id: &str) -> Option<&Region> {
        self.regions.iter().find(|r| r.id == id)
    }
}
