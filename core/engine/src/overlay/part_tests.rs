//! A part of a picture carries the same boxes as the whole, cut at its edges; heat tints what can be told.

use super::*;
use giqa_core::{Attribute, NormBox};

fn mark(number: usize, severity: f64, b: [f64; 4]) -> Mark {
    let bounds = NormBox::try_from(b).unwrap();
    Mark { number, region: None, name: "place".into(), bounds, faults: vec![(Attribute::Noise, severity)] }
}

fn grey(w: u32, h: u32) -> Canvas {
    Canvas::new(w, h, vec![128; (w * h * 3) as usize]).unwrap()
}

fn at(c: &Canvas, x: u32, y: u32) -> Rgb {
    let i = ((y * c.width + x) * 3) as usize;
    [c.pixels[i], c.pixels[i + 1], c.pixels[i + 2]]
}

#[test]
fn the_whole_picture_looks_as_on_an_overlay() {
    let marks = [mark(1, 0.9, [0.1, 0.1, 0.6, 0.7]), mark(2, 0.6, [0.5, 0.5, 1.0, 1.0]), mark(3, 0.3, [0.9; 4])];
    let (mut a, mut b) = (grey(640, 480), grey(640, 480));
    burn(&mut a, &marks);
    burn_part(&mut b, &marks, &Look::default());
    assert_eq!(a, b);
}

#[test]
fn edges_outside_the_part_are_not_drawn_and_marks_outside_have_no_number() {
    let mut c = grey(400, 400);
    let look = Look { part: [0.25, 0.25, 0.75, 0.75], ..Look::default() };
    // The right edge at 0.5 is in the middle; the others are outside.
    burn_part(&mut c, &[mark(1, 0.9, [0.0, 0.0, 0.5, 1.0])], &look);
    assert_eq!([at(&c, 199, 300), at(&c, 399, 300), at(&c, 100, 399)], [SEVERE, [128; 3], [128; 3]]);
    let mut far = grey(400, 400);
    burn_part(&mut far, &[mark(1, 0.9, [0.8, 0.8, 1.0, 1.0]), mark(2, 0.9, [0.0, 0.0, 0.2, 0.2])], &look);
    assert_eq!(far, grey(400, 400));
}

#[test]
fn the_selected_mark_is_brighter_and_thicker_and_on_top() {
    let marks = [mark(1, 0.9, [0.2, 0.2, 0.8, 0.8]), mark(2, 0.9, [0.2, 0.2, 0.8, 0.8])];
    let mut c = grey(800, 800);
    burn_part(&mut c, &marks, &Look { selected: Some(2), ..Look::default() });
    let lit = (0..800).filter(|&x| at(&c, x, 400) == [223, 134, 63]).count();
    assert_eq!(lit, 6, "two edges of three pixels");
    assert!((0..800).all(|x| at(&c, x, 400) != SEVERE));
}

#[test]
fn small_canvases_have_thin_boxes_and_no_numbers() {
    let mut c = grey(160, 90);
    burn_part(&mut c, &[mark(1, 0.9, [0.25, 0.2, 0.75, 0.8]), mark(2, 0.9, [0.9, 0.1, 0.94, 0.2])], &Look::default());
    assert_eq!([at(&c, 39, 45), at(&c, 40, 45), at(&c, 41, 45)], [DARK, SEVERE, DARK]);
    assert_eq!([at(&c, 42, 19), at(&c, 145, 12)], [DARK, [128; 3]], "no plate");
    assert_eq!([at(&c, 143, 12), at(&c, 144, 12)], [[128; 3], SEVERE], "no room for an outline");
}

#[test]
fn a_drawn_box_is_black_and_white() {
    let mut c = grey(400, 300);
    let drawn = NormBox::new(0.25, 0.25, 0.75, 0.75).ok();
    burn_part(&mut c, &[], &Look { drawn, ..Look::default() });
    let row: Vec<Rgb> = (100..300).map(|x| at(&c, x, 75)).collect();
    assert!(row.iter().all(|p| [DARK, PAPER].contains(p)), "{row:?}");
    assert!(row.contains(&DARK) && row.contains(&PAPER));
}

#[test]
fn heat_tints_more_where_it_is_worse_and_never_where_it_can_not_be_told() {
    let mut c = grey(400, 100);
    let values = [0.0, 0.3, 1.0, f32::NAN];
    tint(&mut c, [0.0, 0.0, 1.0, 1.0], &HeatMap { columns: 4, rows: 1, values: &values });
    assert_eq!([at(&c, 10, 50), at(&c, 390, 50)], [[128; 3]; 2]);
    let blue = |x| at(&c, x, 51)[2];
    assert!(blue(150) < 128 && blue(250) < blue(150), "{} {}", blue(150), blue(250));
    assert!((200..300).any(|x| at(&c, x, 50) == DARK), "contour and hatching");
    let mut none = grey(40, 10);
    tint(&mut none, [0.0, 0.0, 1.0, 1.0], &HeatMap { columns: 0, rows: 1, values: &[] });
    tint(&mut none, [0.2, 0.0, 0.3, 1.0], &HeatMap { columns: 4, rows: 4, values: &[] });
    assert_eq!(none, grey(40, 10));
}
