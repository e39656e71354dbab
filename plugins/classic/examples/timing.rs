//! Time per component (of those named, or all) on a synthetic picture of 12 megapixels, or on one from a file:
//! `cargo run --release -p giqa-classic --example timing -- [FILE | WIDTH HEIGHT] [NAME...]`. `RAYON_NUM_THREADS=1`
//! tells the work, without it the wait. Nothing is remembered from one component to the next here.
#![allow(clippy::print_stdout, reason = "a table is what this is run for")]

mod common;

use common::{Failure, measure, metrics, open, propose};
use giqa_core::{ImageView, MetricInput};
use std::path::Path;
use std::time::Instant;

const ROUNDS: usize = 5;

fn main() -> Result<(), Failure> {
    let (files, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).filter(|a| a.parse::<u32>().is_err()).partition(|a| a.contains('.'));
    let wanted = |name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let sizes: Vec<u32> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let (width, height) = match sizes.as_slice() {
        [w, h] => (*w, *h),
        _ => (4000, 3000),
    };
    let (width, height, data) = match files.first() {
        Some(file) => open(Path::new(file))?,
        None => (width, height, scene(width, height)),
    };
    let view = ImageView::packed(width, height, &data)?;
    println!("{width} x {height}, {} threads, best of {ROUNDS}, milliseconds", rayon::current_num_threads());
    println!("{:24} {:>8} {:>8}", "", "wall", "CPU");
    let mut sum = [0.0; 2];
    let mut told = |name: &str, ms: [f64; 2]| {
        println!("{name:24} {:8.1} {:8.1}", ms[0], ms[1]);
        sum.iter_mut().zip(ms).for_each(|(sum, ms)| *sum += ms);
    };
    for (name, metric) in metrics()?.into_iter().filter(|(name, _)| wanted(name)) {
        let input = MetricInput { map: metric.spec().map, reference: Some(view), ..MetricInput::new(view) };
        told(&name, best(|| measure(metric.as_ref(), input).map(drop))?);
    }
    for name in ["quality-map", "subject", "segments"].into_iter().filter(|name| wanted(name)) {
        told(name, best(|| propose(name, view).map(drop))?);
    }
    println!("{:24} {:8.1} {:8.1}", "one after the other", sum[0], sum[1]);
    Ok(())
}

/// Least wall time and least time on a processor, which a busy machine disturbs less.
fn best(mut work: impl FnMut() -> Result<(), Failure>) -> Result<[f64; 2], Failure> {
    let mut least = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        let (start, busy) = (Instant::now(), busy_ms());
        work()?;
        let took = [start.elapsed().as_secs_f64() * 1000.0, busy_ms() - busy];
        least.iter_mut().zip(took).for_each(|(least, took)| *least = least.min(took));
    }
    Ok(least)
}

/// Milliseconds that this process's threads have run; Linux tells, elsewhere 0.
fn busy_ms() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let told = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    told.filter_map(|told| told.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e6
}

/// Gradients, edges at several scales and grain.
fn scene(width: u32, height: u32) -> Vec<u8> {
    let mut state = 1_u64;
    let mut data = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let grain = (state >> 60) as u32 / 2;
            let edges = [7, 31, 190].iter().filter(|&&s| (x / s + y / s) % 2 == 0).count() as u32 * 20;
            let tone = |base: u32| (base + edges + grain).min(255) as u8;
            data.extend([tone(60 + x * 100 / width), tone(70 + y * 90 / height), tone(80)]);
        }
    }
    data
}
