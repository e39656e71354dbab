//! The metrics on made pairs: against independent implementations, at equal pictures, and with growing faults.

mod closed;
mod peers;

use super::*;
use crate::testing::{Picture, boxed};
use giqa_core::{CancelToken, NormBox, Silent};

fn ask(name: &str, item: MetricInput<'_>) -> Measurement {
    let metric = ReferenceMetric::new(name, giqa_sdk::metric_spec::<crate::Classic>(name).unwrap()).unwrap();
    metric.measure(&Context::new(&CancelToken::new(), &Silent), &[item]).pop().unwrap().unwrap()
}

fn item<'a>(image: &'a Picture, original: &'a Picture) -> MetricInput<'a> {
    MetricInput { image: image.view(), reference: Some(original.view()), region: None, map: true }
}

fn value(name: &str, image: &Picture, original: &Picture) -> f64 {
    detail(name, "", image, original)
}

/// A detail, or the value where that has no name.
fn detail(name: &str, detail: &str, image: &Picture, original: &Picture) -> f64 {
    match ask(name, item(image, original)) {
        Measurement::Measured { value, details, .. } => details.get(detail).copied().unwrap_or(value),
        Measurement::NotMeasurable { reason } => panic!("{name}: {reason}"),
    }
}

fn reason(name: &str, item: MetricInput<'_>) -> String {
    match ask(name, item) {
        Measurement::NotMeasurable { reason } => reason,
        measured @ Measurement::Measured { .. } => panic!("{name}: {measured:?}"),
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    let built_in = |name: &&str| cfg!(feature = "perceptual") || !["ssimulacra2", "butteraugli"].contains(name);
    ALL.iter().map(|(name, ..)| *name).filter(built_in)
}

#[test]
fn without_a_fitting_original_nothing_is_measurable() {
    let (large, small) = (Picture::scene(200, 180, 1), Picture::scene(180, 200, 1));
    for name in names() {
        assert_eq!(reason(name, MetricInput::new(large.view())), "there is no original to compare with");
        assert_eq!(
            reason(name, item(&small, &large)),
            "the original has 200 x 180 pixels and the picture 180 x 200",
            "{name}"
        );
    }
}

#[test]
fn pictures_and_regions_can_be_too_small() {
    for &(name, least, _) in ALL.iter().filter(|(name, least, _)| *least > 1 && names().any(|n| n == *name)) {
        let (fits, small) = (Picture::scene(least as usize, 200, 1), Picture::scene(least as usize - 1, 200, 1));
        value(name, &fits.noisy(5.0, 2), &fits);
        assert_eq!(reason(name, item(&small, &small)), format!("smaller than {least} pixels"));
        let corner = MetricInput { region: Some(boxed(0.0, 0.0, 0.99, 0.01)), ..item(&fits, &fits) };
        assert_eq!(reason(name, corner), format!("smaller than {least} pixels"));
    }
    let dot = Picture::flat(1, 1, [9, 9, 9]);
    assert_eq!(value("psnr", &dot, &dot), 100.0);
}

#[test]
#[cfg(not(feature = "perceptual"))]
fn what_is_left_out_says_so() {
    let picture = Picture::scene(64, 64, 1);
    for name in ["ssimulacra2", "butteraugli"] {
        assert!(reason(name, item(&picture, &picture)).contains("feature 'perceptual'"));
    }
}

#[test]
fn a_region_is_the_crop_of_both() {
    let original = Picture::scene(420, 400, 3);
    let image = original.noisy(12.0, 4).blurred(0.7);
    let region = boxed(0.5, 0.5, 1.0, 1.0);
    let (cut_image, cut_original) = (image.cropped(210, 200), original.cropped(210, 200));
    for name in names() {
        let whole = item(&image, &original);
        let there = ask(name, MetricInput { region: Some(region), ..whole });
        let cut = ask(name, MetricInput { map: false, ..item(&cut_image, &cut_original) });
        assert_eq!(there, cut, "{name}");
        assert_ne!(there, ask(name, MetricInput { map: false, ..whole }), "{name}");
    }
}

#[test]
fn maps_show_where() {
    let original = Picture::scene(320, 240, 5);
    let place = boxed(0.5, 0.5, 1.0, 1.0);
    let image = original.with(&original.blurred(4.0), &place);
    for name in names() {
        let spec = giqa_sdk::metric_spec::<crate::Classic>(name).unwrap();
        let Measurement::Measured { map, .. } = ask(name, item(&image, &original)) else { panic!("{name}") };
        assert_eq!(map.is_some(), spec.map, "{name}");
        let Some(map) = map else { continue };
        assert_eq!((map.cols(), map.rows()), (20, 15));
        let [fine, spoiled] = [boxed(0.0, 0.0, 0.45, 1.0), place].map(|b| map.median_in(&b).unwrap());
        match name {
            "ssim" => assert!((fine - 1.0).abs() < 1e-6 && spoiled < 0.9, "{fine} {spoiled}"),
            _ => assert!(fine.abs() < 1e-6 && spoiled > 0.05, "{name}: {fine} {spoiled}"),
        }
        assert_eq!(map.values().iter().filter(|v| v.is_finite()).count(), 300);
    }
    let long = Picture::scene(4000, 30, 1);
    let Measurement::Measured { map: Some(map), .. } = ask("ssim", item(&long, &long)) else { panic!("a map") };
    assert!(map.cols() <= 96 && map.rows() == 1);
    assert_eq!(map.median_in(&NormBox::FULL), Some(1.0));
}

#[test]
fn a_cancelled_call_measures_nothing() {
    let picture = Picture::scene(64, 64, 1);
    let metric = ReferenceMetric::new("psnr", giqa_sdk::metric_spec::<crate::Classic>("psnr").unwrap()).unwrap();
    let token = CancelToken::new();
    token.cancel();
    let results = metric.measure(&Context::new(&token, &Silent), &[item(&picture, &picture); 2]);
    assert!(results.len() == 2 && results.iter().all(Result::is_err));
}
