//! Everything that is known about a picture before a model speaks: regions, scores, findings, and what failed.

use crate::decode::Decoded;
use crate::findings;
use crate::quality;
use crate::round;
use crate::run_components::{Call, only, run_all};
use giqa_core::{
    ComponentError, ComponentProvenance, Context, CostClass, ErrorKind, Evidence, Grid, Map, Measurement, MetricInput,
    MetricSpec, NormBox, ProposerInput, Quality, ReferenceNeed, Region, Score,
};
use giqa_host::Profile;
use std::collections::BTreeMap;

/// Boxes of the same name that overlap more than this are one region.
const SAME_REGION_IOU: f64 = 0.9;

/// A metric's answer, with what is needed to judge it.
pub(crate) struct Measured {
    pub(crate) id: String,
    pub(crate) spec: MetricSpec,
    pub(crate) value: Option<f64>,
    pub(crate) not_measurable: Option<String>,
    pub(crate) map: Option<Map>,
    pub(crate) details: BTreeMap<String, f64>,
}

/// What [`gather`] brings home.
pub(crate) struct Gathered {
    pub(crate) evidence: Evidence,
    /// Overall quality; `None` where no metric has a scale of severity.
    pub(crate) quality: Option<Quality>,
    pub(crate) components: Vec<ComponentProvenance>,
    pub(crate) failures: Vec<(String, ComponentError)>,
    pub(crate) warnings: Vec<String>,
    pub(crate) timing_ms: BTreeMap<String, f64>,
    /// Faults that proposers see everywhere.
    everywhere: Vec<Region>,
}

/// How to gather.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) phrases: &'a [String],
    pub(crate) threads: usize,
    pub(crate) max_regions: usize,
}

enum Answer {
    Regions(Vec<Region>),
    Measurement(Measurement),
}

/// Runs the proposers and metrics of a profile on a picture and draws the conclusions.
pub(crate) fn gather(plan: Plan<'_>, image: &Decoded, reference: Option<&Decoded>, context: &Context<'_>) -> Gathered {
    let view = image.view();
    let reference = reference.map(Decoded::view);
    let proposers = &plan.profile.proposers;
    let metrics: Vec<_> = plan
        .profile
        .metrics
        .iter()
        .filter(|m| reference.is_some() || m.component.spec().reference == ReferenceNeed::NoReference)
        .collect();

    // Costly work first, so that the last thread is not left alone with it; results are put back in order below.
    let mut order: Vec<(CostClass, usize)> = (proposers.iter().map(|p| p.component.spec().cost))
        .chain(metrics.iter().map(|m| m.component.spec().cost))
        .zip(0..)
        .collect();
    order.sort_by_key(|&(cost, i)| (std::cmp::Reverse(cost), i));
    let calls: Vec<Call<'_, Answer>> = order
        .iter()
        .map(|&(_, i)| -> Call<'_, Answer> {
            if let Some(proposer) = proposers.get(i) {
                let input = ProposerInput { image: view, phrases: plan.phrases };
                Box::new(move || {
                    stop_if_cancelled(context)?;
                    only(proposer.component.propose(context, &[input])).map(Answer::Regions)
                })
            } else {
                let metric = metrics[i - proposers.len()];
                let spec = metric.component.spec();
                let reference = reference.filter(|_| spec.reference == ReferenceNeed::FullReference);
                let input = MetricInput { image: view, reference, region: None, map: spec.map };
                Box::new(move || {
                    stop_if_cancelled(context)?;
                    only(metric.component.measure(context, &[input])).and_then(finite).map(Answer::Measurement)
                })
            }
        })
        .collect();
    let done = run_all(&calls, plan.threads);
    drop(calls);
    let mut by_index: Vec<_> = order.iter().map(|&(_, i)| i).zip(done).collect();
    by_index.sort_by_key(|&(i, _)| i);

    let mut all = Gathered {
        evidence: Evidence::default(),
        quality: None,
        components: Vec::new(),
        failures: Vec::new(),
        warnings: Vec::new(),
        everywhere: Vec::new(),
        timing_ms: BTreeMap::from([("propose".into(), 0.0), ("measure".into(), 0.0)]),
    };
    let mut measured = Vec::new();
    for (i, done) in by_index {
        let (step, provenance) = match proposers.get(i) {
            Some(p) => ("propose", &p.provenance),
            None => ("measure", &metrics[i - proposers.len()].provenance),
        };
        let ms = |d: std::time::Duration| d.as_secs_f64() * 1e3;
        let step_ms = all.timing_ms.entry(step.into()).or_default();
        *step_ms = step_ms.max(ms(done.at));
        all.timing_ms.insert(provenance.id.clone(), ms(done.took));
        all.components.push(provenance.clone());
        match done.result {
            Ok(Answer::Regions(regions)) => add_regions(&mut all, &provenance.id, regions, plan.max_regions),
            Ok(Answer::Measurement(m)) => {
                let spec = metrics[i - proposers.len()].component.spec().clone();
                measured.push(Measured::new(provenance.id.clone(), spec, m));
            }
            Err(error) => all.fail(&provenance.id, error),
        }
    }
    conclude(&mut all, &measured);
    all
}

