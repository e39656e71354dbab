//! One channel of numbers, and how pictures become it.

use archmage::autoversion;
use giqa_core::{ImageView, NormBox, PixelBox};
use rayon::prelude::*;

/// A dense row-major plane of `f32`, 8-bit steps (`0..=255`) unless said otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Columns, at least 1.
    pub width: usize,
    /// Rows, at least 1.
    pub height: usize,
    /// `width * height` values.
    pub data: Vec<f32>,
}

impl Plane {
    /// Row `y`.
    #[must_use]
    pub fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..(y + 1) * self.width]
    }
}

/// ITU-R BT.601 luma of an RGB pixel, `0..=255`.
#[must_use]
pub fn luma_of(p: &[u8]) -> f32 {
    0.298_936 * f32::from(p[0]) + 0.587_043 * f32::from(p[1]) + 0.114_021 * f32::from(p[2])
}

/// The pixels of a region (all for `None`).
#[must_use]
pub fn pixels_of(image: ImageView<'_>, region: Option<NormBox>) -> PixelBox {
    region.unwrap_or(NormBox::FULL).to_pixels(image.width(), image.height())
}

/// How much smaller pictures are analysed whose long side is over `side` pixels: a whole number, 1 = not at all.
#[must_use]
pub fn reduction(part: PixelBox, side: u32) -> usize {
    part.width().max(part.height()).div_ceil(side).max(1) as usize
}

/// Luma of a part of a picture, averaged over `factor` x `factor` pixels. Rows or columns that don't fill a last
/// block are left out, unless there is no other.
#[must_use]
pub fn luma(image: ImageView<'_>, part: PixelBox, factor: usize) -> Plane {
    let width = (part.width() as usize / factor).max(1);
    let height = (part.height() as usize / factor).max(1);
    let scale = 1.0 / (factor.min(part.width() as usize) * factor.min(part.height() as usize)) as f32;
    let mut data = vec![0.0_f32; width * height];
    data.par_chunks_mut(width).with_min_len(8).enumerate().for_each_init(Vec::new, |sums, (y, out)| {
        block_sums(image, part, factor, y, sums);
        for (value, sum) in out.iter_mut().zip(sums.iter()) {
            let [r, g, b] = sum.map(|s| s as f32);
            *value = (0.298_936 * r + 0.587_043 * g + 0.114_021 * b) * scale;
        }
    });
    Plane { width, height, data }
}

/// Sums of the channels over row `y` of the blocks of [`luma`].
pub fn block_sums(image: ImageView<'_>, part: PixelBox, factor: usize, y: usize, sums: &mut Vec<[u32; 3]>) {
    let (width, height) = (part.width() as usize, part.height() as usize);
    let (fx, fy) = (factor.min(width), factor.min(height));
    let row = |dy: usize| {
        let row = image.row(part.y1 + (y * factor + dy) as u32);
        &row[part.x1 as usize * 3..part.x2 as usize * 3]
    };
    sums.clear();
    if factor == 1 {
        sums.extend(row(0).as_chunks::<3>().0.iter().map(|p| p.map(u32::from)));
        return;
    }
    // Down first: whole rows are added up side by side.
    let mut columns = vec![0_u32; width * 3];
    (0..fy).for_each(|dy| add(&mut columns, row(dy)));
    let pixels = columns.as_chunks::<3>().0;
    match fx {
        2 => sums.extend(pixels.as_chunks::<2>().0.iter().map(|b| total(b))),
        3 => sums.extend(pixels.as_chunks::<3>().0.iter().map(|b| total(b))),
        4 => sums.extend(pixels.as_chunks::<4>().0.iter().map(|b| total(b))),
        _ => sums.extend(pixels.chunks_exact(fx).map(total)),
    }
}

#[inline(always)]
fn total(block: &[[u32; 3]]) -> [u32; 3] {
    block.iter().fold([0; 3], |[r, g, b], p| [r + p[0], g + p[1], b + p[2]])
}

