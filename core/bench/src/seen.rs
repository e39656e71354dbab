//! What a profile said of one picture, against what was planted in it.

use crate::fault::Fault;
use crate::load::Expected;
use crate::truth::{Scope, YesNo};
use giqa_core::{Attribute, NormBox, Report};

/// A region hits a place from this overlap on.
const HIT: f64 = 0.5;
/// A region of this share is the whole picture.
const WHOLE: f64 = 0.8;

/// A finding, and where: `None` = the whole picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// What is wrong.
    pub attribute: Attribute,
    /// How bad, 0 to 1.
    pub severity: f64,
    /// Where.
    pub place: Option<NormBox>,
}

/// The findings of a report with their boxes; one that names a region that is not there is passed over.
#[must_use]
pub fn told(report: &Report) -> Vec<Told> {
    let place = |id: &str| report.regions.iter().find(|r| r.id == id).map(|r| r.bounds);
    report
        .findings
        .iter()
        .filter_map(|f| {
            let place = match &f.region {
                None => None,
                Some(id) => Some(place(id)?),
            };
            Some(Told { attribute: f.attribute, severity: f.severity, place })
        })
        .collect()
}

/// A planted fault, and whether it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planted {
    /// The fault.
    pub fault: Fault,
    /// How strong, 1 to 5.
    pub severity: u8,
    /// In one place or everywhere.
    pub scope: Scope,
    /// Local: some finding's region hits the place. Global: a finding of the attribute for the whole picture.
    pub recalled: bool,
    /// Local: the best overlap of any finding's region with the place.
    pub iou: f64,
    /// Local and recalled: whether one of the findings that hit the place has the attribute.
    pub right: bool,
    /// What was found there instead: of the hit that overlaps best, or (global) that is worst.
    pub instead: Option<Attribute>,
    /// The severity that the attribute was found with there; 0 where it was not.
    pub found: f64,
}

/// What is scored of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What was planted; nothing in a clean picture.
    pub planted: Option<Planted>,
    /// The overall score.
    pub score: f64,
    /// How many findings there were.
    pub findings: usize,
    /// The right answer, the severity in the picture, and whether it was answered rightly.
    pub answers: Vec<(YesNo, u8, bool)>,
}

/// Matches findings with what was planted.
#[must_use]
pub fn matched(expected: &Expected, told: &[Told]) -> Option<Planted> {
    let (fault, severity) = expected.fault?;
    let attribute = fault.attribute();
    let mut out = Planted {
        fault,
        severity,
        scope: expected.scope,
        recalled: false,
        iou: 0.0,
        right: false,
        instead: None,
        found: 0.0,
    };
    let worst = |hits: &[&Told]| hits.iter().map(|t| t.severity).fold(0.0, f64::max);
    match expected.place {
        Some(place) => {
            let with_iou = |t| (t, overlap(t, &place));
            let mut hits: Vec<(&Told, f64)> = told.iter().map(with_iou).collect();
            out.iou = hits.iter().map(|h| h.1).fold(0.0, f64::max);
            hits.retain(|h| h.1 > HIT);
            out.recalled = !hits.is_empty();
            let own: Vec<&Told> = hits.iter().map(|h| h.0).filter(|t| t.attribute == attribute).collect();
            out.right = !own.is_empty();
            out.found = worst(&own);
            // Of equals the first, which is the worst: reports list findings so.
            let best = hits.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
            out.instead = best.filter(|_| !out.right).map(|h| h.0.attribute);
        }
        None => {
            let whole: Vec<&Told> = told.iter().filter(|t| t.place.is_none_or(|b| b.area() > WHOLE)).collect();
            let own: Vec<&Told> = whole.iter().copied().filter(|t| t.attribute == attribute).collect();
            out.recalled = !own.is_empty();
            out.right = out.recalled;
            out.found = worst(&own);
            let first = whole.iter().rev().max_by(|a, b| a.severity.total_cmp(&b.severity));
            out.instead = first.filter(|_| !out.recalled).map(|t| t.attribute);
        }
    }
    Some(out)
}

fn overlap(told: &Told, place: &NormBox) -> f64 {
    told.place.map_or(0.0, |b| b.iou(place))
}

/// Yes or no, by the first word; neither is `None`.
#[must_use]
pub fn first_word(answer: &str) -> Option<YesNo> {
    let word = answer.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty())?;
    match word.to_lowercase().as_str() {
        "yes" => Some(YesNo::Yes),
        "no" => Some(YesNo::No),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(attribute: Attribute, severity: f64, place: Option<[f64; 4]>) -> Told {
        Told { attribute, severity, place: place.map(|b| NormBox::try_from(b).unwrap()) }
    }

    fn expected(fault: Fault, place: Option<[f64; 4]>) -> Expected {
        let scope = if place.is_some() { Scope::Local } else { Scope::Global };
        Expected { fault: Some((fault, 4)), scope, place: place.map(|b| NormBox::try_from(b).unwrap()) }
    }

    #[test]
    fn local_faults_are_found_by_overlap() {
        let place = [0.25, 0.25, 0.75, 0.75];
        let want = expected(Fault::Blur, Some(place));
        let near = Some([0.25, 0.25, 0.75, 0.7]);
        let all = [
            told(Attribute::Sharpness, 0.9, None),
            told(Attribute::Noise, 0.8, Some(place)),
            told(Attribute::Sharpness, 0.5, near),
            told(Attribute::Sharpness, 0.7, Some([0.0, 0.0, 0.4, 0.4])),
        ];
        let got = matched(&want, &all).unwrap();
        assert_eq!((got.recalled, got.iou, got.right, got.instead, got.found), (true, 1.0, true, None, 0.5));
        let got = matched(&want, &all[..2]).unwrap();
        assert_eq!((got.recalled, got.right, got.instead, got.found), (true, false, Some(Attribute::Noise), 0.0));
        // Half of it is not enough: IoU exactly 0.5.
        let half = [told(Attribute::Sharpness, 0.9, Some([0.25, 0.25, 0.5, 0.75]))];
        let got = matched(&want, &half).unwrap();
        assert!(!got.recalled && !got.right && (got.iou - 0.5).abs() < 1e-9 && got.found == 0.0, "{got:?}");
        // The whole picture's finding is no place.
        let got = matched(&want, &all[..1]).unwrap();
        assert_eq!((got.recalled, got.iou), (false, 0.0));
    }

    #[test]
    fn global_faults_need_their_attribute_and_the_whole_picture() {
        let want = expected(Fault::Cast, None);
        let all = [
            told(Attribute::Sharpness, 0.9, None),
            told(Attribute::Colour, 0.4, Some([0.0, 0.0, 1.0, 0.85])),
            told(Attribute::Colour, 0.8, Some([0.0, 0.0, 0.5, 0.5])),
        ];
        let got = matched(&want, &all).unwrap();
        assert_eq!((got.recalled, got.found, got.instead), (true, 0.4, None));
        let got = matched(&want, &[all[0], all[2]]).unwrap();
        assert_eq!((got.recalled, got.found, got.instead), (false, 0.0, Some(Attribute::Sharpness)));
        assert_eq!(matched(&Expected { fault: None, scope: Scope::Clean, place: None }, &all), None);
    }

    #[test]
    fn the_first_word_answers() {
        for (text, answer) in [
            ("Yes.", Some(YesNo::Yes)),
            ("  no, it is sharp", Some(YesNo::No)),
            ("**Yes**", Some(YesNo::Yes)),
            ("Nothing is blurry, yes", None),
            ("", None),
        ] {
            assert_eq!(first_word(text), answer, "{text}");
        }
    }
}
