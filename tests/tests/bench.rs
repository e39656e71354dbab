//! `giqa bench`: faults planted in photographs, and how well a profile finds them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use giqa_tests::{Ran, fixture, giqa, photo, temp, text, write};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn photos() -> Vec<PathBuf> {
    ["cat.jpg", "coffee.jpg", "rocket.jpg"].map(photo).to_vec()
}

fn make(photos: &[PathBuf], out: &Path, args: &[&str]) -> Ran {
    giqa().args(["bench", "make", "-o", text(out)]).args(args).args(photos).run()
}

fn truth(dir: &Path) -> Vec<Value> {
    serde_json::from_slice(&std::fs::read(dir.join("truth.json")).unwrap()).unwrap()
}

/// Every file below a folder, by its path there.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for folder in [dir.to_owned(), dir.join("images")] {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|e| e.path().is_file()) {
            all.insert(entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap());
        }
    }
    all
}

#[test]
fn made_twice_the_same_and_true_to_its_records() {
    let dir = temp();
    let before: Vec<_> = photos().iter().map(|p| std::fs::read(p).unwrap()).collect();
    let [one, two, other] = ["one", "two", "other"].map(|n| dir.path().join(n));
    make(&photos(), &one, &["--seed", "1"]).code(0).says(&["12 pictures", "3 photos"]);
    make(&photos(), &two, &["--seed", "1"]).code(0);
    make(&photos(), &other, &["--seed", "2"]).code(0);
    assert!(files(&one) == files(&two), "the same photographs and seed, other bytes");
    assert!(files(&one) != files(&other));
    assert_eq!(before, photos().iter().map(|p| std::fs::read(p).unwrap()).collect::<Vec<_>>());

    let records = truth(&one);
    let (mut scopes, mut answers) = (BTreeMap::new(), BTreeMap::new());
    for record in &records {
        let known = &record["giqa"];
        let path = one.join(record["image"].as_str().unwrap());
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(known["blake3"], blake3::hash(&bytes).to_hex().as_str());
        let picture = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert_eq!((&known["width"], &known["height"]), (&picture.width().into(), &picture.height().into()));
        let turns = record["conversations"].as_array().unwrap();
        assert!(turns[0]["from"] == "human" && turns[0]["value"].as_str().unwrap().starts_with("<image>\n"));
        let says = turns[1]["value"].as_str().unwrap();
        assert_eq!((turns.len(), &turns[1]["from"]), (2, &"gpt".into()));
        if known["task"] == "des" {
            *scopes.entry(known["scope"].as_str().unwrap()).or_insert(0) += 1;
            assert_eq!(says.contains("]("), known["scope"] != "clean", "{record}");
        } else {
            *answers.entry(known["answer"].as_str().unwrap()).or_insert(0) += 1;
            assert_eq!(says.to_lowercase(), format!("{}.", known["answer"].as_str().unwrap()));
        }
    }
    assert_eq!(scopes, BTreeMap::from([("clean", 3), ("local", 6), ("global", 3)]));
    assert_eq!(answers, BTreeMap::from([("yes", 9), ("no", 9)]));
    let clean = records.iter().find(|r| r["giqa"]["scope"] == "clean" && r["giqa"]["source"] == "cat.jpg").unwrap();
    let pixels = |p: &Path| image::open(p).unwrap().into_rgb8().dimensions();
    assert_eq!(pixels(&one.join(clean["image"].as_str().unwrap())), pixels(&photo("cat.jpg")));
}

