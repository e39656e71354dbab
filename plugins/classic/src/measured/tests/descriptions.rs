use super::*;
use Attribute::{Colour, Compression, Exposure, Noise, Sharpness};
use insta::assert_snapshot;

#[test]
fn nothing_wrong() {
    assert_snapshot!(describe(&fine()), @"This is a picture of excellent quality; it is sharp, almost free of noise, well exposed and good in contrast. Nothing disturbs anywhere.");
}

#[test]
fn a_sharp_subject_in_front_of_a_soft_edge() {
    let mut evidence = with(vec![finding("sharpness", Sharpness, 0.5, Some("r3"))]);
    evidence.scores.push(Score { region: Some("r1".into()), ..score("sharpness", 0.7, Some(0.0), &[]) });
    assert_snapshot!(describe(&evidence), @"This is a picture of excellent quality apart from one place; it is almost free of noise, well exposed, good in contrast and neutral in colour. The [right edge](<17, 399>) is noticeably soft, and edges lack definition. The [subject](<126, 313>) is sharp all the same. All in all, the one thing to improve is the softness.");
}

#[test]
fn one_fault_at_two_places_is_one_label() {
    let mut evidence =
        with(vec![finding("exposure", Exposure, 0.55, Some("r2")), finding("exposure", Exposure, 0.5, Some("r4"))]);
    evidence.regions.push(region("r4", "lower left", [0.0, 0.7, 0.35, 1.0]));
    assert_snapshot!(describe(&evidence), @"Overall, the quality of this picture is excellent apart from some faults; it is sharp, almost free of noise, good in contrast and neutral in colour. The [upper left and lower left areas](<0, 126>, <280, 386>) are visibly overexposed, and the highlights lack gradation. All in all, the one thing to improve is the overexposure.");
}

#[test]
fn two_faults_at_one_place_are_one_sentence() {
    let evidence =
        with(vec![finding("sharpness", Sharpness, 0.7, Some("r1")), finding("noise", Noise, 0.3, Some("r1"))]);
    assert_snapshot!(describe(&evidence), @"This is a picture of excellent quality apart from one place; it is well exposed, good in contrast, neutral in colour and free of blocking. The [subject](<126, 313>) is very blurred and slightly noisy; edges lack definition. All in all, what there is to improve is above all the softness, followed by the noise.");
}

#[test]
fn worse_in_one_place_than_everywhere() {
    let evidence = with(vec![finding("noise", Noise, 0.9, Some("r2")), finding("noise", Noise, 0.5, None)]);
    assert_snapshot!(describe(&evidence), @"As a whole, the picture is of good quality apart from some faults; it is sharp, well exposed, good in contrast and neutral in colour. The whole picture is visibly grainy, and even tones look rough. Most affected is the [upper left area](<0, 126>), which is extremely grainy. What remains to be criticised is the noise.");
}

#[test]
fn a_cast_and_blocks_everywhere() {
    let mut evidence = with(vec![finding("blockiness", Compression, 0.45, None), finding("cast", Colour, 0.3, None)]);
    evidence.scores[5].details = details(&[("a", -2.0), ("b", -14.0)]);
    assert_snapshot!(describe(&evidence), @"As a whole, the picture is of good quality; it is sharp, almost free of noise, well exposed and good in contrast. Throughout, it is noticeably blocky and slightly bluish; the block pattern of the compression shows. All in all, what there is to improve is above all the blocking from compression, followed by the bluish cast.");
}

#[test]
fn underexposed_and_little_else_known() {
    let evidence = Evidence {
        scores: vec![score("exposure", 0.8, Some(0.85), &[("clip_low", 0.3), ("clip_high", 0.0)])],
        findings: vec![finding("exposure", Exposure, 0.85, None)],
        ..Evidence::default()
    };
    assert_snapshot!(describe(&evidence), @"As a whole, the picture is of poor quality, although it is colourful. Throughout, it is severely underexposed, and the shadows lack gradation. In sum, what costs the picture most is the underexposure.");
}

#[test]
fn nothing_measured() {
    assert_snapshot!(describe(&Evidence::default()), @"Nothing that was measured says how good this picture is.");
}

#[test]
fn names_from_elsewhere_are_fit_into_the_sentence() {
    let mut evidence = with(vec![
        finding("noise", Noise, 0.4, Some("r1")),
        finding("noise", Noise, 0.4, Some("r2")),
        finding("noise", Noise, 0.4, Some("gone")),
    ]);
    evidence.regions[0].name = "The\u{7} candles [x](<1, 2>)".into();
    evidence.regions[1].name = " ".into();
    assert_snapshot!(describe(&evidence), @"As a whole, the picture is of excellent quality; it is sharp, well exposed, good in contrast and neutral in colour. The [candles \\[x\\](\\<1, 2 and marked area](<126, 313>, <0, 126>) are slightly grainy. All in all, the noise is slight, and nothing else disturbs.");
}

#[test]
fn the_same_evidence_reads_the_same() {
    let evidence = with(vec![finding("noise", Noise, 0.4, Some("r1"))]);
    assert_eq!(describe(&evidence), describe(&evidence.clone()));
}

#[test]
fn different_evidence_does_not_all_read_alike() {
    let start = |v: f64| {
        let mut evidence = fine();
        evidence.scores[0].value = Some(v);
        describe(&evidence)
    };
    let all: std::collections::BTreeSet<String> = (0..40).map(|i| start(0.5 + f64::from(i) / 100.0)).collect();
    assert!(all.len() > 5, "{all:?}");
}

#[test]
fn most_of_the_picture_takes_no_article() {
    let mut evidence = with(vec![finding("noise", Noise, 0.4, Some("r1"))]);
    evidence.regions[0].name = "most of the picture".into();
    assert_snapshot!(describe(&evidence), @"This is a picture of excellent quality; it is sharp, well exposed, good in contrast and neutral in colour. [Most of the picture](<126, 313>) is slightly grainy. All in all, the noise is the only fault, and a slight one.");
}
