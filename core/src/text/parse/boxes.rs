//! Boxes as read, and what their numbers mean.

use super::super::warning::{TextProblem, Warnings};
use super::super::{Dialect, ParseOptions};
use crate::{Cells, Decoding, Grid, NormBox};

/// A box as read, with its place in the input.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawBox {
    pub(super) at: usize,
    pub(super) value: RawValue,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum RawValue {
    /// Already normalised.
    Known(NormBox),
    /// `x1 y1 x2 y2` on a scale that the whole text decides.
    Coordinates { values: [f64; 4], decimal: bool },
}

/// What coordinates are counted in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    Of { width: f64, height: f64 },
    UnknownPixels,
}

impl Scale {
    pub(super) const UNIT: Scale = Scale::Of { width: 1.0, height: 1.0 };
    pub(super) const THOUSANDTHS: Scale = Scale::Of { width: 1000.0, height: 1000.0 };

    fn pixels(size: Option<(u32, u32)>) -> Self {
        match size {
            Some((width, height)) if width > 0 && height > 0 => {
                Self::Of { width: f64::from(width), height: f64::from(height) }
            }
            _ => Self::UnknownPixels,
        }
    }

    /// The scale of a text's coordinates: the dialect's, or the one that fits all of them.
    pub(super) fn of_text(options: &ParseOptions, boxes: &[RawBox]) -> Self {
        match options.dialect {
            Dialect::Unit => return Self::UNIT,
            Dialect::Thousandths | Dialect::QwenTags | Dialect::QwenJson => return Self::THOUSANDTHS,
            Dialect::Pixels => return Self::pixels(options.image_size),
            Dialect::Auto | Dialect::Giqa => {}
        }
        let (mut largest, mut any_decimal) = (0.0_f64, false);
        for raw in boxes {
            if let RawValue::Coordinates { values, decimal } = raw.value {
                largest = values.iter().copied().fold(largest, f64::max);
                any_decimal |= decimal;
            }
        }
        if any_decimal && largest <= 1.0 + SLACK {
            Self::UNIT
        } else if largest <= 1000.0 {
            Self::THOUSANDTHS
        } else {
            Self::pixels(options.image_size)
        }
    }
}

/// How far outside the picture a corner may lie and still be taken for a slip, as a share of the side.
const SLACK: f64 = 0.05;

impl RawBox {
    pub(super) fn coordinates(at: usize, values: [f64; 4], decimal: bool) -> Self {
        Self { at, value: RawValue::Coordinates { values, decimal } }
    }

    /// The normalised box; `None`, with a warning, when there is no sense in it.
    pub(super) fn resolve(&self, scale: Scale, warnings: &mut Warnings) -> Option<NormBox> {
        let values = match self.value {
            RawValue::Known(b) => return Some(b),
            RawValue::Coordinates { values, .. } => values,
        };
        let Scale::Of { width, height } = scale else {
            warnings.add(self.at, TextProblem::NoImageSize);
            return None;
        };
        let [x1, y1, x2, y2] = [values[0] / width, values[1] / height, values[2] / width, values[3] / height];
        let all = [x1, y1, x2, y2];
        if !all.iter().all(|v| (-SLACK..=1.0 + SLACK).contains(v)) {
            warnings.add(self.at, TextProblem::OutsidePicture);
            return None;
        }
        if !all.iter().all(|v| (0.0..=1.0).contains(v)) {
            warnings.add(self.at, TextProblem::Clamped);
        }
        if x1 > x2 || y1 > y2 {
            warnings.add(self.at, TextProblem::Reordered);
        }
        NormBox::clamped(x1, y1, x2, y2)
    }

    /// The box of two cells, put right where the corners are the wrong way round.
    pub(super) fn of_cells(at: usize, l: u32, r: u32, grid: Grid, warnings: &mut Warnings) -> Option<Self> {
        let cells = grid.len();
        let inside = |index: u32| u16::try_from(index).ok().filter(|i| *i < cells);
        let (Some(a), Some(b)) = (inside(l), inside(r)) else {
            let index = if inside(l).is_none() { l } else { r };
            warnings.add(at, TextProblem::OutsideGrid { index, cells });
            return None;
        };
        let cols = grid.cols();
        let (left, right) = ((a % cols).min(b % cols), (a % cols).max(b % cols));
        let (top, bottom) = ((a / cols).min(b / cols), (a / cols).max(b / cols));
        let upright = Cells { l: top * cols + left, r: bottom * cols + right };
        if upright != (Cells { l: a, r: b }) {
            warnings.add(at, TextProblem::Reordered);
        }
        grid.decode(upright, Decoding::Cells).map(|b| Self { at, value: RawValue::Known(b) })
    }
}
