//! From a photograph to the numbers that a vision tower takes, bit for bit as Pillow and the reference code do it.

mod anyres;
mod resample;

pub use anyres::{Grid, best_grid, unpadded};
pub use resample::resize;

use giqa_sdk::core::ImageView;

/// A picture of its own: RGB, 8 bits, rows without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `height * width * 3` values.
    pub data: Vec<u8>,
}

impl Pixels {
    /// A copy of a borrowed picture.
    #[must_use]
    pub fn new(view: &ImageView<'_>) -> Self {
        Self { width: view.width() as usize, height: view.height() as usize, data: view.to_packed() }
    }

    /// A picture of one colour.
    #[must_use]
    pub fn flat(width: usize, height: usize, colour: [u8; 3]) -> Self {
        Self { width, height, data: colour.repeat(width * height) }
    }

    /// Lays `other` over this one, its top left corner at column `x`, row `y`; it must fit.
    pub fn paste(&mut self, other: &Pixels, x: usize, y: usize) {
        let (from, to) = (other.width * 3, self.width * 3);
        for (row, line) in other.data.chunks_exact(from.max(1)).enumerate() {
            let start = (y + row) * to + x * 3;
            self.data[start..start + from].copy_from_slice(line);
        }
    }

    /// The part of this size whose top left corner is at column `x`, row `y`; it must lie inside.
    #[must_use]
    pub fn crop(&self, x: usize, y: usize, width: usize, height: usize) -> Pixels {
        let line = |row: usize| {
            let start = (row * self.width + x) * 3;
            &self.data[start..start + width * 3]
        };
        Pixels { width, height, data: (y..y + height).flat_map(line).copied().collect() }
    }
}

/// How a model sees a picture that is not square.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AspectRatio {
    /// The whole picture on a square of the mean colour (LLaVA-1.5 as it was trained).
    Pad,
    /// The middle square: what lies left and right of it is lost.
    Crop,
    /// The whole picture, and tiles of it in the best grid (LLaVA-1.6).
    Anyres,
}

/// The numbers behind the preprocessing, from preprocessor_config.json.
#[derive(Debug, Clone, PartialEq)]
pub struct Preprocess {
    /// Side of the square that the vision tower takes, in pixels.
    pub side: usize,
    /// Mean of each channel, of values in `0..=1`.
    pub mean: [f64; 3],
    /// Standard deviation of each channel.
    pub std: [f64; 3],
    /// What happens to pictures that are not square.
    pub aspect: AspectRatio,
    /// Sizes (width, height) that tiles may fill, in pixels, for [`AspectRatio::Anyres`].
    pub grids: Vec<(usize, usize)>,
}

/// What the vision tower takes for one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiles {
    /// `[count, 3, side, side]`, row by row.
    pub values: Vec<f32>,
    /// How many squares; the first is the whole picture.
    pub count: usize,
    /// Side of a square, in pixels.
    pub side: usize,
    /// How the further squares lie, where there are any.
    pub grid: Option<Grid>,
}

impl Preprocess {
    /// Prepares one picture.
    #[must_use]
    pub fn run(&self, picture: &Pixels) -> Tiles {
        let (squares, grid) = match self.aspect {
            AspectRatio::Pad => (vec![resize(&self.square(picture), self.side, self.side)], None),
            AspectRatio::Crop => (vec![self.middle(picture)], None),
            AspectRatio::Anyres => {
                let (squares, grid) = anyres::tiles(picture, self.side, &self.grids);
                (squares, Some(grid))
            }
        };
        let values = squares.iter().flat_map(|square| self.normalised(square)).collect();
        Tiles { values, count: squares.len(), side: self.side, grid }
    }

    /// The picture in the middle of a square of the mean colour. The colour is cut to whole numbers, not rounded,
    /// and so is the margin: that is what the models were trained on.
    fn square(&self, picture: &Pixels) -> Pixels {
        let side = picture.width.max(picture.height);
        let mut square = Pixels::flat(side, side, self.mean.map(|m| (m * 255.0) as u8));
        square.paste(picture, (side - picture.width) / 2, (side - picture.height) / 2);
        square
    }

    /// Shortest side to `side`, then the middle.
    fn middle(&self, picture: &Pixels) -> Pixels {
        let (w, h, side) = (picture.width, picture.height, self.side);
        let (new_w, new_h) = if w <= h { (side, side * h / w) } else { (side * w / h, side) };
        let small = resize(picture, new_w, new_h);
        small.crop((new_w - side) / 2, (new_h - side) / 2, side, side)
    }

    /// Channel by channel, in the order of operations of the reference, so that the floats are the same.
    fn normalised(&self, square: &Pixels) -> Vec<f32> {
        let channel = |c: usize| {
            let (mean, std) = (self.mean[c] as f32, self.std[c] as f32);
            square.data.iter().skip(c).step_by(3).map(move |&v| (f32::from(v) / 255.0 - mean) / std)
        };
        (0..3).flat_map(channel).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preprocess(aspect: AspectRatio) -> Preprocess {
        Preprocess { side: 4, mean: [0.5, 0.25, 0.0], std: [1.0; 3], aspect, grids: vec![(4, 8), (8, 4), (8, 8)] }
    }

    #[test]
    fn a_wide_picture_is_padded_with_the_mean_above_and_below() {
        let tiles = preprocess(AspectRatio::Pad).run(&Pixels::flat(4, 2, [255; 3]));
        assert_eq!((tiles.count, tiles.values.len(), tiles.grid), (1, 48, None));
        // 0.5 * 255 is cut to 127: a little below the mean, as in training.
        assert!((tiles.values[0] - (127.0 / 255.0 - 0.5)).abs() < 1e-6);
        assert!((tiles.values[5] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_crop_keeps_the_middle() {
        let mut wide = Pixels::flat(12, 4, [0; 3]);
        wide.paste(&Pixels::flat(4, 4, [255; 3]), 4, 0);
        let tiles = preprocess(AspectRatio::Crop).run(&wide);
        assert!(tiles.values[32..].iter().all(|&v| v == 1.0));
    }

    #[test]
    fn anyres_adds_tiles_to_the_whole() {
        let tiles = preprocess(AspectRatio::Anyres).run(&Pixels::flat(16, 8, [255; 3]));
        assert_eq!(tiles.count, 3);
        assert_eq!(tiles.grid, Some(Grid { columns: 2, rows: 1, width: 16, height: 8 }));
    }
}
