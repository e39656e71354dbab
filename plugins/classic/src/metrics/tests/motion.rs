use super::*;
use crate::testing::boxed;

fn scene() -> Picture {
    Picture::scene(400, 300, 51)
}

#[test]
fn grows_with_the_length() {
    for angle in [0.0, 30.0, 90.0, 135.0] {
        let values = [1, 5, 9, 15, 25].map(|n| value("motion", &scene().moved(n, angle)));
        assert!(values.windows(2).all(|w| w[0] < w[1] + 0.02), "{angle}: {values:?}");
        assert!(values[0] < 0.1 && values[2] > 0.1 && values[4] > 0.15, "{angle}: {values:?}");
    }
}

#[test]
fn the_direction_is_told() {
    for angle in [0.0, 30.0, 63.0, 90.0, 120.0, 150.0] {
        let told = measure("motion", &scene().moved(15, angle)).details["direction"];
        let off = (told - angle).abs().min(180.0 - (told - angle).abs());
        assert!(off <= 15.0, "{angle}: {told}");
    }
}

#[test]
fn soft_noisy_and_plain_pictures_do_not_move() {
    for (what, picture) in [
        ("a scene", scene()),
        ("soft", scene().blurred(3.0)),
        ("noisy", scene().noisy(20.0, 52)),
        ("coded", scene().jpeg(20)),
        ("soft and noisy", scene().blurred(3.0).noisy(20.0, 52)),
    ] {
        assert!(measure("motion", &picture).severity < 0.2, "{what}: {:?}", measure("motion", &picture).details);
    }
    assert!(try_measure("motion", &Picture::flat(99, 99, [7; 3]), None).is_err_and(|r| r.contains("flat")));
}

#[test]
fn noise_does_not_hide_motion() {
    assert!(value("motion", &scene().moved(21, 30.0).noisy(12.0, 53)) > 0.2);
}

#[test]
fn the_map_tells_where() {
    let place = boxed(0.0, 0.0, 0.5, 1.0);
    let map = measure("motion", &scene().with(&scene().moved(15, 0.0), &place)).map.unwrap();
    let (inside, outside) = (map.median_in(&place).unwrap(), map.median_in(&boxed(0.6, 0.0, 1.0, 1.0)).unwrap());
    assert!(inside > 0.2 && outside < 0.1, "{inside} {outside}");
}
