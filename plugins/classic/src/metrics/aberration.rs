//! Lateral chromatic aberration: red or blue that is a little larger or smaller than green, so that edges away from the
//! middle have coloured fringes along the radius.
//!
//! In blocks of 32 x 32 pixels, red (and blue) is fitted as `a * green + b`; where it is shifted by `d` along the
//! radius, the rest is `a * d * (slope of green along the radius)`, so `d` follows by least squares. A lens shifts in
//! proportion to the radius: `d = k * radius` is fitted over all blocks, weighted by what each knows, outliers over
//! two pixels left out. The value is the larger of both shifts at the corner, pixels per 1000 pixels of the long side.
//! Details: `red`, `blue` (the same, with sign: positive = larger than green).

use super::{Look, measured};
use crate::plane::pixels_of;
use giqa_core::{ImageView, Measurement, PixelBox};
use rayon::prelude::*;

const BLOCK: u32 = 32;
/// Blocks are taken farther apart where there would be more on a side.
const MOST_BLOCKS: u32 = 48;
/// Least correlation of a channel with green for a shift to mean anything.
const ALIKE: f64 = 0.9;
/// Sum of squared slopes of green, per pixel, below which a block knows nothing.
const LEAST: f64 = 30.0;
/// Shift, pixels, beyond which the first-order fit is nonsense.
const MOST_SHIFT: f64 = 2.0;
/// Blocks that a fit needs.
const ENOUGH: usize = 12;

/// One block's shift of a channel.
struct Shift {
    radius: f64,
    pixels: f64,
    weight: f64,
}

/// Measures; range 0 upwards, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    // The middle of the lens is the middle of the whole picture, also for a region.
    let (image, part) = (look.image, pixels_of(look.image, look.region));
    let step = |n: u32| BLOCK.max(n / MOST_BLOCKS);
    let places = |from: u32, to: u32, size: u32| {
        (from.max(1)..(to.min(size - 1)).saturating_sub(BLOCK)).step_by(step(to - from) as usize)
    };
    let corners: Vec<(u32, u32)> = places(part.y1, part.y2, image.height())
        .flat_map(|y| places(part.x1, part.x2, image.width()).map(move |x| (x, y)))
        .collect();
    let shifts: Vec<[Option<Shift>; 2]> =
        corners.into_par_iter().map(|(x, y)| [0, 2].map(|c| shift(image, x, y, c))).collect();
    let per_side = 1000.0 / f64::from(image.width().max(image.height()));
    let corner = f64::from(image.width()).hypot(f64::from(image.height())) / 2.0;
    let fit = |which: usize| scale(shifts.iter().filter_map(|s| s[which].as_ref())).map(|k| k * corner * per_side);
    let (Some(red), Some(blue)) = (fit(0), fit(1)) else {
        return Measurement::not_measurable("too few edges away from the middle whose colours go together");
    };
    measured(red.abs().max(blue.abs()), &[("red", red), ("blue", blue)], None)
}

/// `k` of `pixels = k * radius` by weighted least squares.
fn scale<'a>(shifts: impl Iterator<Item = &'a Shift>) -> Option<f64> {
    let (mut n, mut top, mut bottom) = (0, 0.0, 0.0);
    for s in shifts {
        n += 1;
        top += s.weight * s.pixels * s.radius;
        bottom += s.weight * s.radius * s.radius;
    }
    (n >= ENOUGH && bottom > 0.0).then(|| top / bottom)
}

fn shift(image: ImageView<'_>, x0: u32, y0: u32, channel: usize) -> Option<Shift> {
    let (cx, cy) = (f64::from(image.width()) / 2.0, f64::from(image.height()) / 2.0);
    let (dx, dy) = (f64::from(x0 + BLOCK / 2) - cx, f64::from(y0 + BLOCK / 2) - cy);
    let radius = dx.hypot(dy);
    if radius < f64::from(BLOCK) {
        return None;
    }
    let (ux, uy) = ((dx / radius) as f32, (dy / radius) as f32);
    let block = PixelBox { x1: x0, y1: y0, x2: x0 + BLOCK, y2: y0 + BLOCK };
    let n = f64::from(BLOCK * BLOCK);
    // Sums of green, the channel, their products, and the slope of green with both.
    let mut s = [0.0_f64; 8];
    for y in block.y1..block.y2 {
        let (above, row, below) = (image.row(y - 1), image.row(y), image.row(y + 1));
        let mut line = [0.0_f32; 8];
        for x in block.x1 as usize..block.x2 as usize {
            let green = |r: &[u8], x: usize| f32::from(r[x * 3 + 1]);
            let (g, c) = (green(row, x), f32::from(row[x * 3 + channel]));
            let slope = (ux * (green(row, x + 1) - green(row, x - 1)) + uy * (green(below, x) - green(above, x))) / 2.0;
            for (sum, v) in line.iter_mut().zip([g, c, g * g, c * c, g * c, slope, slope * slope, slope * c]) {
                *sum += v;
            }
            // The slope with green is nearly zero over a block; it is taken out with the mean below.
        }
        s.iter_mut().zip(line).for_each(|(s, l)| *s += f64::from(l));
    }
    let [g, c, gg, cc, gc, d, dd, dc] = s.map(|v| v / n);
    let (vg, vc, vgc, vd, vdc) = (gg - g * g, cc - c * c, gc - g * c, dd - d * d, dc - d * c);
    if vd < LEAST || vg <= 0.0 || vc <= 0.0 || vgc < ALIKE * (vg * vc).sqrt() {
        return None;
    }
    let a = vgc / vg;
    // A channel that is larger by `p` pixels here is `a * green(x - p)`: the rest is `-a * p * slope`.
    let pixels = -vdc / (a * vd);
    (pixels.abs() < MOST_SHIFT).then_some(Shift { radius, pixels, weight: vd })
}
