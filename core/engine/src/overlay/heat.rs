//! A coarse map of how bad it is where, laid over a picture: a tint, contours where it gets worse, hatching where it
//! is worst, so that colour is not the only sign.

use super::DARK;
use super::canvas::{Canvas, Rgb};

/// Contours are drawn where these are crossed; from the last one on it is hatched.
const LEVELS: [f32; 2] = [0.5, 0.75];
/// Below this nothing is tinted.
const FLOOR: f32 = 0.1;
/// How much of the picture the strongest tint hides.
const STRONGEST: f32 = 0.6;
const MILD_TINT: Rgb = [255, 200, 60];
const SEVERE_TINT: Rgb = [213, 60, 0];
/// A narrower canvas has no room for hatching.
const HATCH_FROM: u32 = 320;
const HATCH_STEP: u32 = 9;

/// How bad it is where: row-major, `0..=1`, NaN where it can't be told; spread evenly over the picture.
#[derive(Debug, Clone, Copy)]
pub struct HeatMap<'a> {
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// `columns * rows` values; missing ones are NaN.
    pub values: &'a [f32],
}

/// Blends the map over a canvas that shows this part (x1 y1 x2 y2, `0..=1`) of the picture.
pub fn tint(canvas: &mut Canvas, part: [f64; 4], map: &HeatMap<'_>) {
    let (width, height) = (canvas.width, canvas.height);
    if map.columns == 0 || map.rows == 0 || width == 0 || height == 0 {
        return;
    }
    let columns: Vec<Between> = (0..width).map(|x| Between::at(x, width, (part[0], part[2]), map.columns)).collect();
    let heats = |y: u32| {
        let row = Between::at(y, height, (part[1], part[3]), map.rows);
        columns.iter().map(|c| map.between(*c, row)).collect::<Vec<f32>>()
    };
    let mut next = heats(0);
    for (y, line) in (0..height).zip(canvas.pixels.chunks_exact_mut(3 * width as usize)) {
        let here = next;
        next = heats((y + 1).min(height - 1));
        for (x, pixel) in line.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let heat = here[x];
            if heat.is_nan() {
                continue;
            }
            let level = level(heat);
            let contour = here.get(x + 1).is_some_and(|h| crossed(level, *h)) || crossed(level, next[x]);
            let hatched = level == LEVELS.len() && width >= HATCH_FROM && (x as u32 + y).is_multiple_of(HATCH_STEP);
            if contour || hatched {
                *pixel = DARK;
            } else {
                blend(pixel, heat);
            }
        }
    }
}

fn level(heat: f32) -> usize {
    LEVELS.iter().filter(|l| heat >= **l).count()
}

fn crossed(here: usize, there: f32) -> bool {
    !there.is_nan() && level(there) != here
}

fn blend(pixel: &mut Rgb, heat: f32) {
    let strength = ((heat - FLOOR) / (1.0 - FLOOR)).clamp(0.0, 1.0);
    // Nothing at the floor, soon visible, never opaque.
    let share = STRONGEST * strength.sqrt();
    for ((p, mild), severe) in pixel.iter_mut().zip(MILD_TINT).zip(SEVERE_TINT) {
        let tint = f32::from(mild) + (f32::from(severe) - f32::from(mild)) * strength;
        *p = (f32::from(*p) * (1.0 - share) + tint * share).round() as u8;
    }
}

/// A place between two cells of the map in one direction.
#[derive(Clone, Copy)]
struct Between {
    low: u32,
    high: u32,
    /// How far it is from the low one to the high one.
    share: f32,
}

impl Between {
    fn at(pixel: u32, pixels: u32, (from, to): (f64, f64), cells: u32) -> Self {
        let place = from + (to - from) * (f64::from(pixel) + 0.5) / f64::from(pixels);
        let cell = (place * f64::from(cells) - 0.5).clamp(0.0, f64::from(cells - 1));
        let low = cell as u32;
        Self { low, high: (low + 1).min(cells - 1), share: (cell - f64::from(low)) as f32 }
    }

    fn nearest(self) -> u32 {
        if self.share < 0.5 { self.low } else { self.high }
    }
}

impl HeatMap<'_> {
    fn value(&self, column: u32, row: u32) -> f32 {
        let index = row as usize * self.columns as usize + column as usize;
        self.values.get(index).copied().unwrap_or(f32::NAN).clamp(0.0, 1.0)
    }

    /// Between the four cells around; NaN in cells that can't be told, which lend nothing to their neighbours.
    fn between(&self, x: Between, y: Between) -> f32 {
        if self.value(x.nearest(), y.nearest()).is_nan() {
            return f32::NAN;
        }
        let corners = [
            (x.low, y.low, (1.0 - x.share) * (1.0 - y.share)),
            (x.high, y.low, x.share * (1.0 - y.share)),
            (x.low, y.high, (1.0 - x.share) * y.share),
            (x.high, y.high, x.share * y.share),
        ];
        let (mut sum, mut weights) = (0.0, 0.0);
        for (column, row, weight) in corners {
            let value = self.value(column, row);
            if !value.is_nan() {
                sum += value * weight;
                weights += weight;
            }
        }
        sum / weights
    }
}
