//! Tint of a picture as a whole: a cast takes the grey out of it, in its lights as well as in its shades.

use super::surface::Surface;
use crate::stats::quantile;

/// Share of the cells that are its lights, and its shades.
const PART: f64 = 0.1;
/// Share of pixels of a cell that may be clipped: beyond it, its colour says nothing.
const CLIPPED: f32 = 0.1;
/// How many cues there are.
pub const TINTS: usize = 7;

/// Names of the cues.
pub fn names() -> [&'static str; TINTS] {
    ["lights red", "lights blue", "shades red", "shades blue", "least colour", "middle red", "middle blue"]
}

/// Median red and blue over green (stops) of the lightest and of the darkest cells, the tenth part of the distances from
/// grey, and the medians of all; NaN where every cell is clipped.
pub fn cues(surface: &Surface) -> [f32; TINTS] {
    let [light, red, blue, .., clipped, _] = &surface.planes;
    let mut cells: Vec<[f32; 3]> = light
        .iter()
        .zip(red.iter().zip(blue))
        .zip(clipped)
        .filter(|(_, clipped)| **clipped <= CLIPPED)
        .map(|((&l, (&r, &b)), _)| [l, r, b])
        .collect();
    cells.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let part = ((cells.len() as f64 * PART).ceil() as usize).min(cells.len());
    let median = |cells: &[[f32; 3]], k: usize| {
        let mut values: Vec<f32> = cells.iter().map(|c| c[k]).collect();
        quantile(&mut values, 0.5).map_or(f32::NAN, |v| v as f32)
    };
    let (shades, lights) = (&cells[..part], &cells[cells.len() - part..]);
    let mut colour: Vec<f32> = cells.iter().map(|c| c[1].hypot(c[2])).collect();
    let least = quantile(&mut colour, PART).map_or(f32::NAN, |v| v as f32);
    [
        median(lights, 1),
        median(lights, 2),
        median(shades, 1),
        median(shades, 2),
        least,
        median(&cells, 1),
        median(&cells, 2),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(cells: [[f32; 4]; 10]) -> Surface {
        let mut planes = std::array::from_fn(|_| vec![0.0; 10]);
        for (i, [light, red, blue, clipped]) in cells.into_iter().enumerate() {
            (planes[0][i], planes[1][i], planes[2][i], planes[6][i]) = (light, red, blue, clipped);
        }
        Surface { cols: 10, rows: 1, planes }
    }

    #[test]
    fn lights_and_shades_are_told_apart_and_clipped_cells_left_out() {
        let cells = std::array::from_fn(|i| [-(i as f32), 0.3 + 0.01 * i as f32, -0.4, f32::from(u8::from(i == 0))]);
        let [lights_red, lights_blue, shades_red, shades_blue, least, ..] = cues(&surface(cells));
        for (told, known) in [(lights_red, 0.31), (lights_blue, -0.4), (shades_red, 0.39), (shades_blue, -0.4)] {
            assert!((told - known).abs() < 1e-5, "{told} {known}");
        }
        assert!((least - 0.31_f32.hypot(0.4)).abs() < 0.01, "{least}");
    }

    #[test]
    fn nothing_is_told_where_all_is_clipped() {
        assert!(cues(&surface([[0.0, 0.0, 0.0, 1.0]; 10])).iter().all(|v| v.is_nan()));
    }
}
