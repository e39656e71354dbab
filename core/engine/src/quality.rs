//! One number for the whole picture, from the severities.
//!
//! `100 * product over attributes of (1 - weight * s)`, where `s` is the severity in the whole picture plus half of
//! what the worst region adds to it, by its share of the picture. The number never rises when a severity does.
//! A severity of 1 alone leaves 10 to 60 points, by how much the attribute matters.

use crate::findings::{Judgement, whole_picture};
use crate::round;
use giqa_core::{Attribute, Quality, Region};

/// How much a fault in a region weighs against the same one everywhere, at equal area.
const REGION_WEIGHT: f64 = 0.5;

/// What a severity of 1 takes away.
fn weight(attribute: Attribute) -> f64 {
    match attribute {
        Attribute::Sharpness | Attribute::Exposure => 0.9,
        Attribute::Motion | Attribute::Compression | Attribute::Artefact => 0.8,
        Attribute::Noise => 0.7,
        Attribute::Contrast | Attribute::Colour | Attribute::Haze => 0.6,
        Attribute::Banding => 0.4,
    }
}

/// Overall quality; `None` when nothing was judged.
pub(crate) fn overall(judged: &[Judgement], regions: &[Region]) -> Option<Quality> {
    if judged.is_empty() {
        return None;
    }
    let left: f64 = Attribute::ALL.iter().map(|&a| 1.0 - weight(a) * severity(a, judged, regions)).product();
    Some(Quality::of_score(round::six(100.0 * left)))
}

fn severity(attribute: Attribute, judged: &[Judgement], regions: &[Region]) -> f64 {
    let whole = whole_picture(judged, attribute);
    let added = judged
        .iter()
        .filter(|j| j.attribute == attribute)
        .filter_map(|j| j.region.and_then(|i| regions.get(i)).map(|r| r.bounds.area() * (j.severity - whole).max(0.0)))
        .fold(0.0, f64::max);
    (whole + REGION_WEIGHT * added).min(1.0)
}
