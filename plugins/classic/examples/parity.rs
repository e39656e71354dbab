//! Prints the metrics of every picture in a folder, to be compared with other implementations; where the folder holds
//! `reference.json` and `images/`, a table of BRISQUE, NIQE and PIQE against their originals instead:
//! `cargo run --release -p giqa-classic --example parity -- DIR`.
#![allow(clippy::print_stdout, reason = "a tool for people")]

mod common;

use common::{make, measure, metrics, open, propose};
use giqa_core::{ImageView, Measurement, MetricInput};
use giqa_sdk::Instance;
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

/// Share of flat pixels from which on the originals' values depend on rounding noise.
const FLAT: f64 = 0.01;

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        Some(dir) if Path::new(dir).join("reference.json").is_file() => against_originals(Path::new(dir)),
        Some(dir) => compare(dir),
        None => Err("usage: parity DIR".into()),
    }
}

fn compare(dir: &str) -> Result<(), Box<dyn Error>> {
    let mut files: Vec<_> =
        std::fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?.iter().map(std::fs::DirEntry::path).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "png")) {
        let rgb = image::open(file)?.into_rgb8();
        let view = ImageView::packed(rgb.width(), rgb.height(), rgb.as_raw())?;
        let mut line = serde_json::Map::new();
        line.insert("file".into(), file.file_name().unwrap_or_default().to_string_lossy().into());
        for (name, metric) in metrics()? {
            if let Measurement::Measured { value, details, .. } = measure(metric.as_ref(), MetricInput::new(view))? {
                line.insert(name, serde_json::json!({ "value": value, "details": details }));
            }
        }
        line.insert("regions".into(), serde_json::to_value(propose("quality-map", view)?)?);
        println!("{}", serde_json::Value::Object(line));
    }
    Ok(())
}

/// Value, map and details of a metric, all numbers.
struct Found {
    value: f64,
    details: BTreeMap<String, f64>,
    map: Vec<f32>,
}

fn find(name: &str, view: ImageView<'_>) -> Result<Found, Box<dyn Error>> {
    let Instance::Metric(metric) = make(name)? else { return Err("not a metric".into()) };
    let input = MetricInput { map: metric.spec().map, ..MetricInput::new(view) };
    match measure(metric.as_ref(), input)? {
        Measurement::Measured { value, details, map } => {
            Ok(Found { value, details, map: map.map_or(Vec::new(), |m| m.values().to_vec()) })
        }
        Measurement::NotMeasurable { reason } => Err(format!("{name}: {reason}").into()),
    }
}

/// Differences per picture, and the largest of textured and of flat pictures.
fn against_originals(folder: &Path) -> Result<(), Box<dyn Error>> {
    let reference: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("reference.json"))?)?;
    let columns = ["brisque", "niqe", "niqe map", "piqe", "piqe blocks"];
    print!("{:28}{:>8}", "difference from the original", "flat");
    columns.iter().for_each(|c| print!("{c:>22}"));
    println!();
    let mut largest = [[0.0_f64; 5]; 2];
    let mut pictures = [0; 2];
    for entry in reference["images"].as_array().into_iter().flatten() {
        let (Some(file), peers) = (entry["file"].as_str(), &entry["nr"]) else { continue };
        let Ok((width, height, data)) = open(&folder.join("images").join(file)) else { continue };
        let view = ImageView::packed(width, height, &data)?;
        let [brisque, niqe, piqe] = [find("brisque", view)?, find("niqe", view)?, find("piqe", view)?];
        let flat = brisque.details["flat_share"];
        let peer = |key: &str| peers[key].as_f64().unwrap_or(f64::NAN);
        let distances = peers["niqe_patch_distance_map"].as_array().into_iter().flatten();
        let distances = distances.flat_map(|row| row.as_array().into_iter().flatten()).map(|v| v.as_f64());
        let farthest = niqe.map.iter().zip(distances).map(|(a, b)| (f64::from(*a) - b.unwrap_or(f64::NAN)).abs());
        let blocks = |key: &str| peers["piqe_blocks"][key].as_f64().unwrap_or(f64::NAN);
        let miscounted = |detail: &str, key: &str| (piqe.details[detail] * blocks("total") - blocks(key)).abs().round();
        let off = [
            brisque.value - peer("brisque_live_matlab_port"),
            niqe.value - peer("niqe_matlab_port"),
            farthest.fold(0.0, f64::max),
            piqe.value - peer("piqe_pypiqe"),
            miscounted("active_share", "active")
                + miscounted("artefact_share", "artifact")
                + miscounted("noise_share", "noise"),
        ];
        print!("{file:28}{flat:8.4}");
        for (off, value) in off.iter().zip([brisque.value, niqe.value, f64::NAN, piqe.value, f64::NAN]) {
            let value = if value.is_nan() { String::new() } else { format!("{value:.3}") };
            print!("{value:>11}{off:>11.5}");
        }
        println!();
        let kind = usize::from(flat > FLAT);
        pictures[kind] += 1;
        largest[kind].iter_mut().zip(off).for_each(|(l, o)| *l = l.max(o.abs()));
    }
    for (name, (largest, pictures)) in ["textured", "flat"].iter().zip(largest.iter().zip(pictures)) {
        print!("{:36}", format!("largest of {pictures} {name} pictures"));
        largest.iter().for_each(|l| print!("{l:>22.5}"));
        println!();
    }
    Ok(())
}
