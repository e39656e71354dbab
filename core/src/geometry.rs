//! Boxes: normalised and in pixels, and what they have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A box that can't be: not finite, outside `0..=1`, or with its corners swapped.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("not a box in 0..1 with x1 <= x2 and y1 <= y2: [{}, {}, {}, {}]", .0[0], .0[1], .0[2], .0[3])]
pub struct BoxError(pub [f64; 4]);

/// A box in normalised coordinates of the upright picture: `0 <= x1 <= x2 <= 1`, same for y, top-left origin.
///
/// Written as `[x1, y1, x2, y2]`. A box may have no area (a point decoded from a single grid cell's centre).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 4]", into = "[f64; 4]")]
pub struct NormBox {
    x1: f64,
    y1: f64,
    x2: f64,
    y2: f64,
}

impl JsonSchema for NormBox {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NormBox".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "[x1, y1, x2, y2], normalised to 0..1, upright pixels, top-left origin",
            "type": "array",
            "items": { "type": "number", "minimum": 0, "maximum": 1 },
            "minItems": 4,
            "maxItems": 4
        })
    }
}

impl TryFrom<[f64; 4]> for NormBox {
    type Error = BoxError;

    fn try_from([x1, y1, x2, y2]: [f64; 4]) -> Result<Self, BoxError> {
        Self::new(x1, y1, x2, y2)
    }
}

impl From<NormBox> for [f64; 4] {
    fn from(b: NormBox) -> Self {
        [b.x1, b.y1, b.x2, b.y2]
    }
}

impl NormBox {
    /// The whole picture.
    pub const FULL: NormBox = NormBox { x1: 0.0, y1: 0.0, x2: 1.0, y2: 1.0 };

    /// A box of its corners.
    ///
    /// # Errors
    /// [`BoxError`] unless `0 <= x1 <= x2 <= 1` and the same holds for y.
    pub fn new(x1: f64, y1: f64, x2: f64, y2: f64) -> Result<Self, BoxError> {
        // Written so that NaN fails.
        if 0.0 <= x1 && x1 <= x2 && x2 <= 1.0 && 0.0 <= y1 && y1 <= y2 && y2 <= 1.0 {
            Ok(Self { x1, y1, x2, y2 })
        } else {
            Err(BoxError([x1, y1, x2, y2]))
        }
    }

    /// The nearest box to any four numbers: corners swapped into order and clamped to the picture.
    /// `None` when a number is not finite.
    #[must_use]
    pub fn clamped(x1: f64, y1: f64, x2: f64, y2: f64) -> Option<Self> {
        if ![x1, y1, x2, y2].iter().all(|v| v.is_finite()) {
            return None;
        }
        let unit = |v: f64| v.clamp(0.0, 1.0);
        Some(Self { x1: unit(x1.min(x2)), y1: unit(y1.min(y2)), x2: unit(x1.max(x2)), y2: unit(y1.max(y2)) })
    }

    /// Left edge.
    #[must_use]
    pub fn x1(&self) -> f64 {
        self.x1
    }

    /// Top edge.
    #[must_use]
    pub fn y1(&self) -> f64 {
        self.y1
    }

    /// Right edge.
    #[must_use]
    pub fn x2(&self) -> f64 {
        self.x2
    }

    /// Bottom edge.
    #[must_use]
    pub fn y2(&self) -> f64 {
        self.y2
    }

    /// Share of the picture, `0..=1`.
    #[must_use]
    pub fn area(&self) -> f64 {
        (self.x2 - self.x1) * (self.y2 - self.y1)
    }

    /// Centre, `(x, y)`.
    #[must_use]
    pub fn centre(&self) -> (f64, f64) {
        (f64::midpoint(self.x1, self.x2), f64::midpoint(self.y1, self.y2))
    }

    /// The common part; `None` when the boxes don't touch.
    #[must_use]
    pub fn intersection(&self, other: &NormBox) -> Option<NormBox> {
        let (x1, y1) = (self.x1.max(other.x1), self.y1.max(other.y1));
        let (x2, y2) = (self.x2.min(other.x2), self.y2.min(other.y2));
        (x1 <= x2 && y1 <= y2).then_some(NormBox { x1, y1, x2, y2 })
    }

