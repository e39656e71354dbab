//! Where a fault is planted: everywhere, in a box, or on an object, with soft edges.

use giqa_core::{NormBox, PixelBox};

/// Width of a soft edge, as a share of the longer side.
const EDGE: f64 = 0.012;

/// How much of a fault each pixel gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// The pixels that may get any.
    area: PixelBox,
    /// 0 to 255 for each pixel of the area, by rows; `None` = all of it.
    alpha: Option<Vec<u8>>,
    width: u32,
    height: u32,
}

impl Mask {
    /// The whole picture.
    #[must_use]
    pub fn full(width: usize, height: usize) -> Self {
        let (width, height) = (width as u32, height as u32);
        Self { area: PixelBox { x1: 0, y1: 0, x2: width, y2: height }, alpha: None, width, height }
    }

    /// A box; its edges are soft, one half on the border of the box, and hard where they are the picture's.
    #[must_use]
    pub fn of_box(bounds: &NormBox, width: usize, height: usize) -> Self {
        let edge = edge(width, height);
        let along = |a: f64, b: f64, n: usize| -> Vec<f64> {
            let size = n as f64;
            let inside = |v: f64| smooth(0.5 + v / edge);
            (0..n)
                .map(|i| {
                    let at = i as f64 + 0.5;
                    let near = if a * size < 0.5 { 1.0 } else { inside(at - a * size) };
                    let far = if b * size > size - 0.5 { 1.0 } else { inside(b * size - at) };
                    near * far
                })
                .collect()
        };
        let across = along(bounds.x1(), bounds.x2(), width);
        let down = along(bounds.y1(), bounds.y2(), height);
        Self::of_alpha(width, height, |x, y| across[x] * down[y])
    }

    /// An object given by polygons (`x y x y ...`, normalised); a pixel in any of them belongs to it. Its edges are
    /// soft, and its box is that of what is left of it: `None` when that is nothing.
    #[must_use]
    pub fn of_polygons(polygons: &[Vec<f64>], width: usize, height: usize) -> Option<Self> {
        let mut plane = vec![0_f32; width * height];
        for polygon in polygons {
            fill(&mut plane, width, height, polygon);
        }
        // Two means over a window of half the edge's width make a slope of about that width.
        let radius = ((edge(width, height) / 4.0).round() as usize).max(1);
        for _ in 0..2 {
            plane = crate::apply::plane::box_mean(&plane, width, height, radius);
        }
        let mask = Self::of_alpha(width, height, |x, y| f64::from(plane[y * width + x]));
        mask.tight_box().is_some().then_some(mask)
    }

    fn of_alpha(width: usize, height: usize, alpha: impl Fn(usize, usize) -> f64) -> Self {
        let byte = |x, y| (alpha(x, y).clamp(0.0, 1.0) * 255.0).round() as u8;
        let area = hull(width, height, |x, y| byte(x, y) > 0).unwrap_or(PixelBox {
            x1: 0,
            y1: 0,
            x2: 1.min(width as u32),
            y2: 1.min(height as u32),
        });
        let rows = area.y1 as usize..area.y2 as usize;
        let values = rows.flat_map(|y| (area.x1 as usize..area.x2 as usize).map(move |x| byte(x, y))).collect();
        Self { area, alpha: Some(values), width: width as u32, height: height as u32 }
    }

    /// The pixels that may get any of the fault.
    #[must_use]
    pub fn area(&self) -> PixelBox {
        self.area
    }

    /// How much a pixel gets, 0 to 255.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> u8 {
        let a = self.area;
        let (Some(dx), Some(dy)) = (x.checked_sub(a.x1 as usize), y.checked_sub(a.y1 as usize)) else { return 0 };
        if dx >= a.width() as usize || dy >= a.height() as usize {
            return 0;
        }
        match &self.alpha {
            None => 255,
            Some(values) => values.get(dy * a.width() as usize + dx).copied().unwrap_or(0),
        }
    }

    /// The tight box of the pixels that get more than half.
    #[must_use]
    pub fn tight_box(&self) -> Option<NormBox> {
        let (width, height) = (self.width, self.height);
        hull(width as usize, height as usize, |x, y| self.at(x, y) > 127).map(|b| b.to_norm(width, height))
    }
}

