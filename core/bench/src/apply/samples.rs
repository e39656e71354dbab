//! Faults of the stored values.

use crate::draw::Draw;
use crate::picture::Picture;

pub(super) fn noise(picture: &Picture, deviation: f32, mut draw: Draw) -> Picture {
    let mut out = picture.clone();
    for v in out.rgb_mut() {
        *v = (f32::from(*v) + deviation * draw.normal()).round().clamp(0.0, 255.0) as u8;
    }
    out
}

/// Each channel rounded to so many levels.
pub(super) fn banding(picture: &Picture, levels: usize) -> Picture {
    let last = (levels.max(2) - 1) as f64;
    let table: Vec<u8> =
        (0..=255_u8).map(|v| ((f64::from(v) / 255.0 * last).round() / last * 255.0).round() as u8).collect();
    let mut out = picture.clone();
    out.rgb_mut().iter_mut().for_each(|v| *v = table[usize::from(*v)]);
    out
}

/// Blocks of their mean colour.
pub(super) fn pixelation(picture: &Picture, side: usize) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let columns = width.div_ceil(side);
    let block = |x: usize, y: usize| y / side * columns + x / side;
    let mut sums = vec![[0_u64; 4]; columns * height.div_ceil(side)];
    for (i, pixel) in picture.rgb().chunks_exact(3).enumerate() {
        let sum = &mut sums[block(i % width, i / width)];
        pixel.iter().zip(sum.iter_mut()).for_each(|(v, s)| *s += u64::from(*v));
        sum[3] += 1;
    }
    Picture::from_fn(width, height, |x, y| {
        let [r, g, b, n] = sums[block(x, y)];
        [r, g, b].map(|s| ((s + n / 2) / n.max(1)) as u8)
    })
}
