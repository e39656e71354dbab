//! PIQE: how much of what catches the eye is visibly distorted.
//!
//! Venkatanath, Praneeth, Chandrasekhar, Channappayya and Medasani, "Blind image quality evaluation using perception
//! based features", NCC 2015, as in MATLAB: grey is stretched so that its brightest value is 255 and padded to whole
//! blocks of 16 x 16 pixels by mirroring; of the field of [`super::mscn`] with replicated borders, blocks of variance
//! `v > 0.1` are active; an active block has an artefact when any six pixels in a row on its edges have a standard
//! deviation below 0.1, and noise when its deviation is more than twice its unlikeness to its middle columns. The
//! score is `100 (1 + sum(artefact (1 - v) + noise v)) / (1 + active)`.
//!
//! The map has one value a block: 1 artefact or noise, 0 neither, NaN not active. Details: `active_share`,
//! `artefact_share` and `noise_share` of all blocks, `flat_share` of the pixels where the field is 0.

use super::grey;
use super::mscn::{Border, mscn};
use crate::metrics::{Look, measured};
use crate::plane::{Plane, pixels_of};
use giqa_core::{Map, Measurement};
use rayon::prelude::*;

/// Side of a block, pixels.
const BLOCK: usize = 16;
/// Pixels of a segment of an edge.
const SEGMENT: usize = 6;
/// Variance over which a block catches the eye.
const ACTIVE: f64 = 0.1;
/// Standard deviation of a segment below which it is an artefact.
const IMPAIRED: f64 = 0.1;
/// The middle columns.
const CENTRE: [usize; 2] = [7, 8];
/// The columns of the surround: the original strikes out column 7 and then column 8 of what is left.
const SURROUND: [usize; 14] = [0, 1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13, 14, 15];

/// What was found in an active block.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Active {
    variance: f64,
    artefact: bool,
    noise: bool,
}

/// Measures; range 0 to 100, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let plane = grey::rec601(look.image, pixels_of(look.image, look.region));
    if plane.width < BLOCK || plane.height < BLOCK {
        return Measurement::not_measurable("smaller than one block of 16 x 16 pixels");
    }
    let (least, most) = plane.data.iter().fold((f32::MAX, 0.0_f32), |(l, m), &v| (l.min(v), m.max(v)));
    if least >= most {
        return Measurement::not_measurable("flat: all pixels are the same");
    }
    let field = mscn(&prepared(&plane, most), Border::Replicate);
    let (cols, rows) = (field.width / BLOCK, field.height / BLOCK);
    let blocks: Vec<Option<Active>> =
        (0..cols * rows).into_par_iter().map(|i| judge(&block(&field, i % cols, i / cols))).collect();
    let active = || blocks.iter().flatten();
    let weight = |b: &Active| f64::from(b.artefact) * (1.0 - b.variance) + f64::from(b.noise) * b.variance;
    let score = 100.0 * (active().map(weight).sum::<f64>() + 1.0) / (active().count() as f64 + 1.0);
    let share = |count: usize| count as f64 / blocks.len() as f64;
    let flat = field.data.iter().filter(|v| **v == 0.0).count() as f64 / field.data.len() as f64;
    let details = [
        ("active_share", share(active().count())),
        ("artefact_share", share(active().filter(|b| b.artefact).count())),
        ("noise_share", share(active().filter(|b| b.noise).count())),
        ("flat_share", flat),
    ];
    let cell = |b: &Option<Active>| b.map_or(f32::NAN, |b| f32::from(u8::from(b.artefact || b.noise)));
    let map = look.map.then(|| Map::new(cols as u32, rows as u32, blocks.iter().map(cell).collect()).ok()).flatten();
    measured(score, &details, map)
}

