//! Exposure, contrast, colour, cast.

use super::*;
use crate::testing::boxed;

#[test]
fn clipped_shares_are_exact() {
    // 100 x 100: the first 10 rows white in one channel, the last 20 black, the rest middle grey.
    let picture = Picture::of(100, 100, |_, y| match y {
        0..10 => [254, 40, 40],
        80.. => [1, 0, 1],
        _ => [120; 3],
    });
    let details = measure("exposure", &picture).details;
    assert_eq!((details["clip_high"], details["clip_low"], details["median"]), (0.1, 0.2, 120.0));
    let half = try_measure("exposure", &picture, Some(boxed(0.0, 0.0, 1.0, 0.5))).unwrap();
    assert_eq!((half.details["clip_high"], half.details["clip_low"]), (0.2, 0.0));
}

#[test]
fn exposure_alarms_where_it_should() {
    let scene = Picture::scene(300, 200, 21);
    let severity = |p: &Picture| measure("exposure", p).severity;
    assert_eq!(severity(&scene), 0.0);
    // Two and a half stops over; four under.
    let over = measure("exposure", &scene.map(|v| f64::from(v) * 2.2));
    assert!(over.severity > 0.5 && over.details["bias"] > 0.0, "{}", over.severity);
    let under = measure("exposure", &scene.map(|v| f64::from(v) * 0.15));
    assert!(under.severity > 0.5 && under.details["bias"] < 0.0, "{}", under.severity);
    // Lamps in a well-lit room and a subject before black are choices.
    let lamps =
        Picture::of(300, 200, |x, y| if (x / 4) % 25 == 0 && (y / 4) % 25 == 0 { [255; 3] } else { scene.at(x, y) });
    assert_eq!(severity(&lamps), 0.0);
    let portrait = Picture::flat(300, 200, [0; 3]).with(&scene.map(|v| f64::from(v) * 1.1), &boxed(0.3, 0.1, 0.7, 1.0));
    assert!(severity(&portrait) < 0.25, "{}", severity(&portrait));
    let window = scene.with(&Picture::flat(300, 200, [255; 3]), &boxed(0.5, 0.0, 1.0, 0.6));
    assert!(severity(&window) > 0.5);
}

#[test]
fn contrast_is_the_spread_of_tones() {
    let ramp = Picture::of(256, 64, |x, _| [x as u8; 3]);
    let answer = measure("contrast", &ramp);
    assert!((answer.value - 230.0).abs() <= 2.0 && (answer.details["entropy"] - 8.0).abs() < 0.01);
    assert_eq!(value("contrast", &Picture::flat(64, 64, [77; 3])), 0.0);
    let dull = ramp.map(|v| 110.0 + f64::from(v) * 0.15);
    assert!(measure("contrast", &dull).severity > 0.5 && measure("contrast", &ramp).severity == 0.0);
    assert!(try_measure("contrast", &Picture::flat(1, 1, [9; 3]), None).is_err());
}

#[test]
fn colourfulness_in_closed_form() {
    assert_eq!(value("colour", &Picture::scene(50, 50, 1).map(|_| 90.0)), 0.0, "grey");
    // One colour: no spread; rg = 100, yb = 150 - 50 = 100.
    let flat = value("colour", &Picture::flat(40, 40, [200, 100, 50]));
    assert!((flat - 0.3 * 100.0_f64.hypot(100.0)).abs() < 1e-9);
    // Half red, half blue: rg is 255 or 0, yb is 127.5 or -255.
    let halves = Picture::of(40, 40, |x, _| if x < 20 { [255, 0, 0] } else { [0, 0, 255] });
    let expected = 127.5_f64.hypot(191.25) + 0.3 * 127.5_f64.hypot(-63.75);
    assert!((value("colour", &halves) - expected).abs() < 1e-9);
}

#[test]
fn casts_have_a_direction() {
    let scene = Picture::scene(300, 200, 22);
    assert!(measure("cast", &scene).severity < 0.1, "a warm scene");
    let tinted = |r: f64, g: f64, b: f64| {
        let gains = [r, g, b];
        let mut i = 0;
        scene.map(|v| {
            i += 1;
            f64::from(v) * gains[(i - 1) % 3]
        })
    };
    for (picture, axis, positive) in [
        (tinted(0.75, 0.9, 1.3), "b", false),
        (tinted(1.15, 1.0, 0.55), "b", true),
        (tinted(1.35, 0.75, 0.95), "a", true),
        (tinted(0.7, 1.15, 0.9), "a", false),
    ] {
        let answer = measure("cast", &picture);
        assert!(answer.severity > 0.25, "{:?} {}", answer.details, answer.severity);
        assert_eq!(answer.details[axis] > 0.0, positive, "{:?}", answer.details);
    }
}

#[test]
fn one_colour_alone_is_no_cast() {
    let sky = Picture::flat(200, 150, [60, 110, 220]).noisy(2.0, 23);
    assert!(try_measure("cast", &sky, None).is_err_and(|r| r.contains("one strong colour")));
    assert!(try_measure("cast", &Picture::flat(50, 50, [0; 3]), None).is_err_and(|r| r.contains("too dark")));
    assert_eq!(value("cast", &Picture::flat(50, 50, [128; 3])), 0.0);
}
