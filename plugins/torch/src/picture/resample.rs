//! Pillow's bicubic resampling, exactly: an antialiased kernel with a = -0.5, fixed-point weights, the horizontal pass
//! first, and 8-bit values between the passes. Other resamplers differ by up to 13 grey levels, which a model sees.

use super::Pixels;

/// Fraction bits of a weight: 32, less 8 for the value and 2 for the sum of weights, which may pass 1.
const PRECISION: u32 = 22;

/// The inputs that make one output value.
struct Window {
    /// First input.
    start: usize,
    /// Weight of each input from there on, in units of 2^-22; together about 1.
    weights: Vec<i32>,
}

/// The picture at another size.
#[must_use]
pub fn resize(picture: &Pixels, width: usize, height: usize) -> Pixels {
    let wide = if width == picture.width { picture.clone() } else { horizontal(picture, width) };
    if height == picture.height { wide } else { vertical(&wide, height) }
}

fn horizontal(picture: &Pixels, width: usize) -> Pixels {
    let windows = windows(picture.width, width);
    let mut data = Vec::with_capacity(width * picture.height * 3);
    for row in picture.data.chunks_exact(picture.width * 3) {
        for window in &windows {
            let mut sums = [1 << (PRECISION - 1); 3];
            for (pixel, weight) in row[window.start * 3..].chunks_exact(3).zip(&window.weights) {
                for (sum, &value) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(value) * weight;
                }
            }
            data.extend(sums.map(to_byte));
        }
    }
    Pixels { width, height: picture.height, data }
}

fn vertical(picture: &Pixels, height: usize) -> Pixels {
    let line = picture.width * 3;
    let mut data = Vec::with_capacity(line * height);
    let mut sums = vec![0; line];
    for window in windows(picture.height, height) {
        sums.fill(1 << (PRECISION - 1));
        for (row, weight) in picture.data[window.start * line..].chunks_exact(line).zip(&window.weights) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += i32::from(value) * weight;
            }
        }
        data.extend(sums.iter().map(|&sum| to_byte(sum)));
    }
    Pixels { width: picture.width, height, data }
}

fn to_byte(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// One window for each of `to` outputs over `from` inputs.
fn windows(from: usize, to: usize) -> Vec<Window> {
    let scale = from as f64 / to as f64;
    // Making smaller widens the kernel: that is the antialiasing.
    let stretch = scale.max(1.0);
    let support = 2.0 * stretch;
    let window = |i: usize| {
        let centre = (i as f64 + 0.5) * scale;
        let start = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(from);
        let raw: Vec<f64> = (start..end).map(|x| cubic((x as f64 - centre + 0.5) / stretch)).collect();
        let total: f64 = raw.iter().sum();
        let fixed = |w: &f64| {
            let w = w / total * f64::from(1 << PRECISION);
            (if w < 0.0 { w - 0.5 } else { w + 0.5 }) as i32
        };
        Window { start, weights: raw.iter().map(fixed).collect() }
    };
    (0..to).map(window).collect()
}

/// Keys' cubic kernel with a = -0.5.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_is_the_same_picture() {
        let picture = Pixels { width: 2, height: 1, data: vec![1, 2, 3, 250, 251, 252] };
        assert_eq!(resize(&picture, 2, 1), picture);
    }

    #[test]
    fn flat_stays_flat_and_edges_are_clipped() {
        assert_eq!(resize(&Pixels::flat(7, 5, [9, 128, 255]), 3, 11), Pixels::flat(3, 11, [9, 128, 255]));
        let mut edge = Pixels::flat(8, 1, [0; 3]);
        edge.paste(&Pixels::flat(4, 1, [255; 3]), 4, 0);
        let big = resize(&edge, 16, 1);
        assert_eq!((big.data[0], big.data[47]), (0, 255));
    }
}
