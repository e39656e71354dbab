//! Banding, pixelation, haze, chromatic aberration, moire.

use super::*;
use crate::testing::boxed;

fn scene() -> Picture {
    Picture::scene(400, 300, 61)
}

#[test]
fn banding_is_the_gap_between_tones() {
    for (tones, bits) in [(24, 3.47), (16, 4.09), (10, 4.82), (6, 5.67)] {
        let found = value("banding", &scene().posterised(tones));
        assert!((found - bits).abs() < 0.3, "{tones} tones: {found} for {bits}");
    }
    for (what, picture) in [
        ("a scene", scene()),
        ("coded", scene().jpeg(10)),
        ("noisy", scene().noisy(20.0, 62)),
        ("dark", scene().map(|v| f64::from(v) * 0.1)),
        ("stretched", scene().map(|v| f64::from(v) * 1.9 - 60.0)),
    ] {
        assert_eq!(measure("banding", &picture).severity, 0.0, "{what}: {}", value("banding", &picture));
    }
    assert!(try_measure("banding", &Picture::flat(99, 99, [7; 3]), None).is_err_and(|r| r.contains("flat")));
}

#[test]
fn squares_have_their_side() {
    for side in [2, 3, 5, 8, 12, 18] {
        assert_eq!(value("pixelation", &scene().pixelated(side)), side as f64);
        assert_eq!(value("pixelation", &scene().pixelated(side).cropped(1, 1)), side as f64, "cropped");
    }
    for (what, picture) in [
        ("a scene", scene()),
        ("coded", scene().jpeg(8)),
        ("noisy", scene().noisy(20.0, 63)),
        ("soft", scene().blurred(4.0)),
        ("few tones", scene().posterised(4)),
    ] {
        assert_eq!(value("pixelation", &picture), 1.0, "{what}");
    }
    let place = boxed(0.5, 0.0, 1.0, 1.0);
    let map = measure("pixelation", &scene().with(&scene().pixelated(8), &place)).map.unwrap();
    assert_eq!(map.median_in(&boxed(0.6, 0.1, 1.0, 1.0)), Some(8.0));
    assert_eq!(map.median_in(&boxed(0.0, 0.0, 0.4, 1.0)), Some(1.0));
}

#[test]
fn a_veil_lifts_the_dark_channel() {
    let veils = [0.0, 0.3, 0.6].map(|t| value("haze", &scene().map(|v| f64::from(v) * (1.0 - t) + 190.0 * t)));
    assert!(veils[0] < 90.0 && veils[1] > veils[0] + 20.0 && veils[2] > veils[1] + 20.0, "{veils:?}");
    let paper = Picture::flat(200, 200, [240; 3]);
    assert!(try_measure("haze", &paper, None).is_err_and(|r| r.contains("bright")));
}

#[test]
fn fringes_grow_with_the_radius() {
    let scene = Picture::scene(600, 400, 64).blurred(0.8);
    let scaled = |k: f64| {
        Picture::of(600, 400, |x, y| {
            let from = |c: usize, middle: f64, n: usize| ((c as f64 - middle) / k + middle).clamp(0.0, (n - 1) as f64);
            let (fx, fy) = (from(x, 300.0, 600), from(y, 200.0, 400));
            // Bilinear: a nearest pixel would be off by as much as the shift.
            let (x0, y0) = (fx as usize, fy as usize);
            let (x1, y1) = ((x0 + 1).min(599), (y0 + 1).min(399));
            let (tx, ty) = (fx.fract(), fy.fract());
            let red = |x, y| f64::from(scene.at(x, y)[0]);
            let top = red(x0, y0) * (1.0 - tx) + red(x1, y0) * tx;
            let bottom = red(x0, y1) * (1.0 - tx) + red(x1, y1) * tx;
            let [_, g, b] = scene.at(x, y);
            [(top * (1.0 - ty) + bottom * ty).round() as u8, g, b]
        })
    };
    // 0.4 % of a half diagonal of 361 pixels is 1.44 pixels, 2.4 per 1000 of the long side.
    for (k, expected) in [(1.004, 2.4), (0.996, -2.4), (1.0, 0.0)] {
        let answer = measure("aberration", &scaled(k));
        assert!((answer.details["red"] - expected).abs() < 0.8, "{k}: {:?}", answer.details);
        assert!(answer.details["blue"].abs() < 0.3, "{k}: {:?}", answer.details);
    }
}

#[test]
fn waves_of_colour_are_moire_and_patterns_are_not() {
    let scene = Picture::scene(384, 256, 65);
    let wave = |x: usize, y: usize| 18.0 * (0.45 * x as f64 + 0.2 * y as f64).sin();
    let add = |v: u8, d: f64| (f64::from(v) + d).round().clamp(0.0, 255.0) as u8;
    let calm = scene.blurred(4.0);
    let moire = Picture::of(384, 256, |x, y| {
        let [r, g, b] = calm.at(x, y);
        [add(r, wave(x, y)), g, add(b, -wave(x, y))]
    });
    let pattern = Picture::of(384, 256, |x, y| calm.at(x, y).map(|v| add(v, wave(x, y))));
    let tinted = Picture::of(384, 256, |x, y| {
        let [r, g, b] = calm.at(x, y);
        [add(r, 1.5 * wave(x, y)), add(g, wave(x, y)), add(b, 0.5 * wave(x, y))]
    });
    assert!(value("moire", &moire) > 0.8, "{}", value("moire", &moire));
    for (what, picture) in [("a scene", scene.clone()), ("a pattern", pattern), ("a coloured pattern", tinted)] {
        assert!(value("moire", &picture) < 0.1, "{what}: {}", value("moire", &picture));
    }
    assert!(try_measure("moire", &Picture::flat(40, 99, [7; 3]), None).is_err_and(|r| r.contains("64")));
}