#[test]
fn local_faults_lie_in_their_boxes() {
    let dir = temp();
    let coco = r#"{"images": [{"id": 1, "file_name": "cat.jpg", "width": 451, "height": 300}],
      "categories": [{"id": 17, "name": "cat"}],
      "annotations": [{"id": 1, "image_id": 1, "category_id": 17, "bbox": [110, 55, 265, 220], "iscrowd": 0}]}"#;
    let coco = write(dir.path(), "coco.json", coco);
    let out = dir.path().join("bench");
    let args = ["--seed", "3", "--boxes", text(&coco), "--local", "4", "--global", "0", "--severity", "4,5"];
    make(&[photo("cat.jpg")], &out, &args).code(0);
    let records = truth(&out);
    let picture = |r: &Value| image::open(out.join(r["image"].as_str().unwrap())).unwrap().into_rgb8();
    let clean = picture(records.iter().find(|r| r["giqa"]["scope"] == "clean").unwrap());
    let local = |r: &&Value| r["giqa"]["scope"] == "local" && r["giqa"]["task"] == "des";
    for record in records.iter().filter(local) {
        let known = &record["giqa"];
        assert!(known["severity"].as_u64().unwrap() >= 4);
        assert_eq!(known["boxes"][0]["label"], "cat", "{record}");
        let bounds: Vec<f64> = serde_json::from_value(known["boxes"][0]["xyxy_norm"].clone()).unwrap();
        let (faulty, (width, height)) = (picture(record), clean.dimensions());
        let (mut inside, mut outside) = (0, 0);
        for (x, y, pixel) in faulty.enumerate_pixels().filter(|(x, y, p)| *p != clean.get_pixel(*x, *y)) {
            let (nx, ny) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            // The edge is soft: a little beyond the box there may be something.
            let near = |v: f64, low: f64, high: f64| low - 0.02 <= v && v <= high + 0.02;
            let is_in = near(nx, bounds[0], bounds[2]) && near(ny, bounds[1], bounds[3]);
            (inside, outside) = if is_in { (inside + 1, outside) } else { (inside, outside + 1) };
            assert_eq!(pixel.0.len(), 3);
        }
        assert!(inside > 1000 && outside == 0, "{inside} {outside} {record}");
    }
    assert_eq!(records.iter().filter(local).count(), 4);
}

#[test]
fn a_run_scores_with_intervals() {
    let dir = temp();
    let out = dir.path().join("bench");
    make(&photos(), &out, &["--seed", "1"]).code(0);
    let run = |args: &[&str]| giqa().args(["bench", "run", text(&out)]).args(args).run();
    let ran = run(&["--format", "json", "--min-severity", "1"]);
    ran.code(0).says(&["12 pictures scored"]);
    let result = ran.json();
    assert_eq!((&result["schema"], &result["pictures"]), (&"giqa.bench/1".into(), &12.into()));
    assert_eq!(result["provenance"]["profile"], "classic");
    let metrics = result["metrics"].as_array().unwrap();
    let find = |name: &str| metrics.iter().find(|m| m["metric"] == name).unwrap_or_else(|| panic!("{name}\n{ran}"));
    let expected =
        [("finding_recall", 9), ("miou", 6), ("false_alarms", 3), ("acc_y", 18), ("acc_y_yes", 9), ("acc_y_no", 9)];
    for (name, n) in expected {
        let metric = find(name);
        assert_eq!(metric["n"], n, "{metric}");
        let [value, low, high] = ["value", "low", "high"].map(|k| metric[k].as_f64().unwrap());
        assert!(low <= value && value <= high && (name == "false_alarms" || (0.0..=1.0).contains(&value)), "{metric}");
    }
    for name in ["attribute_accuracy", "severity_srcc", "score_srcc"] {
        assert!(find(name).get("value").is_some(), "{name}");
    }
    let faults = result["faults"].as_array().unwrap();
    assert_eq!(faults.iter().map(|f| f["n"].as_u64().unwrap()).sum::<u64>(), 9);
    for key in ["fault", "scope", "recall", "miou", "attribute_accuracy", "n", "instead"] {
        assert!(faults.iter().all(|f| f.get(key).is_some()), "{key}");
    }
    assert_eq!(run(&["-f", "json", "--min-severity", "1"]).out(), ran.out(), "the same twice");
    run(&["-q"]).code(0).prints(&["profile classic, 12 pictures", "finding_recall ", "found instead"]);
}

#[test]
fn a_picture_that_is_another_is_left_out() {
    let dir = temp();
    let out = dir.path().join("bench");
    make(&[photo("cat.jpg")], &out, &["--seed", "1", "--local", "1", "--global", "0"]).code(0);
    let clean = out.join("images/cat-clean.png");
    std::fs::copy(photo("coffee.jpg"), &clean).unwrap();
    let run = || giqa().args(["bench", "run", "-f", "json", text(&out)]).run();
    let ran = run();
    ran.code(3).says(&["cat-clean.png", "another blake3", "1 could not be scored"]);
    assert_eq!(ran.json()["pictures"], 1);
    std::fs::remove_file(&clean).unwrap();
    run().code(3).says(&["cat-clean.png", "can't be read"]);
}