/// The tight box of some pixels.
fn hull(width: usize, height: usize, is_in: impl Fn(usize, usize) -> bool) -> Option<PixelBox> {
    let (mut x1, mut y1, mut x2, mut y2) = (width, height, 0, 0);
    for y in 0..height {
        for x in (0..width).filter(|&x| is_in(x, y)) {
            (x1, x2) = (x1.min(x), x2.max(x + 1));
            (y1, y2) = (y1.min(y), y2.max(y + 1));
        }
    }
    (x1 < x2).then_some(PixelBox { x1: x1 as u32, y1: y1 as u32, x2: x2 as u32, y2: y2 as u32 })
}

fn edge(width: usize, height: usize) -> f64 {
    (EDGE * width.max(height) as f64).max(1.0)
}

fn smooth(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Sets the pixels whose centres lie in a polygon (even-odd).
fn fill(plane: &mut [f32], width: usize, height: usize, polygon: &[f64]) {
    let points: Vec<(f64, f64)> =
        polygon.chunks_exact(2).map(|p| (p[0] * width as f64, p[1] * height as f64)).collect();
    let edges = || points.iter().zip(points.iter().cycle().skip(1));
    for (y, row) in plane.chunks_exact_mut(width.max(1)).enumerate() {
        let at = y as f64 + 0.5;
        let mut crossings: Vec<f64> = edges()
            .filter(|((_, ya), (_, yb))| (*ya <= at) != (*yb <= at))
            .map(|((xa, ya), (xb, yb))| xa + (at - ya) / (yb - ya) * (xb - xa))
            .collect();
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let first = (pair[0] - 0.5).ceil().clamp(0.0, width as f64) as usize;
            let end = ((pair[1] - 0.5).floor() + 1.0).clamp(0.0, width as f64) as usize;
            if let Some(pixels) = row.get_mut(first..end.max(first)) {
                pixels.fill(1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_full_inside_half_on_its_border_and_nothing_outside() {
        let bounds = NormBox::new(0.25, 0.2, 0.75, 0.6).unwrap();
        let mask = Mask::of_box(&bounds, 400, 200);
        assert_eq!((mask.at(200, 80), mask.at(10, 10), mask.at(399, 199)), (255, 0, 0));
        assert!(mask.at(99, 80) < 128 && mask.at(100, 80) > 127, "{} {}", mask.at(99, 80), mask.at(100, 80));
        assert!(mask.at(98, 80) > 0 && mask.at(96, 80) == 0, "soft, but not wide");
        assert_eq!(mask.tight_box(), Some(bounds));
    }

    #[test]
    fn the_picture_s_own_border_is_hard() {
        let bounds = NormBox::new(0.0, 0.0, 0.5, 1.0).unwrap();
        let mask = Mask::of_box(&bounds, 100, 60);
        assert_eq!((mask.at(0, 0), mask.at(0, 59), mask.at(99, 0)), (255, 255, 0));
        assert_eq!(mask.tight_box(), Some(bounds));
        assert_eq!(Mask::full(100, 60).tight_box(), Some(NormBox::FULL));
    }

    #[test]
    fn polygons_are_filled_and_softened() {
        let triangle = vec![0.2, 0.2, 0.8, 0.2, 0.2, 0.8];
        let mask = Mask::of_polygons(std::slice::from_ref(&triangle), 200, 200).unwrap();
        assert_eq!((mask.at(60, 60), mask.at(150, 150), mask.at(5, 5)), (255, 0, 0));
        assert!((1..255).contains(&mask.at(99, 99)), "soft along its edge");
        let bounds = mask.tight_box().unwrap();
        assert!(bounds.iou(&NormBox::new(0.2, 0.2, 0.8, 0.8).unwrap()) > 0.9, "{bounds:?}");
        let two = Mask::of_polygons(&[triangle, vec![0.9, 0.9, 1.0, 0.9, 1.0, 1.0, 0.9, 1.0]], 200, 200).unwrap();
        assert_eq!((two.at(190, 190), two.at(199, 199)), (255, 255));
    }

    #[test]
    fn polygons_of_nothing_are_none() {
        for bad in [vec![], vec![0.1], vec![0.1, 0.1, 0.5, 0.5], vec![f64::NAN; 6], vec![5.0, 5.0, 6.0, 5.0, 6.0, 6.0]]
        {
            assert!(Mask::of_polygons(std::slice::from_ref(&bad), 50, 50).is_none(), "{bad:?}");
        }
    }
}
