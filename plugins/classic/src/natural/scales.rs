//! A picture's sums at full and at half size, for BRISQUE and NIQE; both at once for whole pictures that are known by an
//! id, since who asks for one mostly asks for the other.

use super::field::{self, Patches};
use super::grey;
use super::resize::{HalfOfCut, half};
use super::source::{Cut, Source};
use super::sums::{Neighbours, WIDEST};
use crate::memo::Memo;
use crate::plane::pixels_of;
use giqa_core::{ImageView, PixelBox};
use std::sync::Arc;

/// Side of NIQE's patches, pixels.
pub const PATCH: usize = WIDEST;

/// Both metrics' sums at both scales.
struct Both {
    whole: [Neighbours; 2],
    patches: [Vec<Neighbours>; 2],
}

/// BRISQUE's: over a part of a picture.
pub fn of_whole(image: ImageView<'_>, part: PixelBox) -> [Neighbours; 2] {
    if let Some(both) = both(image, part) {
        return both.whole;
    }
    let grey = grey::matlab(image, part);
    [field::whole(&grey, PATCH), field::whole(&half(&grey), PATCH / 2)]
}

/// NIQE's: over each of the patches that fill the upper left of a part of a picture.
pub fn of_patches(image: ImageView<'_>, part: PixelBox, cols: usize, rows: usize) -> [Vec<Neighbours>; 2] {
    if let Some(both) = both(image, part) {
        return both.patches.clone();
    }
    let (x2, y2) = (part.x1 + (cols * PATCH) as u32, part.y1 + (rows * PATCH) as u32);
    let grey = grey::matlab(image, PixelBox { x2, y2, ..part });
    let patches = |side: usize| Patches { side, cols, rows };
    [field::patches(&grey, patches(PATCH)), field::patches(&half(&grey), patches(PATCH / 2))]
}

fn both(image: ImageView<'_>, part: PixelBox) -> Option<Arc<Both>> {
    static BOTH: Memo<Arc<Both>> = Memo::new();
    let has_patches = part.width().min(part.height()) as usize >= PATCH;
    (image.id() != 0 && has_patches && part == pixels_of(image, None))
        .then(|| BOTH.of(image.id(), || Arc::new(Both::of(image, part))))
}

impl Both {
    fn of(image: ImageView<'_>, part: PixelBox) -> Self {
        let grey = grey::matlab(image, part);
        let (cols, rows) = (grey.size().0 / PATCH, grey.size().1 / PATCH);
        let size = (cols * PATCH, rows * PATCH);
        let patches = |side: usize| Patches { side, cols, rows };
        let (whole, of_patches) = field::both(&grey, &Cut { of: &grey, corner: (0, 0), size }, patches(PATCH));
        let small = half(&grey);
        let cut = HalfOfCut::new(&grey, &small, size);
        let (whole_half, of_patches_half) = field::both(&small, &cut, patches(PATCH / 2));
        Self { whole: [whole, whole_half], patches: [of_patches, of_patches_half] }
    }
}
