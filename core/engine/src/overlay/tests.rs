//! Boxes are where they should be, in the right style and colour.

use super::*;
use crate::crops::{crop, write_crops};
use crate::fakes::{image, inspect, profile};
use crate::files::OutputDir;
use giqa_core::{Attribute, NormBox};

fn mark(number: usize, severity: f64, b: [f64; 4]) -> Mark {
    Mark {
        number,
        region: Some(format!("r{number}")),
        name: "place".into(),
        bounds: NormBox::try_from(b).unwrap(),
        faults: vec![(Attribute::Noise, severity)],
    }
}

fn grey(w: u32, h: u32) -> Canvas {
    Canvas::new(w, h, vec![128; (w * h * 3) as usize]).unwrap()
}

fn at(c: &Canvas, x: u32, y: u32) -> Rgb {
    let i = ((y * c.width + x) * 3) as usize;
    [c.pixels[i], c.pixels[i + 1], c.pixels[i + 2]]
}

#[test]
fn edges_are_bright_with_a_dark_rim() {
    let mut c = grey(400, 300);
    burn(&mut c, &[mark(1, 1.0, [0.25, 0.25, 0.75, 0.75])]);
    // Right edge, middle: solid line at x = 299, rim beside it, the picture beyond.
    assert_eq!([at(&c, 299, 150), at(&c, 300, 150), at(&c, 298, 150)], [SEVERE, DARK, DARK]);
    assert_eq!([at(&c, 303, 150), at(&c, 200, 150)], [[128; 3]; 2]);
}

#[test]
fn styles_tell_severities_apart_without_colour() {
    let drawn = |severity: f64| {
        let mut c = grey(400, 300);
        burn(&mut c, &[mark(1, severity, [0.1, 0.1, 0.9, 0.9])]);
        (0..300).filter(|&y| at(&c, 359, y) == colour(severity)).count()
    };
    let (severe, moderate, mild) = (drawn(0.9), drawn(0.6), drawn(0.3));
    assert_eq!(severe, 240, "every pixel of the edge");
    assert!(moderate > mild && moderate < severe && mild > 0, "{severe} {moderate} {mild}");
}

#[test]
fn boxes_at_the_border_and_without_area_are_drawn() {
    let mut c = grey(40, 30);
    burn(
        &mut c,
        &[mark(1, 0.9, [0.0, 0.0, 1.0, 1.0]), mark(2, 0.9, [1.0, 1.0, 1.0, 1.0]), mark(123, 0.3, [0.5, 0.5, 0.5, 0.5])],
    );
    assert_eq!(at(&c, 0, 29), SEVERE);
    let mut one = grey(1, 1);
    burn(&mut one, &[mark(1, 0.9, [0.0, 0.0, 1.0, 1.0])]);
}

#[test]
fn overlays_are_small_pngs_with_a_legend() {
    let report = inspect(profile()).report;
    let png = render(&image(), &report).unwrap();
    let read = image::load_from_memory(&png).unwrap();
    assert!(read.width() == 64 && read.height() > 48 + 20);
    let big = Decoded::from_rgb("x", 3200, 10, vec![9; 3200 * 10 * 3]).unwrap();
    assert_eq!((scaled(&big, MAX_SIDE).width, scaled(&big, MAX_SIDE).height), (1600, 5));
}

#[test]
fn every_ascii_character_has_a_glyph_and_others_a_question_mark() {
    for c in '!'..='~' {
        assert!(font::columns(c).iter().any(|&b| b != 0), "{c}");
    }
    assert_eq!([font::columns('é'), font::columns('\u{7f}'), font::columns('\n')], [font::columns('?'); 3]);
}

#[test]
fn crops_are_the_regions_of_findings() {
    let dir = tempfile::tempdir().unwrap();
    let out = OutputDir::create(dir.path()).unwrap();
    let (image, report) = (image(), inspect(profile()).report);
    let files = write_crops(&image, &report, &out).unwrap();
    assert_eq!(files, [dir.path().join("a-r4-noise.png")]);
    let read = image::open(&files[0]).unwrap().to_rgb8();
    assert_eq!((read.width(), read.height()), (32, 24));
    let want = crop(&image, giqa_core::PixelBox { x1: 32, y1: 24, x2: 64, y2: 48 });
    assert_eq!(read.as_raw(), &want.pixels);
    let again = write_crops(&image, &report, &out).unwrap();
    assert_eq!(again, [dir.path().join("a-r4-noise-2.png")], "nothing is replaced");
}
