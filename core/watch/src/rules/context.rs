//! What conditions and templates can ask about a photo.

use super::expression::Truth;
use giqa_core::{Attribute, Finding, Report};
use minijinja::Value;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How the whole picture is called among the regions.
pub(super) const WHOLE: &str = "whole";

/// What the camera wrote; `None` = unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Camera {
    /// Maker.
    pub make: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Lens.
    pub lens: Option<String>,
    /// Sensitivity, ISO.
    pub iso: Option<f64>,
    /// Exposure time, seconds.
    pub exposure: Option<f64>,
    /// F-number.
    pub aperture: Option<f64>,
    /// Focal length, mm.
    pub focal_length: Option<f64>,
    /// When it was taken, as the camera's clock said: `2026-11-25T17:01:35`.
    pub taken: Option<String>,
}

/// A photo's near-duplicates, itself included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Names the group; the content of its first photo.
    pub id: String,
    /// How many photos.
    pub size: usize,
    /// 1 = the sharpest.
    pub rank: usize,
}

/// A photo that is to be decided.
#[derive(Debug, Clone, Copy)]
pub struct Photo<'a> {
    /// Its report.
    pub report: &'a Report,
    /// What the camera wrote.
    pub camera: &'a Camera,
    /// Its near-duplicates.
    pub group: &'a Group,
    /// The watched folder.
    pub root: &'a Path,
    /// Where it lies.
    pub path: &'a Path,
}

/// Every name that can be asked for; `scores` and lists are asked for as they are.
pub(super) fn names() -> BTreeSet<String> {
    let mut all: BTreeSet<String> = ["region", "regions", "findings", "scores", "description"].map(String::from).into();
    let mut group = |of: &str, names: &[&str]| all.extend(names.iter().map(|n| format!("{of}.{n}")));
    group("quality", &["score", "level"]);
    group("camera", &["make", "model", "lens", "iso", "exposure", "aperture", "focal_length", "taken"]);
    group("image", &["path", "name", "stem", "extension", "folder", "width", "height", "bytes", "format", "blake3"]);
    group("group", &["id", "size", "rank", "sharpest"]);
    for a in Attribute::ALL {
        group(&format!("finding.{}", a.name()), &["severity", "level", "region", "value", "expected"]);
    }
    all
}

/// What regions are called; the places where there are findings, the whole picture among them.
pub(super) fn places(report: &Report) -> Vec<&str> {
    let mut all: Vec<&str> = report.findings.iter().map(|f| place(report, f)).collect();
    all.push(WHOLE);
    all.sort_unstable();
    all.dedup();
    all
}

fn place<'a>(report: &'a Report, finding: &Finding) -> &'a str {
    let id = finding.region.as_deref();
    let region = report.regions.iter().find(|r| Some(r.id.as_str()) == id);
    region.map_or(WHOLE, |r| r.name.as_str())
}

/// The names and their values; findings are those of one place, or the worst of all.
pub(super) fn context(photo: &Photo<'_>, only: Option<&str>, truth: Truth) -> Value {
    let report = photo.report;
    let object = |pairs: Vec<(&str, Value)>| Value::from_pairs(pairs);
    let findings = || report.findings.iter().filter(|f| only.is_none_or(|p| place(report, f) == p));
    let by_attribute = Attribute::ALL.map(|a| {
        let worst = findings().filter(|f| f.attribute == a).max_by(|x, y| x.severity.total_cmp(&y.severity));
        let told = object(vec![
            ("severity", Value::from(worst.map_or(0.0, |f| f.severity))),
            ("level", Value::from(worst.map_or("", |f| f.level.name()))),
            ("region", Value::from(worst.map_or("", |f| place(report, f)))),
            ("value", truth.number(worst.map(|f| f.evidence.value))),
            ("expected", truth.number(worst.map(|f| f.evidence.expected))),
        ]);
        (a.name(), told)
    });
    let whole = report.scores.iter().filter(|s| s.region.is_none());
    let scores: BTreeMap<&str, Value> = whole.map(|s| (s.metric.as_str(), truth.number(s.value))).collect();
    let (camera, group, path) = (photo.camera, photo.group, photo.path);
    let text = |t: Option<&std::ffi::OsStr>| Value::from(t.unwrap_or_default().to_string_lossy().into_owned());
    let folder = path.parent().and_then(|p| p.strip_prefix(photo.root).ok()).map(Path::as_os_str);
    object(vec![
        (
            "quality",
            object(vec![
                ("score", Value::from(report.quality.score)),
                ("level", Value::from(report.quality.level.name())),
            ]),
        ),
        ("finding", object(by_attribute.to_vec())),
        ("findings", Value::from(Serde(findings().cloned().collect::<Vec<_>>()))),
        ("scores", Value::from_pairs(scores)),
        ("regions", Value::from_iter(report.regions.iter().map(|r| Value::from(r.name.as_str())))),
        ("region", Value::from(only.unwrap_or(WHOLE))),
        ("description", Value::from(report.description.as_ref().map_or("", |d| d.text.as_str()))),
        (
            "camera",
            object(vec![
                ("make", truth.text(camera.make.as_deref())),
                ("model", truth.text(camera.model.as_deref())),
                ("lens", truth.text(camera.lens.as_deref())),
                ("iso", truth.number(camera.iso)),
                ("exposure", truth.number(camera.exposure)),
                ("aperture", truth.number(camera.aperture)),
                ("focal_length", truth.number(camera.focal_length)),
                ("taken", truth.text(camera.taken.as_deref())),
            ]),
        ),
        (
            "image",
            object(vec![
                ("path", text(Some(path.as_os_str()))),
                ("name", text(path.file_name())),
                ("stem", text(path.file_stem())),
                ("extension", text(path.extension())),
                ("folder", text(folder)),
                ("width", Value::from(report.image.width)),
                ("height", Value::from(report.image.height)),
                ("bytes", Value::from(report.image.bytes)),
                ("format", Value::from(report.image.format.as_str())),
                ("blake3", Value::from(report.image.blake3.as_str())),
            ]),
        ),
        (
            "group",
            object(vec![
                ("id", Value::from(group.id.as_str())),
                ("size", Value::from(group.size)),
                ("rank", Value::from(group.rank)),
                ("sharpest", Value::from(group.rank == 1)),
            ]),
        ),
    ])
}
