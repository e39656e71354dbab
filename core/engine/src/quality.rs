//! One number for the whole picture, from the severities ([`Quality::of_severities`]): per attribute that in the whole
//! picture, plus half of what the worst region adds to it, by its share of the picture.

use crate::findings::{Judgement, whole_picture};
use crate::round;
use giqa_core::{Attribute, Quality, Region};

/// How much a fault in a region weighs against the same one everywhere, at equal area.
const REGION_WEIGHT: f64 = 0.5;

/// Overall quality; `None` when nothing was judged.
pub(crate) fn overall(judged: &[Judgement], regions: &[Region]) -> Option<Quality> {
    if judged.is_empty() {
        return None;
    }
    let all = Attribute::ALL.into_iter().map(|a| (a, severity(a, judged, regions)));
    Some(Quality::of_score(round::six(Quality::of_severities(all).score)))
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
