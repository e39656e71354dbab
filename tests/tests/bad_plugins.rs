//! Components that crash, hang, eat memory or talk nonsense, each in a process of its own: a message that names the
//! plugin and says what to do, in bounded time; and the photographs are done by the others.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::{SHORT, config, evil};
use giqa_tests::{Ran, fixture, giqa, library_file, photo, reports, temp};
use std::path::Path;
use std::time::Duration;

/// A profile with nothing but one evil metric.
fn alone(deed: &str) -> Ran {
    let dir = temp();
    let config = config(dir.path(), &[&format!("evil.{deed}")], "evil", &evil(dir.path(), &[]), SHORT);
    let ran = giqa().arg("--config").arg(config).args(["inspect", "--format", "json"]).arg(photo("coffee.jpg")).run();
    assert!(ran.took < Duration::from_secs(30), "not bounded\n{ran}");
    ran
}

#[track_caller]
fn told(deed: &str, words: &[&str]) {
    let ran = alone(deed);
    ran.code(4).says(&["coffee.jpg", "evil"]).says(words);
    assert_eq!(ran.json(), serde_json::json!([]), "{ran}");
}

#[test]
fn a_crash() {
    told("crash", &["crashed", "SIGSEGV", "report this to the plugin's author"]);
}

#[test]
fn an_abort() {
    told("abort", &["crashed", "SIGABRT", "report this to the plugin's author"]);
}

#[test]
fn an_exit() {
    told("exit", &["ended with exit code 0", "report this to the plugin's author"]);
}

#[test]
fn a_hang() {
    told("hang", &["did not answer within 1 s", "plugins.evil.deadline_s"]);
}

/// Signs of life let a call go on, for ten deadlines.
#[test]
fn progress_without_end() {
    let dir = temp();
    let settings = SHORT.replace("deadline_s = 1", "deadline_s = 0.3");
    let config = config(dir.path(), &["evil.chatter"], "evil", &evil(dir.path(), &[]), &settings);
    let ran = giqa().arg("--config").arg(config).arg("inspect").arg(photo("coffee.jpg")).run();
    ran.code(4).says(&["did not answer within 0.3 s", "plugins.evil.deadline_s"]);
    assert!(ran.took > Duration::from_secs(3), "{ran}");
}

#[test]
fn memory_without_end() {
    told("flood", &["over its limit of 200 MB", "plugins.evil.memory_limit_mb"]);
}

#[test]
fn what_is_not_json() {
    told("garbage", &["does not fit its schema", "report this to the plugin's author", "giqa plugins check"]);
    told("garbage-schema", &["does not fit its schema", "a lot", "report this to the plugin's author"]);
    told("garbage-error", &["error message"]);
}

#[test]
fn no_result() {
    told("silent", &["gave no result"]);
    told("wrong-item", &["gave no result"]);
    told("bad-status", &["unknown status 77"]);
}

#[test]
fn a_result_without_end() {
    told("emit-flood", &["more than 256 MiB"]);
}

#[test]
fn a_map_that_is_none() {
    told("bad-map", &["map"]);
}

#[test]
fn a_value_outside_its_range() {
    told("outside", &["1000000000", "range"]);
}

#[test]
fn escapes_in_an_error_reach_no_screen() {
    // `run` asserts that no escape byte comes out.
    told("escapes", &["red"]);
    for format in ["text", "jsonl", "csv"] {
        let dir = temp();
        let config = config(dir.path(), &["evil.escapes", "evil.prints"], "evil", &evil(dir.path(), &[]), SHORT);
        let ran = giqa().arg("--config").arg(config).args(["-v", "inspect", "--format", format]).arg(photo("cat.jpg"));
        let _ = ran.run().code(0);
    }
}

#[test]
fn what_a_plugin_prints_gets_into_no_report() {
    let ran = alone("prints");
    ran.code(0);
    let report = &ran.json()[0];
    assert_eq!(reports::score(report, "evil.prints"), Some(42.0), "{ran}");
    assert!(!ran.out().contains("junk") && !ran.err().contains("junk"), "{ran}");
    // In this process, too: what it prints goes to stderr.
    let dir = temp();
    let config =
        config(dir.path(), &["evil.prints"], "evil", &evil(dir.path(), &["PLAIN"]), "isolation = \"in-process\"\n");
    let ran = giqa().arg("--config").arg(config).args(["inspect", "-f", "json"]).arg(photo("cat.jpg")).run();
    ran.code(0).says(&["junk on stdout", "junk on stderr"]);
    assert_eq!(reports::score(&ran.json()[0], "evil.prints"), Some(42.0), "{ran}");
}

