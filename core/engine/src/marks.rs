//! Numbers for the places that a report speaks of: the same in the text, on the overlay and in the TUI.

use giqa_core::{Attribute, NormBox, Report};

/// Boxes that overlap more than this get one number.
const SAME_PLACE_IOU: f64 = 0.9;

/// A numbered place.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// 1, 2, 3, ...
    pub number: usize,
    /// Id of the region, where the place is one.
    pub region: Option<String>,
    /// What or where it is.
    pub name: String,
    /// Where it is.
    pub bounds: NormBox,
    /// Faults there, worst first: attribute and severity.
    pub faults: Vec<(Attribute, f64)>,
}

impl Mark {
    /// Severity of the worst fault; 0 where none was found.
    #[must_use]
    pub fn severity(&self) -> f64 {
        self.faults.first().map_or(0.0, |f| f.1)
    }
}

/// Regions with findings, worst first, then the boxes of the description that are none of these.
#[must_use]
pub fn marks(report: &Report) -> Vec<Mark> {
    let mut all: Vec<Mark> = Vec::new();
    for finding in &report.findings {
        let Some(region) = finding.region.as_ref().and_then(|id| report.regions.iter().find(|r| r.id == *id)) else {
            continue;
        };
        let fault = (finding.attribute, finding.severity);
        if let Some(mark) = all.iter_mut().find(|m| m.region.as_ref() == Some(&region.id)) {
            mark.faults.push(fault);
        } else {
            all.push(Mark {
                number: all.len() + 1,
                region: Some(region.id.clone()),
                name: region.name.clone(),
                bounds: region.bounds,
                faults: vec![fault],
            });
        }
    }
    for span in report.description.iter().flat_map(|d| &d.spans) {
        for &bounds in &span.boxes {
            if number_at(&all, &bounds).is_none() {
                let region = report.regions.iter().find(|r| same(&r.bounds, &bounds)).map(|r| r.id.clone());
                all.push(Mark { number: all.len() + 1, region, name: span.label.clone(), bounds, faults: Vec::new() });
            }
        }
    }
    all
}

/// The number of the place where this box is.
#[must_use]
pub fn number_at(marks: &[Mark], bounds: &NormBox) -> Option<usize> {
    marks.iter().find(|m| same(&m.bounds, bounds)).map(|m| m.number)
}

fn same(a: &NormBox, b: &NormBox) -> bool {
    // Boxes without area have no overlap with themselves.
    a == b || a.iou(b) > SAME_PLACE_IOU
}

/// A word for a severity.
#[must_use]
pub fn severity_word(severity: f64) -> &'static str {
    match severity {
        s if s >= 0.75 => "severe",
        s if s >= 0.5 => "moderate",
        s if s >= 0.25 => "mild",
        _ => "none",
    }
}
