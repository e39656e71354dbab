//! Whole metrics: against values of an independent implementation in `f64` that equals the originals, and at the edges.

use super::{brisque, niqe, piqe, scales};
use crate::metrics::Look;
use crate::plane::pixels_of;
use crate::testing::{Picture, boxed};
use giqa_core::{Map, Measurement, NormBox};
use std::collections::BTreeMap;

type Answer = Result<(f64, BTreeMap<String, f64>, Option<Map>), String>;

fn look(measure: fn(Look<'_>) -> Measurement, picture: &Picture, region: Option<NormBox>) -> Answer {
    match measure(Look { image: picture.view(), region, map: true }) {
        Measurement::Measured { value, map, details } => Ok((value, details, map)),
        Measurement::NotMeasurable { reason } => Err(reason),
    }
}

fn value(measure: fn(Look<'_>) -> Measurement, picture: &Picture) -> f64 {
    look(measure, picture, None).unwrap().0
}

fn fixture(file: &[u8]) -> Picture {
    let rgb = image::load_from_memory(file).unwrap().into_rgb8();
    Picture { width: rgb.width() as usize, height: rgb.height() as usize, data: rgb.into_raw() }
}

/// Water and feathers, no flat place.
fn kodim() -> Picture {
    fixture(include_bytes!("fixtures/kodim23.png"))
}

/// A face under noise of sd 15; its sides are no multiples of 16.
fn astronaut() -> Picture {
    fixture(include_bytes!("fixtures/astronaut.png"))
}

/// Two patches of NIQE each way, with a rest.
fn formula() -> Picture {
    Picture::of(200, 196, |x, y| {
        let red = x * x * 3 + y * 7 + (x * y) % 31 * 5;
        let green = x * 5 + y * y * 2 + (x * y) % 17 * 9;
        let blue = x + y * 3 + (x * x * y) % 13 * 11;
        [red, green, blue].map(|v| (v % 256) as u8)
    })
}

fn near(ours: f64, known: f64, tolerance: f64) {
    assert!((ours - known).abs() <= tolerance, "{ours} is not {known}");
}

#[test]
fn brisque_equals_the_original() {
    for (picture, known) in [(kodim(), 15.071_81), (astronaut(), 32.471_04), (formula(), 96.804_53)] {
        let (value, details, map) = look(brisque::measure, &picture, None).unwrap();
        near(value, known, 0.005);
        assert!(details["flat_share"] < 1e-3 && map.is_none());
    }
}

#[test]
fn features_of_brisque_equal_the_original() {
    let known = [
        2.587, 0.257168, 0.889, 0.002847, 0.060157, 0.062213, 0.836, 0.122446, 0.024908, 0.115432, 0.817, 0.018537,
        0.058725, 0.072937, 0.838, -0.031498, 0.07776, 0.053865, 2.355, 0.226365, 0.81, 0.008468, 0.050949, 0.056846,
        0.735, 0.134134, 0.015133, 0.109436, 0.792, 0.020015, 0.046174, 0.060086, 0.766, -0.015794, 0.061608, 0.050213,
    ];
    let picture = kodim();
    let (features, _) = brisque::features(&scales::of_whole(picture.view(), pixels_of(picture.view(), None)));
    features.iter().zip(known).for_each(|(f, k)| near(*f, k, 1e-5));
}

#[test]
fn niqe_equals_the_original() {
    for (picture, known) in [(kodim(), 8.863_13), (astronaut(), 10.081_39), (formula(), 33.125_53)] {
        near(value(niqe::measure, &picture), known, 0.002);
    }
    let map = look(niqe::measure, &formula(), None).unwrap().2.unwrap();
    assert_eq!((map.cols(), map.rows()), (2, 2));
    let known = [27.941_463, 29.951_277, 27.718_973, 26.568_805];
    map.values().iter().zip(known).for_each(|(v, k)| near(f64::from(*v), k, 0.01));
}

/// The original rounds halves away from 0 when it stretches grey (the second picture's brightest value is 252), where
/// its port to Python takes the even neighbour: 36.954152.
#[test]
fn piqe_and_its_blocks_equal_the_original() {
    let known = [
        (kodim(), 10.416_768, [64.0, 3.0, 10.0], (8, 8)),
        (astronaut(), 36.955_803, [56.0, 1.0, 39.0], (8, 7)),
        (formula(), 77.795_477, [169.0, 13.0, 169.0], (13, 13)),
    ];
    for (picture, score, counts, size) in known {
        let (value, details, map) = look(piqe::measure, &picture, None).unwrap();
        near(value, score, 1e-4);
        let map = map.unwrap();
        assert_eq!((map.cols(), map.rows()), size);
        let blocks = f64::from(size.0 * size.1);
        for (name, count) in ["active_share", "artefact_share", "noise_share"].iter().zip(counts) {
            near(details[*name] * blocks, count, 1e-9);
        }
    }
    let map = look(piqe::measure, &kodim(), None).unwrap().2.unwrap();
    let distorted: Vec<usize> = (0..64).filter(|&i| map.values()[i] == 1.0).collect();
    assert_eq!(distorted, [0, 5, 6, 7, 9, 14, 15, 29, 43, 45, 47, 54, 59]);
}

#[test]
fn a_region_is_the_picture_cut_out() {
    let picture = formula();
    let cut = picture.cropped(100, 98);
    for measure in [brisque::measure, niqe::measure, piqe::measure] {
        let region = look(measure, &picture, Some(boxed(0.5, 0.5, 1.0, 1.0))).unwrap();
        assert_eq!(region.0, value(measure, &cut));
    }
}

#[test]
fn too_small_and_flat_pictures_have_reasons() {
    let scene = |w, h| Picture::scene(w, h, 5);
    for (measure, side, least) in [
        (brisque::measure as fn(Look<'_>) -> Measurement, 15, "16 x 16"),
        (niqe::measure, 95, "96 x 96"),
        (piqe::measure, 15, "16 x 16"),
    ] {
        for picture in [scene(1, 1), scene(side, 300), scene(300, side)] {
            assert!(look(measure, &picture, None).unwrap_err().contains(least));
        }
        assert!(look(measure, &scene(side + 1, side + 1), None).is_ok());
        for shade in [0, 128, 255] {
            let flat = Picture::flat(200, 200, [shade; 3]);
            assert!(look(measure, &flat, None).unwrap_err().starts_with("flat"), "{shade}");
        }
    }
}

#[test]
fn flat_places_are_told_and_left_out() {
    let half = Picture::scene(384, 192, 7).with(&Picture::flat(384, 192, [90; 3]), &boxed(0.0, 0.0, 0.5, 1.0));
    for measure in [brisque::measure, niqe::measure, piqe::measure] {
        near(look(measure, &half, None).unwrap().1["flat_share"], 0.5, 0.05);
    }
    let map = look(niqe::measure, &half, None).unwrap().2.unwrap();
    let known: Vec<bool> = map.values().iter().map(|v| v.is_finite()).collect();
    // The second patch sees three columns of the scene through the window: too little on one side of 0.
    assert_eq!(known, [false, false, true, true, false, false, true, true]);
}

#[test]
fn noise_blur_and_jpeg_are_worse_than_none() {
    let good = kodim();
    let bad = [("noise", good.noisy(25.0, 1)), ("blur", good.blurred(3.0)), ("jpeg", good.jpeg(5))];
    for (i, measure) in
        [brisque::measure as fn(Look<'_>) -> Measurement, niqe::measure, piqe::measure].iter().enumerate()
    {
        for (name, bad) in &bad {
            let (good, bad) = (value(*measure, &good), value(*measure, bad));
            assert!(bad > good, "{name}, metric {i}: {bad} after {good}");
        }
    }
}