fn stop_if_cancelled(context: &Context<'_>) -> Result<(), ComponentError> {
    if context.is_cancelled() { Err(ComponentError::cancelled()) } else { Ok(()) }
}

/// Plain Rust components are not checked at a border, so their numbers are checked here.
fn finite(m: Measurement) -> Result<Measurement, ComponentError> {
    match &m {
        Measurement::Measured { value, .. } if !value.is_finite() => {
            Err(ComponentError::new(ErrorKind::Garbage, "it answered a value that is not finite"))
        }
        _ => Ok(m),
    }
}

impl Measured {
    fn new(id: String, spec: MetricSpec, measurement: Measurement) -> Self {
        match measurement {
            Measurement::Measured { value, map, details } => {
                let details =
                    details.into_iter().filter(|(_, v)| v.is_finite()).map(|(k, v)| (k, round::six(v))).collect();
                Self { id, spec, value: Some(round::six(value)), not_measurable: None, map, details }
            }
            Measurement::NotMeasurable { reason } => {
                Self { id, spec, value: None, not_measurable: Some(reason), map: None, details: BTreeMap::new() }
            }
        }
    }

    fn score(&self, region: Option<&Region>, value: Option<f64>) -> Score {
        let whole = region.is_none();
        Score {
            metric: self.id.clone(),
            value,
            range: self.spec.range,
            better: self.spec.better,
            region: region.map(|r| r.id.clone()),
            severity: value.zip(self.spec.severity).map(|(v, s)| round::six(s.of(v))),
            full_reference: self.spec.reference == ReferenceNeed::FullReference,
            not_measurable: if whole { self.not_measurable.clone() } else { None },
            details: if whole { self.details.clone() } else { BTreeMap::new() },
        }
    }
}

impl Gathered {
    pub(crate) fn fail(&mut self, id: &str, error: ComponentError) {
        self.warnings.push(format!("{id}: {error}"));
        self.failures.push((id.to_owned(), error));
    }
}

fn add_regions(all: &mut Gathered, source: &str, regions: Vec<Region>, most: usize) {
    let known = &mut all.evidence.regions;
    let mut left_out = 0;
    for mut region in regions.into_iter().map(round::region) {
        if region.bounds == NormBox::FULL && region.cause.is_some() && region.severity.is_some() {
            source.clone_into(&mut region.source);
            all.everywhere.push(region);
            continue;
        }
        if known
            .iter()
            .any(|k| k.name == region.name && k.cause == region.cause && k.bounds.iou(&region.bounds) > SAME_REGION_IOU)
        {
            continue;
        }
        if known.len() >= most {
            left_out += 1;
            continue;
        }
        region.id = format!("r{}", known.len() + 1);
        region.cells = Some(Grid::GIQA.encode(&region.bounds));
        source.clone_into(&mut region.source);
        known.push(region);
    }
    if left_out > 0 {
        all.warnings.push(format!("{source}: {left_out} more regions than the {most} that are kept"));
    }
}

/// Scores of the picture first, then of the regions (from the maps), each in the order of the metrics.
fn conclude(all: &mut Gathered, measured: &[Measured]) {
    let regions = &all.evidence.regions;
    let mut scores: Vec<Score> = measured.iter().map(|m| m.score(None, m.value)).collect();
    // Metrics that only describe say nothing of regions, but where a picture left its original is worth knowing.
    let speaks = |m: &&Measured| m.spec.severity.is_some() || m.spec.reference == ReferenceNeed::FullReference;
    for m in measured.iter().filter(speaks) {
        let Some(map) = &m.map else { continue };
        scores.extend(
            regions.iter().filter_map(|r| map.median_in(&r.bounds).map(|v| m.score(Some(r), Some(round::six(v))))),
        );
    }
    let judged = findings::causes(findings::judge(measured, &scores, regions, &all.everywhere), regions);
    all.quality = quality::overall(&judged, regions);
    all.evidence.quality = all.quality;
    all.evidence.findings = findings::report(&judged, regions);
    all.evidence.scores = scores;
}
