//! LLaVA-1.6 looks at a picture twice: whole, and in tiles of a grid that fits its shape.

use super::{Pixels, resize};

/// How tiles lie, and the picture that they show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Tiles in a row.
    pub columns: usize,
    /// Rows of tiles.
    pub rows: usize,
    /// Columns of the picture, in pixels.
    pub width: usize,
    /// Rows of the picture, in pixels.
    pub height: usize,
}

/// Of the sizes (width, height), the one in which most of the picture's pixels are kept; of equals the one that wastes
/// least; of equals again the first. `None` without sizes.
#[must_use]
pub fn best_grid(width: usize, height: usize, sizes: &[(usize, usize)]) -> Option<(usize, usize)> {
    let mut best: Option<((usize, usize), usize, usize)> = None;
    for &(w, h) in sizes {
        let scale = (w as f64 / width as f64).min(h as f64 / height as f64);
        let scaled = (width as f64 * scale) as usize * (height as f64 * scale) as usize;
        let effective = scaled.min(width * height);
        let wasted = (w * h).saturating_sub(effective);
        let better = best.is_none_or(|(_, e, waste)| effective > e || (effective == e && wasted < waste));
        if better {
            best = Some(((w, h), effective, wasted));
        }
    }
    best.map(|(size, ..)| size)
}

/// The whole picture as a square (stretched), then the tiles row by row.
pub(super) fn tiles(picture: &Pixels, side: usize, sizes: &[(usize, usize)]) -> (Vec<Pixels>, Grid) {
    let (w, h) = best_grid(picture.width, picture.height, sizes).unwrap_or((side, side));
    let (scale_w, scale_h) = (w as f64 / picture.width as f64, h as f64 / picture.height as f64);
    let (new_w, new_h) = if scale_w < scale_h {
        (w, ((picture.height as f64 * scale_w).ceil() as usize).min(h))
    } else {
        (((picture.width as f64 * scale_h).ceil() as usize).min(w), h)
    };
    let mut canvas = Pixels::flat(w, h, [0; 3]);
    canvas.paste(&resize(picture, new_w, new_h), (w - new_w) / 2, (h - new_h) / 2);
    let (columns, rows) = (w / side, h / side);
    let tile = |i: usize| canvas.crop(i % columns * side, i / columns * side, side, side);
    let squares = std::iter::once(resize(picture, side, side)).chain((0..columns * rows).map(tile)).collect();
    (squares, Grid { columns, rows, width: picture.width, height: picture.height })
}

/// Which features of a grid of `columns` x `rows` features show the picture and not the padding around it: the first
/// column and row, and how many of each.
#[must_use]
pub fn unpadded(grid: &Grid, columns: usize, rows: usize) -> (usize, usize, usize, usize) {
    let (w, h) = (grid.width as f64, grid.height as f64);
    // Rounded to 7 digits before it is cut, so that 23.999999999 is 24.
    let whole = |v: f64| ((v * 1e7).round_ties_even() / 1e7) as usize;
    if w / h > columns as f64 / rows as f64 {
        let margin = rows.saturating_sub(whole(h * (columns as f64 / w))) / 2;
        (0, margin, columns, rows - 2 * margin)
    } else {
        let margin = columns.saturating_sub(whole(w * (rows as f64 / h))) / 2;
        (margin, 0, columns - 2 * margin, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(usize, usize); 5] = [(672, 336), (336, 672), (672, 672), (336, 1008), (1008, 336)];

    #[test]
    fn the_grid_follows_the_shape() {
        assert_eq!(best_grid(3000, 2000, &SIZES), Some((672, 672)));
        assert_eq!(best_grid(3000, 900, &SIZES), Some((1008, 336)));
        assert_eq!(best_grid(300, 300, &SIZES), Some((672, 336)), "of equals the first");
        assert_eq!(best_grid(300, 300, &[]), None);
    }

    #[test]
    fn padding_is_left_out_evenly() {
        let wide = Grid { columns: 2, rows: 2, width: 3000, height: 2000 };
        assert_eq!(unpadded(&wide, 48, 48), (0, 8, 48, 32));
        let tall = Grid { columns: 2, rows: 2, width: 2000, height: 3000 };
        assert_eq!(unpadded(&tall, 48, 48), (8, 0, 32, 48));
        let square = Grid { columns: 2, rows: 2, width: 7, height: 7 };
        assert_eq!(unpadded(&square, 48, 48), (0, 0, 48, 48));
    }
}
