//! Reports, for comparison.

use serde_json::Value;

/// Takes out what may differ between two runs over the same input: the timings.
pub fn without_timing(report: &mut Value) {
    match report {
        Value::Array(all) => all.iter_mut().for_each(without_timing),
        Value::Object(fields) => {
            fields.remove("timing_ms");
        }
        _ => {}
    }
}

/// The reports of a JSON array, without timings.
///
/// # Panics
/// When it is no array.
#[must_use]
pub fn comparable(mut reports: Value) -> Vec<Value> {
    without_timing(&mut reports);
    reports.as_array().expect("an array of reports").clone()
}

/// The value of a metric in a report; `None` where it was not measured.
#[must_use]
pub fn score(report: &Value, metric: &str) -> Option<f64> {
    report["scores"].as_array()?.iter().find(|s| s["metric"] == metric)?["value"].as_f64()
}

/// All warnings of a report in one text.
#[must_use]
pub fn warnings(report: &Value) -> String {
    let list = report["warnings"].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

/// The name of the file that a report is about.
#[must_use]
pub fn file_name(report: &Value) -> &str {
    report["image"]["path"].as_str().and_then(|p| p.rsplit('/').next()).unwrap_or_default()
}

/// JSON text of reports without the values of their timings: all else must be the same bytes from run to run.
///
/// # Panics
/// When an object of timings has no end.
#[must_use]
pub fn bytes_without_timing(json: &str) -> String {
    let mut parts = json.split("\"timing_ms\"");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once('}').expect("timings are an object").1);
    }
    kept
}
