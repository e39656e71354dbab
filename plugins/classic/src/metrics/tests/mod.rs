//! The metrics on pictures whose faults are known.

mod artefacts;
mod blockiness;
mod hostile;
mod motion;
mod noise;
mod sharpness;
mod tones;

use super::*;
use crate::Classic;
use crate::testing::Picture;
use std::collections::BTreeMap;

/// A metric's answer on a picture, or the reason for having none.
pub(super) struct Answer {
    pub(super) value: f64,
    pub(super) severity: f64,
    pub(super) details: BTreeMap<String, f64>,
    pub(super) map: Option<Map>,
}

pub(super) fn try_measure(name: &str, picture: &Picture, region: Option<NormBox>) -> Result<Answer, String> {
    let spec = giqa_sdk::metric_spec::<Classic>(name).unwrap();
    let metric = ClassicMetric::new(name, spec).unwrap();
    match metric.look(Look { image: picture.view(), region, map: true }) {
        Measurement::Measured { value, map, details } => {
            let severity = metric.metric_spec().severity.map_or(0.0, |s| s.of(value));
            Ok(Answer { value, severity, details, map })
        }
        Measurement::NotMeasurable { reason } => Err(reason),
    }
}

pub(super) fn measure(name: &str, picture: &Picture) -> Answer {
    try_measure(name, picture, None).unwrap()
}

pub(super) fn value(name: &str, picture: &Picture) -> f64 {
    measure(name, picture).value
}
