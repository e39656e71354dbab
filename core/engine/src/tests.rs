//! From components to reports, with components that say what they are told to.

use crate::fakes::*;
use crate::{InspectError, InspectOptions, Inspector, output};
use giqa_core::*;
use giqa_host::Profile;

fn findings(i: &crate::Inspection) -> Vec<String> {
    let one = |f: &Finding| format!("{} {} {}", f.attribute, f.severity, f.region.as_deref().unwrap_or("-"));
    i.report.findings.iter().map(one).collect()
}

#[test]
fn a_report_has_everything_in_order() {
    let got = inspect(profile());
    assert_eq!(findings(&got), ["noise 0.9 r4", "noise 0.3 -"]);
    assert!(got.failures.is_empty());
    let r = &got.report;
    assert_eq!((r.schema.as_str(), r.regions.len(), r.scores.len()), ("giqa.report/1", 4, 2 + 8));
    assert_eq!((r.regions[3].id.as_str(), r.regions[3].source.as_str()), ("r4", "fake.quarters"));
    assert_eq!(r.regions[3].cells, Some(Cells { l: 210, r: 399 }));
    let d = r.description.as_ref().unwrap();
    assert_eq!(d.grounded, "[lower right](<210, 399>) has bad noise. The whole picture has good noise. ");
    assert_eq!(r.scores[0].details["share"], 0.333333, "rounded");
    let ids: Vec<_> = r.provenance.components.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["fake.quarters", "fake.noise", "fake.blur", "fake.words"]);
    assert_eq!(r.warnings, ["fake.words: one doubt"]);
    for key in ["decode", "propose", "measure", "ground", "total", "fake.noise"] {
        assert!(r.timing_ms.contains_key(key), "{key}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let bytes = || {
        let mut r = inspect(profile()).report;
        r.timing_ms.clear();
        serde_json::to_string(&r).unwrap()
    };
    let first = bytes();
    assert!((0..20).all(|_| bytes() == first));
}

#[test]
fn a_component_that_fails_costs_its_part_only() {
    let mut p = profile();
    p.proposers.push(proposer("bad.proposer", Does::Fails(ErrorKind::TimedOut)));
    p.metrics.push(metric("bad.panics", Attribute::Haze, Does::Panics));
    p.metrics.push(metric("bad.nan", Attribute::Haze, measured(f64::NAN, [0.0; 4])));
    p.model = Some(model("bad.model", Does::Fails(ErrorKind::Crashed)));
    let got = inspect(p);
    let failed: Vec<_> = got.failures.iter().map(|(id, e)| (id.as_str(), e.kind)).collect();
    assert_eq!(
        failed,
        [
            ("bad.proposer", ErrorKind::TimedOut),
            ("bad.panics", ErrorKind::Panicked),
            ("bad.nan", ErrorKind::Garbage),
            ("bad.model", ErrorKind::Crashed)
        ]
    );
    assert_eq!(got.report.warnings[1], "bad.panics: it panicked: ouch");
    assert!(got.report.description.is_none() && got.report.findings.len() == 2);
    assert_eq!(got.report.provenance.components.len(), 7, "who failed took part");
}

#[test]
fn what_is_not_measurable_says_why() {
    let mut p = profile();
    p.metrics = vec![metric("m.flat", Attribute::Noise, Does::Answers(Measurement::not_measurable("flat")))];
    let r = inspect(p).report;
    assert_eq!((r.scores[0].value, r.scores[0].not_measurable.as_deref()), (None, Some("flat")));
    assert!(r.findings.is_empty());
    assert_eq!(r.quality.score, 77.0, "nothing was measured, so the model's own score stands");
    let bare = inspect(Profile { name: "bare".into(), ..Profile::default() }).report;
    assert!(bare.quality.score == 50.0 && bare.warnings[0].contains("50 stands for unknown"));
}

#[test]
fn equal_boxes_are_one_region() {
    let mut p = profile();
    let mut again = quarters();
    again.push(region("other name", 0.0, 0.0, 0.5, 0.5));
    again.push(region("upper left", 0.0, 0.0, 0.5, 0.49));
    p.proposers.push(proposer("b.again", Does::Answers(again)));
    let r = inspect(p).report;
    assert_eq!(r.regions.len(), 5);
    assert_eq!((r.regions[4].name.as_str(), r.regions[4].source.as_str()), ("other name", "b.again"));
}

#[test]
fn the_worst_metric_of_an_attribute_speaks() {
    let mut p = profile();
    p.metrics.push(metric("b.noise", Attribute::Noise, measured(0.43, [0.43; 4])));
    let got = inspect(p);
    assert_eq!(findings(&got), ["noise 0.9 r4", "noise 0.43 -"]);
    assert_eq!(got.report.findings[1].evidence.metric, "b.noise");
    assert_eq!(got.report.findings[1].level, Level::Fair);
}

fn blurred_around(subject: Option<Region>) -> Vec<String> {
    let mut p = profile();
    let mut regions = quarters();
    regions.extend(subject);
    p.proposers = vec![proposer("a.regions", Does::Answers(regions))];
    p.metrics = vec![metric("a.blur", Attribute::Sharpness, measured(0.1, [0.0, 0.9, 0.9, 0.9]))];
    findings(&inspect(p))
}

