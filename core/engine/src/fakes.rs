//! Components for tests: plain Rust types that say what they are told to.

use giqa_core::text::GroundedText;
use giqa_core::*;
use giqa_host::{Loaded, Profile};
use std::sync::Arc;

/// What a fake does when it is asked.
#[derive(Clone)]
pub(crate) enum Does<T> {
    Answers(T),
    Fails(ErrorKind),
    Panics,
}

impl<T: Clone> Does<T> {
    fn go(&self) -> Result<T, ComponentError> {
        match self {
            Does::Answers(t) => Ok(t.clone()),
            Does::Fails(kind) => Err(ComponentError::new(*kind, "no luck")),
            Does::Panics => panic!("ouch"),
        }
    }
}

pub(crate) struct FakeMetric(pub MetricSpec, pub Does<Measurement>);

impl Metric for FakeMetric {
    fn spec(&self) -> &MetricSpec {
        &self.0
    }
    fn measure(&self, _: &Context<'_>, items: &[MetricInput<'_>]) -> Vec<Result<Measurement, ComponentError>> {
        items.iter().map(|_| self.1.go()).collect()
    }
}

pub(crate) struct FakeProposer(pub ProposerSpec, pub Does<Vec<Region>>);

impl RegionProposer for FakeProposer {
    fn spec(&self) -> &ProposerSpec {
        &self.0
    }
    fn propose(&self, _: &Context<'_>, items: &[ProposerInput<'_>]) -> Vec<Result<Vec<Region>, ComponentError>> {
        items.iter().map(|_| self.1.go()).collect()
    }
}

/// Says the findings it was given, each region's name grounded.
pub(crate) struct FakeModel(pub ModelSpec, pub Does<()>);

impl GroundingModel for FakeModel {
    fn spec(&self) -> &ModelSpec {
        &self.0
    }
    fn generate(&self, _: &Context<'_>, items: &[ModelInput<'_>]) -> Vec<Result<ModelOutput, ComponentError>> {
        items
            .iter()
            .map(|item| {
                self.1.go()?;
                let mut text = GroundedText::default();
                if let Request::Answer { question, .. } = item.request {
                    text.push(&format!("{question} Yes: "));
                }
                for f in &item.evidence.findings {
                    let region = f.region.as_ref().and_then(|id| item.evidence.region(id));
                    match region {
                        Some(r) => text.push_span(&r.name, vec![r.bounds]),
                        None => text.push("The whole picture"),
                    }
                    text.push(&format!(" has {} {}. ", f.level, f.attribute));
                }
                let options = vec![OptionProbability { option: "yes".into(), probability: 2.0 / 3.0 }];
                Ok(ModelOutput {
                    text,
                    score: Some(77.0),
                    options,
                    warnings: vec!["one doubt".into()],
                    ..ModelOutput::default()
                })
            })
            .collect()
    }
}

pub(crate) fn loaded<T: ?Sized>(id: &str, component: Arc<T>) -> Loaded<T> {
    let provenance = ComponentProvenance {
        id: id.into(),
        version: "1.0.0".into(),
        config_hash: "0".into(),
        weights_hash: None,
        usage: None,
    };
    Loaded { provenance, component }
}

/// A metric of severity scale 0 (fine) to 1 (unusable), so that values are severities.
pub(crate) fn metric(id: &str, attribute: Attribute, does: Does<Measurement>) -> Loaded<dyn Metric> {
    let spec = MetricSpec {
        range: [Some(0.0), Some(1.0)],
        better: Better::Lower,
        unit: String::new(),
        reference: ReferenceNeed::NoReference,
        cost: CostClass::Cheap,
        map: true,
        severity: Some(Severity { attribute, fine: 0.0, unusable: 1.0 }),
    };
    loaded(id, Arc::new(FakeMetric(spec, does)))
}

/// A value, and a map of 2 x 2 values.
pub(crate) fn measured(value: f64, map: [f32; 4]) -> Does<Measurement> {
    Does::Answers(Measurement::Measured {
        value,
        map: Map::new(2, 2, map.to_vec()).ok(),
        details: [("share".to_owned(), 1.0 / 3.0)].into(),
    })
}

pub(crate) fn proposer(id: &str, does: Does<Vec<Region>>) -> Loaded<dyn RegionProposer> {
    loaded(id, Arc::new(FakeProposer(ProposerSpec::default(), does)))
}

pub(crate) fn model(id: &str, does: Does<()>) -> Loaded<dyn GroundingModel> {
    let spec = ModelSpec { tasks: vec![ModelTask::Describe, ModelTask::Answer], ..Default::default() };
    loaded(id, Arc::new(FakeModel(spec, does)))
}

pub(crate) fn region(name: &str, x1: f64, y1: f64, x2: f64, y2: f64) -> Region {
    Region::new(name, NormBox::new(x1, y1, x2, y2).unwrap(), 0.9)
}

/// The four quarters, as the maps have them.
pub(crate) fn quarters() -> Vec<Region> {
    vec![
        region("upper left", 0.0, 0.0, 0.5, 0.5),
        region("upper right", 0.5, 0.0, 1.0, 0.5),
        region("lower left", 0.0, 0.5, 0.5, 1.0),
        region("lower right", 0.5, 0.5, 1.0, 1.0),
    ]
}

/// Noise in the lower right quarter, a little everywhere; sharp.
pub(crate) fn profile() -> Profile {
    Profile {
        name: "fake".into(),
        proposers: vec![proposer("fake.quarters", Does::Answers(quarters()))],
        metrics: vec![
            metric("fake.noise", Attribute::Noise, measured(0.3, [0.1, 0.1, 0.2, 0.9])),
            metric("fake.blur", Attribute::Sharpness, measured(0.05, [0.0; 4])),
        ],
        model: Some(model("fake.words", Does::Answers(()))),
    }
}

pub(crate) fn image() -> crate::Decoded {
    let pixels = (0..64_u32 * 48).flat_map(|i| [(i % 251) as u8, (i % 241) as u8, (i % 239) as u8]).collect();
    crate::Decoded::from_rgb("photos/a.jpg", 64, 48, pixels).unwrap()
}

pub(crate) fn inspect(profile: Profile) -> crate::Inspection {
    let (cancel, silent) = (CancelToken::new(), Silent);
    crate::Inspector::new(profile, crate::InspectOptions::default())
        .inspect(&image(), None, &Context::new(&cancel, &silent))
        .unwrap()
}