/// Evil metrics beside one that works.
fn with_a_good_one(deeds: &[&str], pictures: &[&Path]) -> Ran {
    let dir = temp();
    let ids: Vec<String> = deeds.iter().map(|d| format!("evil.{d}")).collect();
    let mut metrics: Vec<&str> = ids.iter().map(String::as_str).collect();
    metrics.push("example.brightness");
    let settings = format!("{SHORT}[plugins.example]\nlibrary = {:?}\n", library_file("giqa_example"));
    let config = config(dir.path(), &metrics, "evil", &evil(dir.path(), &[]), &settings);
    giqa().arg("--config").arg(config).args(["inspect", "--format", "json"]).args(pictures).run()
}

#[test]
fn the_other_metrics_do_the_photograph() {
    let deeds = ["crash", "hang", "flood", "garbage", "silent", "abort"];
    let ran = with_a_good_one(&deeds, &[&photo("coffee.jpg"), &photo("cat.jpg")]);
    ran.code(0);
    let reports = ran.json();
    assert_eq!(reports.as_array().unwrap().len(), 2, "{ran}");
    for report in reports.as_array().unwrap() {
        assert!(reports::score(report, "example.brightness").is_some(), "{ran}");
        let warnings = reports::warnings(report);
        for deed in deeds {
            assert_eq!(reports::score(report, &format!("evil.{deed}")), None, "{ran}");
            assert!(warnings.contains(&format!("evil.{deed}")), "no warning of {deed}: {warnings}");
        }
    }
}

#[test]
fn one_picture_that_kills_costs_one_result() {
    let red = fixture("images/animated.png");
    let pictures = [photo("coffee.jpg"), red, photo("cat.jpg")];
    let pictures: Vec<&Path> = pictures.iter().map(AsRef::as_ref).collect();
    let ran = with_a_good_one(&["crash-at-red", "hang-at-red"], &pictures);
    ran.code(0);
    for report in ran.json().as_array().unwrap() {
        let expected = (reports::file_name(report) != "animated.png").then_some(42.0);
        for deed in ["crash-at-red", "hang-at-red"] {
            assert_eq!(reports::score(report, &format!("evil.{deed}")), expected, "{deed}\n{ran}");
            assert_eq!(reports::warnings(report).contains(deed), expected.is_none(), "{deed}\n{ran}");
        }
        assert!(reports::score(report, "example.brightness").is_some(), "{ran}");
    }
}

/// Four calls are in one process when one of them kills it: the others are done all the same, each tried alone.
#[test]
fn calls_that_share_a_process_share_no_fate() {
    let dir = temp();
    let settings = "isolation = \"process\"\ndeadline_s = 60\n";
    let config = config(dir.path(), &["evil.crowd"], "evil", &evil(dir.path(), &["CROWD"]), settings);
    let mark = dir.path().join("mark");
    let pictures = [photo("coffee.jpg"), photo("cat.jpg"), fixture("images/animated.png"), photo("astronaut.jpg")];
    let ran =
        giqa().env("GIQA_TEST_MARK", &mark).arg("--config").arg(config).args(["-v", "inspect", "--format", "json"]);
    let ran = ran.args(["--jobs", "4"]).args(pictures).run();
    ran.code(3).says(&["trying each of its calls alone", "animated.png", "evil.crowd", "SIGSEGV"]);
    assert!(mark.exists(), "the calls did not meet\n{ran}");
    let done = ran.json();
    let scores: Vec<_> = done.as_array().unwrap().iter().map(|r| reports::score(r, "evil.crowd")).collect();
    assert_eq!(scores, [Some(42.0); 3], "{ran}");
}

#[test]
fn a_panic_in_process_costs_one_item() {
    let dir = temp();
    let config =
        config(dir.path(), &["panics.at-red"], "panics", &library_file("giqa_panics"), "isolation = \"in-process\"\n");
    let run = |pictures: &[&Path]| {
        let ran = giqa().arg("--config").arg(&config).args(["inspect", "--format", "json"]).args(pictures);
        // Its own message goes to stderr, where it belongs; giqa itself does not panic.
        ran.run_with_panics()
    };
    let (good, red) = (photo("coffee.jpg"), fixture("images/animated.png"));
    let ran = run(&[&good, &red, &good]);
    ran.code(3).says(&["animated.png", "panics.at-red", "a red picture, of all things"]);
    assert_eq!(ran.json().as_array().unwrap().len(), 2, "{ran}");
    run(&[&red]).code(4).says(&["animated.png", "panics.at-red", "a red picture, of all things"]);
}
