//! One row an image: path, score, level, the worst finding, and a column per metric.
//!
//! Spreadsheets run cells that begin with `=`, `+`, `-`, `@`, a tab or a carriage return as formulas. Cells whose text
//! comes from outside get a single quote in front of such a start; numbers are left alone.

use crate::safe_text::escaped;
use giqa_core::Report;
use std::io;

const FIXED: [&str; 11] = [
    "path",
    "score",
    "level",
    "worst_attribute",
    "worst_severity",
    "worst_region",
    "findings",
    "width",
    "height",
    "format",
    "error",
];

pub(super) fn head(metrics: &[String]) -> Vec<String> {
    FIXED.iter().map(|s| (*s).to_owned()).chain(metrics.iter().map(|m| text(m))).collect()
}

pub(super) fn report_cells(report: &Report, metrics: &[String]) -> Vec<String> {
    let worst = report.findings.first();
    let region = worst.and_then(|f| f.region.as_ref()).and_then(|id| report.regions.iter().find(|r| r.id == *id));
    let fixed = [
        text(&report.image.path),
        report.quality.score.to_string(),
        report.quality.level.to_string(),
        worst.map(|f| f.attribute.to_string()).unwrap_or_default(),
        worst.map(|f| f.severity.to_string()).unwrap_or_default(),
        region.map(|r| text(&r.name)).unwrap_or_default(),
        report.findings.len().to_string(),
        report.image.width.to_string(),
        report.image.height.to_string(),
        text(&report.image.format),
        String::new(),
    ];
    let value = |metric: &String| {
        let score = report.scores.iter().find(|s| s.metric == *metric && s.region.is_none());
        score.and_then(|s| s.value).map(|v| v.to_string()).unwrap_or_default()
    };
    fixed.into_iter().chain(metrics.iter().map(value)).collect()
}

pub(super) fn failure_cells(path: &str, error: &str, metrics: &[String]) -> Vec<String> {
    let mut cells = vec![String::new(); FIXED.len() + metrics.len()];
    cells[0] = text(path);
    cells[FIXED.len() - 1] = text(error);
    cells
}

/// A cell of text from outside: what would steer a terminal is escaped, and a spreadsheet takes it for no formula.
#[must_use]
pub fn text(s: &str) -> String {
    let quoted = s.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("{}{}", if quoted { "'" } else { "" }, escaped(s))
}

/// A row with its line end, quoted where it must be.
///
/// # Errors
/// None that a row of text could cause; the writer's.
pub fn row(cells: &[String]) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(cells)?;
    writer.into_inner().map_err(|e| io::Error::other(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (from, to) in [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("-a.jpg", "'-a.jpg"),
            ("a=b", "a=b"),
            ("\tx", "'\\tx"),
            ("a\n\x1b[2J", "a\\n\\u{1b}[2J"),
        ] {
            assert_eq!(text(from), to);
        }
        assert_eq!(row(&["a,b".into(), "c\"d".into()]).unwrap(), b"\"a,b\",\"c\"\"d\"\n");
    }
}
