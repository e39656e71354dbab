//! The picture with numbered boxes burnt in, and a legend below it.
//!
//! Severity shows three times, so that no sign stands alone: by line style (solid, dashed, corners), by colour (an
//! orange and blue palette that colour-blind people tell apart) and by a word in the legend.

mod canvas;
mod font;
mod heat;
mod part;
mod strokes;

pub use canvas::Canvas;
pub use heat::{HeatMap, tint};
pub use part::{Look, burn_part};

use crate::decode::Decoded;
use crate::marks::{Mark, marks, severity_word};
use canvas::{Rect, Rgb, text_width};
use giqa_core::Report;
use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs::png, imageops};
use strokes::{Pen, Style, draw_box};

/// Longest side of an overlay in pixels.
pub const MAX_SIDE: u32 = 1600;

const DARK: Rgb = [16, 16, 16];
const PAPER: Rgb = [250, 250, 250];
/// Okabe and Ito's palette: vermilion, orange, sky blue.
const SEVERE: Rgb = [213, 94, 0];
const MODERATE: Rgb = [230, 159, 0];
const MILD: Rgb = [86, 180, 233];

/// An overlay as the bytes of a PNG file: at most [`MAX_SIDE`] pixels a side, the legend below it.
///
/// # Errors
/// When the PNG can't be encoded (memory).
pub fn render(image: &Decoded, report: &Report) -> Result<Vec<u8>, image::ImageError> {
    let marks = marks(report);
    let mut canvas = scaled(image, MAX_SIDE);
    burn(&mut canvas, &marks);
    legend(&mut canvas, &marks, report);
    encode_png(&canvas)
}

/// A copy of the picture whose longest side is at most `max_side` pixels.
#[must_use]
pub fn scaled(image: &Decoded, max_side: u32) -> Canvas {
    let (w, h) = (image.width(), image.height());
    let longest = w.max(h);
    if longest <= max_side {
        return Canvas { width: w, height: h, pixels: image.pixels().to_vec() };
    }
    let side = |n: u32| (u64::from(n) * u64::from(max_side) / u64::from(longest)).max(1) as u32;
    let (to_w, to_h) = (side(w), side(h));
    let view = image::ImageBuffer::<image::Rgb<u8>, &[u8]>::from_raw(w, h, image.pixels());
    // `thumbnail` is a box average: fast and good enough at these sizes.
    let small = view.map_or_else(|| RgbImage::new(to_w, to_h), |v| imageops::thumbnail(&v, to_w, to_h));
    Canvas { width: small.width(), height: small.height(), pixels: small.into_raw() }
}

/// Draws the numbered boxes of the marks. Strokes are measured in pixels of the canvas: give it the size at which it
/// will be seen.
pub fn burn(canvas: &mut Canvas, marks: &[Mark]) {
    let line = i64::from((canvas.width.max(canvas.height) / 400).clamp(1, 4));
    // Worst last, so that it lies on top.
    for mark in marks.iter().rev() {
        let b = mark.bounds.to_pixels(canvas.width.max(1), canvas.height.max(1));
        let (x, y) = (i64::from(b.x1), i64::from(b.y1));
        let place = Rect { x, y, w: i64::from(b.width()), h: i64::from(b.height()) };
        // Lines are no wider than the box, and their rims go with them.
        let rim = (line.min(place.w).min(place.h) / 2).max(1);
        draw_box(canvas, place, Style::of(mark.severity()), Pen { line, rim, colour: colour(mark.severity()) });
    }
    for mark in marks.iter().rev() {
        let b = mark.bounds.to_pixels(canvas.width.max(1), canvas.height.max(1));
        chip(canvas, (i64::from(b.x1), i64::from(b.y1)), mark.number, line.max(2) - 1, colour(mark.severity()));
    }
}

/// The colour of a box, by its severity in `0..=1`: red, green and blue.
#[must_use]
pub fn colour(severity: f64) -> [u8; 3] {
    match Style::of(severity) {
        Style::Solid => SEVERE,
        Style::Dashed => MODERATE,
        Style::Corners => MILD,
    }
}

/// The number on a plate, kept inside the picture.
fn chip(canvas: &mut Canvas, (x, y): (i64, i64), number: usize, scale: i64, plate: Rgb) {
    let number = number.to_string();
    let (w, h) = (text_width(&number, scale) + 4 * scale, (i64::from(font::HEIGHT) + 4) * scale);
    let x = x.min(i64::from(canvas.width) - w).max(0);
    let y = y.min(i64::from(canvas.height) - h).max(0);
    canvas.fill(Rect { x, y, w, h }, DARK);
    canvas.fill(Rect { x: x + scale, y: y + scale, w: w - 2 * scale, h: h - 2 * scale }, plate);
    canvas.text(x + 2 * scale, y + 2 * scale, &number, scale, DARK);
}

/// One line per mark, and one for the quality and the faults of the whole picture.
fn legend(canvas: &mut Canvas, marks: &[Mark], report: &Report) {
    let scale = i64::from((canvas.width / 480).clamp(1, 2));
    let row = (i64::from(font::HEIGHT) + 5) * scale;
    let mut head = format!("quality {:.0} {}", report.quality.score, report.quality.level);
    for finding in report.findings.iter().filter(|f| f.region.is_none()) {
        head.push_str(&format!(", {} {}", severity_word(finding.severity), finding.attribute));
    }
    let lines: Vec<(Option<&Mark>, String)> =
        std::iter::once((None, head)).chain(marks.iter().map(|m| (Some(m), line_of(m)))).collect();
    let top = i64::from(canvas.height);
    canvas.extend_down((row * lines.len() as i64 + 4 * scale) as u32, PAPER);
    for (i, (mark, words)) in (0..).zip(&lines) {
        let y = top + 2 * scale + i * row;
        let mut x = 4 * scale;
        if let Some(mark) = mark {
            chip(canvas, (x, y), mark.number, scale, colour(mark.severity()));
            x += 28 * scale;
        }
        canvas.text(x, y + 2 * scale, words, scale, DARK);
    }
}

fn line_of(mark: &Mark) -> String {
    let faults: Vec<String> = mark.faults.iter().map(|(a, s)| format!("{} {a}", severity_word(*s))).collect();
    let faults = if faults.is_empty() { "nothing found".to_owned() } else { faults.join(", ") };
    format!("{}: {faults}", mark.name)
}

/// Bytes of a PNG file.
///
/// # Errors
/// When it can't be encoded (memory).
pub fn encode_png(canvas: &Canvas) -> Result<Vec<u8>, image::ImageError> {
    let mut bytes = Vec::new();
    let encoder = png::PngEncoder::new_with_quality(&mut bytes, png::CompressionType::Fast, png::FilterType::Adaptive);
    encoder.write_image(&canvas.pixels, canvas.width, canvas.height, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}

#[cfg(test)]
mod part_tests;
#[cfg(test)]
mod tests;