#[test]
fn a_sharp_subject_excuses_its_background() {
    assert_eq!(blurred_around(None).len(), 3);
    assert!(blurred_around(Some(region("subject", 0.05, 0.05, 0.45, 0.45))).is_empty());
    let soft = blurred_around(Some(region("Subject", 0.55, 0.55, 0.95, 0.95)));
    assert_eq!(soft.len(), 4, "the subject is not sharp: every blur counts");
}

#[test]
fn unsure_places_and_what_is_so_by_nature_are_no_evidence() {
    let told = |name: &str, score: f64| {
        let mut p = profile();
        let place = Region { score, ..region(name, 0.0, 0.0, 0.5, 0.5) };
        p.proposers = vec![proposer("a.regions", Does::Answers(vec![place]))];
        p.metrics = vec![metric("a.blur", Attribute::Sharpness, measured(0.1, [0.9, 0.0, 0.0, 0.0]))];
        let got = inspect(p);
        assert!(got.report.scores.iter().any(|s| s.region.is_some()), "it is measured all the same");
        (findings(&got).len(), got.report.quality.score)
    };
    let (one, lower) = told("upper left", 0.9);
    let (none, unchanged) = told("upper left", 0.4);
    assert!((one, none) == (1, 0) && lower < unchanged);
    assert_eq!(told("Sky", 0.9), (0, unchanged));
    assert_eq!(told("background", 0.9), (0, unchanged));
    assert_eq!(told("subject", 0.4).0, 1);
}

#[test]
fn quality_never_rises_with_a_severity() {
    let score = |whole: f64, local: f32| {
        let mut p = profile();
        p.metrics = vec![metric("a.noise", Attribute::Noise, measured(whole, [local, 0.0, 0.0, 0.0]))];
        inspect(p).report.quality.score
    };
    let steps = [0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0];
    for &fixed in &steps {
        for pair in steps.windows(2) {
            assert!(score(pair[0], fixed as f32) >= score(pair[1], fixed as f32));
            assert!(score(fixed, pair[0] as f32) >= score(fixed, pair[1] as f32));
        }
    }
    assert_eq!(score(0.0, 0.0), 100.0);
    assert!(score(0.0, 1.0) > score(1.0, 0.0), "a quarter counts less than the whole");
}

#[test]
fn references_are_for_full_reference_metrics() {
    let mut p = profile();
    let mut spec = p.metrics[0].component.spec().clone();
    spec.reference = ReferenceNeed::FullReference;
    p.metrics.push(loaded("fr.ssim", std::sync::Arc::new(FakeMetric(spec, measured(0.0, [0.0; 4])))));
    let inspector = Inspector::new(p, InspectOptions::default());
    let (token, image) = (CancelToken::new(), image());
    let context = Context::new(&token, &Silent);
    let ids = |reference| -> usize {
        inspector.inspect(&image, reference, &context).unwrap().report.provenance.components.len()
    };
    assert_eq!((ids(None), ids(Some(&image))), (4, 5));
    let small = crate::Decoded::from_rgb("b", 1, 1, vec![0; 3]).unwrap();
    assert!(matches!(inspector.inspect(&image, Some(&small), &context), Err(InspectError::ReferenceSize { .. })));
}

#[test]
fn questions_are_answered_or_refused() {
    let (token, image) = (CancelToken::new(), image());
    let context = Context::new(&token, &Silent);
    let inspector = Inspector::new(profile(), InspectOptions::default());
    let a = inspector.ask(&image, "Is it noisy?", &[NormBox::FULL], &context).unwrap();
    assert!(a.text.starts_with("Is it noisy? Yes: lower right has") && a.spans.len() == 1);
    assert_eq!(a.options[0].probability, 0.666667);
    insta::assert_snapshot!(output::answer_text(&a, &output::TextOptions::default()));
    let report = inspector.inspect(&image, None, &context).unwrap().report;
    let again = inspector.ask_again(&image, &report, "Is it noisy?", &[NormBox::FULL], &context).unwrap();
    assert_eq!((&again.text, &again.options, &again.provenance), (&a.text, &a.options, &a.provenance));
    let mute = Inspector::new(Profile { model: None, ..profile() }, InspectOptions::default());
    assert!(matches!(mute.ask(&image, "?", &[], &context), Err(InspectError::NoAnswers { .. })));
    let broken = Profile { model: Some(model("a.b", Does::Panics)), ..profile() };
    let error = Inspector::new(broken, InspectOptions::default()).ask(&image, "?", &[], &context).unwrap_err();
    assert_eq!(error.to_string(), "a.b: it panicked: ouch");
    token.cancel();
    assert!(matches!(inspector.ask(&image, "?", &[], &context), Err(InspectError::Cancelled)));
    assert!(matches!(inspector.ask_again(&image, &report, "?", &[], &context), Err(InspectError::Cancelled)));
    assert!(matches!(inspector.inspect(&image, None, &context), Err(InspectError::Cancelled)));
}
