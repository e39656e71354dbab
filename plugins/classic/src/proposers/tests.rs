//! The proposers on pictures with a fault, or a subject, in a known place.

use super::*;
use crate::testing::{Picture, boxed};
use crate::{Classic, judging_metrics, placing_metrics};
use giqa_core::{CancelToken, Context, NormBox, ProposerInput, Region, RegionProposer, Silent};

fn propose(proposer: &dyn RegionProposer, picture: &Picture) -> Vec<Region> {
    let token = CancelToken::new();
    let input = ProposerInput { image: picture.view(), phrases: &[] };
    proposer.propose(&Context::new(&token, &Silent), &[input]).remove(0).unwrap()
}

/// The places; what is said of the whole picture is left out.
fn faults(picture: &Picture) -> Vec<Region> {
    let mut all = everything(picture);
    all.retain(|r| r.bounds != NormBox::FULL);
    all
}

fn everything(picture: &Picture) -> Vec<Region> {
    let spec = giqa_sdk::proposer_spec::<Classic>("quality-map").unwrap();
    propose(
        &QualityMap::new(spec, judging_metrics().unwrap(), placing_metrics().unwrap(), forest::kinds().unwrap()),
        picture,
    )
}

fn subjects(picture: &Picture) -> Vec<Region> {
    propose(&Subject::new(giqa_sdk::proposer_spec::<Classic>("subject").unwrap()), picture)
}

fn best(regions: &[Region], place: &NormBox) -> f64 {
    regions.iter().map(|r| r.bounds.iou(place)).fold(0.0, f64::max)
}

#[test]
fn local_faults_are_boxed() {
    let scene = Picture::scene(768, 512, 41);
    for place in [boxed(0.25, 0.25, 0.58, 0.56), boxed(0.6, 0.55, 0.95, 0.95)] {
        let white = Picture::flat(768, 512, [255; 3]);
        let faulty = [
            ("blur", scene.blurred(4.0)),
            ("noise", scene.noisy(30.0, 42)),
            ("blocks", scene.jpeg(6)),
            ("clipping", white),
        ];
        for (what, other) in faulty {
            let regions = faults(&scene.with(&other, &place));
            assert!(best(&regions, &place) >= 0.5, "{what}: {regions:?}");
            assert!(regions.len() <= 6 && regions.windows(2).all(|w| w[0].score >= w[1].score));
        }
    }
}

#[test]
fn even_pictures_have_no_faults_in_places() {
    let scene = Picture::scene(768, 512, 43);
    for (what, picture) in [
        ("a good scene", scene.clone()),
        ("blur everywhere", scene.blurred(4.0)),
        ("noise everywhere", scene.noisy(30.0, 44)),
        ("blocks everywhere", scene.jpeg(8)),
        ("flat", Picture::flat(300, 200, [99; 3])),
    ] {
        assert_eq!(faults(&picture), Vec::new(), "{what}");
    }
}

#[test]
fn a_thing_before_a_plain_ground_is_the_subject() {
    let place = boxed(0.3, 0.35, 0.6, 0.8);
    let picture = Picture::flat(480, 320, [90, 120, 150]).with(&Picture::scene(480, 320, 45), &place);
    let regions = subjects(&picture);
    assert_eq!(regions[0].name, "subject");
    assert!(regions[0].bounds.iou(&place) >= 0.6, "{regions:?}");
}

#[test]
fn where_nothing_stands_out_there_is_no_subject() {
    for picture in [Picture::flat(200, 150, [10, 200, 30]), Picture::flat(5, 5000, [0; 3]), Picture::flat(1, 1, [9; 3])]
    {
        assert_eq!(subjects(&picture), Vec::new());
        assert_eq!(faults(&picture), Vec::new());
    }
}

#[test]
fn odd_shapes_do_not_break_anything() {
    for (width, height) in [(1, 1), (8, 8), (1, 5000), (5000, 1), (33, 40), (700, 33)] {
        let picture = Picture::of(width, height, |x, y| [(x * 31 % 256) as u8, (y * 57 % 256) as u8, 128]);
        for region in faults(&picture).iter().chain(&subjects(&picture)) {
            assert!((0.0..=1.0).contains(&region.score) && region.bounds.area() > 0.0, "{region:?}");
        }
    }
}
