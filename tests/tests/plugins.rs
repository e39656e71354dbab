//! `giqa plugins list`, `info` and `check` on plugins that work: the examples in Rust and in C.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::{compile_c, config};
use giqa_tests::{giqa, library_file, photo, reports, root, temp, text};
use std::path::{Path, PathBuf};

fn example_c(dir: &Path) -> PathBuf {
    compile_c(&root().join("examples/plugin-c/redness.c"), dir, "giqa_example_c", &[])
}

#[test]
fn the_rust_example_passes_the_suite() {
    let library = library_file("giqa_example");
    let ran = giqa().args(["plugins", "check", text(&library)]).run();
    ran.code(0).prints(&[
        "ok    library: loads, speaks ABI v1, gives the same manifest",
        "ok    example.brightness: padded rows and rows from bottom to top",
        "ok    example.brightest: the same input gives the same bytes",
        " 0 failed",
    ]);
    assert!(!ran.out().contains("FAIL"), "{ran}");
}

#[test]
fn the_c_example_passes_the_suite() {
    let dir = temp();
    let ran = giqa().args(["plugins", "check", text(&example_c(dir.path()))]).run();
    ran.code(0).prints(&["ok    example-c.redness: one bad item of three spoils no other", " 0 failed"]);
    assert!(!ran.out().contains("FAIL"), "{ran}");
}

#[test]
fn the_suite_as_json() {
    let ran = giqa().args(["plugins", "check", "--format", "json", text(&library_file("giqa_example"))]).run();
    ran.code(0);
    let report = ran.json();
    assert_eq!(report["failed"], 0, "{ran}");
    assert!(report["passed"].as_u64().unwrap() > 20, "{ran}");
    assert!(report["checks"].as_array().unwrap().iter().all(|c| c["outcome"] != "fail"), "{ran}");
}

#[test]
fn the_manifest_beside_the_c_example_is_the_one_in_it() {
    let dir = temp();
    let library = std::fs::read(example_c(dir.path())).unwrap();
    let manifest = std::fs::read_to_string(root().join("examples/plugin-c/manifest.json")).unwrap();
    let manifest = manifest.trim_end().as_bytes();
    assert!(library.windows(manifest.len()).any(|part| part == manifest), "manifest.json and redness.c differ");
}

#[test]
fn what_a_library_offers() {
    let ran = giqa().args(["plugins", "info", text(&library_file("giqa_example"))]).run();
    ran.code(0).prints(&[
        "example 0.1.0",
        "example.brightness  (metric)",
        "0 to 255 8-bit steps, better: Neither",
        "example.brightest  (proposer)",
        "tiles = <integer>  Parts on each side (default 4).",
    ]);
    // By name, too: it lies beside the program.
    let by_name = giqa().args(["plugins", "info", "example"]).run();
    by_name.code(0).prints(&["example.brightest  (proposer)"]);
    giqa().args(["plugins", "info", "exmple"]).run().code(2).says(&["no plugin 'exmple'", "example"]);
}

#[test]
fn folders_are_searched_in_order() {
    let dir = temp();
    let _ = example_c(dir.path());
    let folder = text(dir.path());
    for giqa in [giqa().args(["--plugin-dir", folder]), giqa().env("GIQA_PLUGIN_PATH", folder)] {
        let ran = giqa.args(["plugins", "list"]).run();
        ran.code(0).prints(&["example-c 0.1.0", folder, "example-c.redness", "example 0.1.0"]);
    }
    let ran = giqa().env("GIQA_PLUGIN_PATH", "relative/folder").args(["plugins", "list"]).run();
    ran.code(0).says(&["GIQA_PLUGIN_PATH", "relative/folder", "not absolute"]);
}

#[test]
fn a_library_that_is_none_spoils_no_list() {
    let dir = temp();
    giqa_tests::write(dir.path(), "libgiqa_text.so", "no library");
    let ran = giqa().args(["--plugin-dir", text(dir.path()), "plugins", "list"]).run();
    // Nobody asked for it, so nobody hears of it.
    ran.code(0).prints(&["example 0.1.0"]);
    assert!(!ran.out().contains("libgiqa_text"), "{ran}");
}

#[test]
fn both_ways_of_running_it_give_the_same_report() {
    let dir = temp();
    let library = example_c(dir.path());
    let run = |isolation: &str| {
        let settings = format!("isolation = {isolation:?}\n[plugins.example-c.components.redness]\ngain = 0.5\n");
        let config = config(dir.path(), &["example-c.redness"], "example-c", &library, &settings);
        let ran = giqa().arg("--config").arg(config).args(["inspect", "-f", "json"]);
        let ran = ran.args([photo("coffee.jpg"), photo("cat.jpg")]).run();
        ran.code(0);
        reports::comparable(ran.json())
    };
    let (here, elsewhere) = (run("in-process"), run("process"));
    assert_eq!(here, elsewhere);
    assert!(reports::score(&here[0], "example-c.redness").is_some_and(|v| v > 1.0), "{here:?}");
}

#[test]
fn a_wrong_key_of_a_component_is_told_before_anything_runs() {
    let dir = temp();
    let library = example_c(dir.path());
    let settings = "[plugins.example-c.components.redness]\ngian = 0.5\n";
    let wrong = config(dir.path(), &["example-c.redness"], "example-c", &library, settings);
    let run = |config: &Path| giqa().arg("--config").arg(config).arg("inspect").arg(photo("coffee.jpg")).run();
    run(&wrong).code(2).says(&["plugins.toml:", "gian", "gain"]);
    let wrong =
        config(dir.path(), &["example-c.redness"], "example-c", &library, &settings.replace("gian = 0.5", "gain = 7"));
    run(&wrong).code(2).says(&["plugins.toml:", "gain", "7", "1"]);
}
