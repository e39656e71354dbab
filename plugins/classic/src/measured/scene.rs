//! One picture with all that is known of it: the evidence's faults with their kinds, and pixels where needed.

use super::kind::Kind;
use super::words::{Fnv, related};
use super::{MeasureFn, Observed};
use giqa_core::{Attribute, Evidence, Finding, ImageView, Level, NormBox, Region, Score};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

/// Least severity that is a fault; the engine's findings begin there too.
pub(super) const FLOOR: f64 = 0.25;
/// Severity up to which an attribute is praised.
pub(super) const PRAISE: f64 = 0.2;
/// Boxes that overlap more than this mean the same place.
const SAME_PLACE_IOU: f64 = 0.9;

/// Where a fault is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place<'a> {
    Whole,
    Region(&'a Region),
    /// A box with the label that the question gave it.
    Box(NormBox, &'a str),
    /// A region that the evidence doesn't list.
    Unknown,
}

/// A fault that words can be made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fault<'a> {
    pub(super) kind: Kind,
    pub(super) attribute: Attribute,
    pub(super) severity: f64,
    pub(super) place: Place<'a>,
    pub(super) value: f64,
    pub(super) expected: f64,
}

impl Fault<'_> {
    pub(super) fn level(&self) -> Level {
        Level::of_severity(self.severity)
    }
}

pub(super) struct Scene<'a> {
    pub(super) image: ImageView<'a>,
    pub(super) evidence: &'a Evidence,
    measure: &'a MeasureFn,
    whole: OnceCell<Vec<Observed>>,
    /// Boxes that were measured already: an answer looks at the same box for several reasons.
    boxes: RefCell<Vec<(NormBox, Vec<Observed>)>>,
    faults: OnceCell<Vec<Fault<'a>>>,
    pub(super) seed: Fnv,
}

impl<'a> Scene<'a> {
    pub(super) fn new(image: ImageView<'a>, evidence: &'a Evidence, measure: &'a MeasureFn) -> Self {
        Self {
            image,
            evidence,
            measure,
            whole: OnceCell::new(),
            boxes: RefCell::default(),
            faults: OnceCell::new(),
            seed: seed(evidence),
        }
    }

    /// What the pixels of the whole picture say.
    pub(super) fn whole(&self) -> &[Observed] {
        self.whole.get_or_init(|| self.observe(None))
    }

    /// What the pixels in a box say.
    pub(super) fn inside(&self, bounds: NormBox) -> Vec<Observed> {
        if let Some((_, known)) = self.boxes.borrow().iter().find(|(b, _)| *b == bounds) {
            return known.clone();
        }
        let all = self.observe(Some(bounds));
        self.boxes.borrow_mut().push((bounds, all.clone()));
        all
    }

    fn observe(&self, bounds: Option<NormBox>) -> Vec<Observed> {
        let mut all = (self.measure)(self.image, bounds);
        all.retain(|o| o.value.is_finite());
        all
    }

    /// The findings, worst first, with their kinds.
    pub(super) fn faults(&self) -> &[Fault<'a>] {
        self.faults.get_or_init(|| self.evidence.findings.iter().map(|f| self.fault(f)).collect())
    }

