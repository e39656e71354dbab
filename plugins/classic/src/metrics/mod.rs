//! The metrics: one file each, behind one adapter to giqa-core's trait.

mod aberration;
mod banding;
mod blockiness;
mod cast;
mod chen;
mod colour;
mod contrast;
mod eigen;
mod exposure;
mod haze;
mod jpeg_quality;
mod lighting;
mod moire;
pub(crate) mod motion;
mod noise;
mod pixelation;
mod sharpness;
mod tint;

use crate::memo::Memo;
use crate::natural::{brisque, niqe, piqe};
use giqa_core::{
    ComponentError, Context, ErrorKind, ImageView, Map, Measurement, Metric, MetricInput, MetricSpec, NormBox,
};

/// What a metric looks at.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The picture.
    pub image: ImageView<'a>,
    /// Only here; `None` = everywhere.
    pub region: Option<NormBox>,
    /// Whether a map is wanted.
    pub map: bool,
}

/// A metric by name.
type MeasureFn = fn(Look<'_>) -> Measurement;

/// All metrics, by the names in the manifest.
pub const ALL: [(&str, MeasureFn); 19] = [
    ("sharpness", sharpness::measure),
    ("noise", noise::measure),
    ("exposure", exposure::measure),
    ("contrast", contrast::measure),
    ("colour", colour::measure),
    ("cast", cast::measure),
    ("lighting", lighting::measure),
    ("tint", tint::measure),
    ("blockiness", blockiness::measure),
    ("jpeg-quality", jpeg_quality::measure),
    ("motion", motion::measure),
    ("banding", banding::measure),
    ("pixelation", pixelation::measure),
    ("haze", haze::measure),
    ("aberration", aberration::measure),
    ("moire", moire::measure),
    ("brisque", brisque::measure),
    ("niqe", niqe::measure),
    ("piqe", piqe::measure),
];

/// A metric as a component.
pub struct ClassicMetric {
    name: &'static str,
    spec: MetricSpec,
    measure: MeasureFn,
}

impl ClassicMetric {
    /// The metric of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(name: &str, spec: MetricSpec) -> Result<Self, ComponentError> {
        let found = ALL.iter().find(|(n, _)| *n == name);
        let unknown = || ComponentError::new(ErrorKind::BadRequest, format!("plugin 'classic' has no metric '{name}'"));
        let (name, measure) = *found.ok_or_else(unknown)?;
        Ok(Self { name, spec, measure })
    }

    /// Measures one picture, once: a proposer looks at the maps of the metrics that are measured beside it.
    #[must_use]
    pub fn look(&self, look: Look<'_>) -> Measurement {
        static ANSWERS: [Memo<Measurement>; ALL.len()] = [const { Memo::new() }; ALL.len()];
        let place = ALL.iter().position(|(name, _)| *name == self.name);
        let Some(memo) = place.map(|i| &ANSWERS[i]).filter(|_| look.region.is_none()) else {
            return (self.measure)(look);
        };
        let answer = memo.of(look.image.id(), || (self.measure)(Look { map: self.spec.map, ..look }));
        match answer {
            Measurement::Measured { value, details, .. } if !look.map => {
                Measurement::Measured { value, details, map: None }
            }
            answer => answer,
        }
    }

    /// The map of a picture, and the value for the picture as a whole that its cells are compared with.
    #[must_use]
    pub fn map(&self, image: ImageView<'_>) -> Option<(f64, Map)> {
        if self.name == "noise" {
            // The map's median stands for the costly value.
            let map = noise::map_of(image)?;
            return map.median_in(&NormBox::FULL).map(|median| (median, map));
        }
        match self.look(Look { image, region: None, map: true }) {
            Measurement::Measured { value, map: Some(map), .. } => Some((value, map)),
            _ => None,
        }
    }

    /// Its name in the manifest.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it says of itself.
    #[must_use]
    pub fn metric_spec(&self) -> &MetricSpec {
        &self.spec
    }
}

impl Metric for ClassicMetric {
    fn spec(&self) -> &MetricSpec {
        &self.spec
    }

    fn measure(&self, context: &Context<'_>, items: &[MetricInput<'_>]) -> Vec<Result<Measurement, ComponentError>> {
        let one = |item: &MetricInput<'_>| {
            if context.is_cancelled() {
                return Err(ComponentError::cancelled());
            }
            Ok(self.look(Look { image: item.image, region: item.region, map: item.map && self.spec.map }))
        };
        items.iter().map(one).collect()
    }
}

/// A value with details and perhaps a map.
pub(crate) fn measured(value: f64, details: &[(&str, f64)], map: Option<Map>) -> Measurement {
    let details = details.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
    Measurement::Measured { value, map, details }
}

/// Most pixels that a statistic of the whole picture looks at; beyond it every n-th row and column is taken.
const MOST_SAMPLES: u64 = 1_500_000;

/// Calls `look` with the pixels of a part, at most about `most` of them.
fn sample(image: ImageView<'_>, part: giqa_core::PixelBox, most: u64, mut look: impl FnMut(&[u8])) {
    let pixels = u64::from(part.width()) * u64::from(part.height());
    let step = ((pixels as f64 / most as f64).sqrt().ceil() as usize).max(1);
    for y in (part.y1..part.y2).step_by(step) {
        let row = &image.row(y)[part.x1 as usize * 3..part.x2 as usize * 3];
        row.chunks_exact(3).step_by(step).for_each(&mut look);
    }
}

#[cfg(test)]
mod tests;
