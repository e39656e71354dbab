//! What the plugin border costs: one metric called as a Rust type, through the C ABI, and in a worker process.
//!
//! `cargo build --release -p giqa -p giqa-example-plugin`, then `cargo bench -p giqa-benches --bench plugin_call`.
//! Targets: under 50 us for a call in this process, under 30 ms for a 12-megapixel picture sent to a worker. The lines
//! "overhead" take the two calls in turn and compare their medians, since a shared machine drifts between benches.

#![allow(missing_docs, reason = "criterion_group! writes undocumented functions")]
#![expect(clippy::expect_used, clippy::print_stdout, clippy::panic, reason = "a bench has nobody else to tell")]

use criterion::{Criterion, criterion_group, criterion_main};
use giqa_core::{CancelToken, Context, ImageView, Measurement, Metric, MetricInput, Silent};
use giqa_host::worker::WorkerCommand;
use giqa_host::{Builtin, Config, Host, HostOptions};
use giqa_sdk::{Instance, Plugin, Services};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const CONFIG: &str = "profile = \"bench\"\n[profiles.bench]\nmetrics = [\"example.brightness\"]\n";

/// The only metric of a host's profile; the host lives with it.
struct Hosted {
    _host: Host,
    metric: Arc<dyn Metric>,
}

fn hosted(config: &str, options: HostOptions) -> Hosted {
    let config = Config::parse(config, "bench", Path::new("/"), "").expect("a configuration");
    let host = Host::new(config, options).expect("a host");
    let (profile, problems) = host.profile(None).expect("a profile");
    assert!(problems.is_empty(), "{problems:?}");
    let metric = Arc::clone(&profile.metrics.first().expect("a metric").component);
    Hosted { _host: host, metric }
}

fn in_process() -> Hosted {
    #[expect(unsafe_code, reason = "a linked-in plugin is promised to follow the border")]
    // SAFETY: `export_plugin!` made the table.
    let builtin = unsafe { Builtin::new("example", &giqa_example::GIQA_PLUGIN_V1) };
    hosted(CONFIG, HostOptions { builtins: vec![builtin], ..HostOptions::default() })
}

/// The metric in a worker; `Err` says what is missing.
fn in_worker() -> Result<Hosted, String> {
    // target/release/deps/plugin_call-... -> target/release
    let exe = std::env::current_exe().map_err(|e| e.to_string())?;
    let folder = exe.parent().and_then(Path::parent).ok_or("the bench lies in no target folder")?;
    let found = |name: String| -> Result<PathBuf, String> {
        let path = folder.join(name);
        let hint = "run: cargo build --release -p giqa -p giqa-example-plugin";
        if path.is_file() { Ok(path) } else { Err(format!("no {}; {hint}", path.display())) }
    };
    let program = found(format!("giqa{}", std::env::consts::EXE_SUFFIX))?;
    let library = found(format!("{}giqa_example{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX))?;
    let config =
        format!("{CONFIG}[plugins.example]\nlibrary = {:?}\nisolation = \"process\"\n", library.display().to_string());
    let worker = Some(WorkerCommand { program, args: vec!["__worker".into()], threads: None });
    Ok(hosted(&config, HostOptions { worker, jobs: 1, ..HostOptions::default() }))
}

fn as_rust_type() -> Box<dyn Metric> {
    match giqa_example::Example::create(&Services::default(), "brightness", &serde_json::json!({})) {
        Ok(Instance::Metric(metric)) => metric,
        _ => panic!("example.brightness is a metric"),
    }
}

fn measure(metric: &dyn Metric, image: ImageView<'_>) -> Measurement {
    let token = CancelToken::new();
    let mut results = metric.measure(&Context::new(&token, &Silent), &[MetricInput::new(black_box(image))]);
    results.pop().expect("one result").expect("a measurement")
}

fn pixels(width: u32, height: u32) -> Vec<u8> {
    (0..width * height * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// Medians of two calls that are taken in turn, and their difference.
fn overhead<T>(name: &str, pairs: usize, mut plain: impl FnMut() -> T, mut dear: impl FnMut() -> T) {
    let timed = |f: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        black_box(f());
        start.elapsed()
    };
    let (mut a, mut b): (Vec<Duration>, Vec<Duration>) =
        (0..pairs).map(|_| (timed(&mut plain), timed(&mut dear))).unzip();
    a.sort_unstable();
    b.sort_unstable();
    let (a, b) = (a[pairs / 2], b[pairs / 2]);
    println!("{name}: overhead {:?} ({b:?} - {a:?}; medians of {pairs} pairs)", b.saturating_sub(a));
}

fn small(c: &mut Criterion) {
    let (plain, here) = (as_rust_type(), in_process());
    let data = pixels(64, 64);
    let image = ImageView::packed(64, 64, &data).expect("a picture");
    assert_eq!(measure(&*plain, image), measure(&*here.metric, image));
    let mut group = c.benchmark_group("plugin_call/64x64");
    group.bench_function("Rust type", |b| b.iter(|| measure(&*plain, image)));
    group.bench_function("C ABI", |b| b.iter(|| measure(&*here.metric, image)));
    group.finish();
    overhead("plugin_call/64x64: C ABI", 4001, || measure(&*plain, image), || measure(&*here.metric, image));
}

fn large(c: &mut Criterion) {
    let worker = match in_worker() {
        Ok(worker) => worker,
        Err(reason) => {
            println!("plugin_call/4000x3000: skipped: {reason}");
            return;
        }
    };
    let here = in_process();
    let data = pixels(4000, 3000);
    let image = ImageView::packed(4000, 3000, &data).expect("a picture");
    assert_eq!(measure(&*here.metric, image), measure(&*worker.metric, image.with_id(1)));
    let mut id = 1;
    let mut fresh = || {
        id += 1;
        image.with_id(id)
    };
    let mut group = c.benchmark_group("plugin_call/4000x3000");
    group.sample_size(20);
    group.bench_function("in process", |b| b.iter(|| measure(&*here.metric, image)));
    group.bench_function("worker, new pixels", |b| b.iter(|| measure(&*worker.metric, fresh())));
    group.bench_function("worker, same pixels", |b| b.iter(|| measure(&*worker.metric, image.with_id(1))));
    // The limit of sending: one copy of the pixels.
    group.bench_function("limit: copy", |b| b.iter(|| black_box(&data).clone()));
    group.finish();
    let plain = || measure(&*here.metric, image);
    overhead("plugin_call/4000x3000: worker, new pixels", 61, plain, || measure(&*worker.metric, fresh()));
    overhead("plugin_call/4000x3000: worker, same pixels", 61, plain, || measure(&*worker.metric, image.with_id(1)));
}

criterion_group!(benches, small, large);
criterion_main!(benches);
