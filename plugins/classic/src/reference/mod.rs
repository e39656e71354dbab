//! Full-reference metrics: how far a picture is from its original. One file each, behind one adapter to giqa-core's
//! trait.
//!
//! They measure the picture as it is, at its own size, or the same crop of both. They are a table of their own: what
//! runs all metrics (the measured model, the quality map) has no original and must not meet them.

#[cfg(feature = "perceptual")]
mod butteraugli;
mod gmsd;
mod ms_ssim;
mod psnr;
mod ssim;
#[cfg(feature = "perceptual")]
mod ssimulacra2;
mod vif;
mod windows;

use crate::plane::{Plane, pixels_of};
use crate::tiles::Tiles;
use giqa_core::{
    ComponentError, Context, ErrorKind, ImageView, Map, Measurement, Metric, MetricInput, MetricSpec, PixelBox,
};
use rayon::prelude::*;

/// What a metric compares: the same part of two pictures of one size.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    image: ImageView<'a>,
    original: ImageView<'a>,
    part: PixelBox,
    /// Whether a map is wanted.
    map: bool,
}

/// A metric by name.
type CompareFn = fn(Pair<'_>) -> Measurement;

/// All metrics, by the names in the manifest, and the side in pixels below which they have no meaning.
pub const ALL: [(&str, u32, CompareFn); 7] = [
    ("psnr", 1, psnr::compare),
    ("ssim", ssim::WINDOW as u32, ssim::compare),
    ("ms-ssim", ms_ssim::LEAST_SIDE, ms_ssim::compare),
    ("gmsd", gmsd::LEAST_SIDE, gmsd::compare),
    ("vif", vif::LEAST_SIDE, vif::compare),
    ("ssimulacra2", 8, SSIMULACRA2),
    ("butteraugli", 8, BUTTERAUGLI),
];

#[cfg(feature = "perceptual")]
const SSIMULACRA2: CompareFn = ssimulacra2::compare;
#[cfg(feature = "perceptual")]
const BUTTERAUGLI: CompareFn = butteraugli::compare;
#[cfg(not(feature = "perceptual"))]
const SSIMULACRA2: CompareFn = left_out;
#[cfg(not(feature = "perceptual"))]
const BUTTERAUGLI: CompareFn = left_out;

#[cfg(not(feature = "perceptual"))]
fn left_out(_: Pair<'_>) -> Measurement {
    Measurement::not_measurable("this giqa was built without it (cargo feature 'perceptual')")
}

/// A full-reference metric as a component.
pub struct ReferenceMetric {
    spec: MetricSpec,
    least_side: u32,
    compare: CompareFn,
}

impl ReferenceMetric {
    /// The metric of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(name: &str, spec: MetricSpec) -> Result<Self, ComponentError> {
        let found = ALL.iter().find(|(n, ..)| *n == name);
        let unknown = || ComponentError::new(ErrorKind::BadRequest, format!("plugin 'classic' has no metric '{name}'"));
        let (_, least_side, compare) = *found.ok_or_else(unknown)?;
        Ok(Self { spec, least_side, compare })
    }

    fn one(&self, item: &MetricInput<'_>) -> Measurement {
        let Some(original) = item.reference else {
            return Measurement::not_measurable("there is no original to compare with");
        };
        let image = item.image;
        if (original.width(), original.height()) != (image.width(), image.height()) {
            return Measurement::not_measurable(format!(
                "the original has {} x {} pixels and the picture {} x {}",
                original.width(),
                original.height(),
                image.width(),
                image.height()
            ));
        }
        let part = pixels_of(image, item.region);
        if part.width().min(part.height()) < self.least_side {
            return Measurement::not_measurable(format!("smaller than {} pixels", self.least_side));
        }
        // A map lies over the whole picture.
        let map = item.map && self.spec.map && item.region.is_none();
        (self.compare)(Pair { image, original, part, map })
    }
}

impl Metric for ReferenceMetric {
    fn spec(&self) -> &MetricSpec {
        &self.spec
    }

