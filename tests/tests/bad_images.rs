//! Files that are no proper pictures: one line on stderr with the path, what is wrong and what was expected; the
//! others are done; exit 3.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::plugins::example_config;
use giqa_tests::{Ran, fixture, giqa, photo, reports, temp};
use std::path::Path;
use std::time::Duration;

fn inspect(format: &str, paths: &[&Path]) -> Ran {
    let dir = temp();
    let config = example_config(dir.path());
    giqa().arg("--config").arg(config).args(["inspect", "--format", format]).args(paths).run()
}

/// What the table in tests/fixtures/images/README.md says: (file, what giqa must do).
fn table() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(fixture("images/README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.map(|row| row.split(" | ").map(|c| c.trim_matches([' ', '|', '`']).to_owned()).collect());
    let rows: Vec<(String, String)> = cells.map(|c: Vec<String>| (c[0].clone(), c[3].clone())).collect();
    assert!(rows.len() > 60, "{}", rows.len());
    rows
}

/// The words that the line on stderr must have, and the picture may be taken instead where the table allows it.
fn expected_words(file: &str) -> &'static [&'static str] {
    match file {
        "zero.jpg" => &["is empty", "expected an image"],
        "truncated.jpg" | "truncated.png" | "truncated.webp" | "truncated.tif" | "truncated.gif" | "truncated.bmp" => {
            &["cut off", "copy it again"]
        }
        "header-only.jpg" => &["copy it again"],
        "text.jpg" | "html.png" => &["is not an image", "expected"],
        "heic.jpg" => &["HEIC", "expected"],
        "bad-crc.png" => &["damaged", "expected a valid png image"],
        "zero-height.jpg" | "zero-width.png" => &["expected"],
        "precision-12.jpg" => &["12", "expected"],
        "huge-max.bmp" | "huge-header.webp" => &["too large", "expected"],
        f if f.starts_with("huge-") => &["over the limit of", "raise the limit"],
        _ => &[],
    }
}

fn judge(file: &str, must: &str) -> Result<(), String> {
    let path = fixture("images").join(file);
    let ran = inspect("json", &[&path]);
    let wrong = |what: &str| Err(format!("{file} ({must}): {what}\n{ran}"));
    let errors: Vec<&str> = ran.err().lines().filter(|l| l.contains(file)).collect();
    let may_fail = must.contains("error");
    let must_fail = must.starts_with("a clear error") && !must.contains("(or ") || must == "an error";
    match ran.status.code() {
        Some(0) if must_fail => return wrong("taken"),
        Some(0) => {
            if ran.json().as_array().map(Vec::len) != Some(1) || !errors.is_empty() {
                return wrong("not one report");
            }
            // Random bytes in a JPEG's scan can be a valid scan: nobody can tell, so no warning is asked for.
            let warned = file != "corrupt.jpg" && must.contains(" with a warning")
                || must.contains("warning that the name lies");
            if warned && reports::warnings(&ran.json()[0]).lines().count() < 2 {
                // One is always there: this profile does not judge the quality.
                return wrong("no warning");
            }
        }
        Some(3) if may_fail => {
            if ran.json() != serde_json::json!([]) || errors.len() != 1 {
                return wrong("not one line");
            }
            for word in expected_words(file) {
                if !errors[0].contains(word) {
                    return wrong(&format!("lacks {word:?}"));
                }
            }
        }
        _ => return wrong("exit code"),
    }
    if ran.took > Duration::from_secs(20) {
        return wrong("slow");
    }
    Ok(())
}

#[test]
fn each_does_what_the_table_says() {
    let wrong: Vec<String> = table().iter().filter_map(|(file, must)| judge(file, must).err()).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn all_at_once_with_photographs_between() {
    let bad = ["zero.jpg", "truncated.png", "text.jpg", "huge-header.jpg", "huge-max.png", "heic.jpg"];
    let good = [photo("coffee.jpg"), photo("cat.jpg")];
    let bad_paths: Vec<_> = bad.iter().map(|b| fixture("images").join(b)).collect();
    let mut paths: Vec<&Path> = vec![&good[0]];
    paths.extend(bad_paths.iter().map(std::path::PathBuf::as_path));
    paths.push(&good[1]);
    for format in ["json", "jsonl", "csv", "text"] {
        let ran = inspect(format, &paths);
        ran.code(3).says(&bad).says(&["2 inspected, 6 could not be inspected"]).prints(&["coffee.jpg", "cat.jpg"]);
        if format == "csv" {
            // A table has a row for each file; the other formats hold reports only.
            assert!(bad.iter().all(|b| ran.out().contains(b)), "{ran}");
        }
    }
}

#[test]
fn a_folder_with_good_and_bad() {
    let dir = temp();
    std::fs::copy(photo("coffee.jpg"), dir.path().join("a.jpg")).unwrap();
    std::fs::copy(fixture("images/zero.jpg"), dir.path().join("b.jpg")).unwrap();
    std::fs::create_dir(dir.path().join("folder.jpg")).unwrap();
    std::fs::copy(photo("cat.jpg"), dir.path().join("folder.jpg/c.jpg")).unwrap();
    let ran = inspect("json", &[dir.path()]);
    ran.code(3).says(&["b.jpg", "is empty"]);
    let names: Vec<String> = ran.json().as_array().unwrap().iter().map(|r| reports::file_name(r).to_owned()).collect();
    assert_eq!(names, ["a.jpg", "c.jpg"], "{ran}");
}

#[test]
fn nothing_but_bad_ones() {
    let dir = temp();
    std::fs::copy(fixture("images/text.jpg"), dir.path().join("b.jpg")).unwrap();
    inspect("json", &[dir.path()]).code(3).says(&["b.jpg", "is not an image"]);
}

#[test]
fn a_folder_without_photographs() {
    let dir = temp();
    std::fs::write(dir.path().join("notes.txt"), "no photographs").unwrap();
    let ran = inspect("json", &[dir.path()]);
    ran.code(0).says(&["no photographs found"]);
    assert_eq!(ran.json(), serde_json::json!([]));
}