    /// The smallest box that holds both.
    #[must_use]
    pub fn hull(&self, other: &NormBox) -> NormBox {
        NormBox {
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
            x2: self.x2.max(other.x2),
            y2: self.y2.max(other.y2),
        }
    }

    /// Intersection over union, `0..=1`. Two boxes without area have 0.
    #[must_use]
    pub fn iou(&self, other: &NormBox) -> f64 {
        let common = self.intersection(other).map_or(0.0, |b| b.area());
        let union = self.area() + other.area() - common;
        if union > 0.0 { common / union } else { 0.0 }
    }

    /// Intersection over the area of the smaller box (Grounding-IQA, Box-Merge), `0..=1`; 0 where that has no area.
    #[must_use]
    pub fn coverage(&self, other: &NormBox) -> f64 {
        let smaller = self.area().min(other.area());
        if smaller > 0.0 { self.intersection(other).map_or(0.0, |b| b.area()) / smaller } else { 0.0 }
    }

    /// The pixels that the box covers at least in part, in a picture of `width` x `height` (both at least 1).
    /// Never empty: a box without area takes the pixel that it lies in.
    #[must_use]
    pub fn to_pixels(&self, width: u32, height: u32) -> PixelBox {
        let span = |a: f64, b: f64, n: u32| {
            let size = f64::from(n);
            // 1e-9 of a pixel forgives the rounding of boxes that were made from whole pixels.
            let lo = ((a * size + 1e-9).floor() as u32).min(n.saturating_sub(1));
            let hi = ((b * size - 1e-9).ceil() as u32).clamp(lo + 1, n.max(lo + 1));
            (lo, hi)
        };
        let (x1, x2) = span(self.x1, self.x2, width);
        let (y1, y2) = span(self.y1, self.y2, height);
        PixelBox { x1, y1, x2, y2 }
    }
}

/// A box in whole pixels, half-open: columns `x1..x2`, rows `y1..y2`. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PixelBox {
    /// First column.
    pub x1: u32,
    /// First row.
    pub y1: u32,
    /// One past the last column.
    pub x2: u32,
    /// One past the last row.
    pub y2: u32,
}

impl PixelBox {
    /// Columns.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.x2 - self.x1
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.y2 - self.y1
    }

    /// The same box normalised to a picture of `width` x `height`; parts outside are cut off.
    #[must_use]
    pub fn to_norm(&self, width: u32, height: u32) -> NormBox {
        let unit = |v: u32, n: u32| if n == 0 { 0.0 } else { (f64::from(v) / f64::from(n)).min(1.0) };
        NormBox {
            x1: unit(self.x1, width),
            y1: unit(self.y1, height),
            x2: unit(self.x2, width),
            y2: unit(self.y2, height),
        }
    }
}

/// Area of the union of several boxes, `0..=1`, by a sweep over their x edges (`O(n^2)`).
#[must_use]
pub fn union_area(boxes: &[NormBox]) -> f64 {
    let mut edges: Vec<f64> = boxes.iter().flat_map(|b| [b.x1, b.x2]).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let mut by_top: Vec<&NormBox> = boxes.iter().collect();
    by_top.sort_by(|a, b| a.y1.total_cmp(&b.y1));
    edges
        .windows(2)
        .map(|strip| {
            let (left, right) = (strip[0], strip[1]);
            let mut covered = 0.0;
            let mut reach = 0.0_f64;
            for b in by_top.iter().filter(|b| b.x1 <= left && b.x2 >= right) {
                covered += (b.y2 - b.y1.max(reach)).max(0.0);
                reach = reach.max(b.y2);
            }
            covered * (right - left)
        })
        .sum()
}

/// IoU between the unions of two sets of boxes, `0..=1` (the object-level IoU of the benchmark).
#[must_use]
pub fn union_iou(a: &[NormBox], b: &[NormBox]) -> f64 {
    let all: Vec<NormBox> = a.iter().chain(b).copied().collect();
    let union = union_area(&all);
    if union > 0.0 { ((union_area(a) + union_area(b) - union) / union).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests;
