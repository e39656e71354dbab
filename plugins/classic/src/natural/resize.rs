//! MATLAB's `imresize(picture, 0.5)`: bicubic (a = -0.5), antialiased, symmetric borders.

#![allow(clippy::needless_range_loop, reason = "loops over lanes of several arrays become vector instructions")]

use super::source::{Cut, Source};
use crate::plane::Plane;
use archmage::autoversion;
use rayon::prelude::*;
use std::ops::Range;

/// Weights of the four pixels on either side of a new pixel's centre, from the inside outwards. Multiples of 1/256,
/// so that whole steps stay exact and flat places stay flat.
const TAPS: [f32; 4] = [111.0 / 256.0, 29.0 / 256.0, -9.0 / 256.0, -3.0 / 256.0];
/// Pixels that a new pixel needs before its first one.
const REACH: usize = 3;
/// Rows that a new one is made of.
const ROWS: usize = 2 * REACH + 2;
/// New rows that one thread makes at a time.
const BAND: usize = 32;

/// Half the size, rounded up.
pub fn half(source: &dyn Source) -> Plane {
    let (wide, high) = source.size();
    let (width, height) = (wide.div_ceil(2), high.div_ceil(2));
    let mut data = vec![0.0_f32; width * height];
    // Columns beyond the borders, mirrored: place in the padded row, and in the picture.
    let padded = 2 * width + 2 * REACH;
    let outside: Vec<(usize, usize)> =
        (0..padded).filter(|&i| i < REACH || i >= REACH + wide).map(|i| (i, REACH + mirrored(i, wide))).collect();
    data.par_chunks_mut((BAND * width).max(1)).enumerate().for_each(|(band, out)| {
        let mut rows = vec![0.0_f32; ROWS * wide];
        let (mut line, mut dealt) =
            (vec![0.0_f32; padded], [vec![0.0_f32; width + REACH], vec![0.0_f32; width + REACH]]);
        let mut known = 0;
        for (i, out) in out.chunks_exact_mut(width).enumerate() {
            let y = band * BAND + i;
            // Two rows are new, the others are still there: row `k` of all lies at place `k % ROWS`.
            for k in known.max(2 * y)..2 * y + ROWS {
                let slot = &mut rows[k % ROWS * wide..][..wide];
                source.read(mirrored(k, high), 0..wide, slot);
            }
            known = 2 * y + ROWS;
            down(&rows, wide, 2 * y, &mut line[REACH..REACH + wide]);
            outside.iter().for_each(|&(to, from)| line[to] = line[from]);
            across(&line, &mut dealt, out);
        }
    });
    Plane { width, height, data }
}

/// The new row whose first source row is `first`, at full width.
#[autoversion]
fn down(rows: &[f32], wide: usize, first: usize, out: &mut [f32]) {
    let row = |i: usize| &rows[(first + i) % ROWS * wide..][..wide];
    let pairs: [(&[f32], &[f32]); 4] = std::array::from_fn(|k| (row(REACH - k), row(REACH + 1 + k)));
    let out = &mut out[..wide];
    for x in 0..wide {
        let sum = |k: usize| TAPS[k] * (pairs[k].0[x] + pairs[k].1[x]);
        out[x] = sum(0) + sum(1) + sum(2) + sum(3);
    }
}

/// Half as many pixels. Neighbouring new ones lie two apart, so columns are dealt into two rows first.
#[autoversion]
fn across(line: &[f32], dealt: &mut [Vec<f32>; 2], out: &mut [f32]) {
    let [first, second] = dealt;
    for ((a, b), pair) in first.iter_mut().zip(second.iter_mut()).zip(line.as_chunks::<2>().0) {
        [*a, *b] = *pair;
    }
    let width = out.len();
    let [a, b] = [&*first, &*second].map(|s| [0, 1, 2, 3].map(|i| &s[i..i + width]));
    for x in 0..width {
        out[x] = TAPS[0] * (b[1][x] + a[2][x])
            + TAPS[1] * (a[1][x] + b[2][x])
            + TAPS[2] * (b[0][x] + a[3][x])
            + TAPS[3] * (a[0][x] + b[3][x]);
    }
}

/// The pixel that stands at place `i - REACH` of a row of `n` which is mirrored at both ends, again and again.
fn mirrored(i: usize, n: usize) -> usize {
    // 2n is added often enough to be above 0.
    let at = (i + 2 * n * REACH - REACH) % (2 * n);
    if at < n { at } else { 2 * n - 1 - at }
}

