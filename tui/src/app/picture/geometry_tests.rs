//! Pictures keep to their area, show what they say, and cells and places lead back to each other.

use super::*;
use giqa_core::NormBox;
use proptest::prelude::*;

const TERMINAL: Bounds = Bounds { unit: (10, 20), pixels: u64::MAX, side: u16::MAX };

fn laid(photo: (u32, u32), area: (u16, u16), zoom: Zoom, centre: (f64, f64)) -> Layout {
    lay_out(photo, area.into(), TERMINAL, &View { zoom, centre }).unwrap()
}

#[test]
fn a_photo_fits_into_its_area() {
    let l = laid((4000, 3000), (120, 40), Zoom::Fit, (0.1, 0.9));
    assert_eq!((l.pixels, l.placement.cells), ((1067, 800), (107, 40)));
    assert_eq!((l.placement.part, l.placement.scale), ([0.0, 0.0, 1.0, 1.0], 3.75));
    assert_eq!(fitted((4000, 3000), Size::new(120, 40), (10, 20)), Size::new(107, 40));
    assert_eq!(fitted((4000, 3000), Size::new(120, 40), (1, 2)), Size::new(107, 40));
    assert_eq!(fitted((0, 3000), Size::new(120, 40), (10, 20)), Size::ZERO);
    assert_eq!(fitted((40, 30), Size::new(120, 0), (10, 20)), Size::ZERO);
}

#[test]
fn tiny_pictures_are_enlarged_four_times_at_most() {
    assert_eq!(laid((20, 10), (120, 40), Zoom::Fit, (0.5, 0.5)).pixels, (80, 40));
}

#[test]
fn one_to_one_shows_whole_pixels_and_stays_inside() {
    let l = laid((4000, 3000), (120, 40), Zoom::Times(1.0), (0.9999, 0.5));
    let [x1, y1, x2, y2] = l.placement.part.map(|v| v * 4000.0);
    assert_eq!((l.pixels, x2), ((1200, 800), 4000.0));
    assert!((x2 - x1 - 1200.0).abs() < 1e-6 && ((y2 - y1) * 0.75 - 800.0).abs() < 1e-6);
    let nan = laid((4000, 3000), (120, 40), Zoom::Times(f64::NAN), (f64::NAN, f64::INFINITY));
    assert_eq!(nan.placement.scale, 1.0);
}

#[test]
fn a_part_is_seen_with_what_is_around_it() {
    let b = NormBox::new(0.4, 0.4, 0.6, 0.6).unwrap();
    let l = laid((4000, 3000), (120, 40), Zoom::Part(b), (0.0, 0.0));
    let [x1, y1, x2, y2] = l.placement.part;
    assert!(x1 < 0.4 && y1 < 0.4 && x2 > 0.6 && y2 > 0.6 && y2 - y1 < 0.27, "{:?}", l.placement.part);
    let dot = NormBox::new(1.0, 1.0, 1.0, 1.0).unwrap();
    assert_eq!(laid((4000, 3000), (120, 40), Zoom::Part(dot), (0.0, 0.0)).placement.scale, 0.125);
}

#[test]
fn encoders_set_bounds() {
    let few = Bounds { pixels: 480_000, side: 100, ..TERMINAL };
    let l = lay_out((4000, 3000), Size::new(120, 80), few, &View::default()).unwrap();
    assert!(u64::from(l.pixels.0) * u64::from(l.pixels.1) <= 480_000 && l.placement.cells.0 > 50, "{l:?}");
}

fn zooms() -> impl Strategy<Value = Zoom> {
    prop_oneof![
        Just(Zoom::Fit),
        any::<f64>().prop_map(Zoom::Times),
        (0.001..40.0).prop_map(Zoom::Times),
        [0.0..=1.0, 0.0..=1.0, 0.0..=1.0, 0.0..=1.0f64]
            .prop_map(|[a, b, c, d]| Zoom::Part(NormBox::clamped(a, b, c, d).unwrap())),
    ]
}

proptest! {
    #[test]
    fn any_view_of_any_photo_is_sound(
        photo in (1u32..20_000, 1u32..20_000),
        area in (1u16..400, 1u16..200),
        unit in prop_oneof![Just((1u16, 2u16)), (1u16..40, 1u16..60)],
        zoom in zooms(),
        centre in (-0.5..1.5, -0.5..1.5),
        most in prop_oneof![Just(u64::MAX), 1_000u64..5_000_000],
    ) {
        let bounds = Bounds { unit, pixels: most, side: 297 };
        let l = lay_out(photo, area.into(), bounds, &View { zoom, centre }).unwrap();
        let p = l.placement;
        prop_assert!(p.cells.0 >= 1 && p.cells.1 >= 1 && p.cells.0 <= area.0 && p.cells.1 <= area.1);
        prop_assert!(l.pixels.0 <= u32::from(p.cells.0) * u32::from(unit.0));
        prop_assert!(l.pixels.1 <= u32::from(p.cells.1) * u32::from(unit.1));
        let [x1, y1, x2, y2] = p.part;
        prop_assert!(0.0 <= x1 && x1 < x2 && x2 <= 1.0 + 1e-9 && 0.0 <= y1 && y1 < y2 && y2 <= 1.0 + 1e-9, "{:?}", p);
        prop_assert_eq!(p.at(p.cells.0, 0), None);
        for cell in [(0, 0), (p.cells.0 - 1, p.cells.1 - 1), (p.cells.0 / 2, p.cells.1 / 3)] {
            let (x, y) = p.at(cell.0, cell.1).unwrap();
            prop_assert!(x1 <= x && x <= x2 && y1 <= y && y <= y2);
            prop_assert_eq!(p.cell_of(x, y), Some(cell));
        }
        prop_assert_eq!(p.cell_of(x1 - 0.01, y1), None);
        prop_assert_eq!(p.cell_of(f64::NAN, y1), None);
    }
}
