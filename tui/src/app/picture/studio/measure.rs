//! How long a picture takes, and how much memory: `cargo test --release -p giqa --lib picture::studio::measure -- --ignored --nocapture`

use super::super::{Display, Protocol, Scene, Shown, Studio, View, Zoom};
use giqa_core::{Attribute, NormBox};
use giqa_engine::marks::Mark;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// A picture with edges and grain, as photos have.
fn photo(path: &Path, seed: u32) {
    let mut state = seed | 1;
    let image = image::RgbImage::from_fn(4000, 3000, |x, y| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let grain = (state % 24) as f64;
        let wave = |k: f64| ((f64::from(x) * k).sin() * (f64::from(y) * k * 1.3).cos() + 1.0) * 100.0;
        image::Rgb([wave(0.01) + grain, wave(0.003) + grain, wave(0.05) + grain].map(|v| v as u8))
    });
    image.save_with_format(path, image::ImageFormat::Jpeg).unwrap();
}

fn scene(path: &Path, selected: Option<usize>, zoom: Zoom) -> Scene {
    let mark = |number: usize, b: [f64; 4]| Mark {
        number,
        region: None,
        name: "place".into(),
        bounds: NormBox::try_from(b).unwrap(),
        faults: vec![(Attribute::Noise, 1.0 - 0.3 * number as f64)],
    };
    let overlay = super::super::Overlay {
        marks: [mark(1, [0.1, 0.1, 0.4, 0.5]), mark(2, [0.5, 0.5, 0.9, 0.9])].into(),
        selected,
        ..Default::default()
    };
    let view = View { zoom, ..View::default() };
    Scene { path: path.to_owned(), blake3: None, area: (120, 40).into(), view, overlay }
}

fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with(field)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[test]
#[ignore = "slow; for release builds"]
fn figures() {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..8).map(|n| dir.path().join(format!("{n}.jpg"))).collect();
    paths.iter().zip(1..).for_each(|(p, n)| photo(p, n * 77));
    let bytes = std::fs::metadata(&paths[0]).unwrap().len();
    println!(
        "8 JPEGs of 4000 x 3000, the first of {bytes} bytes; area 120 x 40 at 10 x 20; memory {} MB",
        memory("VmRSS")
    );
    for protocol in [Protocol::Halfblocks, Protocol::Kitty, Protocol::Sixel, Protocol::Iterm2] {
        let (sender, told) = mpsc::channel::<Shown>();
        let sender = Mutex::new(sender);
        let display = Display { protocol, cell: (10, 20) };
        let studio = Studio::start(display, move |s| drop(sender.lock().unwrap().send(s)));
        let time = |scene: Scene| {
            let start = Instant::now();
            studio.want(vec![scene]);
            let frame: Arc<_> = told.recv_timeout(Duration::from_secs(20)).unwrap().frame.unwrap();
            let time = start.elapsed().as_secs_f64() * 1e3;
            let area = ratatui::layout::Rect::new(0, 0, 120, 40);
            let mut buffer = ratatui::buffer::Buffer::empty(area);
            let draw = Instant::now();
            frame.draw(area, &mut buffer);
            (time, draw.elapsed().as_secs_f64() * 1e3, frame.bytes())
        };
        let first: Vec<f64> = paths.iter().map(|p| time(scene(p, None, Zoom::Fit)).0).collect();
        let last = paths.len() - 1;
        let other = time(scene(&paths[last], Some(1), Zoom::Fit));
        let again = time(scene(&paths[last], None, Zoom::Fit));
        let closely = time(scene(&paths[last], None, Zoom::Times(1.0)));
        let back = time(scene(&paths[0], Some(2), Zoom::Fit));
        println!(
            "{protocol:?}: first {first:.0?} ms; another box {:.1} ms; again {:.2} ms; 1:1 {:.0} ms;",
            other.0, again.0, closely.0
        );
        println!(
            "  the first photo with another box {:.0} ms; drawing {:.2} ms; {} bytes a frame",
            back.0, other.1, other.2
        );
        println!("  memory {} MB, at most {} MB", memory("VmRSS"), memory("VmHWM"));
    }
}