    fn fault(&self, finding: &Finding) -> Fault<'a> {
        let place = match &finding.region {
            None => Place::Whole,
            Some(id) => self.evidence.region(id).map_or(Place::Unknown, Place::Region),
        };
        let (value, expected) = (finding.evidence.value, finding.evidence.expected);
        let details = match (finding.attribute, place) {
            // Only these have a direction that the value alone doesn't tell.
            (Attribute::Exposure | Attribute::Colour, Place::Whole) => self.details_of_score(finding),
            (Attribute::Exposure | Attribute::Colour, Place::Region(r)) => {
                details_among(&self.inside(r.bounds), finding)
            }
            _ => BTreeMap::new(),
        };
        Fault {
            kind: Kind::of(finding.attribute, value, expected, &details),
            attribute: finding.attribute,
            severity: if finding.severity.is_nan() { 0.0 } else { finding.severity.clamp(0.0, 1.0) },
            place,
            value,
            expected,
        }
    }

    fn details_of_score(&self, finding: &Finding) -> BTreeMap<String, f64> {
        let metric = &finding.evidence.metric;
        let score = self.evidence.scores.iter().find(|s| s.region.is_none() && s.metric == *metric);
        match score {
            Some(s) if !s.details.is_empty() => s.details.clone(),
            _ => details_among(self.whole(), finding),
        }
    }

    /// The attribute that a score judges: a finding of the same metric tells it, else the metric's name.
    pub(super) fn attribute_of(&self, score: &Score) -> Option<Attribute> {
        let told = self.evidence.findings.iter().find(|f| f.evidence.metric == score.metric).map(|f| f.attribute);
        told.or_else(|| attribute_of_metric(&score.metric))
    }

    /// The score with a severity that judges an attribute, for the whole picture or a region.
    pub(super) fn score(&self, attribute: Attribute, region: Option<&str>) -> Option<&'a Score> {
        self.evidence
            .scores
            .iter()
            .filter(|s| s.region.as_deref() == region && s.value.is_some() && s.severity.is_some())
            .filter(|s| self.attribute_of(s) == Some(attribute))
            .max_by(|a, b| a.severity.unwrap_or(0.0).total_cmp(&b.severity.unwrap_or(0.0)))
    }

    /// Hasler and Suesstrunk's number for the whole picture.
    pub(super) fn colourfulness(&self) -> Option<f64> {
        let score = self.evidence.scores.iter().find(|s| s.region.is_none() && is_colourfulness(&s.metric));
        let told = score.and_then(|s| s.value).filter(|v| v.is_finite());
        told.or_else(|| self.whole().iter().find(|o| is_colourfulness(&o.metric)).map(|o| o.value))
    }

    /// Whether anything, anywhere, is wrong with an attribute or one that looks like it.
    pub(super) fn spotless(&self, attribute: Attribute) -> bool {
        !self.evidence.findings.iter().any(|f| related(attribute).contains(&f.attribute))
    }

    /// Attributes of the whole picture that were measured to be fine and have no fault anywhere.
    pub(super) fn praised(&self) -> Vec<Attribute> {
        let fine = |a: Attribute| self.score(a, None).and_then(|s| s.severity).is_some_and(|s| s <= PRAISE);
        Attribute::ALL.into_iter().filter(|&a| fine(a) && self.spotless(a)).collect()
    }

    /// The region that means the same place as a box.
    pub(super) fn region_at(&self, bounds: &NormBox) -> Option<&'a Region> {
        self.evidence.regions.iter().find(|r| r.bounds == *bounds || r.bounds.iou(bounds) > SAME_PLACE_IOU)
    }
}

pub(super) fn is_colourfulness(metric: &str) -> bool {
    matches!(short(metric), "colour" | "colourfulness")
}

fn short(metric: &str) -> &str {
    metric.rsplit('.').next().unwrap_or(metric)
}

fn attribute_of_metric(metric: &str) -> Option<Attribute> {
    match short(metric) {
        "cast" | "tint" => Some(Attribute::Colour),
        "lighting" => Some(Attribute::Exposure),
        "blockiness" | "jpeg-quality" => Some(Attribute::Compression),
        "pixelation" | "aberration" | "moire" => Some(Attribute::Artefact),
        // It describes; how much colour is right is not for a number to say.
        "colour" => None,
        name => Attribute::ALL.into_iter().find(|a| a.name() == name),
    }
}

fn details_among(observed: &[Observed], finding: &Finding) -> BTreeMap<String, f64> {
    let same_metric = observed.iter().find(|o| o.metric == finding.evidence.metric);
    let same_attribute = || observed.iter().find(|o| o.attribute == finding.attribute && !o.details.is_empty());
    same_metric.or_else(same_attribute).map(|o| o.details.clone()).unwrap_or_default()
}

fn seed(evidence: &Evidence) -> Fnv {
    let mut h = Fnv::new();
    for r in &evidence.regions {
        h = h.add(r.name.as_bytes());
        for v in <[f64; 4]>::from(r.bounds) {
            h = h.add(&v.to_bits().to_le_bytes());
        }
    }
    // A comparison with an original changes nothing of what there is to say about the picture.
    for s in evidence.scores.iter().filter(|s| !s.full_reference) {
        h = h.add(s.metric.as_bytes()).add(&s.value.unwrap_or(-1.0).to_bits().to_le_bytes());
    }
    for f in &evidence.findings {
        h = h.add(f.attribute.name().as_bytes()).add(&f.severity.to_bits().to_le_bytes());
    }
    h
}
