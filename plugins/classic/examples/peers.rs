//! Compares the metrics with reference values of their peers, and the boxes of the proposers with known ones:
//! `cargo run --release -p giqa-classic --example peers -- METRICS [BOXES]`.
//!
//! METRICS holds `reference.json` (per picture the peers' values; `box_xyxy` of a local fault) and `images/`.
//! BOXES, if given, holds COCO annotations, `instances.json`, and `images/`.
#![allow(clippy::print_stdout, reason = "a table is what this is run for")]

mod common;

use common::{Failure, measure, metrics, open, propose};
use giqa_core::{ImageView, Measurement, MetricInput, NormBox};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// (metric, detail or "" for the value, key of the reference, whether it is compared relatively).
const PAIRS: [(&str, &str, &str, bool); 7] = [
    ("noise", "", "chen2015_sigma_rgb", true),
    ("colour", "", "colourfulness", false),
    ("blockiness", "wsb", "wang2002_jpeg/score", false),
    ("exposure", "clip_high", "clip_high_frac", false),
    ("exposure", "clip_low", "clip_low_frac", false),
    ("contrast", "deviation", "rms_contrast_std", false),
    ("contrast", "entropy", "entropy_bits", false),
];

fn main() -> Result<(), Failure> {
    let mut folders = std::env::args().skip(1);
    let folder = folders.next().ok_or("usage: peers METRICS [BOXES]")?;
    against_peers(Path::new(&folder))?;
    local_faults(Path::new(&folder))?;
    match folders.next() {
        Some(boxes) => subjects(Path::new(&boxes)),
        None => Ok(()),
    }
}

fn read(path: &Path) -> Result<Value, Failure> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

fn pictures(reference: &Value) -> impl Iterator<Item = (&Value, &str)> {
    reference["images"].as_array().into_iter().flatten().filter_map(|i| Some((i, i["file"].as_str()?)))
}

/// Values and severities of all metrics, and how far they are from the peers'.
fn against_peers(folder: &Path) -> Result<(), Failure> {
    let reference = read(&folder.join("reference.json"))?;
    let metrics = metrics()?;
    let mut farthest: BTreeMap<usize, (f64, String)> = BTreeMap::new();
    print!("{:28}", "value (severity)");
    metrics.iter().for_each(|(name, _)| print!("{name:>16}"));
    println!();
    for (entry, file) in pictures(&reference) {
        let (width, height, data) = open(&folder.join("images").join(file))?;
        let view = ImageView::packed(width, height, &data)?;
        print!("{file:28}");
        let mut noise = String::new();
        for (name, metric) in &metrics {
            let Measurement::Measured { value, details, .. } = measure(metric.as_ref(), MetricInput::new(view))? else {
                print!("{:>16}", "-");
                continue;
            };
            let severity = metric.spec().severity.map_or(String::new(), |s| format!(" ({:.2})", s.of(value)));
            print!("{:>16}", format!("{value:.3}{severity}"));
            for (i, (_, detail, key, relative)) in PAIRS.iter().enumerate().filter(|(_, p)| p.0 == name) {
                let peer = entry["nr"].pointer(&format!("/{key}")).and_then(Value::as_f64);
                let ours = if detail.is_empty() { Some(value) } else { details.get(*detail).copied() };
                let Some((peer, ours)) = peer.zip(ours) else { continue };
                let off = (ours - peer).abs() / if *relative { peer.abs().max(1.0) } else { 1.0 };
                if farthest.get(&i).is_none_or(|f| off > f.0) {
                    farthest.insert(i, (off, format!("{file}: {ours:.5} against {peer:.5}")));
                }
                if *key == "chen2015_sigma_rgb" {
                    noise = format!("  chen {peer:.2}");
                }
            }
        }
        println!("{noise}");
    }
    println!("\nlargest differences (relative ones: of at least 1)");
    for (i, (off, place)) in farthest {
        let (metric, detail, key, relative) = PAIRS[i];
        println!("{metric:>11}.{detail:10} {key:22} {off:9.5}{} {place}", if relative { " rel" } else { "    " });
    }
    Ok(())
}

