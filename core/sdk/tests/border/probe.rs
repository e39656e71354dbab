//! The plugin that is driven.

use giqa_core::text::{ParseOptions, parse};
use giqa_core::{
    ComponentError, Context, ErrorKind, GroundingModel, Map, Measurement, Metric, MetricInput, MetricSpec, ModelInput,
    ModelOutput, ModelSpec, NormBox, ProposerInput, ProposerSpec, Region, RegionProposer, Request,
};
use giqa_sdk::{Instance, Plugin, Services};
use serde_json::Value;

pub struct Probe;

impl Plugin for Probe {
    const MANIFEST: &'static str = r#"{"schema":"giqa.manifest/1","id":"org.giqa.test.probe","name":"probe",
        "version":"0.1.0","summary":"Probes the border.","license":"MIT OR Apache-2.0","threading":"any",
        "components":[
            {"name":"sum","kind":"metric","summary":"Rows, weighted.","range":[0,null],"better":"neither","map":true},
            {"name":"corner","kind":"proposer","summary":"One corner."},
            {"name":"teller","kind":"model","summary":"Repeats.","tasks":["describe","complete"],"streams":true}]}"#;

    fn create(services: &Services, component: &str, config: &Value) -> Result<Instance, ComponentError> {
        let mode = match config.get("mode") {
            None => Mode::Usual,
            Some(mode) => match mode.as_str() {
                Some("none") => Mode::NoResults,
                Some("waits") => Mode::Waits,
                Some("drop") => Mode::PanicsAtDrop,
                Some("create") => panic!("no wish to exist"),
                _ => return Err(ComponentError::new(ErrorKind::BadConfig, format!("mode = {mode}"))),
            },
        };
        match component {
            "sum" => Ok(Instance::Metric(Box::new(Sum(giqa_sdk::metric_spec::<Probe>(component)?, mode)))),
            "corner" => Ok(Instance::Proposer(Box::new(Corner(
                giqa_sdk::proposer_spec::<Probe>(component)?,
                services.cache_dir.as_ref().map_or_else(|| "nowhere".to_owned(), |d| d.display().to_string()),
            )))),
            "teller" => Ok(Instance::Model(Box::new(Teller(giqa_sdk::model_spec::<Probe>(component)?, mode)))),
            other => Err(ComponentError::new(ErrorKind::BadRequest, format!("no component '{other}'"))),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    Usual,
    NoResults,
    Waits,
    PanicsAtDrop,
}

/// Sum of all channels, each row times its number from 1: tells the order of rows, and gaps that are read as pixels.
pub struct Sum(MetricSpec, Mode);

impl Metric for Sum {
    fn spec(&self) -> &MetricSpec {
        &self.0
    }

    fn measure(&self, context: &Context<'_>, items: &[MetricInput<'_>]) -> Vec<Result<Measurement, ComponentError>> {
        tracing::info!(n = items.len(), "summing");
        if self.1 == Mode::NoResults {
            return Vec::new();
        }
        let one = |item: &MetricInput<'_>| {
            context.observer().progress(0.5, "half");
            if context.is_cancelled() {
                return Err(ComponentError::cancelled());
            }
            assert!(item.image.row(0)[..3] != [255, 0, 0], "a red picture");
            let row = |(y, row): (usize, &[u8])| (y as f64 + 1.0) * row.iter().map(|&v| f64::from(v)).sum::<f64>();
            let of = |image: giqa_core::ImageView<'_>| image.rows().enumerate().map(row).sum::<f64>();
            let map = item.map.then(|| Map::new(2, 1, vec![0.5, f32::NAN]).unwrap());
            let details = item.reference.map(|r| ("reference".to_owned(), of(r))).into_iter().collect();
            Ok(Measurement::Measured { value: of(item.image), map, details })
        };
        items.iter().map(one).collect()
    }
}

impl Drop for Sum {
    fn drop(&mut self) {
        assert!(self.1 != Mode::PanicsAtDrop, "no wish to end");
    }
}

/// One region, named after the first phrase, else after the cache directory.
pub struct Corner(ProposerSpec, String);

impl RegionProposer for Corner {
    fn spec(&self) -> &ProposerSpec {
        &self.0
    }

    fn propose(&self, _: &Context<'_>, items: &[ProposerInput<'_>]) -> Vec<Result<Vec<Region>, ComponentError>> {
        let bounds = NormBox::clamped(0.0, 0.0, 0.5, 0.5).unwrap();
        let name = |item: &ProposerInput<'_>| item.phrases.first().unwrap_or(&self.1).clone();
        items.iter().map(|item| Ok(vec![Region::new(name(item), bounds, 0.5)])).collect()
    }
}

/// Repeats the prompt word by word.
pub struct Teller(ModelSpec, Mode);

impl GroundingModel for Teller {
    fn spec(&self) -> &ModelSpec {
        &self.0
    }

    fn generate(&self, context: &Context<'_>, items: &[ModelInput<'_>]) -> Vec<Result<ModelOutput, ComponentError>> {
        // Never says a word and never polls the host: only the watch can end it.
        while self.1 == Mode::Waits && !context.is_cancelled() {
            std::thread::yield_now();
        }
        let one = |(i, item): (usize, &ModelInput<'_>)| {
            if context.is_cancelled() {
                return Err(ComponentError::cancelled());
            }
            let text = match item.request {
                Request::Complete { prompt } => prompt.as_str(),
                _ => "The [sky](<0, 139>) is noisy.",
            };
            text.split_inclusive(' ').for_each(|word| context.observer().token(i, word));
            Ok(ModelOutput { text: parse(text, &ParseOptions::default()).text, ..ModelOutput::default() })
        };
        items.iter().enumerate().map(one).collect()
    }
}
