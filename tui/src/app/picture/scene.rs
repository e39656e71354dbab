//! What a picture shall show.

use giqa_core::NormBox;
use giqa_engine::marks::Mark;
use ratatui::layout::Size;
use std::path::PathBuf;
use std::sync::Arc;

/// One picture in one place of the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The photo.
    pub path: PathBuf,
    /// Its content, where that is known: a file that was replaced is another picture.
    pub blake3: Option<Arc<str>>,
    /// Cells that there are.
    pub area: Size,
    /// Which part, how large.
    pub view: View,
    /// What lies over it.
    pub overlay: Overlay,
}

/// Which part of a photo shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// How large.
    pub zoom: Zoom,
    /// What is in the middle, `0..=1` of the photo; kept such that the picture fills the area as far as it can.
    pub centre: (f64, f64),
}

impl Default for View {
    fn default() -> Self {
        Self { zoom: Zoom::Fit, centre: (0.5, 0.5) }
    }
}

/// How large a photo shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Zoom {
    /// All of it.
    Fit,
    /// So many pixels of the terminal per pixel of the photo; 1 = 1:1.
    Times(f64),
    /// So large that this part fits.
    Part(NormBox),
}

/// What lies over a photo.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overlay {
    /// Numbered boxes.
    pub marks: Arc<[Mark]>,
    /// The number of the mark that stands out; the others are quiet then.
    pub selected: Option<usize>,
    /// A box that is being drawn.
    pub drawn: Option<NormBox>,
    /// How bad it is where.
    pub heat: Option<Arc<Heat>>,
}

/// How bad an attribute is where; coarse, spread evenly over the photo.
#[derive(Debug, Clone)]
pub struct Heat {
    /// Columns, at least 1.
    pub columns: u32,
    /// Rows, at least 1.
    pub rows: u32,
    /// Row-major, `0..=1`; NaN where it can't be told.
    pub values: Vec<f32>,
}

/// By bits: a map with NaN in it is the same as itself, or else its scene would be asked for again and again.
impl PartialEq for Heat {
    fn eq(&self, other: &Self) -> bool {
        (self.columns, self.rows) == (other.columns, other.rows)
            && self.values.iter().map(|v| v.to_bits()).eq(other.values.iter().map(|v| v.to_bits()))
    }
}

impl Eq for Heat {}
