//! Burnt pictures are those of `golden/`, pixel by pixel. `GIQA_BLESS=1` writes them anew: look at them then.
//!
//! All at 1:1, because scaled pixels may differ by one between processors.

use super::super::display::Protocol;
use super::super::scene::{Heat, Overlay, Zoom};
use super::{burnt, display, marks, photo};
use giqa_core::NormBox;
use giqa_engine::overlay::{Canvas, encode_png};
use std::path::Path;

fn check(name: &str, canvas: &Canvas) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app/picture/golden").join(format!("{name}.png"));
    if std::env::var("GIQA_BLESS").is_ok_and(|v| v == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, encode_png(canvas).unwrap()).unwrap();
    }
    let golden = image::open(&path).unwrap().to_rgb8();
    assert_eq!(golden.dimensions(), (canvas.width(), canvas.height()), "{name}");
    let differ = golden.as_raw().chunks(3).zip(canvas.pixels().chunks(3)).filter(|(a, b)| a != b).count();
    assert_eq!(differ, 0, "{name}: so many pixels differ");
}

/// 400 x 300 pixels in 40 x 15 cells.
fn shown(zoom: Zoom, overlay: &Overlay) -> Canvas {
    let size = if zoom == Zoom::Fit { (400, 300) } else { (1000, 800) };
    burnt(&photo(size.0, size.1), (40, 15), &display(Protocol::Kitty), zoom, overlay).0
}

#[test]
fn three_severities() {
    check("severities", &shown(Zoom::Fit, &marks()));
}

#[test]
fn one_selected() {
    check("selected", &shown(Zoom::Fit, &Overlay { selected: Some(2), ..marks() }));
}

#[test]
fn zoomed_in() {
    check("zoomed", &shown(Zoom::Times(1.0), &Overlay { selected: Some(1), ..marks() }));
}

#[test]
fn a_box_being_drawn() {
    let drawn = NormBox::new(0.2, 0.2, 0.6, 0.8).ok();
    check("drawn", &shown(Zoom::Fit, &Overlay { drawn, ..Overlay::default() }));
}

#[test]
fn heat() {
    let away = |n: u32| (n as f32 - 3.0) * (n as f32 - 3.0);
    let value = |i: u32| match (i % 8, i / 8) {
        (7, 0..3) => f32::NAN,
        (x, y) => (1.2 - (away(x) + away(y)).sqrt() / 4.0).clamp(0.0, 1.0),
    };
    let heat = Heat { columns: 8, rows: 6, values: (0..48).map(value).collect() };
    check("heat", &shown(Zoom::Fit, &Overlay { heat: Some(heat.into()), ..marks() }));
}

#[test]
fn half_blocks() {
    let canvas = burnt(&photo(160, 90), (160, 45), &display(Protocol::Halfblocks), Zoom::Fit, &marks()).0;
    check("halfblocks", &canvas);
}
