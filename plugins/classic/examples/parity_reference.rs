//! Compares the full-reference metrics with other implementations' values and prints the largest difference of each:
//! `cargo run --release -p giqa-classic --example parity_reference -- REFERENCE.json IMAGES`.
//!
//! The file has `images`, each with `file`, `base` (its original is `<base>__ref.png`) and values below `fr` and
//! `fr_rust_crates`.
#![allow(clippy::print_stdout, reason = "a tool for people")]

use giqa_core::{CancelToken, Context, ImageView, Measurement, MetricInput, Silent};
use giqa_sdk::{Instance, Plugin, Services};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

/// Our metric, where the other value stands, and who computed it.
const PEERS: [(&str, &str, &str); 9] = [
    ("psnr", "/fr/psnr_rgb", "numpy"),
    ("ssim", "/fr/ssim_skimage_gauss_gray", "scikit-image"),
    ("ms-ssim", "/fr/msssim_sewar_gray", "sewar"),
    ("gmsd", "/fr/gmsd_cv2_gray", "OpenCV"),
    ("vif", "/fr/vifp_sewar_gray", "sewar"),
    ("ssimulacra2", "/fr_rust_crates/iqa_ssimulacra2_cpp", "libjxl's C++"),
    ("ssimulacra2", "/fr_rust_crates/ssimulacra2_crate", "crate ssimulacra2"),
    ("butteraugli", "/fr_rust_crates/iqa_butteraugli_cpp_p3", "libjxl's C++"),
    ("butteraugli", "/fr_rust_crates/butteraugli_crate_p3", "the crate itself"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [values, images] = arguments.as_slice() else {
        return Err("usage: parity_reference REFERENCE.json IMAGES".into());
    };
    let values: Value = serde_json::from_str(&std::fs::read_to_string(values)?)?;
    println!("{:12} {:18} {:>5} {:>10} {:>10}  worst picture", "metric", "peer", "pairs", "max |d|", "ms");
    for (name, pointer, peer) in PEERS {
        let (mut pairs, mut most, mut worst, mut took) = (0, 0.0_f64, "-", Duration::ZERO);
        for image in values["images"].as_array().ok_or("no images")? {
            let Some(expected) = image.pointer(pointer).and_then(Value::as_f64) else { continue };
            let (Some(file), Some(base)) = (image["file"].as_str(), image["base"].as_str()) else { continue };
            let (value, time) = measure(name, &Path::new(images).join(file), base)?;
            (pairs, took) = (pairs + 1, took + time);
            if (value - expected).abs() > most {
                (most, worst) = ((value - expected).abs(), file);
            }
        }
        let ms = took.as_secs_f64() * 1e3 / f64::from(pairs.max(1));
        println!("{name:12} {peer:18} {pairs:5} {most:10.2e} {ms:10.1}  {worst}");
    }
    Ok(())
}

fn measure(name: &str, file: &Path, base: &str) -> Result<(f64, Duration), Box<dyn Error>> {
    let image = image::open(file)?.into_rgb8();
    let original = image::open(file.with_file_name(format!("{base}__ref.png")))?.into_rgb8();
    let view = ImageView::packed(image.width(), image.height(), image.as_raw())?;
    let reference = Some(ImageView::packed(original.width(), original.height(), original.as_raw())?);
    let Instance::Metric(metric) = giqa_classic::Classic::create(&Services::default(), name, &serde_json::json!({}))?
    else {
        return Err("not a metric".into());
    };
    let token = CancelToken::new();
    let start = Instant::now();
    let input = MetricInput { image: view, reference, region: None, map: false };
    match metric.measure(&Context::new(&token, &Silent), &[input]).pop().ok_or("no result")?? {
        Measurement::Measured { value, .. } => Ok((value, start.elapsed())),
        Measurement::NotMeasurable { reason } => Err(format!("{}: {name}: {reason}", file.display()).into()),
    }
}
