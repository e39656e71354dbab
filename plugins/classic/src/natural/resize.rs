//! MATLAB's `imresize(picture, 0.5)`: bicubic (a = -0.5), antialiased, symmetric borders.

use crate::plane::Plane;
use rayon::prelude::*;

/// Weights of the four pixels on either side of a new pixel's centre, from the inside outwards. Multiples of 1/256,
/// so that whole steps stay exact and flat places stay flat.
const TAPS: [f32; 4] = [111.0 / 256.0, 29.0 / 256.0, -9.0 / 256.0, -3.0 / 256.0];
/// Pixels that a new pixel needs before its first one.
const REACH: usize = 3;

/// Half the size, rounded up.
pub fn half(plane: &Plane) -> Plane {
    let (width, height) = (plane.width.div_ceil(2), plane.height.div_ceil(2));
    let mut data = vec![0.0_f32; width * height];
    let columns: Vec<usize> = (0..2 * width + 2 * REACH).map(|i| mirrored(i, plane.width)).collect();
    data.par_chunks_mut(width).enumerate().for_each_init(
        || (vec![0.0_f32; plane.width], vec![0.0_f32; width + REACH], vec![0.0_f32; width + REACH]),
        |(lines, first, second), (y, out)| {
            let row = |i: usize| plane.row(mirrored(2 * y + i, plane.height));
            lines.fill(0.0);
            for (k, weight) in TAPS.iter().enumerate() {
                let (above, below) = (row(REACH - k), row(REACH + 1 + k));
                for ((v, a), b) in lines.iter_mut().zip(above).zip(below) {
                    *v += weight * (a + b);
                }
            }
            // Neighbouring new pixels lie two apart, so columns are dealt into two rows first.
            for (i, c) in columns.chunks_exact(2).enumerate() {
                (first[i], second[i]) = (lines[c[0]], lines[c[1]]);
            }
            let [a, b] = [&*first, &*second].map(|s| [0, 1, 2, 3].map(|i| &s[i..i + width]));
            for (x, v) in out.iter_mut().enumerate() {
                *v = TAPS[0] * (b[1][x] + a[2][x])
                    + TAPS[1] * (a[1][x] + b[2][x])
                    + TAPS[2] * (b[0][x] + a[3][x])
                    + TAPS[3] * (a[0][x] + b[3][x]);
            }
        },
    );
    Plane { width, height, data }
}

/// The pixel that stands at place `i - REACH` of a row of `n` which is mirrored at both ends, again and again.
fn mirrored(i: usize, n: usize) -> usize {
    // 2n is added often enough to be above 0.
    let at = (i + 2 * n * REACH - REACH) % (2 * n);
    if at < n { at } else { 2 * n - 1 - at }
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
}
