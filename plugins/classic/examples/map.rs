//! The map of a metric as a grey picture, black = the best severity, white = the worst, blue = not measurable:
//! `cargo run --release -p giqa-classic --example map -- METRIC PHOTO OUT.png`.
#![allow(clippy::print_stdout, reason = "a line says what was measured")]

#[allow(dead_code, reason = "not every example uses all of it")]
mod common;

use common::{Failure, make, measure, open};
use giqa_core::{ImageView, Measurement, MetricInput};
use giqa_sdk::Instance;

/// Pixels on a side of a cell.
const CELL: u32 = 8;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, photo, out] = arguments.as_slice() else { return Err("usage: map METRIC PHOTO OUT.png".into()) };
    let Instance::Metric(metric) = make(name)? else { return Err(format!("{name} is no metric").into()) };
    let (width, height, data) = open(photo.as_ref())?;
    let input = MetricInput { map: true, ..MetricInput::new(ImageView::packed(width, height, &data)?) };
    let (value, map) = match measure(metric.as_ref(), input)? {
        Measurement::Measured { value, map: Some(map), .. } => (value, map),
        Measurement::Measured { .. } => return Err(format!("{name} has no map").into()),
        Measurement::NotMeasurable { reason } => return Err(reason.into()),
    };
    let scale = metric.spec().severity.ok_or("it has no scale of severity")?;
    let picture = image::RgbImage::from_fn(map.cols() * CELL, map.rows() * CELL, |x, y| {
        let value = map.values()[(y / CELL * map.cols() + x / CELL) as usize];
        let grey = (scale.of(f64::from(value)) * 255.0) as u8;
        image::Rgb(if value.is_finite() { [grey; 3] } else { [40, 60, 160] })
    });
    picture.save(out)?;
    println!("{name} {value:.3}, severity {:.2}, map of {} x {}", scale.of(value), map.cols(), map.rows());
    Ok(())
}
