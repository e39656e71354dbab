//! Pictures made by a formula in whole numbers, and what other implementations say of them.
//!
//! PSNR and SSIM: scikit-image 0.26; GMSD and MS-SSIM: the authors' MATLAB code, followed with SciPy (OpenCV 5.0 gives
//! the same GMSD but for its standard deviation over n); VIFp: sewar 0.4.10. The grey pictures are OpenCV's.

use super::*;

fn triangle(t: usize, p: usize) -> usize {
    (t % (2 * p)).abs_diff(p)
}

fn original(width: usize, height: usize) -> Picture {
    Picture::of(width, height, |x, y| {
        std::array::from_fn(|c| {
            let waves = triangle(3 * x + y, 60) + triangle(2 * y + 17 * c + x, 35);
            let grain = (x * x + 3 * y * y + x * y) / 64 % (40 + 5 * c);
            (30 + waves + grain + 90 * ((x / 24 + y / 20) % 2)).min(255) as u8
        })
    })
}

fn noisy(of: &Picture) -> Picture {
    Picture::of(of.width, of.height, |x, y| {
        std::array::from_fn(|c| {
            let noise = (7919 * x + 104_729 * y + 31 * x * y + 1013 * c) % 41;
            (usize::from(of.at(x, y)[c]) + noise).saturating_sub(20).min(255) as u8
        })
    })
}

fn soft(of: &Picture) -> Picture {
    Picture::of(of.width, of.height, |x, y| {
        std::array::from_fn(|c| {
            let near = (x..x + 5).map(|x| usize::from(of.at(x.saturating_sub(2).min(of.width - 1), y)[c]));
            (near.sum::<usize>() / 5 * 7 / 8 + 12) as u8
        })
    })
}

fn sum(of: &Picture) -> u64 {
    of.data.iter().map(|&v| u64::from(v)).sum()
}

#[track_caller]
fn assert_values(image: &Picture, original: &Picture, expected: &[(&str, &str, f64)]) {
    for &(name, of, expected) in expected {
        let found = detail(name, of, image, original);
        assert!((found - expected).abs() < 2e-7, "{name} {of}: {found} instead of {expected}");
    }
}

#[test]
fn a_noisy_pair() {
    let original = original(128, 96);
    let image = noisy(&original);
    assert_eq!((sum(&original), sum(&image)), (5_268_099, 5_270_947), "the formula is the one that peers saw");
    let expected = [
        ("psnr", "", 26.663_139_283),
        ("ssim", "", 0.904_867_238),
        ("gmsd", "", 0.019_342_707),
        ("gmsd", "mean", 0.991_026_166),
        ("vif", "", 0.599_067_735),
    ];
    assert_values(&image, &original, &expected);
}

#[test]
fn a_soft_pair_with_odd_sides() {
    let original = original(127, 95);
    let image = soft(&original);
    assert_eq!((sum(&original), sum(&image)), (5_172_800, 4_933_910), "the formula is the one that peers saw");
    let expected = [
        ("psnr", "", 23.655_992_550),
        ("ssim", "", 0.833_882_031),
        ("gmsd", "", 0.084_053_277),
        ("gmsd", "mean", 0.952_118_858),
        ("vif", "", 0.477_197_565),
    ];
    assert_values(&image, &original, &expected);
}

#[test]
fn pairs_with_room_for_five_scales() {
    let original = original(200, 181);
    assert_values(&noisy(&original), &original, &[("ms-ssim", "", 0.993_077_547), ("vif", "", 0.604_170_772)]);
    assert_values(&soft(&original), &original, &[("ms-ssim", "", 0.945_254_861), ("ssim", "", 0.789_591_340)]);
}
