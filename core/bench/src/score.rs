//! From what was seen to figures with intervals.

use crate::fault::Fault;
use crate::seen::{Planted, Seen};
use crate::stats::{bootstrap, mean, spearman};
use crate::truth::{Scope, YesNo};
use giqa_core::{Attribute, Provenance};
use serde::Serialize;
use std::collections::BTreeMap;

/// The schema that this version writes.
pub const RESULT_SCHEMA: &str = "giqa.bench/1";
/// How often the pictures are drawn anew for the intervals.
pub const RESAMPLES: usize = 1000;
/// Decides the draws.
const SEED: u64 = 1;

const NAMES: [&str; 10] = [
    "finding_recall",
    "miou",
    "attribute_accuracy",
    "false_alarms",
    "severity_srcc",
    "severity_srcc_found",
    "score_srcc",
    "acc_y",
    "acc_y_yes",
    "acc_y_no",
];

/// A figure and its 95 % interval; without value where nothing could be scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricRow {
    /// Its name.
    pub metric: &'static str,
    /// The figure.
    pub value: Option<f64>,
    /// Lower bound.
    pub low: Option<f64>,
    /// Upper bound.
    pub high: Option<f64>,
    /// How many faults, pictures or questions it is over.
    pub n: usize,
}

/// The figures of one fault in one scope.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaultRow {
    /// The fault.
    pub fault: Fault,
    /// In one place or everywhere.
    pub scope: Scope,
    /// Share that was found.
    pub recall: Option<f64>,
    /// Mean overlap; for local faults.
    pub miou: Option<f64>,
    /// Share of the found ones with the right attribute; for local faults.
    pub attribute_accuracy: Option<f64>,
    /// Spearman's correlation of the severity with that of the finding, over all severities; what was missed has 0.
    pub severity_srcc: Option<f64>,
    /// The same with the overall score, falling; for global faults.
    pub score_srcc: Option<f64>,
    /// How many were planted, of the least severity or more.
    pub n: usize,
    /// What was found there instead, and how often.
    pub instead: BTreeMap<Attribute, usize>,
}

/// All that a run scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenchReport {
    /// `giqa.bench/1`.
    pub schema: &'static str,
    /// Pictures that were scored.
    pub pictures: usize,
    /// The least severity that counts for recall, overlap, attributes and "yes".
    pub min_severity: u8,
    /// How often the pictures were drawn anew for the intervals.
    pub resamples: usize,
    /// The figures.
    pub metrics: Vec<MetricRow>,
    /// The same by fault.
    pub faults: Vec<FaultRow>,
    /// What was scored; absent when no picture was.
    pub provenance: Option<Provenance>,
}

/// Scores.
#[must_use]
pub fn score(seen: &[Seen], min_severity: u8, provenance: Option<Provenance>) -> BenchReport {
    let all: Vec<&Seen> = seen.iter().collect();
    let values = figures(&all, min_severity);
    let bounds = bootstrap(seen, RESAMPLES, SEED, |sample| figures(sample, min_severity).map(|f| f.0));
    let metrics = NAMES.iter().zip(values).zip(bounds).map(|((&metric, (value, n)), bounds)| {
        let bounds = bounds.filter(|_| value.is_some());
        let (low, high) = (bounds.map(|b| six(b.0)), bounds.map(|b| six(b.1)));
        MetricRow { metric, value: value.map(six), low, high, n }
    });
    BenchReport {
        schema: RESULT_SCHEMA,
        pictures: seen.len(),
        min_severity,
        resamples: RESAMPLES,
        metrics: metrics.collect(),
        faults: by_fault(seen, min_severity),
        provenance,
    }
}