/// New pixels at a border that see beyond it.
const SEEN: usize = 2;
/// Pixels at a border that decide them, and more.
const DECIDING: usize = 8;

/// Half of the upper left part of a picture, of even sides, by way of half of the whole: only what lies at the cuts differs,
/// where the part is mirrored.
pub struct HalfOfCut<'a> {
    whole: &'a Plane,
    size: (usize, usize),
    right: Plane,
    bottom: Plane,
}

impl<'a> HalfOfCut<'a> {
    /// The half of the part of `size` (columns, rows) pixels of a picture whose half is `whole`.
    pub fn new(of: &dyn Source, whole: &'a Plane, size: (usize, usize)) -> Self {
        let (left, top) = (size.0.saturating_sub(DECIDING), size.1.saturating_sub(DECIDING));
        let right = half(&Cut { of, corner: (left, 0), size: (size.0 - left, size.1) });
        let bottom = half(&Cut { of, corner: (0, top), size: (size.0, size.1 - top) });
        Self { whole, size: (size.0 / 2, size.1 / 2), right, bottom }
    }
}

impl Source for HalfOfCut<'_> {
    fn size(&self) -> (usize, usize) {
        self.size
    }

    fn read(&self, y: usize, columns: Range<usize>, out: &mut [f32]) {
        let (width, height) = self.size;
        let row = if y + SEEN >= height { self.bottom.row(y + self.bottom.height - height) } else { self.whole.row(y) };
        out.copy_from_slice(&row[columns.clone()]);
        for x in columns.start.max(width - SEEN)..columns.end {
            if y + SEEN < height {
                out[x - columns.start] = self.right.row(y)[x + self.right.width - width];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_stays_exactly_flat() {
        for (width, height) in [(1, 1), (2, 3), (7, 1), (16, 9)] {
            let small = half(&Plane { width, height, data: vec![93.0; width * height] });
            assert_eq!((small.width, small.height), (width.div_ceil(2), height.div_ceil(2)));
            assert!(small.data.iter().all(|&v| v == 93.0), "{small:?}");
        }
    }

    #[test]
    fn a_ramp_keeps_its_slope_and_a_dot_its_weights() {
        let ramp = Plane { width: 16, height: 1, data: (0..16).map(|x| x as f32).collect() };
        let small = half(&ramp);
        (2..6).for_each(|x| assert!((small.data[x] - (2.0 * x as f32 + 0.5)).abs() < 1e-5));
        // Mirrored: places -3..=4 are 2 1 0 0 1 2 3 4.
        assert_eq!(small.data[0], (111.0 * 1.0 + 29.0 * 2.0 - 9.0 * (1.0 + 3.0) - 3.0 * (2.0 + 4.0)) / 256.0);
        let mut dot = Plane { width: 16, height: 16, data: vec![0.0; 256] };
        dot.data[7 * 16 + 6] = 256.0 * 256.0;
        let small = half(&dot);
        // Row 7 lies 0.5 and 1.5 pixels from the centres of new rows 3 and 4, column 6 likewise.
        assert_eq!((small.data[3 * 8 + 3], small.data[4 * 8 + 3]), (111.0 * 111.0, 29.0 * 111.0));
    }

    #[test]
    fn mirrors_again_and_again() {
        let places = |n| (0..8).map(|i| mirrored(i, n)).collect::<Vec<_>>();
        assert_eq!(places(1), [0; 8]);
        assert_eq!(places(2), [1, 1, 0, 0, 1, 1, 0, 0]);
        assert_eq!(places(4), [2, 1, 0, 0, 1, 2, 3, 3]);
    }

    #[test]
    fn half_of_a_part_is_that_of_the_part_cut_out() {
        let data: Vec<f32> = (0..50 * 44).map(|i| ((i * i) % 251) as f32).collect();
        let plane = Plane { width: 50, height: 44, data };
        let whole = half(&plane);
        for (width, height) in [(48, 40), (50, 44), (48, 44), (16, 16)] {
            let cut = half(&Cut { of: &plane, corner: (0, 0), size: (width, height) });
            let same = HalfOfCut::new(&plane, &whole, (width, height));
            assert_eq!(same.size(), (cut.width, cut.height));
            let mut row = vec![0.0; cut.width];
            for y in 0..cut.height {
                same.read(y, 0..cut.width, &mut row);
                assert_eq!(row, cut.row(y), "{width} x {height}, row {y}");
            }
            same.read(3, cut.width - 5..cut.width, &mut row[..5]);
            assert_eq!(&row[..5], &cut.row(3)[cut.width - 5..]);
        }
    }
}
