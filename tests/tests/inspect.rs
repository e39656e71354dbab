//! `giqa inspect` with the embedded profile: formats, schema, order, the same bytes twice, both ways of running.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::{Ran, fixture, giqa, photo, reports, root, temp, write};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn photos() -> PathBuf {
    root().join("examples/photos")
}

fn several() -> Vec<PathBuf> {
    ["coffee.jpg", "cat-blurred-face.jpg", "rocket-noisy-sky.jpg"].map(photo).to_vec()
}

fn inspect(args: &[&str], paths: &[PathBuf]) -> Ran {
    giqa().arg("inspect").args(args).args(paths).run()
}

fn names(reports: &[Value]) -> Vec<&str> {
    reports.iter().map(reports::file_name).collect()
}

/// Asserts that a report fits schema/report.schema.json and says something.
#[track_caller]
fn assert_fits(report: &Value) {
    let schema = std::fs::read_to_string(root().join("schema/report.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(report).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}\n{report:#}");
}

#[test]
fn json_fits_its_schema() {
    let ran = inspect(&["-f", "json"], &[photos()]);
    ran.code(0);
    let reports = ran.json();
    let reports = reports.as_array().unwrap();
    assert_eq!(reports.len(), 15, "{ran}");
    for report in reports {
        assert_fits(report);
        assert!(report["scores"].as_array().unwrap().len() >= 7, "{report:#}");
        assert!(report["description"]["text"].as_str().unwrap().len() > 20, "{report:#}");
        assert_eq!(report["provenance"]["profile"], "classic");
        assert_eq!(reports::warnings(report), "", "a photograph without oddities gives no warnings");
    }
}

#[test]
fn the_formats_tell_the_same() {
    let all = inspect(&["-f", "json"], &several()).json();
    let all = all.as_array().unwrap();
    let ran = inspect(&["-f", "jsonl"], &several());
    let lines: Vec<Value> = ran.code(0).out().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(reports::comparable(Value::Array(lines)), reports::comparable(Value::Array(all.clone())));

    let ran = inspect(&["-f", "csv"], &several());
    let rows: Vec<&str> = ran.code(0).out().lines().collect();
    assert_eq!(rows.len(), 1 + all.len(), "{ran}");
    let columns = rows[0].split(',').count();
    assert!(columns >= 8 && rows[0].contains("sharpness"), "{ran}");
    for (row, report) in rows[1..].iter().zip(all) {
        assert!(row.contains(reports::file_name(report)), "{row}");
    }

    let ran = inspect(&["-f", "text"], &several());
    ran.code(0);
    for report in all {
        ran.prints(&[reports::file_name(report)]);
    }
}

#[test]
fn two_runs_give_the_same_bytes() {
    for (format, jobs) in [("json", ["1", "4"]), ("jsonl", ["4", "2"]), ("csv", ["1", "4"]), ("text", ["1", "4"])] {
        let [one, two] = jobs.map(|n| {
            let ran = inspect(&["-f", format, "--jobs", n], &several());
            reports::bytes_without_timing(ran.code(0).out())
        });
        assert!(one == two, "{format} differs from run to run:\n{one}\n---\n{two}");
    }
}

#[test]
fn the_order_is_that_of_the_input() {
    let paths = [photo("rocket.jpg"), photo("astronaut.jpg"), fixture("images/upright.png"), photo("cat.jpg")];
    let ran = inspect(&["-f", "json", "--jobs", "4"], &paths);
    let reports = reports::comparable(ran.code(0).json());
    assert_eq!(names(&reports), ["rocket.jpg", "astronaut.jpg", "upright.png", "cat.jpg"]);
    let ran = inspect(&["-f", "json", "--jobs", "4"], &[photos()]);
    let reports = reports::comparable(ran.json());
    let mut sorted = names(&reports);
    sorted.sort_unstable();
    assert_eq!(names(&reports), sorted);
}

#[test]
fn a_limit_that_is_not_met() {
    let pair = [photo("coffee.jpg"), photo("cat-blurred-face.jpg")];
    inspect(&["--fail-under", "0"], &pair).code(0);
    let ran = inspect(&["--fail-under", "100"], &pair);
    ran.code(1).says(&["2 inspected, 2 below --fail-under"]);
    // What could not be inspected weighs more.
    let ran = inspect(&["--fail-under", "100"], &[photo("cat.jpg"), fixture("images/zero.jpg")]);
    ran.code(3).says(&["zero.jpg", "1 below --fail-under"]);
    // A limit between the scores of a good and a spoiled photograph tells them apart.
    let score = |path: PathBuf| inspect(&["-f", "json"], &[path]).json()[0]["quality"]["score"].as_f64().unwrap();
    let (good, bad) = (score(photo("coffee.jpg")), score(photo("coffee-blown-out.jpg")));
    assert!(good > bad, "{good} {bad}");
    let limit = format!("{}", (good + bad) / 2.0);
    inspect(&["--fail-under", &limit], &[photo("coffee.jpg")]).code(0);
    inspect(&["--fail-under", &limit], &[photo("coffee-blown-out.jpg")]).code(1);
}

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn overlays_and_crops_are_pictures() {
    let (dir, paths) = (temp(), [photo("coffee-blown-out.jpg"), photo("cat-blurred-face.jpg")]);
    let (overlays, crops) = (dir.path().join("new/overlays"), dir.path().join("crops"));
    let folders = [overlays.to_str().unwrap(), crops.to_str().unwrap()];
    let ran = inspect(&["-f", "json", "--overlay", folders[0], "--crop-dir", folders[1]], &paths);
    ran.code(0);
    let reports = reports::comparable(ran.json());
    let written = pictures(&overlays);
    assert_eq!(written.len(), 2, "{written:?}");
    for (path, original) in written.iter().zip([photo("cat-blurred-face.jpg"), photo("coffee-blown-out.jpg")]) {
        let (overlay, original) = (image::open(path).unwrap(), image::open(original).unwrap());
        // A legend may stand below the picture.
        assert!(overlay.width() == original.width() && overlay.height() >= original.height());
        assert_ne!(overlay.to_rgb8(), original.to_rgb8(), "nothing is drawn");
    }
    let with_region = |r: &Value| r["findings"].as_array().unwrap().iter().filter(|f| f["region"].is_string()).count();
    let expected: usize = reports.iter().map(with_region).sum();
    let written = pictures(&crops);
    assert!(expected > 0 && written.len() == expected, "{expected} {written:?}");
    for path in written {
        assert!(image::open(&path).unwrap().width() > 0);
    }
}

#[test]
fn in_a_process_of_its_own_it_gives_the_same() {
    let dir = temp();
    let embedded = std::fs::read_to_string(root().join("plugins.toml")).unwrap();
    let isolated = embedded.replace("[plugins.classic]\n", "[plugins.classic]\nisolation = \"process\"\n");
    assert_ne!(embedded, isolated);
    let config = write(dir.path(), "plugins.toml", &isolated);
    let here = inspect(&["-f", "json"], &several());
    let elsewhere = giqa().arg("--config").arg(config).args(["inspect", "-f", "json"]).args(several()).run();
    assert_eq!(reports::comparable(here.code(0).json()), reports::comparable(elsewhere.code(0).json()));
}

#[test]
fn doctor_finds_it_well() {
    let ran = giqa().arg("doctor").run();
    ran.code(0).prints(&[
        "plugin ABI     1.0",
        "embedded",
        "plugin         classic",
        "classic (default): ok, 23 components",
    ]);
    assert!(!ran.out().contains("classic: NOT USABLE"), "{ran}");
}
