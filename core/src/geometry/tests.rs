use super::*;
use proptest::prelude::*;

fn b(x1: f64, y1: f64, x2: f64, y2: f64) -> NormBox {
    NormBox::new(x1, y1, x2, y2).unwrap()
}

fn any_box() -> impl Strategy<Value = NormBox> {
    (0.0..=1.0f64, 0.0..=1.0f64, 0.0..=1.0f64, 0.0..=1.0f64)
        .prop_map(|(x1, y1, x2, y2)| NormBox::clamped(x1, y1, x2, y2).unwrap())
}

#[test]
fn only_boxes_inside_the_picture() {
    assert!(NormBox::new(0.0, 0.0, 1.0, 1.0).is_ok());
    for bad in [[0.5, 0.0, 0.4, 1.0], [-0.1, 0.0, 0.4, 1.0], [0.0, 0.0, 1.1, 1.0], [f64::NAN, 0.0, 1.0, 1.0]] {
        assert!(NormBox::try_from(bad).is_err(), "{bad:?}");
    }
    assert!(serde_json::from_str::<NormBox>("[0,0,2,1]").is_err());
    assert_eq!(serde_json::to_string(&b(0.0, 0.25, 0.5, 1.0)).unwrap(), "[0.0,0.25,0.5,1.0]");
    assert_eq!(NormBox::clamped(1.5, 0.5, -2.0, 0.25), Some(b(0.0, 0.25, 1.0, 0.5)));
    assert_eq!(NormBox::clamped(f64::INFINITY, 0.0, 0.0, 0.0), None);
}

#[test]
fn overlaps() {
    let (a, c) = (b(0.0, 0.0, 0.5, 0.5), b(0.25, 0.25, 0.75, 0.75));
    assert!((a.iou(&c) - 0.0625 / 0.4375).abs() < 1e-12);
    assert!((a.coverage(&c) - 0.25).abs() < 1e-12);
    assert_eq!(a.hull(&c), b(0.0, 0.0, 0.75, 0.75));
    assert_eq!(a.intersection(&b(0.6, 0.6, 0.7, 0.7)), None);
    assert_eq!(a.centre(), (0.25, 0.25));
    let point = b(0.1, 0.1, 0.1, 0.1);
    assert_eq!((point.iou(&point), point.coverage(&a)), (0.0, 0.0));
}

#[test]
fn pixels_and_back() {
    assert_eq!(b(0.0, 0.0, 1.0, 1.0).to_pixels(7, 3), PixelBox { x1: 0, y1: 0, x2: 7, y2: 3 });
    assert_eq!(b(1.0, 1.0, 1.0, 1.0).to_pixels(7, 3), PixelBox { x1: 6, y1: 2, x2: 7, y2: 3 });
    let p = PixelBox { x1: 2, y1: 1, x2: 5, y2: 3 };
    assert_eq!(p.to_norm(7, 3).to_pixels(7, 3), p);
    assert_eq!((p.width(), p.height()), (3, 2));
    assert_eq!(p.to_norm(4, 0), b(0.5, 0.0, 1.0, 0.0), "outside is cut off");
}

#[test]
fn union_counts_common_parts_once() {
    let boxes = [b(0.0, 0.0, 0.5, 0.5), b(0.25, 0.25, 0.75, 0.75), b(0.0, 0.0, 0.5, 0.5)];
    assert!((union_area(&boxes) - 0.4375).abs() < 1e-12);
    assert_eq!(union_area(&[]), 0.0);
    assert_eq!(union_iou(&[], &[]), 0.0);
    assert!((union_iou(&boxes, &boxes) - 1.0).abs() < 1e-12);
    assert!((union_iou(&[boxes[0]], &[boxes[1]]) - boxes[0].iou(&boxes[1])).abs() < 1e-12);
}

proptest! {
    #[test]
    fn iou_is_symmetric_and_bounded(a in any_box(), c in any_box()) {
        prop_assert!((0.0..=1.0).contains(&a.iou(&c)));
        prop_assert_eq!(a.iou(&c), c.iou(&a));
        prop_assert!((0.0..=1.0 + 1e-9).contains(&a.coverage(&c)));
    }

    #[test]
    fn union_lies_between_the_largest_and_the_sum(boxes in proptest::collection::vec(any_box(), 0..8)) {
        let area = union_area(&boxes);
        let largest = boxes.iter().map(NormBox::area).fold(0.0, f64::max);
        let sum: f64 = boxes.iter().map(NormBox::area).sum();
        prop_assert!(area >= largest - 1e-9 && area <= sum + 1e-9 && area <= 1.0 + 1e-9);
    }

    #[test]
    fn union_equals_a_raster_count(cells in proptest::collection::vec((0u32..16, 0u32..16, 0u32..16, 0u32..16), 0..6)) {
        let boxes: Vec<NormBox> = cells.iter().map(|&(a, c, d, e)| {
            b(f64::from(a.min(c)) / 16.0, f64::from(d.min(e)) / 16.0, f64::from(a.max(c)) / 16.0, f64::from(d.max(e)) / 16.0)
        }).collect();
        let hits = (0..256).filter(|i| {
            let (x, y) = ((f64::from(i % 16) + 0.5) / 16.0, (f64::from(i / 16) + 0.5) / 16.0);
            boxes.iter().any(|b| b.x1() < x && x < b.x2() && b.y1() < y && y < b.y2())
        }).count();
        prop_assert!((union_area(&boxes) - hits as f64 / 256.0).abs() < 1e-9);
    }

    #[test]
    fn pixel_boxes_are_inside_and_never_empty(b in any_box(), w in 1u32..5000, h in 1u32..5000) {
        let p = b.to_pixels(w, h);
        prop_assert!(p.x1 < p.x2 && p.x2 <= w && p.y1 < p.y2 && p.y2 <= h);
    }
}
