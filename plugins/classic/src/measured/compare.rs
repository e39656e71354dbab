//! "Which is sharper, [a] or [b]?": measured in both.

use super::Observed;
use super::answer::cannot_tell;
use super::lexicon::{Aspect, Sense};
use super::place::label;
use super::prose::push_label;
use super::question::{Form, Query, Topic};
use super::scene::{Scene, is_colourfulness};
use super::target::Target;
use super::words::number;
use giqa_core::text::GroundedText;
use giqa_core::{Attribute, NormBox, Quality};

/// Values closer than this, relatively, are the same to the eye.
const ALIKE: f64 = 0.03;

/// A place and how it stands in the comparison.
struct Ranked<'a> {
    target: &'a Target,
    /// More is more of the good side.
    key: f64,
    shown: f64,
}

pub(super) fn compare(scene: &Scene<'_>, query: &Query, targets: &[Target]) -> GroundedText {
    let quality = Topic { aspect: Aspect::Quality, sense: Sense::Good, tint: None };
    let topic = query.topics.first().copied().unwrap_or(quality);
    let bad = topic.asks_for_fault() != query.less;
    let ranked: Vec<Ranked<'_>> = targets.iter().filter_map(|t| rank(scene, t, topic.aspect)).collect();
    let yes_no = query.form == Form::YesNo;
    // A claim about two places needs both; a choice among many does without those that can't be measured.
    let enough = ranked.len() >= 2 && (ranked.len() == targets.len() || targets.len() > 2);
    let (Some(asked), true) = (ranked.first(), enough) else {
        return GroundedText::plain(cannot_tell(topic.aspect, targets));
    };
    let better = |a: &Ranked<'_>, b: &Ranked<'_>| if bad { a.key < b.key } else { a.key > b.key };
    let best = ranked.iter().fold(asked, |best, r| if better(r, best) { r } else { best });
    let others = || ranked.iter().filter(|r| !std::ptr::eq(*r, best));
    let Some(next) = others().reduce(|next, r| if better(r, next) { r } else { next }) else {
        return GroundedText::plain(cannot_tell(topic.aspect, targets));
    };
    let alike = (best.key - next.key).abs() <= ALIKE * best.key.abs().max(next.key.abs());
    let mut out = GroundedText::default();
    if yes_no {
        out.push(if !alike && std::ptr::eq(best, asked) { "Yes. " } else { "No. " });
    }
    if alike {
        push_label(&mut out, &label(&best.target.places()), true);
        out.push(" and ");
        push_label(&mut out, &label(&next.target.places()), false);
        let same =
            format!(" are about alike in {}: {} and {}.", topic.aspect.noun(), number(best.shown), number(next.shown));
        out.push(&same);
        return out;
    }
    let place = label(&best.target.places());
    push_label(&mut out, &place, true);
    let among = if ranked.len() > 2 { " at the closest" } else { "" };
    out.push(&format!(
        " {} {}: {} of {} against {}{among}.",
        place.verb(),
        comparative(topic.aspect, bad),
        noun(topic.aspect),
        number(best.shown),
        number(next.shown)
    ));
    out
}

fn rank<'a>(scene: &Scene<'_>, target: &'a Target, aspect: Aspect) -> Option<Ranked<'a>> {
    let all: Vec<(f64, f64)> = target.boxes.iter().filter_map(|b| key(scene, *b, aspect)).collect();
    let n = all.len() as f64;
    let mean = |f: fn(&(f64, f64)) -> f64| all.iter().map(f).sum::<f64>() / n;
    (!all.is_empty()).then(|| Ranked { target, key: mean(|v| v.0), shown: mean(|v| v.1) })
}

/// What is compared (more is more of the good side) and what is shown.
fn key(scene: &Scene<'_>, bounds: NormBox, aspect: Aspect) -> Option<(f64, f64)> {
    let here = scene.inside(bounds);
    let of = |a: Attribute| here.iter().find(|o| o.attribute == a && !is_colourfulness(&o.metric));
    let value = |o: &Observed| o.value;
    Some(match aspect {
        Aspect::Quality => {
            let judged: Vec<_> = here.iter().filter(|o| !is_colourfulness(&o.metric)).collect();
            if judged.is_empty() {
                return None;
            }
            let score = Quality::of_severities(judged.iter().map(|o| (o.attribute, o.severity))).score;
            (score, score)
        }
        Aspect::Bright | Aspect::Over | Aspect::Dark | Aspect::Under => {
            let exposure = of(Attribute::Exposure)?;
            let tone = exposure.details.get("median").or_else(|| exposure.details.get("bias")).copied()?;
            if matches!(aspect, Aspect::Dark | Aspect::Under) { (tone, tone) } else { (-tone, tone) }
        }
        Aspect::Colourful => here.iter().find(|o| is_colourfulness(&o.metric)).map(|o| (o.value, o.value))?,
        Aspect::Sharp | Aspect::Contrast => of(*aspect.attributes().first()?).map(|o| (o.value, o.value))?,
        _ => of(*aspect.attributes().first()?).map(value).map(|v| (-v, v))?,
    })
}

fn noun(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Bright | Aspect::Over | Aspect::Dark | Aspect::Under => "a median tone",
        Aspect::Exposure => "an error of exposure",
        Aspect::Cast => "a cast",
        Aspect::Noise => "a noise",
        Aspect::Blocks => "a blockiness",
        Aspect::Quality => "a quality",
        Aspect::Contrast => "a contrast",
        Aspect::Sharp => "a sharpness",
        Aspect::Colourful => "a colourfulness",
        _ => "a strength",
    }
}

fn comparative(aspect: Aspect, bad: bool) -> &'static str {
    match (aspect, bad) {
        (Aspect::Sharp, false) => "sharper",
        (Aspect::Sharp, true) => "softer",
        (Aspect::Noise, false) => "less noisy",
        (Aspect::Noise, true) => "noisier",
        (Aspect::Bright | Aspect::Over, false) => "less bright",
        (Aspect::Bright | Aspect::Over, true) => "brighter",
        (Aspect::Dark | Aspect::Under, false) => "less dark",
        (Aspect::Dark | Aspect::Under, true) => "darker",
        (Aspect::Exposure, false) => "better exposed",
        (Aspect::Exposure, true) => "worse exposed",
        (Aspect::Contrast, false) => "richer in contrast",
        (Aspect::Contrast, true) => "flatter",
        (Aspect::Colourful, false) => "more colourful",
        (Aspect::Colourful, true) => "less colourful",
        (Aspect::Cast, false) => "more neutral in colour",
        (Aspect::Cast, true) => "more tinted",
        (Aspect::Blocks, false) => "less blocky",
        (Aspect::Blocks, true) => "blockier",
        (Aspect::Quality, false) => "better",
        (Aspect::Quality, true) => "worse",
        (_, false) => "less affected",
        (_, true) => "more affected",
    }
}