#[test]
fn mistakes_in_making() {
    let dir = temp();
    let out = dir.path().join("bench");
    let args = ["--seed", "1", "--local", "0", "--global", "0"];
    let taken = dir.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    let kept = write(&taken, "precious.txt", "mine");
    make(&[photo("cat.jpg")], &taken, &args).code(2).says(&["taken", "is not empty", "name a new or empty folder"]);
    assert!(std::fs::read_to_string(kept).unwrap() == "mine" && std::fs::read_dir(&taken).unwrap().count() == 1);

    let broken = write(dir.path(), "broken.json", "{\"images\": [");
    let ran = make(&[photo("cat.jpg")], &out, &[&args[..], &["--boxes", text(&broken)]].concat());
    ran.code(2).says(&["broken.json", "expected a COCO annotation file"]);
    let ran = make(&[photo("cat.jpg")], &out, &[&args[..], &["--boxes", "/nowhere/coco.json"]].concat());
    ran.code(2).says(&["/nowhere/coco.json", "can't be read"]);

    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    make(std::slice::from_ref(&empty), &out, &args).code(2).says(&["no photographs found"]);
    assert!(!out.exists(), "nothing is left of a mistake");

    make(&[photo("cat.jpg")], &out, &["--seed", "1", "--severity", "6"]).code(2).says(&["6", "1..=5"]);
    make(&[photo("cat.jpg")], &out, &["--local", "1"]).code(2).says(&["--seed"]);

    let ran = make(&[fixture("images/text.jpg"), photo("cat.jpg")], &out, &args);
    ran.code(3).says(&["text.jpg", "is not an image", "1 pictures and 1 records from 1 photos, 1 could not be used"]);
    let none = dir.path().join("none");
    make(&[fixture("images/text.jpg")], &none, &args).code(3).says(&["text.jpg", "not one of the photographs"]);
}

#[test]
fn a_truth_that_is_none() {
    let dir = temp();
    let run = || giqa().args(["bench", "run", text(dir.path())]).run();
    run().code(2).says(&["truth.json", "can't be read", "giqa bench make"]);
    let record = |image: &str, task: &str, rest: &str| {
        format!(
            "{{\"id\": \"a\", \"image\": \"{image}\", \"conversations\": [], \"giqa\": {{\"task\": \"{task}\", \
             \"fault\": null, \"attribute\": null, \"severity\": 0, \"scope\": \"clean\", \"boxes\": [], \
             \"outlined\": false, \"rmse\": 0, \"width\": 1, \"height\": 1, \"source\": \"\", \"seed\": 0, \
             \"blake3\": \"\"{rest}}}}}"
        )
    };
    let des = |image| record(image, "des", "");
    for (content, words) in [
        ("[{".to_owned(), "line 1"),
        ("{}".to_owned(), "expected"),
        ("[]".to_owned(), "no records"),
        ("[{\"id\": \"a\", \"image\": \"a.png\", \"conversations\": []}]".to_owned(), "giqa"),
        (format!("[{}]", des("../../etc/passwd")), "no path inside the folder"),
        (format!("[{}]", des("/etc/passwd")), "no path inside the folder"),
        (format!("[{}, {}]", des("a.png"), des("a.png")), "two descriptions"),
        (format!("[{}]", record("a.png", "vqa", ", \"answer\": \"yes\"")), "has no description"),
        (format!("[{}, {}]", des("a.png"), record("a.png", "vqa", "")), "has no answer"),
        (format!("[{}]", des("a.png").replace("\"clean\"", "\"local\"")), "does not fit"),
        (format!("[{}]", des("a.png").replace("\"severity\": 0", "\"severity\": 9")), "does not fit"),
    ] {
        write(dir.path(), "truth.json", &content);
        let ran = run();
        ran.code(2).says(&["truth.json", words]);
        assert_eq!(ran.out(), "", "{content}");
    }
}