#[autoversion]
fn add(sums: &mut [u32], row: &[u8]) {
    sums.iter_mut().zip(row).for_each(|(s, v)| *s += u32::from(*v));
}

/// Gaussian blur with replicated borders; `sigma` in pixels.
#[must_use]
pub fn blur(plane: &Plane, sigma: f32) -> Plane {
    let radius = (3.0 * sigma).ceil() as usize;
    let kernel: Vec<f32> =
        (0..=2 * radius).map(|i| (-0.5 * ((i as f32 - radius as f32) / sigma).powi(2)).exp()).collect();
    let sum: f32 = kernel.iter().sum();
    let kernel: Vec<f32> = kernel.iter().map(|k| k / sum).collect();
    let (w, h) = (plane.width, plane.height);
    let mut across = vec![0.0_f32; w * h];
    across.par_chunks_mut(w).with_min_len(8).zip(plane.data.par_chunks(w)).for_each_init(
        Vec::new,
        |padded: &mut Vec<f32>, (out, row)| {
            padded.clear();
            padded.extend(std::iter::repeat_n(row[0], radius));
            padded.extend_from_slice(row);
            padded.extend(std::iter::repeat_n(row[w - 1], radius));
            weigh(out, &kernel, |k| &padded[k..]);
        },
    );
    let mut data = vec![0.0_f32; w * h];
    data.par_chunks_mut(w).with_min_len(8).enumerate().for_each(|(y, out)| {
        weigh(out, &kernel, |k| {
            let from = (y + k).saturating_sub(radius).min(h - 1);
            &across[from * w..(from + 1) * w]
        });
    });
    Plane { width: w, height: h, data }
}

/// Adds rows by their weights.
fn weigh<'a>(out: &mut [f32], weights: &[f32], row: impl Fn(usize) -> &'a [f32]) {
    let rows: Vec<&[f32]> = (0..weights.len()).map(row).collect();
    weigh_rows(out, weights, &rows);
}

/// In short pieces, whose sums stay in registers.
#[autoversion]
fn weigh_rows(out: &mut [f32], weights: &[f32], rows: &[&[f32]]) {
    const PIECE: usize = 64;
    let (pieces, rest) = out.as_chunks_mut::<PIECE>();
    let done = pieces.len() * PIECE;
    for (i, out) in pieces.iter_mut().enumerate() {
        let mut sums = *out;
        for (&weight, row) in weights.iter().zip(rows) {
            let row = &row[i * PIECE..][..PIECE];
            for k in 0..PIECE {
                sums[k] += weight * row[k];
            }
        }
        *out = sums;
    }
    for (&weight, row) in weights.iter().zip(rows) {
        rest.iter_mut().zip(&row[done..]).for_each(|(o, v)| *o += weight * v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reduced_luma_is_the_mean_of_blocks() {
        let data: Vec<u8> = (0..4 * 2).flat_map(|i| [i * 10, i * 10, i * 10]).collect();
        let view = ImageView::packed(4, 2, &data).unwrap();
        let small = luma(view, pixels_of(view, None), 2);
        assert_eq!((small.width, small.height), (2, 1));
        assert!((small.data[0] - 25.0).abs() < 1e-3 && (small.data[1] - 45.0).abs() < 1e-3);
        let line = ImageView::packed(1, 8, &data[..24]).unwrap();
        assert_eq!(luma(line, pixels_of(line, None), 2).height, 4);
    }

    #[test]
    fn blur_keeps_constants_and_energy() {
        let flat = Plane { width: 5, height: 4, data: vec![7.0; 20] };
        assert!(blur(&flat, 2.0).data.iter().all(|v| (v - 7.0).abs() < 1e-4));
        let mut dot = Plane { width: 31, height: 31, data: vec![0.0; 31 * 31] };
        dot.data[15 * 31 + 15] = 100.0;
        assert!((blur(&dot, 2.0).data.iter().sum::<f32>() - 100.0).abs() < 0.1);
    }
}
