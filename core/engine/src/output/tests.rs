//! What the writers write.

use super::*;
use crate::fakes::{inspect, profile};

fn write(format: Format, text: TextOptions, reports: &[Report]) -> String {
    let mut bytes = Vec::new();
    let metrics = vec!["fake.noise".to_owned(), "fake.blur".to_owned(), "fake.gone".to_owned()];
    let mut writer = Writer::new(&mut bytes, format, text, metrics);
    for report in reports {
        writer.report(report).unwrap();
    }
    writer.failure("-x\u{1b}.jpg", "it is cut off").unwrap();
    writer.finish().unwrap();
    String::from_utf8(bytes).unwrap()
}

fn report() -> Report {
    let mut r = inspect(profile()).report;
    r.timing_ms.clear();
    r
}

#[test]
fn text_for_people() {
    insta::assert_snapshot!(write(Format::Text, TextOptions { width: 60, color: false }, &[report()]));
    let coloured = write(Format::Text, TextOptions { width: 60, color: true }, &[report()]);
    assert!(coloured.contains("\u{1b}[1mphotos/a.jpg\u{1b}[0m"));
}

#[test]
fn nothing_from_outside_steers_the_terminal() {
    let mut r = report();
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}";
    r.image.path = evil.into();
    r.image.format = evil.into();
    r.warnings.push(evil.into());
    r.regions.iter_mut().for_each(|g| g.name.push_str(evil));
    r.findings.iter_mut().for_each(|f| f.evidence.metric.push_str(evil));
    let d = r.description.as_mut().unwrap();
    d.text.push_str(evil);
    d.spans[0].label.push_str(evil);
    for format in [Format::Text, Format::Json, Format::Jsonl, Format::Csv] {
        let text = write(format, TextOptions::default(), std::slice::from_ref(&r));
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{format:?}: {text:?}");
    }
}

#[test]
fn json_is_an_array_and_reads_back() {
    let all = [report(), report()];
    let text = write(Format::Json, TextOptions::default(), &all);
    assert_eq!(serde_json::from_str::<Vec<Report>>(&text).unwrap(), all);
    insta::assert_snapshot!(write(Format::Json, TextOptions::default(), &all[..1]));
    assert_eq!(write(Format::Json, TextOptions::default(), &[]), "[]\n");
    let lines = write(Format::Jsonl, TextOptions::default(), &all);
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.lines().all(|l| serde_json::from_str::<Report>(l).unwrap() == all[0]));
}

#[test]
fn csv_has_a_row_for_every_image() {
    insta::assert_snapshot!(write(Format::Csv, TextOptions::default(), &[report()]));
    assert_eq!(write(Format::Csv, TextOptions::default(), &[]).lines().count(), 2);
}

#[test]
fn formats_have_names() {
    assert_eq!("csv".parse(), Ok(Format::Csv));
    assert_eq!("xml".parse::<Format>().unwrap_err(), "unknown format 'xml'; expected text, json, jsonl or csv");
}
