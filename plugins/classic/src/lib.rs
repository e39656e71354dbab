//! # giqa-classic
//!
//! Measurements that work everywhere, with nothing downloaded: metrics, three proposers, and a model that puts what was
//! measured into words. `manifest.json` is the one place where ranges and severities stand.

pub mod calibration;
mod light;
mod measured;
mod memo;
mod metrics;
mod natural;
mod patches;
mod plane;
mod proposers;
mod reference;
mod stats;
#[cfg(test)]
mod testing;
mod tiles;

use giqa_core::{Attribute, ComponentError, ErrorKind, ImageView, Measurement, NormBox};
use giqa_sdk::{Instance, Plugin, Services};
use measured::{Measured, Observed};
use metrics::{ClassicMetric, Look};
use proposers::{QualityMap, Segments, Subject};
use reference::ReferenceMetric;

/// The plugin.
#[derive(Debug)]
pub struct Classic;

impl Plugin for Classic {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn create(_: &Services, component: &str, _: &serde_json::Value) -> Result<Instance, ComponentError> {
        Ok(match component {
            "quality-map" => {
                let spec = giqa_sdk::proposer_spec::<Self>(component)?;
                Instance::Proposer(Box::new(QualityMap::new(
                    spec,
                    judging_metrics()?,
                    placing_metrics()?,
                    proposers::forest::kinds()?,
                )))
            }
            "subject" => Instance::Proposer(Box::new(Subject::new(giqa_sdk::proposer_spec::<Self>(component)?))),
            "segments" => Instance::Proposer(Box::new(Segments::new(giqa_sdk::proposer_spec::<Self>(component)?))),
            "measured" => {
                let spec = giqa_sdk::model_spec::<Self>(component)?;
                let metrics = telling_metrics()?;
                Instance::Model(Box::new(Measured::new(
                    spec,
                    Box::new(move |image, region| observe(&metrics, image, region)),
                )))
            }
            metric if metrics::ALL.iter().any(|(name, _)| *name == metric) => {
                Instance::Metric(Box::new(ClassicMetric::new(metric, giqa_sdk::metric_spec::<Self>(metric)?)?))
            }
            metric if reference::ALL.iter().any(|(name, ..)| *name == metric) => {
                Instance::Metric(Box::new(ReferenceMetric::new(metric, giqa_sdk::metric_spec::<Self>(metric)?)?))
            }
            other => {
                let message = format!("plugin 'classic' has no component '{other}'");
                return Err(ComponentError::new(ErrorKind::BadRequest, message));
            }
        })
    }
}

giqa_sdk::export_plugin!(Classic);

/// The metrics that look at a picture alone; those that need its original are in another table.
fn all_metrics() -> Result<Vec<(String, ClassicMetric)>, ComponentError> {
    let make = |(name, _): &(&str, _)| {
        Ok(((*name).to_owned(), ClassicMetric::new(name, giqa_sdk::metric_spec::<Classic>(name)?)?))
    };
    metrics::ALL.iter().map(make).collect()
}

/// The metrics whose maps tell one place from another.
fn judging_metrics() -> Result<Vec<ClassicMetric>, ComponentError> {
    let named = |name: &str| proposers::cues::MAPS.contains(&name);
    Ok(all_metrics()?.into_iter().filter(|(name, _)| named(name)).map(|(_, m)| m).collect())
}

/// The metrics that find places by themselves.
fn placing_metrics() -> Result<Vec<ClassicMetric>, ComponentError> {
    Ok(all_metrics()?.into_iter().filter(|(name, _)| name == "lighting" || name == "tint").map(|(_, m)| m).collect())
}

/// The metrics that can be put into words: those with a scale, and colour. The others (BRISQUE and its kin) say how good
/// a picture is as a whole but not in which way, and would cost too much for every region.
fn telling_metrics() -> Result<Vec<(String, ClassicMetric)>, ComponentError> {
    let mut all = all_metrics()?;
    all.retain(|(name, m)| m.metric_spec().severity.is_some() || name == "colour");
    Ok(all)
}

/// All metrics that mean something on the picture or in a box of it. Those without a scale count as fine.
fn observe(metrics: &[(String, ClassicMetric)], image: ImageView<'_>, region: Option<NormBox>) -> Vec<Observed> {
    let one = |(name, metric): &(String, ClassicMetric)| {
        let Measurement::Measured { value, details, .. } = metric.look(Look { image, region, map: false }) else {
            return None;
        };
        let scale = metric.metric_spec().severity;
        Some(Observed {
            metric: format!("classic.{name}"),
            attribute: scale.map_or(Attribute::Colour, |s| s.attribute),
            value,
            severity: scale.map_or(0.0, |s| s.of(value)),
            expected: scale.map_or(value, |s| s.fine),
            details,
        })
    };
    metrics.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests;
