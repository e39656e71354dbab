//! What crosses the plugin border as JSON: one input and one result per item, and the bytes of a map.
//!
//! The schemas of these types are published in `schema/` (`cargo xtask schema`); docs/plugins.md shows examples.

use crate::text::{GroundedText, ParseOptions, parse};
use crate::{
    Attribute, ComponentError, ErrorKind, Evidence, Map, Measurement, ModelOutput, NormBox, OptionProbability, Region,
    Request, Usage,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Input of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MetricRequest {
    /// Measure only here; absent = everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<NormBox>,
    /// Whether a map is wanted.
    #[serde(default)]
    pub map: bool,
}

/// Result of a metric: a value, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MetricResult {
    /// It could be measured.
    Measured {
        /// The value.
        value: f64,
        /// Further numbers, by name.
        #[serde(default)]
        details: BTreeMap<String, f64>,
    },
    /// It could not.
    NotMeasurable {
        /// Why.
        not_measurable: String,
    },
}

impl MetricResult {
    /// Splits a measurement into its JSON part and its map.
    #[must_use]
    pub fn split(measurement: Measurement) -> (Self, Option<Map>) {
        match measurement {
            Measurement::Measured { value, map, details } => (Self::Measured { value, details }, map),
            Measurement::NotMeasurable { reason } => (Self::NotMeasurable { not_measurable: reason }, None),
        }
    }

    /// Joins the JSON part with its map again.
    ///
    /// # Errors
    /// `Garbage` when the value or a detail is not finite.
    pub fn join(self, map: Option<Map>) -> Result<Measurement, ComponentError> {
        match self {
            Self::Measured { value, details } if value.is_finite() && details.values().all(|d| d.is_finite()) => {
                Ok(Measurement::Measured { value, map, details })
            }
            Self::Measured { .. } => Err(garbage("a value that is not finite")),
            Self::NotMeasurable { not_measurable } => Ok(Measurement::NotMeasurable { reason: not_measurable }),
        }
    }
}

/// Input of a proposer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProposerRequest {
    /// What to look for; empty = whatever stands out.
    #[serde(default)]
    pub phrases: Vec<String>,
}

/// A proposed region as a plugin writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProposedRegion {
    /// What or where it is.
    pub name: String,
    /// Where it is.
    #[serde(rename = "box")]
    pub bounds: NormBox,
    /// How sure the proposer is, `0..=1`.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub score: f64,
    /// The attribute by which the place was found, where it was found by a fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Attribute>,
    /// How bad that fault is there, `0..=1`; only with a cause. Without it, the metrics' maps tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub severity: Option<f64>,
}

/// Result of a proposer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProposerResult {
    /// The regions, surest first.
    pub regions: Vec<ProposedRegion>,
}

impl From<Vec<Region>> for ProposerResult {
    fn from(regions: Vec<Region>) -> Self {
        let proposed = |r: Region| ProposedRegion {
            name: r.name,
            bounds: r.bounds,
            score: r.score,
            cause: r.cause,
            severity: r.severity,
        };
        let regions = regions.into_iter().map(proposed).collect();
        Self { regions }
    }
}

impl ProposerResult {
    /// The regions in core's own form.
    ///
    /// # Errors
    /// `Garbage` when a name is empty, a score or severity outside `0..=1`, or a severity without cause.
    pub fn into_regions(self) -> Result<Vec<Region>, ComponentError> {
        self.regions
            .into_iter()
            .map(|r| match r.score {
                s if !(0.0..=1.0).contains(&s) => Err(garbage("a region's score outside 0..1")),
                _ if r.name.trim().is_empty() => Err(garbage("a region without a name")),
                _ if r.severity.is_some_and(|s| !(0.0..=1.0).contains(&s)) => {
                    Err(garbage("a region's severity outside 0..1"))
                }
                _ if r.severity.is_some() && r.cause.is_none() => Err(garbage("a region's severity without a cause")),
                _ => Ok(Region { cause: r.cause, severity: r.severity, ..Region::new(r.name, r.bounds, r.score) }),
            })
            .collect()
    }
}

/// Input of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelRequest {
    /// What is asked.
    pub request: Request,
    /// What is known already.
    #[serde(default)]
    pub evidence: Evidence,
}

/// Text as a model gives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum WireText {
    /// Prose with spans in any dialect that [`crate::text`] reads, `[sky](<0, 139>)` above all.
    Written(String),
    /// Plain text and its spans.
    Checked(GroundedText),
}

/// Result of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelResult {
    /// The text.
    pub text: WireText,
    /// The model's own quality score, `0..=100`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub score: Option<f64>,
    /// Probabilities of the possible answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionProbability>,
    /// Repairs and doubts to show beside the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What the answer took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

impl From<ModelOutput> for ModelResult {
    fn from(o: ModelOutput) -> Self {
        Self {
            text: WireText::Checked(o.text),
            score: o.score,
            options: o.options,
            warnings: o.warnings,
            usage: o.usage,
        }
    }
}

