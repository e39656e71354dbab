//! The proposer on pictures of known things.

use super::*;
use crate::Classic;
use crate::testing::{Picture, Random, boxed};
use giqa_core::NormBox;

fn segments(picture: &Picture) -> Vec<Region> {
    Segments::regions(picture.view())
}

fn named<'a>(regions: &'a [Region], name: &str) -> Option<&'a Region> {
    regions.iter().find(|r| r.name == name)
}

/// Leaves: blotches of many greens, about a hundred and fifty of them across.
fn leaves(width: usize, height: usize) -> Picture {
    let mut random = Random::new(7);
    let tones: Vec<f64> = (0..160 * 160).map(|_| 30.0 + 150.0 * random.uniform()).collect();
    let side = width.max(height).div_ceil(150);
    Picture::of(width, height, |x, y| {
        let t = tones[y / side * 160 + x / side] + 6.0 * random.uniform();
        [t * 0.7, t, t * 0.4].map(|v| v as u8)
    })
}

/// A sky that fades towards the horizon, of this share of the picture, above leaves.
fn landscape(width: usize, height: usize, share: f64) -> Picture {
    let sky = Picture::of(width, height, |_, y| {
        let t = (80.0 * y as f64 / height as f64) as u8;
        [100 + t, 150 + t, 230]
    });
    leaves(width, height).with(&sky, &boxed(0.0, 0.0, 1.0, share))
}

#[test]
fn sky_above_leaves() {
    for (width, height) in [(600, 400), (1500, 1100), (300, 500)] {
        let regions = segments(&landscape(width, height, 0.3));
        let iou = |name, place: NormBox| named(&regions, name).map_or(0.0, |r| r.bounds.iou(&place));
        assert!(iou("sky", boxed(0.0, 0.0, 1.0, 0.3)) > 0.9, "{width} x {height}: {regions:?}");
        assert!(iou("foliage", boxed(0.0, 0.3, 1.0, 1.0)) > 0.8, "{width} x {height}: {regions:?}");
    }
}

#[test]
fn a_noisy_sky_is_one() {
    let place = boxed(0.0, 0.0, 1.0, 0.45);
    let picture = landscape(600, 400, 0.45);
    let regions = segments(&picture.with(&picture.noisy(12.0, 9), &place));
    assert!(named(&regions, "sky").is_some_and(|r| r.bounds.iou(&place) > 0.8), "{regions:?}");
}

#[test]
fn what_only_looks_like_a_sky_has_no_such_name() {
    let things = Picture::scene(600, 400, 10);
    let place = boxed(0.0, 0.0, 1.0, 0.45);
    for (what, colour) in [("a cream wall", [235, 225, 205]), ("a grey wall", [140, 140, 142]), ("red", [180, 40, 40])]
    {
        let regions = segments(&things.with(&Picture::flat(600, 400, colour), &place));
        assert!(named(&regions, "sky").is_none(), "{what}: {regions:?}");
    }
    let blue = Picture::flat(600, 400, [90, 140, 220]);
    let below = segments(&things.with(&blue, &boxed(0.0, 0.55, 1.0, 1.0)));
    assert!(named(&below, "sky").is_none(), "blue at the bottom: {below:?}");
}

#[test]
fn water_lies_under_the_sky() {
    let sea = Picture::of(600, 400, |x, y| {
        let t = 15.0 * (0.35 * y as f64 + 2.0 * (x as f64 / 40.0).sin()).sin();
        [70.0 + t, 115.0 + t, 135.0 + t].map(|v| v as u8)
    });
    let horizon = boxed(0.0, 0.0, 1.0, 0.5);
    let sky = Picture::flat(600, 400, [180, 210, 240]);
    let regions = segments(&sea.with(&sky, &horizon));
    assert!(named(&regions, "sky").is_some_and(|r| r.bounds.iou(&horizon) > 0.9), "{regions:?}");
    let water = boxed(0.0, 0.5, 1.0, 1.0);
    assert!(named(&regions, "water").is_some_and(|r| r.bounds.iou(&water) > 0.8), "{regions:?}");
}

#[test]
fn lightest_and_darkest_tones() {
    let (window, corner) = (boxed(0.3, 0.3, 0.6, 0.6), boxed(0.6, 0.5, 1.0, 1.0));
    let picture = Picture::scene(600, 400, 12);
    let picture = picture.with(&Picture::flat(600, 400, [255; 3]), &window);
    let regions = segments(&picture.with(&Picture::flat(600, 400, [4; 3]), &corner));
    let iou = |name, place: &NormBox| named(&regions, name).map_or(0.0, |r| r.bounds.iou(place));
    assert!(iou("highlights", &window) > 0.8 && iou("shadows", &corner) > 0.9, "{regions:?}");
}

#[test]
fn what_stands_out_is_found_by_its_place() {
    let place = boxed(0.1, 0.15, 0.4, 0.45);
    let picture = Picture::flat(600, 400, [120, 120, 110]).with(&Picture::flat(600, 400, [200, 40, 50]), &place);
    let regions = segments(&picture);
    assert!(named(&regions, "upper left").is_some_and(|r| r.bounds.iou(&place) > 0.9), "{regions:?}");
}

#[test]
fn nothing_is_made_of_nothing() {
    for colour in [[0; 3], [255; 3], [90, 140, 220], [40, 120, 30]] {
        for (width, height) in [(1, 1), (31, 31), (64, 64), (900, 600), (5000, 40), (40, 5000)] {
            let regions = segments(&Picture::flat(width, height, colour));
            assert_eq!(regions, Vec::new(), "{width} x {height} of {colour:?}");
        }
    }
}

#[test]
fn regions_keep_to_their_bounds_and_are_the_same_each_time() {
    for seed in 0..6 {
        let picture = Picture::scene(450, 300, seed);
        let regions = segments(&picture);
        assert_eq!(regions, segments(&picture));
        assert!(regions.len() <= MOST && regions.windows(2).all(|w| w[0].score >= w[1].score));
        assert!(regions.iter().all(|r| (0.0..=1.0).contains(&r.score) && r.bounds.area() > 0.0 && r.cause.is_none()));
        let alike = |a: &Region, b: &Region| a.bounds.iou(&b.bounds) > SAME_PLACE;
        assert!(regions.iter().enumerate().all(|(i, a)| regions[..i].iter().all(|b| !alike(a, b))));
    }
}

#[test]
fn the_manifest_knows_it() {
    assert!(giqa_sdk::proposer_spec::<Classic>("segments").is_ok());
}
