//! Adapters: a transport behind each of the three traits.

use crate::transport::{Emitted, Transport, WireItem};
use giqa_core::text::ParseOptions;
use giqa_core::wire::{
    MetricRequest, MetricResult, ModelRequest, ModelResult, ProposerRequest, ProposerResult, map_from_bytes,
};
use giqa_core::{
    ComponentError, Context, ErrorKind, GroundingModel, Measurement, Metric, MetricInput, MetricSpec, ModelInput,
    ModelOutput, ModelSpec, ProposerInput, ProposerSpec, Region, RegionProposer,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A component behind its transport; `S` is its spec.
pub(crate) struct Adapter<S> {
    spec: S,
    max_batch: usize,
    transport: Box<dyn Transport>,
}

impl<S> Adapter<S> {
    pub(crate) fn new(spec: S, max_batch: u32, transport: Box<dyn Transport>) -> Self {
        Self { spec, max_batch: max_batch.max(1) as usize, transport }
    }

    /// Runs items in chunks of at most `max_batch`.
    fn run<I, T>(
        &self,
        context: &Context<'_>,
        items: &[I],
        wire: impl Fn(&I) -> Result<WireItem<'_>, ComponentError>,
        take: impl Fn(&I, Emitted) -> Result<T, ComponentError>,
    ) -> Vec<Result<T, ComponentError>> {
        let mut results = Vec::with_capacity(items.len());
        for chunk in items.chunks(self.max_batch) {
            if context.is_cancelled() {
                results.extend(chunk.iter().map(|_| Err(ComponentError::cancelled())));
                continue;
            }
            match chunk.iter().map(&wire).collect::<Result<Vec<_>, _>>() {
                Ok(batch) => {
                    let outcomes = self.transport.run(context, &batch);
                    results
                        .extend(chunk.iter().zip(outcomes).map(|(item, o)| o.and_then(|emitted| take(item, emitted))));
                }
                Err(error) => results.extend(chunk.iter().map(|_| Err(error.clone()))),
            }
        }
        results
    }
}

fn to_json(value: &impl Serialize) -> Result<String, ComponentError> {
    serde_json::to_string(value)
        .map_err(|e| ComponentError::new(ErrorKind::BadRequest, format!("the request is not JSON: {e}")))
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ComponentError> {
    serde_json::from_slice(bytes).map_err(|e| {
        let begin: String = String::from_utf8_lossy(bytes).chars().take(80).flat_map(char::escape_debug).collect();
        let message = format!("the plugin's answer does not fit its schema: {e}; it begins with: {begin}");
        ComponentError::new(ErrorKind::Garbage, message)
            .hint("report this to the plugin's author; `giqa plugins check` shows the schema")
    })
}

/// Readers of a report trust its ranges.
fn in_range(value: f64, spec: &MetricSpec) -> Result<(), ComponentError> {
    let [low, high] = spec.range;
    if low.is_some_and(|low| value < low) || high.is_some_and(|high| value > high) {
        let end = |bound: Option<f64>| bound.map_or_else(|| "unbounded".to_owned(), |b| b.to_string());
        let message =
            format!("the plugin's value {value} lies outside its range in the manifest, {} to {}", end(low), end(high));
        return Err(ComponentError::new(ErrorKind::Garbage, message).hint("report this to the plugin's author"));
    }
    Ok(())
}

impl Metric for Adapter<MetricSpec> {
    fn spec(&self) -> &MetricSpec {
        &self.spec
    }

    fn measure(&self, context: &Context<'_>, items: &[MetricInput<'_>]) -> Vec<Result<Measurement, ComponentError>> {
        self.run(
            context,
            items,
            |item| {
                let input = to_json(&MetricRequest { region: item.region, map: item.map })?;
                Ok(WireItem { image: Some(item.image), reference: item.reference, input })
            },
            |_, emitted| {
                let map = emitted.map.as_deref().map(map_from_bytes).transpose()?;
                let result = from_json::<MetricResult>(&emitted.result)?;
                if let MetricResult::Measured { value, .. } = &result {
                    in_range(*value, &self.spec)?;
                }
                result.join(map)
            },
        )
    }
}

impl RegionProposer for Adapter<ProposerSpec> {
    fn spec(&self) -> &ProposerSpec {
        &self.spec
    }

    fn propose(&self, context: &Context<'_>, items: &[ProposerInput<'_>]) -> Vec<Result<Vec<Region>, ComponentError>> {
        self.run(
            context,
            items,
            |item| {
                let input = to_json(&ProposerRequest { phrases: item.phrases.to_vec() })?;
                Ok(WireItem { image: Some(item.image), reference: None, input })
            },
            |_, emitted| from_json::<ProposerResult>(&emitted.result)?.into_regions(),
        )
    }
}

impl GroundingModel for Adapter<ModelSpec> {
    fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn generate(&self, context: &Context<'_>, items: &[ModelInput<'_>]) -> Vec<Result<ModelOutput, ComponentError>> {
        self.run(
            context,
            items,
            |item| {
                let input = to_json(&ModelRequest { request: item.request.clone(), evidence: item.evidence.clone() })?;
                Ok(WireItem { image: item.image, reference: None, input })
            },
            |item, emitted| {
                let image_size = item.image.map(|i| (i.width(), i.height()));
                let options = ParseOptions { image_size, ..ParseOptions::default() };
                from_json::<ModelResult>(&emitted.result)?.into_output(&options)
            },
        )
    }
}
