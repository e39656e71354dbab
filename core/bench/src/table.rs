//! The figures as a table for people.

use crate::score::BenchReport;
use std::fmt::Write;

/// Aligned columns: the figures, then each fault.
#[must_use]
pub fn table(report: &BenchReport) -> String {
    let profile = report.provenance.as_ref().map_or("-", |p| p.profile.as_str());
    let mut out = format!(
        "profile {}, {} pictures; severity {} and more, both correlations over all; 95 % intervals from {} resamples\n\n",
        giqa_engine::safe_text::escaped(profile),
        report.pictures,
        report.min_severity,
        report.resamples
    );
    let mut rows = vec![["metric", "value", "low", "high", "n"].map(str::to_owned).to_vec()];
    rows.extend(
        report
            .metrics
            .iter()
            .map(|m| vec![m.metric.to_owned(), number(m.value), number(m.low), number(m.high), m.n.to_string()]),
    );
    aligned(&mut out, &rows, 1);
    out.push('\n');
    let head = ["fault", "scope", "recall", "miou", "attribute", "n", "found instead"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(report.faults.iter().map(|f| {
        let mut instead: Vec<_> = f.instead.iter().collect();
        // Most often first; the sort is stable.
        instead.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
        let instead: Vec<String> = instead.iter().map(|(a, n)| format!("{a} {n}")).collect();
        vec![
            f.fault.name().to_owned(),
            f.scope.name().to_owned(),
            number(f.recall),
            number(f.miou),
            number(f.attribute_accuracy),
            f.n.to_string(),
            instead.join(", "),
        ]
    }));
    aligned(&mut out, &rows, 2);
    out
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"))
}

/// The first `left` columns and a seventh stand left, the others right.
fn aligned(out: &mut String, rows: &[Vec<String>], left: usize) {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (c, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Writing into a String can't fail.
            let _ =
                if c < left || c == 6 { write!(line, "{cell:<width$}  ") } else { write!(line, "{cell:>width$}  ") };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{FaultRow, score};
    use crate::truth::Scope;
    use giqa_core::Attribute;

    #[test]
    fn columns_are_aligned() {
        let mut report = score(&[], 3, None);
        report.faults.push(FaultRow {
            severity_srcc: None,
            score_srcc: None,
            fault: crate::Fault::Pixelation,
            scope: Scope::Local,
            recall: Some(0.5),
            miou: Some(1.0),
            attribute_accuracy: None,
            n: 12,
            instead: [(Attribute::Noise, 1), (Attribute::Sharpness, 4)].into(),
        });
        let text = table(&report);
        assert!(
            text.contains("metric               value  low  high  n\nfinding_recall           -    -     -  0\n"),
            "{text}"
        );
        let expected = "fault       scope  recall   miou  attribute   n  found instead\n\
                        pixelation  local   0.500  1.000          -  12  sharpness 4, noise 1\n";
        assert!(text.ends_with(expected), "{text}");
    }
}
