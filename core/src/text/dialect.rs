//! The ways in which models write boxes.

use crate::Grid;

/// A way of writing boxes in text.
///
/// The parser recognises every notation in the table of [`parse`](super::parse) at once; the dialect says what plain
/// coordinates *mean*, and [`Dialect::Giqa`] switches the other notations off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Dialect {
    /// Parsing: all notations. The scale of coordinates is decided once for a whole text: a decimal point somewhere
    /// and nothing above 1 means [`Dialect::Unit`], nothing above 1000 [`Dialect::Thousandths`], else
    /// [`Dialect::Pixels`] where the image's size is known. Printing: as [`Dialect::Giqa`].
    #[default]
    Auto,
    /// `[label](<l, r>)`, cells of a grid (Grounding-IQA). Parsing: this notation alone.
    Giqa,
    /// `[label][x1,y1,x2,y2]` with coordinates in `0..=1` (Shikra).
    Unit,
    /// `[label][x1,y1,x2,y2]` with coordinates in `0..=1000` (Ferret and others; `0..=999` is read the same way).
    Thousandths,
    /// `[label][x1,y1,x2,y2]` in pixels of the upright image.
    Pixels,
    /// `<ref>label</ref><box>(x1,y1),(x2,y2)</box>` in thousandths (Qwen-VL). Parsing: as [`Dialect::Thousandths`].
    QwenTags,
    /// `[{"bbox_2d": [x1, y1, x2, y2], "label": "..."}]` in thousandths (Qwen3-VL; for the pixels of Qwen2.5-VL parse
    /// with [`Dialect::Pixels`] and the size of the image that the model saw). Parsing: as [`Dialect::Thousandths`].
    QwenJson,
}

/// What the parser knows beside the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ParseOptions {
    /// How coordinates are meant.
    pub dialect: Dialect,
    /// The grid of giqa's cell indices; 20 x 20 unless the model was trained on another.
    pub grid: Grid,
    /// Width and height in pixels, for coordinates in pixels.
    pub image_size: Option<(u32, u32)>,
}
