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

use super::grey::{self, Grey};
use super::mscn::{Border, Window, mscn};
use super::source::Source;
use crate::metrics::{Look, measured};
use crate::plane::pixels_of;
use archmage::autoversion;
use giqa_core::{Map, Measurement};
use rayon::prelude::*;
use std::ops::Range;

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

const ALL: [usize; BLOCK] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// Rows of blocks that one thread works on at a time.
const BAND: usize = 4;
/// How near a limit sums in `f32` may come, many times their error.
const UNSURE: f64 = 1e-4;

/// What was found in an active block.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Active {
    variance: f64,
    artefact: bool,
    noise: bool,
}

/// Measures; range 0 to 100, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let part = pixels_of(look.image, look.region);
    if part.width() < BLOCK as u32 || part.height() < BLOCK as u32 {
        return Measurement::not_measurable("smaller than one block of 16 x 16 pixels");
    }
    let mut grey = grey::rec601(look.image, part);
    let (least, most) = grey.extremes();
    if least >= most {
        return Measurement::not_measurable("flat: all pixels are the same");
    }
    if most < u8::MAX {
        grey.map(&std::array::from_fn(|v| (255.0 * (v as f64 / f64::from(most))).round() as u8));
    }
    let prepared = Mirrored::new(&grey);
    let (cols, rows) = (prepared.width / BLOCK, prepared.height / BLOCK);
    let bands: Vec<(Vec<Option<Active>>, u32)> = (0..rows.div_ceil(BAND))
        .into_par_iter()
        .map_init(
            || (Window::new(prepared.width), vec![0.0_f32; BLOCK * prepared.width]),
            |(window, field), i| judge_rows(&prepared, i * BAND..(i + 1) * BAND, window, field),
        )
        .collect();
    let flat = bands.iter().map(|b| f64::from(b.1)).sum::<f64>() / (prepared.width * prepared.height) as f64;
    let blocks: Vec<Option<Active>> = bands.into_iter().flat_map(|b| b.0).collect();
    let active = || blocks.iter().flatten();
    let weight = |b: &Active| f64::from(b.artefact) * (1.0 - b.variance) + f64::from(b.noise) * b.variance;
    let score = 100.0 * (active().map(weight).sum::<f64>() + 1.0) / (active().count() as f64 + 1.0);
    let share = |count: usize| count as f64 / blocks.len() as f64;
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

/// Mirrored on the right and at the bottom to whole blocks.
struct Mirrored<'a> {
    of: &'a Grey,
    width: usize,
    height: usize,
}

impl<'a> Mirrored<'a> {
    fn new(of: &'a Grey) -> Self {
        let (width, height) = of.size();
        Self { of, width: width.next_multiple_of(BLOCK), height: height.next_multiple_of(BLOCK) }
    }
}

impl Source for Mirrored<'_> {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn read(&self, y: usize, columns: Range<usize>, out: &mut [f32]) {
        let (width, height) = self.of.size();
        let y = y.min(2 * height - 1 - y);
        let known = columns.end.min(width).saturating_sub(columns.start);
        self.of.read(y, columns.start..columns.start + known, &mut out[..known]);
        for (x, v) in columns.zip(out).skip(known) {
            let x = 2 * width - 1 - x;
            self.of.read(y, x..x + 1, std::slice::from_mut(v));
        }
    }
}

/// The blocks of some rows of blocks, and how many pixels of the field are 0.
fn judge_rows(
    source: &Mirrored<'_>,
    rows: Range<usize>,
    window: &mut Window,
    field: &mut [f32],
) -> (Vec<Option<Active>>, u32) {
    let stride = source.width;
    let lines = rows.start * BLOCK..(rows.end * BLOCK).min(source.height);
    let (mut found, mut flat) = (Vec::new(), 0);
    mscn(window, source, Border::Replicate, lines, |y, row| {
        let line = &mut field[y % BLOCK * stride..][..stride];
        line.copy_from_slice(&row[..stride]);
        flat += zeros(line);
        if y % BLOCK == BLOCK - 1 {
            found.extend((0..stride).step_by(BLOCK).map(|left| {
                // What can't be told in f32 is looked at closely.
                quick(&field[left..], stride).unwrap_or_else(|| judge(&block(&field[left..], stride)))
            }));
        }
    });
    (found, flat)
}

#[autoversion]
fn zeros(row: &[f32]) -> u32 {
    row.iter().map(|v| u32::from(*v == 0.0)).sum()
}

type Block = [[f64; BLOCK]; BLOCK];

fn block(field: &[f32], stride: usize) -> Block {
    std::array::from_fn(|y| std::array::from_fn(|x| f64::from(field[y * stride + x])))
}

