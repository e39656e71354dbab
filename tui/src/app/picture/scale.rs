//! A part of a picture at another size.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use giqa_engine::overlay::Canvas;

/// From here on pixels are shown as squares, so that they can be told apart.
const SQUARES_FROM: f64 = 3.0;

/// Packed RGB pixels that belong to somebody else.
#[derive(Clone, Copy)]
pub(super) struct Raster<'a> {
    pub(super) pixels: &'a [u8],
    pub(super) width: u32,
    pub(super) height: u32,
}

/// The part (x1 y1 x2 y2, `0..=1`) at this size.
pub(super) fn cut(from: Raster<'_>, part: [f64; 4], (width, height): (u32, u32)) -> Result<Canvas, String> {
    let (w, h) = (f64::from(from.width), f64::from(from.height));
    let left = (part[0] * w).clamp(0.0, w - 1.0);
    let top = (part[1] * h).clamp(0.0, h - 1.0);
    // A sliver of less than a pixel is that pixel.
    let (cut_w, cut_h) = ((part[2] * w - left).min(w - left), (part[3] * h - top).min(h - top));
    let (cut_w, cut_h) = (cut_w.max(1e-3), cut_h.max(1e-3));
    let whole = |v: f64| (v - v.round()).abs() < 1e-6;
    let same = (cut_w - f64::from(width)).abs() < 1e-6 && (cut_h - f64::from(height)).abs() < 1e-6;
    if same && whole(left) && whole(top) {
        return copied(from, (left.round() as usize, top.round() as usize), (width, height));
    }
    let filter = match (f64::from(width) / cut_w).max(f64::from(height) / cut_h) {
        times if times >= SQUARES_FROM => ResizeAlg::Nearest,
        times if times > 1.0 => ResizeAlg::Convolution(FilterType::CatmullRom),
        _ => ResizeAlg::Convolution(FilterType::Hamming),
    };
    let wrong = |e: &dyn std::fmt::Display| format!("it can't be scaled: {e}");
    let source = ImageRef::new(from.width, from.height, from.pixels, PixelType::U8x3).map_err(|e| wrong(&e))?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(filter).crop(left, top, cut_w, cut_h);
    Resizer::new().resize(&source, &mut target, &options).map_err(|e| wrong(&e))?;
    Canvas::new(width, height, target.into_vec()).ok_or_else(|| wrong(&"its size is wrong"))
}

fn copied(from: Raster<'_>, (left, top): (usize, usize), (width, height): (u32, u32)) -> Result<Canvas, String> {
    let row = 3 * from.width as usize;
    let mut pixels = Vec::with_capacity(3 * width as usize * height as usize);
    for line in from.pixels.chunks_exact(row).skip(top).take(height as usize) {
        pixels.extend_from_slice(line.get(3 * left..3 * (left + width as usize)).unwrap_or_default());
    }
    Canvas::new(width, height, pixels).ok_or_else(|| "it can't be cut: its size is wrong".to_owned())
}
