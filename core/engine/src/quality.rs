//! One number for the whole picture, from the severities.
//!
//! `100 * (1 - |weight * s|)`, where `s` is, per attribute, the severity in the whole picture plus half of what the worst
//! region adds to it, by its share of the picture, and `|.|` the norm of power [`POWER`] over the attributes: the worst
//! fault decides, and slight ones beside it hardly count, as viewers judge. The number never rises when a severity does.
//! A severity of 1 alone leaves 10 to 60 points, by how much the attribute matters.

use crate::findings::{Judgement, whole_picture};
use crate::round;
use giqa_core::{Attribute, Quality, Region};

/// How much a fault in a region weighs against the same one everywhere, at equal area.
const REGION_WEIGHT: f64 = 0.5;

/// 1 would add faults up, infinity take the worst alone. Set so that the score ranks planted faults best
/// (docs/quality.md).
const POWER: f64 = 3.0;

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
    let lost: f64 = Attribute::ALL.iter().map(|&a| (weight(a) * severity(a, judged, regions)).powf(POWER)).sum();
    Some(Quality::of_score(round::six(100.0 * (1.0 - lost.powf(1.0 / POWER)).max(0.0))))
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
