//! Where an attribute is how bad: the maps of the profile's metrics, as severities on one grid.

use crate::decode::Decoded;
use crate::inspect::{InspectError, Inspector};
use crate::run_components::{guarded, only};
use giqa_core::{Attribute, Context, Map, Measurement, MetricInput, ReferenceNeed};

/// Cells on the longer side of a heat map; more tells nothing on a screen.
const MOST: u32 = 160;

impl Inspector {
    /// Severity by place, `0..=1`; NaN where no metric can tell. Where several metrics judge the attribute, the worst
    /// counts.
    ///
    /// # Errors
    /// [`InspectError::NoMap`] when no metric of the profile can tell, or none could measure this picture.
    pub fn heat(&self, image: &Decoded, attribute: Attribute, context: &Context<'_>) -> Result<Map, InspectError> {
        let none = |reason: String| InspectError::NoMap { profile: self.profile().name.clone(), attribute, reason };
        let metrics = self.profile().metrics.iter().filter_map(|metric| {
            let spec = metric.component.spec();
            let severity = spec.severity.filter(|s| s.attribute == attribute)?;
            (spec.map && spec.reference == ReferenceNeed::NoReference).then_some((metric, severity))
        });
        let mut heat: Option<Map> = None;
        let mut reasons = Vec::new();
        for (metric, severity) in metrics {
            let input = MetricInput { map: true, ..MetricInput::new(image.view()) };
            match guarded(|| only(metric.component.measure(context, &[input]))) {
                Ok(Measurement::Measured { map: Some(map), .. }) => {
                    let values =
                        map.values().iter().map(|v| if v.is_nan() { *v } else { severity.of(f64::from(*v)) as f32 });
                    let map = Map::new(map.cols(), map.rows(), values.collect()).map_err(|e| none(e.to_string()))?;
                    heat = Some(worse(heat.as_ref(), &map));
                }
                Ok(Measurement::Measured { map: None, .. }) => reasons.push(format!("{} gave none", metric.id())),
                Ok(Measurement::NotMeasurable { reason }) => reasons.push(format!("{}: {reason}", metric.id())),
                Err(error) => reasons.push(format!("{}: {error}", metric.id())),
            }
        }
        heat.ok_or_else(|| none(if reasons.is_empty() { "no metric maps it".into() } else { reasons.join("; ") }))
    }
}

/// The worse of two maps, cell by cell, on the finer grid.
fn worse(known: Option<&Map>, map: &Map) -> Map {
    let fine = |n: u32| n.min(MOST);
    let cols = fine(known.map_or(0, Map::cols).max(map.cols()));
    let rows = fine(known.map_or(0, Map::rows).max(map.rows()));
    let mut values = Vec::with_capacity(cols as usize * rows as usize);
    for row in 0..rows {
        for col in 0..cols {
            let (x, y) = ((f64::from(col) + 0.5) / f64::from(cols), (f64::from(row) + 0.5) / f64::from(rows));
            // `max` takes the other one where one is NaN.
            values.push(known.map_or(f32::NAN, |k| k.at(x, y)).max(map.at(x, y)));
        }
    }
    Map::new(cols, rows, values).unwrap_or_else(|_| map.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_counts_and_what_is_unknown_does_not() {
        let a = Map::new(2, 1, vec![0.2, f32::NAN]).unwrap();
        let b = Map::new(4, 1, vec![0.1, 0.3, f32::NAN, 0.5]).unwrap();
        let both = worse(Some(&worse(None, &a)), &b);
        assert_eq!((both.cols(), both.rows()), (4, 1));
        assert_eq!(both.values()[..2], [0.2, 0.3]);
        assert!(both.values()[2].is_nan());
        assert_eq!(both.values()[3], 0.5);
        let huge = Map::new(1000, 1, vec![0.5; 1000]).unwrap();
        assert_eq!(worse(None, &huge).cols(), MOST);
    }
}