/// Stretched so that `most` becomes 255, and mirrored on the right and at the bottom to whole blocks.
fn prepared(plane: &Plane, most: f32) -> Plane {
    let stretched: Vec<f32> = (0..256).map(|v| (255.0 * (f64::from(v) / f64::from(most))).round() as f32).collect();
    let (width, height) = (plane.width.next_multiple_of(BLOCK), plane.height.next_multiple_of(BLOCK));
    let mut data = vec![0.0_f32; width * height];
    data.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let row = plane.row(y.min(2 * plane.height - 1 - y));
        for (v, p) in out.iter_mut().zip(row.iter().chain(row.iter().rev())) {
            *v = stretched[*p as usize];
        }
    });
    Plane { width, height, data }
}

type Block = [[f64; BLOCK]; BLOCK];

fn block(field: &Plane, col: usize, row: usize) -> Block {
    std::array::from_fn(|y| {
        let row = &field.row(row * BLOCK + y)[col * BLOCK..(col + 1) * BLOCK];
        std::array::from_fn(|x| f64::from(row[x]))
    })
}

/// `None` when the block is not active.
fn judge(block: &Block) -> Option<Active> {
    let variance = variance(block.as_flattened());
    if variance <= ACTIVE {
        return None;
    }
    let column = |x: usize| -> [f64; BLOCK] { std::array::from_fn(|y| block[y][x]) };
    let edges = [block[0], block[BLOCK - 1], column(0), column(BLOCK - 1)];
    let impaired = |segment: &[f64]| self::variance(segment).sqrt() < IMPAIRED;
    let artefact = edges.iter().any(|edge| edge.windows(SEGMENT).any(impaired));
    Some(Active { variance, artefact, noise: is_noise(block, variance.sqrt()) })
}

/// Whether the middle is as restless as the rest of the block.
fn is_noise(block: &Block, deviation: f64) -> bool {
    let centre = variance(block.map(|row| CENTRE.map(|x| row[x])).as_flattened()).sqrt();
    let surround = variance(block.map(|row| SURROUND.map(|x| row[x])).as_flattened()).sqrt();
    let ratio = if centre == 0.0 && surround == 0.0 { 0.0 } else { centre / surround };
    let unlikeness = (deviation - ratio).abs() / deviation.max(ratio);
    deviation > 2.0 * unlikeness
}

/// Sample variance (over `n - 1`).
fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = total(values, |v| v) / n;
    total(values, |v| (v - mean) * (v - mean)) / (n - 1.0)
}

/// The sum of `of` the values; four at a time, so that no addition waits for the one before.
fn total(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let (fours, rest) = values.as_chunks::<4>();
    let mut sums = [0.0_f64; 4];
    for four in fours {
        sums.iter_mut().zip(four).for_each(|(sum, v)| *sum += of(*v));
    }
    sums.iter().sum::<f64>() + rest.iter().map(|v| of(*v)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_by_hand() {
        assert_eq!(judge(&[[0.3; BLOCK]; BLOCK]), None);
        // A chessboard is as restless everywhere: its edges are no artefact.
        let chess: Block = std::array::from_fn(|y| std::array::from_fn(|x| if (x + y) % 2 == 0 { 1.0 } else { -1.0 }));
        let found = judge(&chess).unwrap();
        assert!((found.variance - 256.0 / 255.0).abs() < 1e-12);
        assert_eq!((found.artefact, found.noise), (false, true));
        // A calm edge is one.
        let mut calm = chess;
        calm[0] = [0.0; BLOCK];
        assert!(judge(&calm).unwrap().artefact);
    }

    #[test]
    fn pads_by_mirroring_and_stretches() {
        let plane = Plane { width: 17, height: 16, data: (0..17 * 16).map(|i| (i % 17 * 3) as f32).collect() };
        let field = prepared(&plane, 48.0);
        assert_eq!((field.width, field.height), (32, 16));
        assert_eq!(
            (field.row(0)[16], field.row(0)[17], field.row(0)[31]),
            (255.0, 255.0, (6.0_f32 * 255.0 / 48.0).round())
        );
    }
}
