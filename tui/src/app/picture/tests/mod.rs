//! What a terminal would show: burnt pictures against golden ones, and streams decoded back into pixels.

mod golden;
mod streams;

use super::display::{Display, Protocol};
use super::geometry::{Layout, lay_out};
use super::scale::Raster;
use super::scene::{Overlay, View};
use super::{compose::compose, scene::Zoom};
use giqa_core::{Attribute, NormBox};
use giqa_engine::marks::Mark;
use giqa_engine::overlay::Canvas;

/// A made photo: two gradients and a grid.
struct Photo {
    pixels: Vec<u8>,
    width: u32,
    height: u32,
}

fn photo(width: u32, height: u32) -> Photo {
    let pixel = |x: u32, y: u32| {
        let line = u32::from(x.is_multiple_of(40) || y.is_multiple_of(40));
        [x * 200 / width + 30, y * 200 / height + 30, 90 + 60 * line].map(|v| v as u8)
    };
    let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Photo { pixels, width, height }
}

fn display(protocol: Protocol) -> Display {
    Display { protocol, cell: (10, 20) }
}

/// Laid out and burnt, as the studio does.
fn burnt(photo: &Photo, area: (u16, u16), display: &Display, zoom: Zoom, overlay: &Overlay) -> (Canvas, Layout) {
    let view = View { zoom, ..View::default() };
    let layout = lay_out((photo.width, photo.height), area.into(), display.bounds(), &view).unwrap();
    let raster = Raster { pixels: &photo.pixels, width: photo.width, height: photo.height };
    (compose(raster, &layout, overlay).unwrap(), layout)
}

fn marks() -> Overlay {
    let mark = |number: usize, severity: f64, b: [f64; 4]| Mark {
        number,
        region: None,
        name: "place".into(),
        bounds: NormBox::try_from(b).unwrap(),
        faults: vec![(Attribute::Noise, severity)],
    };
    let marks = [
        mark(1, 0.9, [0.05, 0.1, 0.45, 0.6]),
        mark(2, 0.6, [0.4, 0.3, 0.8, 0.9]),
        mark(3, 0.3, [0.7, 0.05, 0.95, 0.4]),
    ];
    Overlay { marks: marks.into(), ..Overlay::default() }
}
