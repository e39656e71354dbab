use super::*;
use crate::testing::boxed;

fn scene() -> Picture {
    Picture::scene(400, 300, 1)
}

#[test]
fn more_blur_is_less_sharp() {
    let values: Vec<f64> = [0.7, 1.0, 1.5, 2.0, 3.0, 4.0].map(|s| value("sharpness", &scene().blurred(s))).into();
    assert!(value("sharpness", &scene()) > values[0], "{values:?}");
    assert!(values.windows(2).all(|w| w[0] > w[1] + 0.03), "{values:?}");
}

#[test]
fn severities_fit_what_is_seen() {
    let severity = |p: &Picture| measure("sharpness", p).severity;
    assert_eq!(severity(&scene()), 0.0);
    assert!((0.2..0.6).contains(&severity(&scene().blurred(2.0))));
    assert!(severity(&scene().blurred(4.0)) > 0.75);
}

#[test]
fn nothing_to_judge_is_said() {
    for flat in [Picture::flat(200, 100, [90, 120, 200]), Picture::flat(200, 100, [0; 3])] {
        assert!(try_measure("sharpness", &flat, None).is_err_and(|r| r.contains("flat")));
    }
    let ramp = Picture::of(300, 200, |x, _| [(x / 3) as u8; 3]);
    assert!(try_measure("sharpness", &ramp, None).is_err_and(|r| r.contains("flat")), "a smooth sky is not blurred");
    assert!(try_measure("sharpness", &Picture::flat(7, 50, [9; 3]), None).is_err_and(|r| r.contains("8 x 8")));
    // Nor is pure noise sharp or soft.
    let noise = Picture::flat(300, 200, [128; 3]).noisy(15.0, 3);
    assert!(try_measure("sharpness", &noise, None).is_err_and(|r| r.contains("flat")));
}

#[test]
fn dark_and_noisy_pictures_are_not_blurred() {
    let dark = scene().map(|v| f64::from(v) * 0.2);
    assert!(measure("sharpness", &dark).severity < 0.05, "{}", value("sharpness", &dark));
    for sd in [5.0, 15.0, 30.0] {
        assert_eq!(measure("sharpness", &scene().noisy(sd, 4)).severity, 0.0, "noise of {sd}");
    }
}

#[test]
fn noise_does_not_hide_blur() {
    for sd in [5.0, 15.0] {
        let picture = scene().blurred(4.0).noisy(sd, 5);
        let severity = measure("sharpness", &picture).severity;
        assert!(severity > 0.6, "noise of {sd}: {severity}");
    }
}

#[test]
fn a_sharp_subject_before_a_soft_background_is_sharp() {
    let place = boxed(0.25, 0.15, 0.8, 0.85);
    let picture = scene().blurred(5.0).with(&scene(), &place);
    let answer = measure("sharpness", &picture);
    assert_eq!(answer.severity, 0.0);
    let map = answer.map.unwrap();
    let (inside, outside) = (map.median_in(&place).unwrap(), map.median_in(&boxed(0.0, 0.0, 0.2, 1.0)).unwrap());
    assert!(inside > 0.65 && outside < 0.3, "{inside} {outside}");
}

#[test]
fn only_the_region_counts() {
    let left = boxed(0.0, 0.0, 0.5, 1.0);
    let picture = scene().with(&scene().blurred(4.0), &left);
    let at = |b| try_measure("sharpness", &picture, Some(b)).unwrap().value;
    assert!(at(left) < 0.3 && at(boxed(0.5, 0.0, 1.0, 1.0)) > 0.65);
}

#[test]
fn high_resolution_is_not_blur() {
    // Edges 1.2 pixels wide are soft at 400 pixels, and as fine as anybody sees at 1700.
    let (small, large) = (scene().blurred(1.2), Picture::scene(1700, 1200, 6).blurred(1.2));
    let severities = [&small, &large, &large.noisy(1.0, 7)].map(|p| measure("sharpness", p).severity);
    assert!(severities[0] > 0.1 && severities[1] < 0.05 && severities[2] < 0.05, "{severities:?}");
}
