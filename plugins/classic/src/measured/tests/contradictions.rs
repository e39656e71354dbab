//! No description of any evidence contradicts it; no question breaks anything.

use super::super::words::{praise, related};
use super::*;
use proptest::prelude::*;

fn any_box() -> impl Strategy<Value = NormBox> {
    [0.0..1.0_f64, 0.0..1.0, 0.0..1.0, 0.0..1.0].prop_map(|[a, b, c, d]| NormBox::clamped(a, b, c, d).unwrap())
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    let name = prop::sample::select(vec![
        "subject",
        "upper left",
        "most of the picture",
        "centre",
        "right edge",
        "candles",
        "a [b](<1, 2>)",
        "",
    ]);
    let regions = prop::collection::vec((name, any_box()), 0..6);
    let severities = prop::array::uniform7(0.0..1.0_f64);
    let findings = prop::collection::vec((0..10_usize, 0.25..1.0_f64, 0..8_usize), 0..8);
    (regions, severities, findings).prop_map(|(regions, severities, findings)| {
        let mut evidence = fine();
        evidence.regions = (regions.into_iter().enumerate())
            .map(|(i, (name, b))| Region { id: format!("r{i}"), ..Region::new(name, b, 0.5) })
            .collect();
        for (s, severity) in evidence.scores.iter_mut().zip(severities) {
            s.severity = s.severity.map(|_| severity);
        }
        // Regions 6 and 7 do not exist: the whole picture, and an id that nothing has.
        evidence.findings = (findings.into_iter())
            .map(|(a, severity, r)| {
                let region = if r == 6 { None } else { Some(format!("r{r}")) };
                finding(Attribute::ALL[a].name(), Attribute::ALL[a], severity, region.as_deref())
            })
            .collect();
        evidence.findings.sort_by(|a, b| b.severity.total_cmp(&a.severity));
        evidence
    })
}

proptest! {
    #[test]
    fn faults_are_told_and_not_praised(evidence in any_evidence()) {
        let text = run(&evidence, &Request::Describe, Box::new(left_is_soft));
        for f in &evidence.findings {
            for &a in related(f.attribute) {
                // The subject's own sharpness may be praised where the fault lies elsewhere; that is its own sentence.
                let told = text.text.replace(" itself sharp.", ".").replace(" sharp all the same.", ".");
                let word = praise(a);
                let said = told.match_indices(word).any(|(i, _)| {
                    let after = told[i + word.len()..].chars().next();
                    after.is_none_or(|c| !c.is_alphanumeric())
                });
                prop_assert!(!said, "{word}: {}", text.text);
            }
            if let Some(r) = f.region.as_deref().and_then(|id| evidence.region(id)) {
                prop_assert!(text.spans.iter().any(|s| s.boxes.contains(&r.bounds)), "{}: {}", r.id, text.text);
            }
        }
        for s in &text.spans {
            for b in &s.boxes {
                prop_assert!(evidence.regions.iter().any(|r| r.bounds == *b));
            }
        }
        prop_assert_eq!(&text, &run(&evidence, &Request::Describe, Box::new(left_is_soft)));
    }

    #[test]
    fn an_answer_and_its_opposite_differ(evidence in any_evidence(), i in 0..5_usize) {
        let (bad, good) = [("blurry", "sharp"), ("noisy", "clean"), ("flat", "contrasty"), ("tinted", "neutral"), ("noisy", "not noisy")][i];
        let yes = |q: &str| ask(&evidence, &format!("Is the image {q}?"), &[]).starts_with("Yes.");
        prop_assert_ne!(yes(bad), yes(good));
    }

    #[test]
    fn any_question_has_an_answer(question in ".{0,200}", evidence in any_evidence(), b in any_box()) {
        prop_assert!(!ask(&evidence, &question, &[]).is_empty());
        prop_assert!(!ask(&evidence, &question, &[b.into()]).is_empty());
    }

    #[test]
    fn any_words_have_an_answer(words in prop::collection::vec(prop::sample::select(vec![
        "is", "what", "why", "how", "which", "the", "not", "sharp", "noisy", "or", "and", "than", "sharper", "quality",
        "bright", "colour", "[a](<0, 107>)", "[b](<211, 339>)", "car", "good", "most", "less", "n't", "'", "bluish", "subject",
    ]), 0..12), evidence in any_evidence()) {
        prop_assert!(!ask(&evidence, &words.join(" "), &[]).is_empty());
    }
}

#[test]
fn hostile_questions() {
    let long = "is [the sky](<0, 107>) sharp ".repeat(3_600);
    let nul = "\0\u{1b}[31m\u{202e}".repeat(50);
    let brackets = "[".repeat(100_000);
    let accents = format!("{}é sharp?", "a".repeat(64 * 1024 - 1));
    let boxes = "[a](<0, 399>)".repeat(500);
    for question in
        [long.as_str(), &nul, &brackets, &accents, &boxes, "?", "n't", "'", "'s", "the", "not not not", "than"]
    {
        let answer = ask(&fine(), question, &[]);
        assert!(!answer.is_empty() && answer.len() < 6_000, "{} bytes", answer.len());
        assert!(!answer.chars().any(char::is_control));
    }
}

#[test]
fn many_boxes_are_not_all_measured() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let measure = move |image: ImageView<'_>, place: Option<NormBox>| {
        counter.fetch_add(1, Ordering::Relaxed);
        left_is_soft(image, place)
    };
    let question = (0..380).map(|i| format!("[a](<{i}, 399>) ")).collect::<String>() + "Which is sharpest?";
    let request = Request::Answer { question, boxes: vec![boxed(SUBJECT); 10] };
    run(&fine(), &request, Box::new(measure));
    let calls = calls.load(Ordering::Relaxed);
    assert!((1..=40).contains(&calls), "{calls}");
}
