//! What a whole inspection costs beside decoding alone, and BRISQUE, NIQE and PIQE by themselves.
//!
//! `cargo bench -p giqa-benches --bench inspect`; with `RAYON_NUM_THREADS=1` for the work of the three metrics on one
//! core. Targets: a JPEG of 12 megapixels decoded and inspected by the default profile in under 4 times libjpeg-turbo's
//! time on two cores (zune-jpeg takes about as long as that); the metrics at 768 x 512 in under 7, 10 and 25 ms.

#![allow(missing_docs, reason = "criterion_group! writes undocumented functions")]
#![expect(clippy::expect_used, clippy::panic, reason = "a bench has nobody else to tell")]

use criterion::{Criterion, criterion_group, criterion_main};
use giqa_classic::Classic;
use giqa_core::{CancelToken, Context, ImageView, Measurement, Metric, MetricInput, Silent};
use giqa_engine::{InspectOptions, Inspector, Limits, decode_bytes};
use giqa_host::{Builtin, Config, Host, HostOptions};
use giqa_sdk::{Instance, Plugin, Services};
use std::hint::black_box;
use std::path::Path;

/// The configuration that is built into the program.
const CONFIG: &str = include_str!("../../plugins.toml");

fn host() -> Host {
    #[expect(unsafe_code, reason = "a linked-in plugin is promised to follow the border")]
    // SAFETY: `export_plugin!` made the table.
    let classic = unsafe { Builtin::new("classic", &giqa_classic::GIQA_PLUGIN_V1) };
    let config = Config::parse(CONFIG, "bench", Path::new("/"), "").expect("a configuration");
    Host::new(config, HostOptions { builtins: vec![classic], ..HostOptions::default() }).expect("a host")
}

/// Gradients, edges at several scales and grain.
fn scene(width: u32, height: u32) -> Vec<u8> {
    let mut state = 1_u64;
    let mut data = Vec::with_capacity(width as usize * height as usize * 3);
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let grain = (state >> 60) as u32 / 2;
        let edges = [7, 31, 190].iter().filter(|&&s| (x / s + y / s) % 2 == 0).count() as u32 * 20;
        let tone = |base: u32| (base + edges + grain).min(255) as u8;
        data.extend([tone(60 + x * 100 / width), tone(70 + y * 90 / height), tone(80)]);
    }
    data
}

fn whole(c: &mut Criterion) {
    let (width, height) = (4000, 3000);
    let mut jpeg = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90);
    encoder.encode(&scene(width, height), width, height, image::ExtendedColorType::Rgb8).expect("a JPEG");
    let host = host();
    let (profile, problems) = host.profile(None).expect("a profile");
    assert!(problems.is_empty(), "{problems:?}");
    let inspector = Inspector::new(profile, InspectOptions::default());
    let decode = || decode_bytes(black_box(&jpeg), Path::new("scene.jpg"), &Limits::default()).expect("a picture");
    let token = CancelToken::new();
    let mut group = c.benchmark_group("inspect/4000x3000");
    group.sample_size(20);
    group.bench_function("decode alone", |b| b.iter(decode));
    // Each decoded picture is a new one: nothing is remembered from one round to the next.
    group.bench_function("decode and inspect", |b| {
        b.iter(|| inspector.inspect(&decode(), None, &Context::new(&token, &Silent)).expect("a report"));
    });
    group.finish();
}

fn metric(name: &str) -> Box<dyn Metric> {
    match Classic::create(&Services::default(), name, &serde_json::json!({})) {
        Ok(Instance::Metric(metric)) => metric,
        _ => panic!("classic.{name} is a metric"),
    }
}

fn measure(metric: &dyn Metric, image: ImageView<'_>) -> Measurement {
    let token = CancelToken::new();
    let mut results = metric.measure(&Context::new(&token, &Silent), &[MetricInput::new(black_box(image))]);
    results.pop().expect("one result").expect("a measurement")
}

fn natural(c: &mut Criterion) {
    for (width, height) in [(768, 512), (4000, 3000)] {
        let data = scene(width, height);
        let image = ImageView::packed(width, height, &data).expect("a picture");
        let mut group = c.benchmark_group(format!("natural/{width}x{height}"));
        group.sample_size(20);
        for name in ["brisque", "niqe", "piqe"] {
            let metric = metric(name);
            group.bench_function(name, |b| b.iter(|| measure(&*metric, image)));
        }
        group.finish();
    }
}

criterion_group!(benches, whole, natural);
criterion_main!(benches);