    fn measure(&self, context: &Context<'_>, items: &[MetricInput<'_>]) -> Vec<Result<Measurement, ComponentError>> {
        let one = |item: &MetricInput<'_>| {
            if context.is_cancelled() { Err(ComponentError::cancelled()) } else { Ok(self.one(item)) }
        };
        items.iter().map(one).collect()
    }
}

/// Side of a map's tile, pixels.
const TILE: usize = 16;
/// Most tiles on a side of a map.
const MOST_TILES: usize = 96;

impl Pair<'_> {
    /// BT.601 luma in whole 8-bit steps, of the picture and of the original. Whole steps, because OpenCV's and MATLAB's
    /// grey pictures have them; the weights are OpenCV's, so that the metrics equal those of its grey pictures.
    fn greys(&self) -> (Plane, Plane) {
        rayon::join(|| grey(self.image, self.part), || grey(self.original, self.part))
    }

    fn tiles(&self) -> Option<Tiles> {
        let size = (self.part.width() as usize, self.part.height() as usize);
        self.map.then(|| Tiles::new(size.0, size.1, TILE, MOST_TILES))
    }

    /// The pixels of a picture in this part, packed.
    #[cfg(feature = "perceptual")]
    fn packed(&self, of: ImageView<'_>) -> Vec<u8> {
        let columns = self.part.x1 as usize * 3..self.part.x2 as usize * 3;
        (self.part.y1..self.part.y2).flat_map(|y| of.row(y)[columns.clone()].iter().copied()).collect()
    }
}

fn grey(image: ImageView<'_>, part: PixelBox) -> Plane {
    let (width, height) = (part.width() as usize, part.height() as usize);
    let mut data = vec![0.0_f32; width * height];
    data.par_chunks_mut(width).zip(part.y1..part.y2).for_each(|(out, y)| {
        let row = &image.row(y)[part.x1 as usize * 3..part.x2 as usize * 3];
        for (value, p) in out.iter_mut().zip(row.chunks_exact(3)) {
            let sum = 9798 * u32::from(p[0]) + 19235 * u32::from(p[1]) + 3735 * u32::from(p[2]);
            *value = ((sum + (1 << 14)) >> 15) as f32;
        }
    });
    Plane { width, height, data }
}

/// Sums and counts per tile that become a map of means.
struct TileSums {
    tiles: Tiles,
    sums: Vec<(f64, u32)>,
}

impl TileSums {
    fn new(tiles: Tiles) -> Self {
        Self { tiles, sums: vec![(0.0, 0); tiles.len()] }
    }

    /// Adds the values of a row `y` of pixels, the first of which belongs to column `x`; each value stands for `step`
    /// pixels.
    fn add(&mut self, x: usize, y: usize, step: usize, values: &[f32]) {
        let row = (0..self.tiles.rows).find(|r| self.tiles.pixels(r * self.tiles.cols).1.contains(&y));
        let Some(row) = row else { return };
        let first = row * self.tiles.cols;
        for c in 0..self.tiles.cols {
            let columns = self.tiles.pixels(first + c).0;
            let at = |column: usize| (column.saturating_sub(x).div_ceil(step)).min(values.len());
            let inside = &values[at(columns.start)..at(columns.end)];
            let (sum, n) = &mut self.sums[first + c];
            *sum += inside.iter().map(|&v| f64::from(v)).sum::<f64>();
            *n += inside.len() as u32;
        }
    }

    /// The map of the means, each changed by `of`; NaN where nothing was added.
    fn map(&self, of: impl Fn(f64) -> f64) -> Option<Map> {
        let mean = |&(sum, n): &(f64, u32)| if n == 0 { f32::NAN } else { of(sum / f64::from(n)) as f32 };
        Map::new(self.tiles.cols as u32, self.tiles.rows as u32, self.sums.iter().map(mean).collect()).ok()
    }
}

#[cfg(test)]
mod tests;
