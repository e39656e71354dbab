//! The embedded profile on every odd picture of tests/fixtures/images: a whole report, numbers that are numbers.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::{fixture, giqa, reports, root};
use serde_json::Value;

/// Paths of all numbers that are none, or lie outside their range.
fn wrong_numbers(report: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for score in report["scores"].as_array().unwrap() {
        let (value, range) = (&score["value"], &score["range"]);
        match value.as_f64() {
            Some(v) => {
                let outside = range[0].as_f64().is_some_and(|lo| v < lo) || range[1].as_f64().is_some_and(|hi| v > hi);
                if outside {
                    wrong.push(score.to_string());
                }
            }
            // What can't be measured says why.
            None if score["not_measurable"].as_str().is_some_and(|r| !r.is_empty()) => {}
            None => wrong.push(score.to_string()),
        }
    }
    if !report["quality"]["score"].as_f64().is_some_and(|s| (0.0..=100.0).contains(&s)) {
        wrong.push(report["quality"].to_string());
    }
    wrong
}

#[test]
fn each_gets_a_whole_report() {
    let ran = giqa().args(["inspect", "-f", "json"]).arg(fixture("images")).run();
    ran.code(3);
    let all = ran.json();
    let all = all.as_array().unwrap();
    assert!(all.len() > 50, "{}", all.len());
    let schema = std::fs::read_to_string(root().join("schema/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for report in all {
        let name = reports::file_name(report);
        let problems: Vec<String> = validator.iter_errors(report).map(|e| e.to_string()).collect();
        let problems = [problems, wrong_numbers(report)].concat();
        if !problems.is_empty() {
            wrong.push(format!("{name}: {problems:?}"));
        }
        let warnings = reports::warnings(report);
        if warnings.contains("classic.") {
            wrong.push(format!("{name}: a component failed: {warnings}"));
        }
        if report["description"]["text"].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("{name}: nothing is said"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!ran.out().contains("NaN") && !ran.out().contains("inf"), "a number that is none");
}

#[test]
fn what_is_plain_to_see_is_found() {
    let report = |file: &str| {
        let ran = giqa().args(["inspect", "-f", "json"]).arg(fixture("images").join(file)).run();
        ran.code(0).json()[0].clone()
    };
    for (file, attribute) in [("black.png", "exposure"), ("white.png", "exposure"), ("flat-grey.png", "contrast")] {
        let report = report(file);
        let findings = report["findings"].as_array().unwrap();
        assert!(findings.iter().any(|f| f["attribute"] == attribute), "{file}: no {attribute}: {report:#}");
        assert!(report["quality"]["score"].as_f64().unwrap() < 60.0, "{file}: {report:#}");
    }
}

#[test]
fn what_exif_says_reaches_no_output() {
    for format in ["text", "json", "jsonl", "csv"] {
        // `run` asserts that no escape byte comes out.
        let ran = giqa().args(["inspect", "-f", format]).arg(fixture("images/evil-exif.jpg")).run();
        ran.code(0);
        for word in ["<script", "\u{202e}", "\\u001b"] {
            assert!(!ran.out().contains(word), "{format}: {ran}");
        }
    }
}
