//! What the examples share: components by name, pictures from files.

use giqa_classic::Classic;
use giqa_core::{CancelToken, Context, ImageView, Measurement, Metric, MetricInput, ProposerInput, Region, Silent};
use giqa_sdk::{Instance, Plugin, Services};
use std::path::Path;

/// Errors are for the person who runs the example.
pub type Failure = Box<dyn std::error::Error>;

/// A metric and its name.
pub type Named = (String, Box<dyn Metric>);

/// All metrics of the plugin, by name, in the order of the manifest.
pub fn metrics() -> Result<Vec<Named>, Failure> {
    let mut all = Vec::new();
    for component in giqa_sdk::manifest::<Classic>()?.components {
        if let Instance::Metric(metric) = make(&component.name)? {
            all.push((component.name, metric));
        }
    }
    Ok(all)
}

/// A component.
pub fn make(name: &str) -> Result<Instance, Failure> {
    Ok(Classic::create(&Services::default(), name, &serde_json::json!({}))?)
}

/// What one metric says.
pub fn measure(metric: &dyn Metric, input: MetricInput<'_>) -> Result<Measurement, Failure> {
    let token = CancelToken::new();
    let mut results = metric.measure(&Context::new(&token, &Silent), &[input]);
    Ok(results.pop().ok_or("no result")??)
}

/// What one proposer says.
pub fn propose(name: &str, image: ImageView<'_>) -> Result<Vec<Region>, Failure> {
    let Instance::Proposer(proposer) = make(name)? else { return Err("not a proposer".into()) };
    let token = CancelToken::new();
    let mut results = proposer.propose(&Context::new(&token, &Silent), &[ProposerInput { image, phrases: &[] }]);
    Ok(results.pop().ok_or("no result")??)
}

/// Pixels of a file.
#[allow(dead_code, reason = "not every example reads files")]
pub fn open(path: &Path) -> Result<(u32, u32, Vec<u8>), Failure> {
    let rgb = image::open(path)?.into_rgb8();
    Ok((rgb.width(), rgb.height(), rgb.into_raw()))
}
