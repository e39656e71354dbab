//! Pictures that are not there, measured by a function that is told what to say.

mod answers;
mod contradictions;
mod descriptions;
mod questions;

use super::{MeasureFn, Measured, Observed};
use giqa_core::text::{GroundedText, print};
use giqa_core::{
    Attribute, Better, CancelToken, Context, Evidence, Finding, FindingEvidence, Grid, GroundingModel, ImageView,
    Level, ModelInput, ModelSpec, NormBox, Region, Request, Score, Silent,
};
use std::collections::BTreeMap;

pub(super) const SUBJECT: [f64; 4] = [0.3, 0.3, 0.7, 0.8];
pub(super) const UPPER_LEFT: [f64; 4] = [0.0, 0.0, 0.35, 0.35];
pub(super) const RIGHT_EDGE: [f64; 4] = [0.85, 0.0, 1.0, 1.0];

pub(super) fn boxed(b: [f64; 4]) -> NormBox {
    NormBox::try_from(b).unwrap()
}

pub(super) fn region(id: &str, name: &str, b: [f64; 4]) -> Region {
    Region { id: id.into(), ..Region::new(name, boxed(b), 0.9) }
}

pub(super) fn details(numbers: &[(&str, f64)]) -> BTreeMap<String, f64> {
    numbers.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect()
}

pub(super) fn score(name: &str, value: f64, severity: Option<f64>, numbers: &[(&str, f64)]) -> Score {
    Score {
        metric: format!("classic.{name}"),
        value: Some(value),
        range: [None, None],
        better: Better::Lower,
        region: None,
        severity,
        full_reference: false,
        not_measurable: None,
        details: details(numbers),
    }
}

pub(super) fn finding(metric: &str, attribute: Attribute, severity: f64, region: Option<&str>) -> Finding {
    Finding {
        attribute,
        severity,
        level: Level::of_severity(severity),
        region: region.map(str::to_owned),
        evidence: FindingEvidence { metric: format!("classic.{metric}"), value: 0.31, expected: 0.5 },
    }
}

pub(super) fn seen(name: &str, attribute: Attribute, value: f64, severity: f64, numbers: &[(&str, f64)]) -> Observed {
    Observed { metric: format!("classic.{name}"), attribute, value, severity, expected: 0.5, details: details(numbers) }
}

/// Three regions and scores that are all fine.
pub(super) fn fine() -> Evidence {
    Evidence {
        quality: None,
        regions: vec![
            region("r1", "subject", SUBJECT),
            region("r2", "upper left", UPPER_LEFT),
            region("r3", "right edge", RIGHT_EDGE),
        ],
        scores: vec![
            score("sharpness", 0.62, Some(0.0), &[]),
            score("noise", 1.2, Some(0.05), &[]),
            score("exposure", 0.04, Some(0.0), &[("median", 118.0)]),
            score("contrast", 0.6, Some(0.1), &[]),
            score("colour", 42.0, None, &[]),
            score("cast", 3.0, Some(0.0), &[("a", 1.0), ("b", -2.0)]),
            score("blockiness", 0.02, Some(0.0), &[]),
        ],
        findings: Vec::new(),
    }
}

pub(super) fn with(findings: Vec<Finding>) -> Evidence {
    let mut evidence = fine();
    for f in findings.iter().filter(|f| f.region.is_none()) {
        for s in evidence.scores.iter_mut().filter(|s| s.metric == f.evidence.metric) {
            s.severity = Some(f.severity);
            s.value = Some(f.evidence.value);
        }
    }
    Evidence { findings, ..evidence }
}

/// The left is soft and blown out, the rest is fine; tiny boxes can't be measured.
pub(super) fn left_is_soft(_: ImageView<'_>, place: Option<NormBox>) -> Vec<Observed> {
    let place = place.unwrap_or(NormBox::FULL);
    if place.area() < 0.003 {
        return Vec::new();
    }
    let left = place.centre().0 < 0.4;
    let pick = |yes: f64, no: f64| if left { yes } else { no };
    let light = [("clip_high", pick(0.2, 0.0)), ("clip_low", 0.0), ("median", pick(210.0, 118.0))];
    vec![
        seen("sharpness", Attribute::Sharpness, pick(0.21, 0.62), pick(0.6, 0.0), &[("median", 0.3)]),
        seen("noise", Attribute::Noise, pick(1.4, 2.8), 0.05, &[]),
        seen("exposure", Attribute::Exposure, pick(0.5, 0.02), pick(0.5, 0.0), &light),
        seen("contrast", Attribute::Contrast, 0.6, 0.0, &[]),
        seen("colour", Attribute::Colour, pick(20.0, 64.0), 0.0, &[]),
        seen("cast", Attribute::Colour, 3.0, 0.0, &[("a", 1.0), ("b", -2.0)]),
    ]
}

pub(super) fn run(evidence: &Evidence, request: &Request, measure: MeasureFn) -> GroundedText {
    let pixels = [128_u8; 12];
    let image = ImageView::packed(2, 2, &pixels).unwrap();
    let model = Measured::new(ModelSpec::default(), measure);
    let input = ModelInput { image: Some(image), request, evidence };
    let mut all = model.generate(&Context::new(&CancelToken::new(), &Silent), &[input]);
    assert_eq!(all.len(), 1);
    let output = all.remove(0).unwrap();
    assert!(output.text.is_consistent(), "{:?}", output.text);
    assert!(output.options.is_empty() && output.score.is_none());
    output.text
}

pub(super) fn describe(evidence: &Evidence) -> String {
    print(&run(evidence, &Request::Describe, Box::new(left_is_soft)), Grid::GIQA)
}

pub(super) fn ask(evidence: &Evidence, question: &str, boxes: &[[f64; 4]]) -> String {
    let request = Request::Answer { question: question.into(), boxes: boxes.iter().map(|b| boxed(*b)).collect() };
    print(&run(evidence, &request, Box::new(left_is_soft)), Grid::GIQA)
}
