//! The surface of a picture on a grid of small cells: what changes at once where a fault begins.

use crate::light::linear;
use crate::plane::{block_sums, luma_of, pixels_of, reduction};
use giqa_core::ImageView;
use rayon::prelude::*;

/// Longest side (pixels) that is looked at without averaging down, as for sharpness.
const SIDE: u32 = 1000;
/// Cells on the longer side.
const CELLS: usize = 160;
/// Light (`0..=1`) below which nothing is told apart.
const FLOOR: f32 = 0.004;

/// Names of the planes, in the order of [`Surface::planes`].
pub const PLANES: [&str; 8] = ["light", "red", "blue", "gradient", "grain", "equal", "clipped", "smear"];

/// Planes of cells, row-major.
#[derive(Debug, Clone)]
pub struct Surface {
    /// Columns, at least 1.
    pub cols: usize,
    /// Rows, at least 1.
    pub rows: usize,
    /// In the order of [`PLANES`]:
    /// - luminance, red over green and blue over green, in stops (EV);
    /// - `gradient`: `log2` of the mean absolute difference of neighbours; `grain`: that of the response to Immerkaer's
    ///   mask (8-bit steps of luma, 0.5 added);
    /// - `equal`: share of horizontal and vertical neighbours with the same luma to half a step;
    /// - `clipped`: share of pixels with a channel of at least 253;
    /// - `smear`: `log2` of the ratio of gradient energies along the principal directions of the cell.
    pub planes: [Vec<f32>; PLANES.len()],
}

impl Surface {
    /// Half as many cells across and down, each the mean of four.
    #[must_use]
    pub fn halved(&self) -> Surface {
        let (cols, rows) = (self.cols.div_ceil(2), self.rows.div_ceil(2));
        let pool = |plane: &[f32], i: usize| {
            let (x, y) = (i % cols * 2, i / cols * 2);
            let near = (y..(y + 2).min(self.rows)).flat_map(|y| (x..(x + 2).min(self.cols)).map(move |x| (x, y)));
            let (sum, n) = near.fold((0.0, 0.0), |(s, n), (x, y)| (s + plane[y * self.cols + x], n + 1.0));
            sum / n
        };
        let planes = std::array::from_fn(|k| (0..cols * rows).map(|i| pool(&self.planes[k], i)).collect());
        Surface { cols, rows, planes }
    }
}

/// Three channels of 8-bit steps, averaged down.
struct Small {
    width: usize,
    height: usize,
    rgb: Vec<[f32; 3]>,
    /// With the pixels at the border once more all around.
    luma: Vec<f32>,
}

/// As `f32::round` of 8-bit steps, without a call of the C library.
fn round(v: f32) -> u8 {
    (v + 0.5) as u8
}

fn small(image: ImageView<'_>) -> Small {
    let part = pixels_of(image, None);
    let factor = reduction(part, SIDE);
    let (width, height) = ((image.width() as usize / factor).max(1), (image.height() as usize / factor).max(1));
    let scale = 1.0 / (factor.min(image.width() as usize) * factor.min(image.height() as usize)) as f32;
    let mut rgb = vec![[0.0_f32; 3]; width * height];
    rgb.par_chunks_mut(width).with_min_len(8).enumerate().for_each_init(Vec::new, |sums, (y, out)| {
        block_sums(image, part, factor, y, sums);
        out.iter_mut().zip(sums.iter()).for_each(|(p, sum)| *p = sum.map(|s| s as f32 * scale));
    });
    let mut luma = Vec::with_capacity((width + 2) * (height + 2));
    for y in 0..height + 2 {
        let row = &rgb[y.saturating_sub(1).min(height - 1) * width..][..width];
        let start = luma.len() + 1;
        luma.push(0.0);
        luma.extend(row.iter().map(|p| luma_of(&p.map(round))));
        luma.push(luma[luma.len() - 1]);
        luma[start - 1] = luma[start];
    }
    Small { width, height, rgb, luma }
}

/// Looks at a picture; about 160 cells on its longer side.
#[must_use]
pub fn surface(image: ImageView<'_>) -> Surface {
    let small = small(image);
    let side = (small.width.max(small.height) as f64 / CELLS as f64).max(1.0);
    let count = |n: usize| ((n as f64 / side).round() as usize).max(1);
    let (cols, rows) = (count(small.width), count(small.height));
    let table = linear();
    let cells: Vec<[f32; PLANES.len()]> = (0..cols * rows)
        .into_par_iter()
        .map(|i| {
            let cut = |k: usize, n: usize, size: usize| k * size / n..((k + 1) * size / n).max(k * size / n + 1);
            cell(&small, &table, cut(i % cols, cols, small.width), cut(i / cols, rows, small.height))
        })
        .collect();
    Surface { cols, rows, planes: std::array::from_fn(|k| cells.iter().map(|c| c[k]).collect()) }
}

fn cell(
    small: &Small,
    table: &[f32; 256],
    columns: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
) -> [f32; PLANES.len()] {
    let (mut light, mut clipped, mut n) = ([0.0_f32; 3], 0.0_f32, 0.0_f32);
    let (mut gradient, mut grain, mut equal) = (0.0_f32, 0.0_f32, 0.0_f32);
    let (mut xx, mut yy, mut xy) = (0.0_f32, 0.0_f32, 0.0_f32);
    for y in rows {
        let line =
            |dy: usize| small.luma[(y + dy) * (small.width + 2) + columns.start..][..columns.len() + 2].windows(3);
        let pixels = &small.rgb[y * small.width..][columns.clone()];
        for (p, ((up, here), down)) in pixels.iter().zip(line(0).zip(line(1)).zip(line(2))) {
            light.iter_mut().zip(p).for_each(|(s, v)| *s += table[usize::from(round(*v))]);
            clipped += f32::from(u8::from(p.iter().any(|&v| v >= 252.5)));
            let (dx, dy) = (here[2] - here[1], down[1] - here[1]);
            gradient += dx.abs() + dy.abs();
            equal += f32::from(u8::from(dx.abs() < 0.5)) + f32::from(u8::from(dy.abs() < 0.5));
            (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
            let response = up[0] - 2.0 * up[1] + up[2] - 2.0 * here[0] + 4.0 * here[1] - 2.0 * here[2] + down[0]
                - 2.0 * down[1]
                + down[2];
            grain += response.abs();
            n += 1.0;
        }
    }
    let [r, g, b] = light.map(|s| s / n);
    // Eigenvalues of the structure tensor; half a step of energy keeps flat cells at 0.
    let (middle, apart) = (f32::midpoint(xx, yy) / n, (0.25 * (xx - yy).powi(2) + xy * xy).sqrt() / n);
    [
        (0.2126 * r + 0.7152 * g + 0.0722 * b + FLOOR).log2(),
        ((r + FLOOR) / (g + FLOOR)).log2(),
        ((b + FLOOR) / (g + FLOOR)).log2(),
        (gradient / (2.0 * n) + 0.5).log2(),
        (grain / n + 0.5).log2(),
        equal / (2.0 * n),
        clipped / n,
        ((middle + apart + 0.5) / (middle - apart + 0.5).max(0.01)).log2(),
    ]
}
