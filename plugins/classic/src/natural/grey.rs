//! Grey as the originals take it: whole 8-bit steps.

use crate::plane::Plane;
use giqa_core::{ImageView, PixelBox};
use rayon::prelude::*;

/// Weights of red, green and blue in units of `2^-SHIFT`; they add up to 1.
struct Weights<const SHIFT: u32>([u64; 3]);

impl<const SHIFT: u32> Weights<SHIFT> {
    fn of(&self, p: &[u8]) -> u8 {
        let [r, g, b] = self.0;
        let sum = r * u64::from(p[0]) + g * u64::from(p[1]) + b * u64::from(p[2]);
        ((sum + (1 << (SHIFT - 1))) >> SHIFT) as u8
    }
}

/// MATLAB's `rgb2gray` (0.298936021293775, 0.587043074451121, 0.114020904255103), finer than any two of its sums lie
/// apart.
const MATLAB: Weights<40> = Weights([328_683_631_374, 645_460_686_364, 125_367_310_038]);
/// Rec. 601 as OpenCV computes it, to 15 bits.
const REC601: Weights<15> = Weights([9_798, 19_235, 3_735]);

/// MATLAB's grey of a part of a picture, for BRISQUE and NIQE.
pub fn matlab(image: ImageView<'_>, part: PixelBox) -> Plane {
    grey(image, part, |p| f32::from(MATLAB.of(p)))
}

/// OpenCV's grey of a part of a picture, for PIQE.
pub fn rec601(image: ImageView<'_>, part: PixelBox) -> Plane {
    grey(image, part, |p| f32::from(REC601.of(p)))
}

fn grey(image: ImageView<'_>, part: PixelBox, of: impl Fn(&[u8]) -> f32 + Sync) -> Plane {
    let (width, height) = (part.width() as usize, part.height() as usize);
    let mut data = vec![0.0_f32; width * height];
    data.par_chunks_mut(width.max(1)).enumerate().for_each(|(y, out)| {
        let row = &image.row(part.y1 + y as u32)[part.x1 as usize * 3..part.x2 as usize * 3];
        out.iter_mut().zip(row.chunks_exact(3)).for_each(|(v, p)| *v = of(p));
    });
    Plane { width, height, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_and_round_to_the_nearest() {
        assert_eq!(MATLAB.0.iter().sum::<u64>(), 1 << 40);
        assert_eq!(REC601.0.iter().sum::<u64>(), 1 << 15);
        assert_eq!(MATLAB.of(&[255, 255, 255]), 255);
        assert_eq!((MATLAB.of(&[255, 0, 0]), MATLAB.of(&[0, 255, 0]), MATLAB.of(&[0, 0, 255])), (76, 150, 29));
        // 26.5046 and 26.4961: the two differ in places.
        assert_eq!((MATLAB.of(&[13, 33, 28]), REC601.of(&[13, 33, 28])), (26, 26));
    }
}
