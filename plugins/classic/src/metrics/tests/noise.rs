use super::*;
use crate::testing::boxed;

#[test]
fn known_noise_is_recovered_on_texture() {
    let scene = Picture::scene(400, 300, 11);
    assert!(value("noise", &scene) < 1.5, "{}", value("noise", &scene));
    for sd in [3.0, 5.0, 10.0, 20.0] {
        let found = value("noise", &scene.noisy(sd, 12));
        assert!((found / sd - 1.0).abs() < 0.1, "{found} for {sd}");
    }
}

#[test]
fn severities_fit_what_is_seen() {
    let scene = Picture::scene(400, 300, 13);
    let severity = |sd: f64| measure("noise", &scene.noisy(sd, 14)).severity;
    assert!(severity(4.0) == 0.0 && (0.25..0.5).contains(&severity(15.0)) && severity(30.0) > 0.7);
}

#[test]
fn the_map_tells_where() {
    let place = boxed(0.5, 0.25, 1.0, 0.75);
    let scene = Picture::scene(480, 320, 15);
    let map = measure("noise", &scene.with(&scene.noisy(20.0, 16), &place)).map.unwrap();
    let (inside, outside) = (map.median_in(&place).unwrap(), map.median_in(&boxed(0.0, 0.0, 0.4, 1.0)).unwrap());
    assert!((15.0..22.0).contains(&inside) && outside < 3.0, "{inside} {outside}");
}

#[test]
fn only_the_region_counts() {
    let left = boxed(0.0, 0.0, 0.5, 1.0);
    let scene = Picture::scene(480, 320, 17);
    let picture = scene.with(&scene.noisy(12.0, 18), &left);
    let at = |b| try_measure("noise", &picture, Some(b)).unwrap().value;
    assert!((at(left) / 12.0 - 1.0).abs() < 0.1 && at(boxed(0.5, 0.0, 1.0, 1.0)) < 1.5);
}

#[test]
fn what_is_too_small_is_said() {
    assert!(try_measure("noise", &Picture::scene(40, 30, 1), None).is_err_and(|r| r.contains("small")));
    assert!(value("noise", &Picture::flat(200, 200, [50; 3])) == 0.0);
}
