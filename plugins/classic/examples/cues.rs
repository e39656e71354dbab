//! Writes, for every picture of a planted-fault bench, what the proposer of faults knows of its candidates and of boxes
//! near the planted one: the input of `params/fit_faults.py`.
//! `cargo run --release -p giqa-classic --example cues -- OUT BENCH... [-- OLDER...]`. OLDER are outputs for the same benches
//! in the same order, perhaps with other cues: what was of kind 2 there is looked at again.
//!
//! OUT gets little-endian f32 rows: picture, source photograph, fault (-1 = clean), severity, 1 for a local fault (2 = outlined), 1 for
//! a candidate (2 = after its sides were moved, 3 = the whole picture, 0 = made for training), overlap with the planted box, the box, and the cues; and `OUT.json` the names.

#[allow(dead_code, reason = "shared by examples that need different parts")]
mod common;

use common::{Failure, open};
use giqa_classic::calibration::{Faults, Seen, cue_names};
use giqa_core::{ImageView, NormBox};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

const FAULTS: [&str; 9] = ["blur", "motion", "noise", "jpeg", "over", "under", "cast", "banding", "pixelation"];
/// Boxes near the planted one, and anywhere.
const NEAR: usize = 40;
const ANYWHERE: usize = 20;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("usage: cues OUT BENCH... [-- OLDER...]")?;
    let benches: Vec<String> = args.by_ref().take_while(|a| a != "--").collect();
    let mut liked: BTreeMap<usize, Vec<NormBox>> = BTreeMap::new();
    for older in args {
        liked_before(Path::new(&older), &mut liked)?;
    }
    let mut file = std::io::BufWriter::new(std::fs::File::create(&out)?);
    let faults = Faults::new().ok();
    let mut sources: Vec<String> = Vec::new();
    let mut pictures = 0;
    for bench in benches {
        let bench = Path::new(&bench);
        let truth: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(bench.join("truth.json"))?)?;
        let described: Vec<&Value> = truth.iter().filter(|r| r["giqa"]["task"] == "des").collect();
        let rows: Vec<Vec<Vec<f32>>> = described
            .par_iter()
            .enumerate()
            .map(|(i, record)| {
                let again = liked.get(&(pictures + i)).map_or(&[][..], Vec::as_slice);
                rows(bench, record, (pictures + i) as f32, faults.as_ref(), again).map_err(|e| e.to_string())
            })
            .collect::<Result<_, String>>()?;
        for (mut rows, record) in rows.into_iter().zip(&described) {
            let source = record["giqa"]["source"].as_str().unwrap_or_default().to_owned();
            let number = sources.iter().position(|s| *s == source).unwrap_or_else(|| {
                sources.push(source);
                sources.len() - 1
            });
            for row in &mut rows {
                row[1] = number as f32;
                for value in row {
                    file.write_all(&value.to_le_bytes())?;
                }
            }
        }
        pictures += described.len();
    }
    let names = ["picture", "source", "fault", "severity", "local", "candidate", "iou", "x1", "y1", "x2", "y2"];
    let names: Vec<String> = names.iter().map(ToString::to_string).chain(cue_names()).collect();
    std::fs::write(format!("{out}.json"), serde_json::to_string(&names)?)?;
    Ok(())
}

/// Adds the boxes of kind 2 of an older output, by picture.
fn liked_before(path: &Path, liked: &mut BTreeMap<usize, Vec<NormBox>>) -> Result<(), Failure> {
    let names: Vec<String> = serde_json::from_str(&std::fs::read_to_string(path.with_added_extension("json"))?)?;
    let bytes = std::fs::read(path)?;
    for row in bytes.chunks_exact(4 * names.len()) {
        let value = |k: usize| row[4 * k..].first_chunk().map_or(0.0, |b| f32::from_le_bytes(*b));
        if value(5) == 2.0 {
            let corners = [7, 8, 9, 10].map(|k| f64::from(value(k)));
            liked
                .entry(value(0) as usize)
                .or_default()
                .extend(NormBox::new(corners[0], corners[1], corners[2], corners[3]));
        }
    }
    Ok(())
}

fn rows(
    bench: &Path,
    record: &Value,
    picture: f32,
    faults: Option<&Faults>,
    again: &[NormBox],
) -> Result<Vec<Vec<f32>>, Failure> {
    let (width, height, data) = open(&bench.join(record["image"].as_str().ok_or("a record without image")?))?;
    let seen = Seen::new(ImageView::packed(width, height, &data)?)?;
    let known = &record["giqa"];
    let fault = FAULTS.iter().position(|f| known["fault"] == *f).map_or(-1.0, |f| f as f32);
    let severity = known["severity"].as_f64().unwrap_or(0.0) as f32;
    let local = known["scope"] == "local";
    let place = serde_json::from_value::<[f64; 4]>(known["boxes"][0]["xyxy_norm"].clone()).ok().filter(|_| local);
    let place = place.and_then(|[a, b, c, d]| NormBox::new(a, b, c, d).ok());
    let mut state = u64::from(picture as u32) ^ 0x9E37_79B9;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let mut boxes: Vec<(NormBox, f32)> = seen.candidates().iter().map(|b| (*b, 1.0)).collect();
    if let Some(p) = place {
        boxes.push((p, 0.0));
        let (w, h) = (p.x2() - p.x1(), p.y2() - p.y1());
        for i in 0..NEAR {
            let wild = if i % 2 == 0 { 0.12 } else { 0.4 };
            let mut off = |size: f64| (random() + random() - 1.0) * wild * size;
            let moved = NormBox::clamped(p.x1() + off(w), p.y1() + off(h), p.x2() + off(w), p.y2() + off(h));
            boxes.extend(moved.map(|b| (b, 0.0)));
        }
    }
    for _ in 0..ANYWHERE {
        let (w, h) = (0.12 + 0.6 * random(), 0.12 + 0.6 * random());
        let (x, y) = (random() * (1.0 - w), random() * (1.0 - h));
        boxes.extend(NormBox::clamped(x, y, x + w, y + h).map(|b| (b, 0.0)));
    }
    // What the parameters of now are most wrong about; without any that fit, there is nothing yet to be wrong.
    if let Some(faults) = faults {
        boxes.extend(seen.fitted(faults).into_iter().map(|b| (b, 2.0)));
    }
    boxes.extend(again.iter().map(|b| (*b, 2.0)));
    boxes.push((NormBox::FULL, 3.0));
    if known["scope"] == "global" {
        // Only the whole is of interest.
        boxes.retain(|b| b.1 > 2.5);
    }
    let row = |(b, candidate): (NormBox, f32)| {
        let iou = place.map_or(0.0, |p| p.iou(&b)) as f32;
        let head = [
            picture,
            0.0,
            fault,
            severity,
            if known["outlined"] == true { 2.0 } else { f32::from(u8::from(local)) },
            candidate,
            iou,
        ];
        let corners = [b.x1(), b.y1(), b.x2(), b.y2()].map(|v| v as f32);
        head.into_iter().chain(corners).chain(seen.cues(&b)).collect()
    };
    Ok(boxes.into_iter().map(row).collect())
}