/// As [`judge`], in a fraction of the time, from sums in `f32`; `None` where their error could decide.
#[autoversion]
fn quick(field: &[f32], stride: usize) -> Option<Option<Active>> {
    let rows: [[f32; BLOCK]; BLOCK] = std::array::from_fn(|y| std::array::from_fn(|x| field[y * stride + x]));
    let (mut sums, mut squares) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
    for row in &rows {
        for x in 0..BLOCK {
            sums[x] += row[x];
            squares[x] += row[x] * row[x];
        }
    }
    let variance_of = |columns: &[usize]| {
        let (sum, square) = columns
            .iter()
            .fold((0.0_f64, 0.0_f64), |(sum, square), &x| (sum + f64::from(sums[x]), square + f64::from(squares[x])));
        let n = (columns.len() * BLOCK) as f64;
        (square - sum * sum / n) / (n - 1.0)
    };
    let variance = variance_of(&ALL);
    if (variance - ACTIVE).abs() < UNSURE {
        return None;
    }
    if variance < ACTIVE {
        return Some(None);
    }
    let column = |x: usize| -> [f32; BLOCK] { std::array::from_fn(|y| rows[y][x]) };
    let calmest = [rows[0], rows[BLOCK - 1], column(0), column(BLOCK - 1)].iter().map(calmest).fold(f32::MAX, f32::min);
    let (centre, surround) = (variance_of(&CENTRE), variance_of(&SURROUND));
    let noise = stands_out(variance.sqrt(), centre.sqrt(), surround.sqrt());
    let unsure = (f64::from(calmest) - IMPAIRED * IMPAIRED).abs() < UNSURE
        || centre.min(surround) < 100.0 * UNSURE
        || noise.abs() < UNSURE;
    let active = Active { variance, artefact: f64::from(calmest) < IMPAIRED * IMPAIRED, noise: noise > 0.0 };
    (!unsure).then_some(Some(active))
}

/// The least variance of a segment of an edge.
#[inline(always)]
fn calmest(edge: &[f32; BLOCK]) -> f32 {
    const PLACES: usize = BLOCK - SEGMENT + 1;
    let (mut sums, mut squares) = ([0.0_f32; PLACES], [0.0_f32; PLACES]);
    for j in 0..SEGMENT {
        for k in 0..PLACES {
            sums[k] += edge[k + j];
            squares[k] += edge[k + j] * edge[k + j];
        }
    }
    let mut least = f32::MAX;
    for k in 0..PLACES {
        let variance = (squares[k] - sums[k] * sums[k] / SEGMENT as f32) / (SEGMENT - 1) as f32;
        least = least.min(variance);
    }
    least
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
    stands_out(deviation, centre, surround) > 0.0
}

/// By how much the deviation is more than twice its unlikeness to its middle columns.
fn stands_out(deviation: f64, centre: f64, surround: f64) -> f64 {
    let ratio = if centre == 0.0 && surround == 0.0 { 0.0 } else { centre / surround };
    deviation - 2.0 * (deviation - ratio).abs() / deviation.max(ratio)
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
    use crate::testing::Random;
    use giqa_core::ImageView;

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
    fn the_quick_way_finds_the_same() {
        let mut random = Random::new(5);
        let mut told = 0;
        for i in 0..3000 {
            // From calm to restless, some with a calm row or column.
            let strength = 0.2 + 0.3 * f64::from(i % 7);
            let field: Vec<f32> = (0..256)
                .map(|at| {
                    let calm = match i % 3 {
                        0 => at / 16 == 0,
                        1 => at % 16 == 15 && at / 16 > 8,
                        _ => false,
                    };
                    (strength * random.gaussian() * if calm { 0.03 + 0.1 * f64::from(i % 5) } else { 1.0 }) as f32
                })
                .collect();
            let slow = judge(&block(&field, BLOCK));
            let Some(quick) = quick(&field, BLOCK) else { continue };
            told += 1;
            assert_eq!(quick.is_some(), slow.is_some());
            if let (Some(q), Some(s)) = (quick, slow) {
                assert_eq!((q.artefact, q.noise), (s.artefact, s.noise));
                assert!((q.variance / s.variance - 1.0).abs() < 1e-5);
            }
        }
        assert!(told > 2900, "{told}");
    }

    #[test]
    fn pads_by_mirroring() {
        let data: Vec<u8> = (0..17 * 16).flat_map(|i| [i as u8 % 17 * 3; 3]).collect();
        let view = ImageView::packed(17, 16, &data).unwrap();
        let grey = grey::rec601(view, pixels_of(view, None));
        let mirrored = Mirrored::new(&grey);
        assert_eq!(mirrored.size(), (32, 16));
        let mut row = [0.0; 32];
        mirrored.read(3, 0..32, &mut row);
        assert_eq!((row[15], row[16], row[17], row[18], row[31]), (45.0, 48.0, 48.0, 45.0, 6.0));
    }
}
