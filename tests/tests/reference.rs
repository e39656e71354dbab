//! `giqa inspect --reference`: originals from a file or a folder, and what happens where there is none.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use giqa_tests::{Ran, fixture, giqa, photo, reports, temp, write};
use serde_json::Value;
use std::path::Path;

const FULL_REFERENCE: [&str; 7] = ["psnr", "ssim", "ms-ssim", "gmsd", "vif", "ssimulacra2", "butteraugli"];

fn inspect(reference: Option<&Path>, more: &[&str], pictures: &[&Path]) -> Ran {
    let mut command = giqa().arg("inspect").args(pictures).args(["-f", "json"]).args(more);
    if let Some(reference) = reference {
        command = command.args(["--reference"]).args([reference]);
    }
    command.run()
}

fn only(ran: &Ran) -> Value {
    let all = ran.code(0).json();
    assert_eq!(all.as_array().unwrap().len(), 1, "{ran}");
    all[0].clone()
}

fn score(report: &Value, name: &str) -> Option<f64> {
    reports::score(report, &format!("classic.{name}"))
}

/// How many full-reference metrics the report speaks of.
fn compared(report: &Value) -> usize {
    let all = report["scores"].as_array().unwrap();
    all.iter().filter(|s| s["full_reference"] == true && s["region"].is_null()).count()
}

/// Asserts that a report is one of a picture alone, and why.
#[track_caller]
fn assert_alone(report: &Value, why: &[&str]) {
    let warnings = reports::warnings(report);
    for word in why {
        assert!(warnings.contains(word), "{word:?} is not in {warnings:?}");
    }
    assert_eq!(compared(report), 0, "{report:#}");
    assert!(report["provenance"]["reference"].is_null());
    assert!(score(report, "sharpness").is_some() && report["description"].is_object(), "the inspection goes on");
}

#[test]
fn one_original_for_all() {
    let (good, bad) = (photo("coffee.jpg"), photo("coffee-blown-out.jpg"));
    let ran = inspect(Some(&good), &[], &[&good, &bad]);
    let all = ran.code(0).json();
    let hash = blake3_of(&all[0]);
    for report in all.as_array().unwrap() {
        assert_eq!(compared(report), FULL_REFERENCE.len(), "{report:#}");
        let reference = &report["provenance"]["reference"];
        assert_eq!((&reference["path"], &reference["blake3"]), (&good.to_str().unwrap().into(), &hash));
        assert_eq!(report["provenance"]["profile"], "reference");
        assert_eq!(reports::warnings(report), "");
    }
    for (name, perfect) in FULL_REFERENCE.iter().zip([100.0, 1.0, 1.0, 0.0, 1.0, 100.0, 0.0]) {
        let [same, other] = [0, 1].map(|i| score(&all[i], name).unwrap());
        assert!((same - perfect).abs() < 1e-4, "{name}: {same}");
        assert!((other - perfect).abs() > 0.01, "{name}: {other}");
    }
    let ran = giqa().arg("inspect").args([&bad]).arg("--reference").args([&good]).run();
    ran.code(0).prints(&["compared with ", "coffee.jpg: psnr ", "butteraugli "]);
}

fn blake3_of(report: &Value) -> Value {
    report["image"]["blake3"].clone()
}

#[test]
fn without_originals_nothing_is_compared() {
    let picture = photo("coffee.jpg");
    for more in [&[][..], &["--profile", "reference"]] {
        let report = only(&inspect(None, more, &[&picture]));
        assert_alone(&report, &[]);
        assert_eq!(reports::warnings(&report), "");
    }
}

#[test]
fn a_folder_of_originals() {
    let dir = temp();
    let at = |p: &str| dir.path().join(p);
    for folder in ["in/deep", "originals/deep", "originals/elsewhere"] {
        std::fs::create_dir_all(at(folder)).unwrap();
    }
    let bytes = |name: &str| std::fs::read(photo(name)).unwrap();
    let (good, bad) = (bytes("coffee.jpg"), bytes("coffee-blown-out.jpg"));
    std::fs::write(at("in/deep/same-path.jpg"), &bad).unwrap();
    std::fs::write(at("originals/deep/same-path.jpg"), &good).unwrap();
    std::fs::write(at("originals/same-path.jpg"), &bad).unwrap();
    std::fs::write(at("in/same-stem.jpeg"), &bad).unwrap();
    std::fs::write(at("originals/elsewhere/same-stem.jpg"), &good).unwrap();
    std::fs::write(at("in/zz-alone.jpg"), &bad).unwrap();
    let ran = inspect(Some(&at("originals")), &[], &[&at("in")]);
    let all = reports::comparable(ran.code(0).json());
    let names: Vec<&str> = all.iter().map(reports::file_name).collect();
    assert_eq!(names, ["same-path.jpg", "same-stem.jpeg", "zz-alone.jpg"]);
    for (report, original) in all.iter().zip(["originals/deep/same-path.jpg", "originals/elsewhere/same-stem.jpg"]) {
        assert_eq!(report["provenance"]["reference"]["path"], at(original).to_str().unwrap());
        assert!(score(report, "psnr").unwrap() < 40.0 && compared(report) == FULL_REFERENCE.len(), "{report:#}");
    }
    assert_alone(&all[2], &["no original of ", "zz-alone.jpg", "originals"]);
}

#[test]
fn originals_that_can_not_be_used() {
    let picture = photo("coffee.jpg");
    let broken = fixture("images/zero.jpg");
    assert_alone(&only(&inspect(Some(&broken), &[], &[&picture])), &["zero.jpg", "can't be used", "0 bytes"]);
    let other = fixture("images/upright.png");
    let report = only(&inspect(Some(&other), &[], &[&picture]));
    let (width, height) = (&report["image"]["width"], &report["image"]["height"]);
    let size = format!("coffee.jpg {width} x {height}; expected");
    assert_alone(&report, &["upright.png has 60 x 40 pixels", &size]);
}

#[test]
fn mistakes_are_told_before_the_work() {
    let (dir, picture) = (temp(), photo("coffee.jpg"));
    inspect(Some(&dir.path().join("gone")), &[], &[&picture]).code(2).says(&["--reference", "gone", "can't be read"]);
    let ran = inspect(Some(&picture), &["--profile", "classic"], &[&picture]);
    ran.code(2).says(&["profile 'classic' has no metric that compares with an original", "classic.ssim"]);
    let own = "profile = \"own\"\n[profiles.own]\nmetrics = [\"classic.noise\", \"classic.psnr\"]\n";
    let config = write(dir.path(), "plugins.toml", own);
    let report = only(&inspect(Some(&picture), &["--config", config.to_str().unwrap()], &[&picture]));
    assert_eq!((&report["provenance"]["profile"], score(&report, "psnr")), (&"own".into(), Some(100.0)));
}
