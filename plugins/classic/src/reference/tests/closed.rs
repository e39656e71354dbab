//! What must hold whatever the picture: perfect values, symmetry, order, and values known in closed form.

use super::*;

/// The value of equal pictures.
fn perfect(name: &str) -> f64 {
    match name {
        "psnr" | "ssimulacra2" => 100.0,
        "gmsd" | "butteraugli" => 0.0,
        _ => 1.0,
    }
}

#[test]
fn equal_pictures_are_perfect() {
    let picture = Picture::scene(256, 190, 7);
    for name in names() {
        assert!((value(name, &picture, &picture) - perfect(name)).abs() < 1e-6, "{name}");
    }
}

#[test]
fn some_do_not_care_which_is_the_original() {
    let original = Picture::scene(200, 190, 8);
    let image = original.noisy(9.0, 1);
    for name in ["psnr", "ssim", "ms-ssim", "gmsd"] {
        let (there, back) = (value(name, &image, &original), value(name, &original, &image));
        assert!((there - back).abs() < 1e-12, "{name}: {there} {back}");
    }
}

#[test]
fn more_noise_blur_and_compression_are_worse() {
    let original = Picture::scene(256, 192, 9);
    let rows = [
        [2.0, 6.0, 14.0, 30.0].map(|sd| original.noisy(sd, 3)),
        [0.6, 1.2, 2.4, 4.8].map(|sigma| original.blurred(sigma)),
        [85, 45, 20, 6].map(|quality| original.jpeg(quality)),
    ];
    for name in names() {
        let sign = if perfect(name) == 0.0 { 1.0 } else { -1.0 };
        for (i, pictures) in rows.iter().enumerate() {
            let values: Vec<f64> = pictures.iter().map(|p| sign * value(name, p, &original)).collect();
            assert!(values.is_sorted() && values[0] < values[3], "{name}, row {i}: {values:?}");
        }
    }
}

#[test]
fn psnr_is_its_formula() {
    let original = Picture::scene(64, 48, 2);
    let shifted = original.map(|v| f64::from(v) + 5.0);
    assert_eq!(detail("psnr", "mse", &shifted, &original), 25.0);
    assert!((value("psnr", &shifted, &original) - 10.0 * (255.0_f64 * 255.0 / 25.0).log10()).abs() < 1e-12);
    let (black, white) = (Picture::flat(9, 9, [0; 3]), Picture::flat(9, 9, [255; 3]));
    assert_eq!(value("psnr", &black, &white), 0.0);
    // One step in one of 30000 values: 48.13 + 44.77 dB.
    let mut one = Picture::flat(100, 100, [50; 3]);
    let flat = one.clone();
    one.data[4321] = 51;
    assert!((value("psnr", &one, &flat) - 10.0 * (65025.0_f64 * 30000.0).log10()).abs() < 1e-9);
}

#[test]
fn flat_pictures_differ_in_luminance_alone() {
    let (dark, light) = (Picture::flat(200, 180, [60; 3]), Picture::flat(200, 180, [120; 3]));
    let c1 = (0.01_f64 * 255.0).powi(2);
    let expected = (2.0 * 60.0 * 120.0 + c1) / (60.0_f64.powi(2) + 120.0_f64.powi(2) + c1);
    assert!((value("ssim", &dark, &light) - expected).abs() < 1e-9);
    assert!((value("ms-ssim", &dark, &light) - expected.powf(0.1333)).abs() < 1e-9);
    assert_eq!(reason("vif", item(&light, &dark)), "the original is flat");
}

#[test]
fn vif_sees_raised_contrast_as_more_information() {
    let original = Picture::scene(128, 96, 4).map(|v| 64.0 + 0.5 * f64::from(v));
    let stretched = original.map(|v| 1.4 * (f64::from(v) - 128.0) + 128.0);
    assert!(value("vif", &stretched, &original) > 1.0);
    assert!(value("vif", &original, &stretched) < 1.0);
    let flat = Picture::flat(128, 96, [128; 3]);
    assert_eq!(value("vif", &flat, &original), 0.0);
}

#[test]
fn ssim_also_says_what_the_authors_code_gives() {
    let original = Picture::scene(400, 390, 6);
    let image = original.noisy(20.0, 1);
    let (full, small) = (value("ssim", &image, &original), detail("ssim", "downsampled", &image, &original));
    assert!(small > full + 0.02, "averaging down hides noise: {full} {small}");
    let (original, image) = (original.cropped(150, 150), image.cropped(150, 150));
    assert_eq!(value("ssim", &image, &original), detail("ssim", "downsampled", &image, &original));
}
