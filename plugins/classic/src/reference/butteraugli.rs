//! Butteraugli (Alakuijala et al., Google, 2016; as in libjxl): how visible differences are, by a model of the eye.
//!
//! Computed by the crate butteraugli with libjxl's defaults (a screen of 80 cd/m^2). The value is libjxl's 3-norm of
//! the differences at all places. No unit; 0 = equal, about 1 = just visible side by side. Not symmetric.
//!
//! Details: `max`, the difference at the worst place.

use super::Pair;
use crate::metrics::measured;
use ::butteraugli::{ButteraugliParams, Img, RGB8, butteraugli};
use giqa_core::Measurement;

pub fn compare(pair: Pair<'_>) -> Measurement {
    let (width, height) = (pair.part.width() as usize, pair.part.height() as usize);
    let [image, original] = [pair.image, pair.original].map(|view| {
        let pixels = pair.packed(view).chunks_exact(3).map(|p| RGB8::new(p[0], p[1], p[2])).collect::<Vec<_>>();
        Img::new(pixels, width, height)
    });
    match butteraugli(original.as_ref(), image.as_ref(), &ButteraugliParams::default()) {
        Ok(result) => measured(result.pnorm_3, &[("max", result.score)], None),
        Err(error) => Measurement::not_measurable(error.to_string()),
    }
}
