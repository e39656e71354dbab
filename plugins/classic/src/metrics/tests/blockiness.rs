use super::*;
use crate::testing::boxed;

fn scene() -> Picture {
    Picture::scene(400, 304, 31)
}

#[test]
fn falls_with_the_quality_of_the_file() {
    let values = [10, 30, 90].map(|q| value("blockiness", &scene().jpeg(q)));
    assert!(values[0] > values[1] && values[1] > values[2], "{values:?}");
    let severity = |p: &Picture| measure("blockiness", p).severity;
    assert!(severity(&scene().jpeg(10)) > 0.5 && severity(&scene().jpeg(90)) < 0.1 && severity(&scene()) == 0.0);
}

#[test]
fn the_grid_is_found_after_a_crop() {
    let whole = measure("blockiness", &scene().jpeg(10));
    assert_eq!((whole.details["phase_x"], whole.details["phase_y"]), (0.0, 0.0));
    let cropped = measure("blockiness", &scene().jpeg(10).cropped(3, 5));
    assert_eq!((cropped.details["phase_x"], cropped.details["phase_y"]), (5.0, 3.0));
    assert!((cropped.value - whole.value).abs() < 0.05, "{} {}", cropped.value, whole.value);
}

#[test]
fn blur_noise_and_frames_are_no_blocks() {
    let bare = scene();
    let black_line = Picture::of(400, 304, |x, y| if y == 303 || x == 0 { [0; 3] } else { bare.at(x, y) });
    for (what, picture) in [("blur", scene().blurred(4.0)), ("noise", scene().noisy(15.0, 32)), ("a frame", black_line)]
    {
        let answer = measure("blockiness", &picture);
        assert!(answer.severity == 0.0 && answer.value < 0.05, "{what}: {}", answer.value);
    }
    // The score of Wang, Sheikh and Bovik falls with blur, which is why it is a detail and not the value.
    let wsb = |p: &Picture| measure("blockiness", p).details["wsb"];
    assert!(wsb(&scene()) > wsb(&scene().blurred(4.0)) && wsb(&scene()) > wsb(&scene().jpeg(10)) + 2.0);
}

#[test]
fn the_map_tells_where() {
    let place = boxed(0.0, 0.0, 0.5, 1.0);
    let map = measure("blockiness", &scene().with(&scene().jpeg(8), &place)).map.unwrap();
    let (inside, outside) = (map.median_in(&place).unwrap(), map.median_in(&boxed(0.6, 0.0, 1.0, 1.0)).unwrap());
    assert!(inside > 0.3 && outside < 0.1, "{inside} {outside}");
}

#[test]
fn flat_and_small_are_said() {
    assert!(try_measure("blockiness", &Picture::flat(99, 99, [7; 3]), None).is_err_and(|r| r.contains("flat")));
    assert!(try_measure("blockiness", &Picture::scene(31, 64, 1), None).is_err_and(|r| r.contains("32")));
}