/// The figures in the order of [`NAMES`], each with the number of things that it is over.
fn figures(seen: &[&Seen], min_severity: u8) -> [(Option<f64>, usize); NAMES.len()] {
    let planted = || seen.iter().filter_map(|s| s.planted.as_ref());
    let counted = || planted().filter(|p| p.severity >= min_severity);
    let local = || counted().filter(|p| p.scope == Scope::Local);
    let found = || local().filter(|p| p.recalled);
    let clean = || seen.iter().filter(|s| s.planted.is_none());
    let answers = |only: Option<YesNo>| {
        let all = seen.iter().flat_map(|s| &s.answers);
        all.filter(move |(answer, severity, _)| {
            only.is_none_or(|o| o == *answer) && (*answer == YesNo::No || *severity >= min_severity)
        })
        .map(|a| share(a.2))
    };
    [
        (mean(counted().map(|p| share(p.recalled))), counted().count()),
        (mean(local().map(|p| p.iou)), local().count()),
        (mean(found().map(|p| share(p.right))), found().count()),
        (mean(clean().map(|s| s.findings as f64)), clean().count()),
        within(planted().map(|p| (p.fault, f64::from(p.severity), p.found)), 1.0),
        within(planted().filter(|p| p.found > 0.0).map(|p| (p.fault, f64::from(p.severity), p.found)), 1.0),
        within(
            seen.iter()
                .filter_map(|s| s.planted.filter(|p| p.scope == Scope::Global).map(|p| (p, s.score)))
                .map(|(p, score)| (p.fault, f64::from(p.severity), score)),
            -1.0,
        ),
        (mean(answers(None)), answers(None).count()),
        (mean(answers(Some(YesNo::Yes))), answers(Some(YesNo::Yes)).count()),
        (mean(answers(Some(YesNo::No))), answers(Some(YesNo::No)).count()),
    ]
}

