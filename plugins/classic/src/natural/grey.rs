//! Grey as the originals take it: whole 8-bit steps.

use super::source::Source;
use archmage::autoversion;
use giqa_core::{ImageView, PixelBox};
use rayon::prelude::*;
use std::ops::Range;

/// Weights of red, green and blue in units of `2^-SHIFT`; they add up to 1.
struct Weights<const SHIFT: u32>([u64; 3]);

impl<const SHIFT: u32> Weights<SHIFT> {
    /// What each value of each channel adds; a half is in red's.
    fn tables(&self) -> [[u64; 256]; 3] {
        let half = 1 << (SHIFT - 1);
        let table = |weight: u64, more: u64| std::array::from_fn(|v| weight * v as u64 + more);
        [table(self.0[0], half), table(self.0[1], 0), table(self.0[2], 0)]
    }
}

/// MATLAB's `rgb2gray` (0.298936021293775, 0.587043074451121, 0.114020904255103), finer than any two of its sums lie
/// apart.
const MATLAB: Weights<40> = Weights([328_683_631_374, 645_460_686_364, 125_367_310_038]);
/// Rec. 601 as OpenCV computes it, to 15 bits.
const REC601: Weights<15> = Weights([9_798, 19_235, 3_735]);

/// A grey picture.
pub struct Grey {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Source for Grey {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn read(&self, y: usize, columns: Range<usize>, out: &mut [f32]) {
        widen(&self.data[y * self.width..][columns], out);
    }
}

#[autoversion]
fn widen(bytes: &[u8], out: &mut [f32]) {
    out.iter_mut().zip(bytes).for_each(|(v, b)| *v = f32::from(*b));
}

impl Grey {
    /// Smallest and largest value.
    pub fn extremes(&self) -> (u8, u8) {
        self.data.iter().fold((u8::MAX, 0), |(l, m), &v| (l.min(v), m.max(v)))
    }

    /// Each value replaced by that in the table.
    pub fn map(&mut self, table: &[u8; 256]) {
        self.data.par_chunks_mut(1 << 16).for_each(|piece| piece.iter_mut().for_each(|v| *v = table[usize::from(*v)]));
    }
}

/// MATLAB's grey of a part of a picture, for BRISQUE and NIQE.
pub fn matlab(image: ImageView<'_>, part: PixelBox) -> Grey {
    grey(image, part, &MATLAB)
}

/// OpenCV's grey of a part of a picture, for PIQE.
pub fn rec601(image: ImageView<'_>, part: PixelBox) -> Grey {
    grey(image, part, &REC601)
}

fn grey<const SHIFT: u32>(image: ImageView<'_>, part: PixelBox, weights: &Weights<SHIFT>) -> Grey {
    let (width, height) = (part.width() as usize, part.height() as usize);
    // Three look-ups are quicker than three multiplications of this width.
    let [red, green, blue] = weights.tables();
    let mut data = vec![0_u8; width * height];
    data.par_chunks_mut(width.max(1)).with_min_len(16).enumerate().for_each(|(y, out)| {
        let row = &image.row(part.y1 + y as u32)[part.x1 as usize * 3..part.x2 as usize * 3];
        for (v, [r, g, b]) in out.iter_mut().zip(row.as_chunks().0) {
            *v = ((red[usize::from(*r)] + green[usize::from(*g)] + blue[usize::from(*b)]) >> SHIFT) as u8;
        }
    });
    Grey { width, height, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_and_round_to_the_nearest() {
        assert_eq!(MATLAB.0.iter().sum::<u64>(), 1 << 40);
        assert_eq!(REC601.0.iter().sum::<u64>(), 1 << 15);
        let data = [255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 13, 33, 28];
        let view = ImageView::packed(5, 1, &data).unwrap();
        let part = crate::plane::pixels_of(view, None);
        assert_eq!(matlab(view, part).data, [255, 76, 150, 29, 26]);
        assert_eq!(rec601(view, part).data, [255, 76, 150, 29, 26]);
    }
}
