//! Samples of any kind to packed 8-bit RGB, and turning to upright.

use image::DynamicImage;
use rayon::prelude::*;

/// Pixels on their way to RGB: what the decoder gave, reduced to 8 bits and without alpha.
#[derive(Debug)]
pub(crate) enum Samples {
    /// One byte a pixel.
    Grey(Vec<u8>),
    /// `R G B`.
    Rgb(Vec<u8>),
    /// `C M Y K`, 0 = no ink.
    Cmyk(Vec<u8>),
}

/// Bytes per piece of work: large enough to hide the cost of the split, small enough to stay in the cache.
pub(crate) const CHUNK_PIXELS: usize = 1 << 15;

/// Brings any of the image crate's layouts to 8-bit grey or RGB; the notes say what was given up.
pub(crate) fn from_dynamic(image: DynamicImage, warnings: &mut Vec<String>) -> Samples {
    match image {
        DynamicImage::ImageLuma8(i) => Samples::Grey(i.into_raw()),
        DynamicImage::ImageRgb8(i) => Samples::Rgb(i.into_raw()),
        DynamicImage::ImageLumaA8(i) => {
            note_alpha(i.as_raw().chunks_exact(2).any(|p| p[1] != u8::MAX), warnings);
            Samples::Grey(map_pixels::<u8, 2, 1>(i.as_raw(), |[v, a]| [over_white(v, a)]))
        }
        DynamicImage::ImageRgba8(i) => {
            note_alpha(i.as_raw().chunks_exact(4).any(|p| p[3] != u8::MAX), warnings);
            Samples::Rgb(map_pixels::<u8, 4, 3>(i.as_raw(), |[r, g, b, a]| [r, g, b].map(|v| over_white(v, a))))
        }
        DynamicImage::ImageLuma16(i) => Samples::Grey(map_pixels::<u16, 1, 1>(i.as_raw(), |p| p.map(to_8))),
        DynamicImage::ImageRgb16(i) => Samples::Rgb(map_pixels::<u16, 3, 3>(i.as_raw(), |p| p.map(to_8))),
        DynamicImage::ImageLumaA16(i) => {
            note_alpha(i.as_raw().chunks_exact(2).any(|p| p[1] != u16::MAX), warnings);
            Samples::Grey(map_pixels::<u16, 2, 1>(i.as_raw(), |p| {
                let [v, a] = p.map(to_8);
                [over_white(v, a)]
            }))
        }
        DynamicImage::ImageRgba16(i) => {
            note_alpha(i.as_raw().chunks_exact(4).any(|p| p[3] != u16::MAX), warnings);
            Samples::Rgb(map_pixels::<u16, 4, 3>(i.as_raw(), |p| {
                let [r, g, b, a] = p.map(to_8);
                [r, g, b].map(|v| over_white(v, a))
            }))
        }
        other => {
            warnings.push("floating-point samples were clamped to 8 bits".into());
            Samples::Rgb(other.into_rgb8().into_raw())
        }
    }
}

fn note_alpha(see_through: bool, warnings: &mut Vec<String>) {
    if see_through {
        warnings.push("the picture is partly transparent; it was put on white".into());
    }
}

/// 16 to 8 bits, rounded: 65535 / 255 = 257.
fn to_8(v: u16) -> u8 {
    ((u32::from(v) + 128) / 257) as u8
}

fn over_white(v: u8, a: u8) -> u8 {
    let (v, a) = (u32::from(v), u32::from(a));
    ((v * a + 255 * (255 - a) + 127) / 255) as u8
}

fn map_pixels<T, const IN: usize, const OUT: usize>(samples: &[T], f: impl Fn([T; IN]) -> [u8; OUT] + Sync) -> Vec<u8>
where
    T: Copy + Sync,
{
    let (pixels, _) = samples.as_chunks::<IN>();
    let mut out = vec![0; pixels.len() * OUT];
    out.par_chunks_mut(CHUNK_PIXELS * OUT).zip(pixels.par_chunks(CHUNK_PIXELS)).for_each(|(out, pixels)| {
        for (to, from) in out.as_chunks_mut::<OUT>().0.iter_mut().zip(pixels) {
            *to = f(*from);
        }
    });
    out
}

/// Grey or CMYK without a profile to RGB; RGB as it is.
pub(crate) fn to_rgb(samples: Samples) -> Vec<u8> {
    match samples {
        Samples::Rgb(rgb) => rgb,
        Samples::Grey(grey) => map_pixels::<u8, 1, 3>(&grey, |[v]| [v; 3]),
        // What is left of white light after the ink and the black.
        Samples::Cmyk(cmyk) => map_pixels::<u8, 4, 3>(&cmyk, |[c, m, y, k]| {
            [c, m, y].map(|ink| ((u32::from(255 - ink) * u32::from(255 - k) + 127) / 255) as u8)
        }),
    }
}

/// Applies EXIF orientation 1 to 8 and gives the upright pixels, width and height.
pub(crate) fn upright(rgb: Vec<u8>, width: u32, height: u32, orientation: u8) -> (Vec<u8>, u32, u32) {
    if !(2..=8).contains(&orientation) {
        return (rgb, width, height);
    }
    let (w, h) = (width as usize, height as usize);
    let (out_w, out_h) = if orientation >= 5 { (h, w) } else { (w, h) };
    // Where the first upright pixel is stored, and how far its neighbours to the right and below are from it.
    let (last_x, last_y) = (w - 1, (h - 1) * w);
    let (right, down) = (1, w as isize);
    let (first, step_x, step_y) = match orientation {
        2 => (last_x, -right, down),
        3 => (last_y + last_x, -right, -down),
        4 => (last_y, right, -down),
        5 => (0, down, right),
        6 => (last_y, -down, right),
        7 => (last_y + last_x, -down, -right),
        _ => (last_x, down, -right),
    };
    let (source, _) = rgb.as_chunks::<3>();
    let mut out = vec![0_u8; rgb.len()];
    // Squares keep both the rows that are written and the columns that are read in the cache.
    const SQUARE: usize = 32;
    out.par_chunks_mut(out_w * 3 * SQUARE).enumerate().for_each(|(band, rows)| {
        let (rows, _) = rows.as_chunks_mut::<3>();
        for left in (0..out_w).step_by(SQUARE) {
            for (dy, row) in rows.chunks_exact_mut(out_w).enumerate() {
                let y = band * SQUARE + dy;
                let mut at = first.wrapping_add_signed(left as isize * step_x + y as isize * step_y);
                for to in row.iter_mut().skip(left).take(SQUARE) {
                    *to = source[at];
                    at = at.wrapping_add_signed(step_x);
                }
            }
        }
    });
    (out, out_w as u32, out_h as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_round_to_eight() {
        assert_eq!([0, 128, 129, 257, 32_896, 65_406, 65_407, 65_535].map(to_8), [0, 0, 1, 1, 128, 254, 255, 255]);
    }

    #[test]
    fn alpha_goes_over_white() {
        assert_eq!([over_white(0, 0), over_white(10, 255), over_white(0, 128)], [255, 10, 127]);
    }

    #[test]
    fn ink_becomes_light() {
        let rgb = to_rgb(Samples::Cmyk(vec![0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255, 0, 128, 0, 128]));
        assert_eq!(rgb, [255, 255, 255, 0, 255, 255, 0, 0, 0, 127, 63, 127]);
    }
}