fn share(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// Spearman's correlation within each fault, its mean over the faults that have one; and the number of pairs in those.
fn within(pairs: impl Iterator<Item = (Fault, f64, f64)>, sign: f64) -> (Option<f64>, usize) {
    let mut by_fault: BTreeMap<Fault, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for (fault, severity, found) in pairs {
        let (severities, founds) = by_fault.entry(fault).or_default();
        severities.push(severity);
        founds.push(found);
    }
    let each: Vec<(f64, usize)> =
        by_fault.values().filter_map(|(s, f)| spearman(s, f).map(|v| (sign * v, s.len()))).collect();
    // `+ 0.0` turns -0 into 0.
    (mean(each.iter().map(|e| e.0)).map(|v| v + 0.0), each.iter().map(|e| e.1).sum())
}

fn by_fault(seen: &[Seen], min_severity: u8) -> Vec<FaultRow> {
    let mut groups: BTreeMap<(Scope, Fault), Vec<Planted>> = BTreeMap::new();
    for planted in seen.iter().filter_map(|s| s.planted).filter(|p| p.severity >= min_severity) {
        groups.entry((planted.scope, planted.fault)).or_default().push(planted);
    }
    let rank = |scope: Scope, fault: Fault, of: fn(&Seen, &Planted) -> f64| {
        let all =
            seen.iter().filter_map(|s| s.planted.filter(|p| p.scope == scope && p.fault == fault).map(|p| (s, p)));
        let (severities, others): (Vec<f64>, Vec<f64>) = all.map(|(s, p)| (f64::from(p.severity), of(s, &p))).unzip();
        spearman(&severities, &others).map(six)
    };
    let row = |((scope, fault), group): ((Scope, Fault), Vec<Planted>)| {
        let local = || group.iter().filter(|_| scope == Scope::Local);
        let mut instead = BTreeMap::new();
        for attribute in group.iter().filter_map(|p| p.instead) {
            *instead.entry(attribute).or_default() += 1;
        }
        FaultRow {
            fault,
            scope,
            recall: mean(group.iter().map(|p| share(p.recalled))).map(six),
            miou: mean(local().map(|p| p.iou)).map(six),
            attribute_accuracy: mean(local().filter(|p| p.recalled).map(|p| share(p.right))).map(six),
            severity_srcc: rank(scope, fault, |_, p| p.found),
            score_srcc: rank(scope, fault, |s, _| -s.score).filter(|_| scope == Scope::Global),
            n: group.len(),
            instead,
        }
    };
    groups.into_iter().map(row).collect()
}

fn six(value: f64) -> f64 {
    (value * 1e6).round() / 1e6 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(fault: Fault, scope: Scope, severity: u8, iou: f64, right: bool, found: f64) -> Seen {
        let recalled = iou > 0.5 || (scope == Scope::Global && right);
        let instead = (!right && recalled).then_some(Attribute::Haze);
        let planted = Some(Planted { fault, severity, scope, recalled, iou, right, instead, found });
        let answers = vec![(YesNo::Yes, severity, right), (YesNo::No, severity, true)];
        Seen { planted, score: 90.0 - 10.0 * f64::from(severity), findings: 1, answers }
    }

    fn value(report: &BenchReport, name: &str) -> (Option<f64>, usize) {
        report.metrics.iter().find(|m| m.metric == name).map(|m| (m.value, m.n)).unwrap()
    }

    #[test]
    fn figures_by_hand() {
        let clean = |findings| Seen { planted: None, score: 90.0, findings, answers: vec![(YesNo::No, 0, false)] };
        let all = [
            seen(Fault::Blur, Scope::Local, 1, 0.2, false, 0.0),
            seen(Fault::Blur, Scope::Local, 3, 0.4, false, 0.3),
            seen(Fault::Blur, Scope::Local, 4, 0.8, true, 0.6),
            seen(Fault::Blur, Scope::Local, 5, 0.6, false, 0.6),
            seen(Fault::Noise, Scope::Global, 1, 0.0, false, 0.0),
            seen(Fault::Noise, Scope::Global, 3, 0.0, true, 0.5),
            seen(Fault::Noise, Scope::Global, 5, 0.0, false, 0.0),
            clean(3),
            clean(0),
        ];
        let report = score(&all, 3, None);
        assert_eq!(value(&report, "finding_recall"), (Some(0.6), 5));
        assert_eq!(value(&report, "miou"), (Some(0.6), 3));
        assert_eq!(value(&report, "attribute_accuracy"), (Some(0.5), 2));
        assert_eq!(value(&report, "false_alarms"), (Some(1.5), 2));
        // Blur: 1 2 3 4 against 1 2 3.5 3.5; noise: 1 2 3 against 1.5 3 1.5 is 0.
        let blur = 4.5 / (4.5_f64 * 5.0).sqrt();
        assert_eq!(value(&report, "severity_srcc"), (Some(six(blur / 2.0)), 7));
        assert_eq!(value(&report, "score_srcc"), (Some(1.0), 3));
        assert_eq!(value(&report, "acc_y_yes"), (Some(0.4), 5));
        assert_eq!(value(&report, "acc_y_no"), (Some(six(7.0 / 9.0)), 9));
        assert_eq!(value(&report, "acc_y"), (Some(six(9.0 / 14.0)), 14));
        assert!(report.metrics.iter().all(|m| m.low <= m.value && m.value <= m.high), "{:?}", report.metrics);
        assert_eq!(report.faults.len(), 2);
        assert_eq!((report.faults[0].fault, report.faults[0].n), (Fault::Blur, 3));
        assert_eq!(report.faults[0].instead, BTreeMap::from([(Attribute::Haze, 1)]));
        assert_eq!((report.faults[1].miou, report.faults[1].attribute_accuracy), (None, None));
        assert_eq!(report, score(&all, 3, None), "the same twice");
    }

    #[test]
    fn nothing_to_score_has_no_figures() {
        let report = score(&[], 3, None);
        assert!(report.metrics.iter().all(|m| (m.value, m.low, m.n) == (None, None, 0)) && report.faults.is_empty());
    }
}
