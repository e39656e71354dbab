//! The subject: what stands out.
//!
//! The picture is reduced to about 48 cells on its long side. A cell stands out by how far its mean colour lies from
//! that of the picture's border and of the picture as a whole (in an opponent colour space), and by its detail
//! (luma deviation inside the cell); a gentle preference for the middle breaks ties. The largest group of cells above
//! the mean by half a deviation is the subject. Where nothing stands out there is none, and the proposer says so by
//! proposing nothing.

use super::components::Mask;
use crate::plane::{luma_of, pixels_of};
use crate::tiles::Tiles;
use giqa_core::{ComponentError, Context, ImageView, NormBox, ProposerInput, ProposerSpec, Region, RegionProposer};

const CELLS: usize = 48;
/// Pixels looked at on each side of a cell.
const SAMPLES: usize = 12;

/// The proposer.
pub struct Subject {
    spec: ProposerSpec,
}

/// Mean colour (luma, red-green, yellow-blue) and detail of a cell.
#[derive(Clone, Copy, Default)]
struct Cell {
    colour: [f32; 3],
    detail: f32,
}

impl Subject {
    /// The proposer.
    #[must_use]
    pub fn new(spec: ProposerSpec) -> Self {
        Self { spec }
    }

    fn regions(image: ImageView<'_>) -> Vec<Region> {
        let part = pixels_of(image, None);
        let (width, height) = (part.width() as usize, part.height() as usize);
        if width < 32 || height < 32 {
            return Vec::new();
        }
        let tiles = Tiles::new(width, height, 4, CELLS);
        let cells: Vec<Cell> = (0..tiles.len()).map(|i| cell(image, &tiles, i)).collect();
        let saliency = saliency(&cells, tiles.cols, tiles.rows);
        let n = saliency.len() as f32;
        let mean = saliency.iter().sum::<f32>() / n;
        let deviation = (saliency.iter().map(|s| (s - mean).powi(2)).sum::<f32>() / n).sqrt();
        if deviation < 1.0 {
            return Vec::new();
        }
        let limit = mean + 0.5 * deviation;
        let mask = Mask { cols: tiles.cols, rows: tiles.rows, set: saliency.iter().map(|&s| s > limit).collect() }
            .smoothed(0.5);
        let weight = |g: &[usize]| g.iter().map(|&i| saliency[i] - mean).sum::<f32>();
        let groups = mask.groups();
        let Some(group) = groups.iter().max_by(|a, b| weight(a).total_cmp(&weight(b))) else { return Vec::new() };
        let (Some(bounds), share) = (mask.tight_box(group), group.len() as f32 / n) else { return Vec::new() };
        if !(0.01..0.7).contains(&share) {
            return Vec::new();
        }
        // How far the subject stands above the rest, in deviations: 1 is little, 3 is much.
        let height = weight(group) / group.len() as f32 / deviation;
        let score = f64::from((height / 3.0).clamp(0.05, 1.0));
        let mut regions = vec![Region::new("subject", bounds, score)];
        if bounds.area() < 0.6 {
            regions.push(Region::new("background", NormBox::FULL, 0.5 * score));
        }
        regions
    }
}

fn cell(image: ImageView<'_>, tiles: &Tiles, i: usize) -> Cell {
    let (columns, rows) = tiles.pixels(i);
    let (step_x, step_y) = (columns.len().div_ceil(SAMPLES).max(1), rows.len().div_ceil(SAMPLES).max(1));
    let mut sums = [0.0_f32; 4];
    let mut n = 0.0_f32;
    for y in rows.step_by(step_y) {
        let row = image.row(y as u32);
        for x in columns.clone().step_by(step_x) {
            let p = &row[x * 3..x * 3 + 3];
            let luma = luma_of(p);
            let [r, g, b] = [f32::from(p[0]), f32::from(p[1]), f32::from(p[2])];
            sums[0] += luma;
            sums[1] += r - g;
            sums[2] += f32::midpoint(r, g) - b;
            sums[3] += luma * luma;
            n += 1.0;
        }
    }
    let [luma, rg, yb, squares] = sums.map(|s| s / n.max(1.0));
    Cell { colour: [luma, rg, yb], detail: (squares - luma * luma).max(0.0).sqrt() }
}

fn saliency(cells: &[Cell], cols: usize, rows: usize) -> Vec<f32> {
    let mean_of = |pick: &dyn Fn(usize, usize) -> bool| {
        let (mut sums, mut n) = ([0.0_f32; 3], 0.0_f32);
        for (_, c) in cells.iter().enumerate().filter(|(i, _)| pick(i % cols, i / cols)) {
            sums.iter_mut().zip(c.colour).for_each(|(s, v)| *s += v);
            n += 1.0;
        }
        sums.map(|s| s / n.max(1.0))
    };
    let (band_x, band_y) = ((cols / 12).max(1), (rows / 12).max(1));
    let border = mean_of(&|x, y| x < band_x || x + band_x >= cols || y < band_y || y + band_y >= rows);
    let whole = mean_of(&|_, _| true);
    let distance = |a: [f32; 3], b: [f32; 3]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
    let detail = cells.iter().map(|c| c.detail).sum::<f32>() / cells.len().max(1) as f32;
    cells
        .iter()
        .enumerate()
        .map(|(i, c)| {
            let x = ((i % cols) as f32 + 0.5) / cols as f32 - 0.5;
            let y = ((i / cols) as f32 + 0.5) / rows as f32 - 0.5;
            let middle = (-(x * x + y * y) / (2.0 * 0.33 * 0.33)).exp();
            let apart = 0.6 * distance(c.colour, border) + 0.4 * distance(c.colour, whole);
            (apart + 1.2 * (c.detail - detail).max(0.0)) * (0.3 + 0.7 * middle)
        })
        .collect()
}

impl RegionProposer for Subject {
    fn spec(&self) -> &ProposerSpec {
        &self.spec
    }

    fn propose(&self, context: &Context<'_>, items: &[ProposerInput<'_>]) -> Vec<Result<Vec<Region>, ComponentError>> {
        let one = |item: &ProposerInput<'_>| {
            if context.is_cancelled() { Err(ComponentError::cancelled()) } else { Ok(Self::regions(item.image)) }
        };
        items.iter().map(one).collect()
    }
}
