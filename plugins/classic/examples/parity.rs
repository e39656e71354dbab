//! Prints the metrics of every picture in a folder, to be compared with other implementations:
//! `cargo run --release -p giqa-classic --example parity -- DIR`.
#![allow(clippy::print_stdout, reason = "a tool for people")]

use giqa_core::{CancelToken, Context, ImageView, Measurement, MetricInput, ProposerInput, Silent};
use giqa_sdk::{Instance, Plugin, Services};
use std::error::Error;

const METRICS: [&str; 7] = ["sharpness", "noise", "exposure", "contrast", "colour", "cast", "blockiness"];

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        Some(dir) => compare(dir),
        None => Err("usage: parity DIR".into()),
    }
}

fn make(name: &str) -> Result<Instance, Box<dyn Error>> {
    Ok(giqa_classic::Classic::create(&Services::default(), name, &serde_json::json!({}))?)
}

fn compare(dir: &str) -> Result<(), Box<dyn Error>> {
    let mut files: Vec<_> =
        std::fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?.iter().map(std::fs::DirEntry::path).collect();
    files.sort();
    let (token, silent) = (CancelToken::new(), Silent);
    let context = Context::new(&token, &silent);
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "png")) {
        let rgb = image::open(file)?.into_rgb8();
        let view = ImageView::packed(rgb.width(), rgb.height(), rgb.as_raw())?;
        let mut line = serde_json::Map::new();
        line.insert("file".into(), file.file_name().unwrap_or_default().to_string_lossy().into());
        for name in METRICS {
            let Instance::Metric(metric) = make(name)? else { continue };
            if let Some(Ok(Measurement::Measured { value, details, .. })) =
                metric.measure(&context, &[MetricInput::new(view)]).pop()
            {
                line.insert(name.into(), serde_json::json!({ "value": value, "details": details }));
            }
        }
        if let Instance::Proposer(proposer) = make("quality-map")? {
            let regions = proposer.propose(&context, &[ProposerInput { image: view, phrases: &[] }]).pop();
            line.insert("regions".into(), serde_json::to_value(regions.ok_or("no result")??)?);
        }
        println!("{}", serde_json::Value::Object(line));
    }
    Ok(())
}