/// Boxes of the quality map beside the known ones; pictures without a local fault should have none.
fn local_faults(folder: &Path) -> Result<(), Failure> {
    let reference = read(&folder.join("reference.json"))?;
    println!("\nquality map: IoU of the best region with the known box, and all regions");
    for (entry, file) in pictures(&reference) {
        let (width, height, data) = open(&folder.join("images").join(file))?;
        let regions = propose("quality-map", ImageView::packed(width, height, &data)?)?;
        let known: Vec<f64> = entry["box_xyxy"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        let (w, h) = (f64::from(width), f64::from(height));
        let known = match known.as_slice() {
            [x1, y1, x2, y2] => NormBox::clamped(x1 / w, y1 / h, x2 / w, y2 / h),
            _ => None,
        };
        let iou = known.map(|k| regions.iter().map(|r| r.bounds.iou(&k)).fold(0.0, f64::max));
        print!("{file:28} {:6}", iou.map_or("-".into(), |i| format!("{i:.2}")));
        for r in &regions {
            let [x1, y1, x2, y2]: [f64; 4] = r.bounds.into();
            print!("  {} {:.2} [{x1:.2} {y1:.2} {x2:.2} {y2:.2}]", r.name, r.score);
        }
        println!();
    }
    Ok(())
}

/// The subject beside the annotated objects. Annotators box everything, so this asks whether the subject is one of
/// the larger things, or holds them: IoU with the best object, with the hull of objects over 2 %, and, to compare,
/// the same for a centred box of 60 % on each side.
fn subjects(folder: &Path) -> Result<(), Failure> {
    let reference = read(&folder.join("instances.json"))?;
    let mut sums = [0.0_f64; 4];
    let (mut pictures, mut found, mut hits) = (0.0_f64, 0.0_f64, 0.0_f64);
    println!("\nsubject: IoU with the best object, with the hull of the larger ones, area");
    for picture in reference["images"].as_array().into_iter().flatten() {
        let Some(file) = picture["file_name"].as_str() else { continue };
        let Ok((width, height, data)) = open(&folder.join("images").join(file)) else { continue };
        let (w, h) = (f64::from(width), f64::from(height));
        let of_this = |a: &&Value| a["image_id"] == picture["id"];
        let to_box = |a: &Value| {
            let n: Vec<f64> = a["bbox"].as_array()?.iter().filter_map(Value::as_f64).collect();
            let [x, y, bw, bh] = n.as_slice() else { return None };
            NormBox::clamped(x / w, y / h, (x + bw) / w, (y + bh) / h)
        };
        let objects = reference["annotations"].as_array().into_iter().flatten().filter(of_this).filter_map(to_box);
        let objects: Vec<NormBox> = objects.filter(|b| b.area() > 0.02).collect();
        let Some(hull) = objects.iter().copied().reduce(|a, b| a.hull(&b)) else { continue };
        pictures += 1.0;
        let best = |b: &NormBox| objects.iter().map(|o| o.iou(b)).fold(0.0, f64::max);
        let centred = NormBox::clamped(0.2, 0.2, 0.8, 0.8).unwrap_or(NormBox::FULL);
        sums[2] += best(&centred);
        sums[3] += centred.iou(&hull);
        let regions = propose("subject", ImageView::packed(width, height, &data)?)?;
        let Some(subject) = regions.iter().find(|r| r.name == "subject") else {
            println!("{file:20} none");
            continue;
        };
        found += 1.0;
        let b = subject.bounds;
        let (object, all) = (best(&b), b.iou(&hull));
        sums[0] += object;
        sums[1] += all;
        hits += f64::from(u8::from(object.max(all) >= 0.5));
        println!("{file:20} {object:.2} {all:.2} {:.2} (score {:.2})", b.area(), subject.score);
    }
    let of = found.max(1.0);
    println!(
        "{pictures} pictures with objects, subject in {found}: mean IoU best object {:.3}, hull {:.3}, either >= 0.5 in \
         {hits}; centred box {:.3}, {:.3}",
        sums[0] / of,
        sums[1] / of,
        sums[2] / pictures.max(1.0),
        sums[3] / pictures.max(1.0)
    );
    Ok(())
}