impl ModelResult {
    /// Checks and, where the text is still prose, parses it.
    ///
    /// # Errors
    /// `Garbage` when spans don't fit their text or a number is out of range.
    pub fn into_output(self, options: &ParseOptions) -> Result<ModelOutput, ComponentError> {
        let mut warnings = self.warnings;
        let text = match self.text {
            WireText::Checked(text) if text.is_consistent() => text,
            WireText::Checked(_) => return Err(garbage("spans that do not fit their text")),
            WireText::Written(prose) => {
                let parsed = parse(&prose, options);
                warnings.extend(parsed.warnings.iter().map(ToString::to_string));
                parsed.text
            }
        };
        if self.score.is_some_and(|s| !(0.0..=100.0).contains(&s)) {
            return Err(garbage("a quality score outside 0..100"));
        }
        if self.options.iter().any(|o| !(0.0..=1.0).contains(&o.probability)) {
            return Err(garbage("a probability outside 0..1"));
        }
        if self.usage.is_some_and(|u| u.cost.is_some_and(|c| !(c.is_finite() && c >= 0.0))) {
            return Err(garbage("a cost that is no price"));
        }
        Ok(ModelOutput { text, score: self.score, options: self.options, warnings, usage: self.usage })
    }
}

fn garbage(what: &str) -> ComponentError {
    ComponentError::new(ErrorKind::Garbage, format!("the plugin answered {what}"))
}

/// Most columns or rows of a map that is taken over the border.
const MAX_MAP_SIDE: u32 = 16_384;

/// A map as bytes: `u32` columns, `u32` rows (little-endian), then the values as little-endian `f32`, row-major.
#[must_use]
pub fn map_to_bytes(map: &Map) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + 4 * map.values().len());
    bytes.extend(map.cols().to_le_bytes());
    bytes.extend(map.rows().to_le_bytes());
    bytes.extend(map.values().iter().flat_map(|v| v.to_le_bytes()));
    bytes
}

/// The map of such bytes.
///
/// # Errors
/// `Garbage` when the sizes don't agree.
pub fn map_from_bytes(bytes: &[u8]) -> Result<Map, ComponentError> {
    let (words, []) = bytes.as_chunks::<4>() else { return Err(garbage("a map that is cut off")) };
    let [cols, rows, values @ ..] = words else { return Err(garbage("a map without a size")) };
    let (cols, rows) = (u32::from_le_bytes(*cols), u32::from_le_bytes(*rows));
    if cols > MAX_MAP_SIDE || rows > MAX_MAP_SIDE {
        return Err(garbage("a map larger than 16384 x 16384"));
    }
    Map::new(cols, rows, values.iter().map(|v| f32::from_le_bytes(*v)).collect()).map_err(|e| garbage(&e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn maps_come_back() {
        let map = Map::new(2, 1, vec![0.5, -1.0]).unwrap();
        assert_eq!(map_from_bytes(&map_to_bytes(&map)).unwrap(), map);
        for bad in [&b"abc"[..], b"", &[1, 0, 0, 0], &[2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], &[255; 8]] {
            assert_eq!(map_from_bytes(bad).unwrap_err().kind, ErrorKind::Garbage);
        }
    }

    #[test]
    fn metric_results_are_a_value_or_a_reason() {
        let m: MetricResult = serde_json::from_str(r#"{"value": 2}"#).unwrap();
        assert_eq!(m.join(None).unwrap(), Measurement::value(2.0));
        let m: MetricResult = serde_json::from_str(r#"{"not_measurable": "flat"}"#).unwrap();
        assert_eq!(m.clone().join(None).unwrap(), Measurement::not_measurable("flat"));
        assert_eq!(MetricResult::split(Measurement::not_measurable("flat")), (m, None));
        assert!(serde_json::from_str::<MetricResult>("{}").is_err());
        assert!(MetricResult::Measured { value: f64::NAN, details: BTreeMap::new() }.join(None).is_err());
    }

    #[test]
    fn regions_are_checked() {
        let one = |name: &str, score| ProposerResult {
            regions: vec![ProposedRegion {
                name: name.into(),
                bounds: NormBox::FULL,
                score,
                cause: None,
                severity: None,
            }],
        };
        let regions = one("sky", 0.5).into_regions().unwrap();
        assert_eq!(ProposerResult::from(regions), one("sky", 0.5));
        assert!(one("sky", 1.5).into_regions().is_err());
        assert!(one(" ", 0.5).into_regions().is_err());
    }

    #[test]
    fn models_may_write_prose_or_spans() {
        let parse =
            |json: &str| serde_json::from_str::<ModelResult>(json).unwrap().into_output(&ParseOptions::default());
        let out = parse(r#"{"text": "The [sky](<0, 139>) is clear."}"#).unwrap();
        assert_eq!(out.text.text, "The sky is clear.");
        assert_eq!(out.text.spans[0].label, "sky");
        let again = ModelResult::from(out.clone()).into_output(&ParseOptions::default()).unwrap();
        assert_eq!(again, out);
        let lie = r#"{"text": {"text": "ab", "spans": [{"start": 0, "end": 9, "label": "x", "boxes": [[0,0,1,1]]}]}}"#;
        assert_eq!(parse(lie).unwrap_err().kind, ErrorKind::Garbage);
        assert!(parse(r#"{"text": "x", "score": 101}"#).is_err());
        assert!(parse(r#"{"text": "x", "options": [{"option": "yes", "probability": 2}]}"#).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_map_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = map_from_bytes(&bytes);
        }
    }
}
