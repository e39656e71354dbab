//! The description (GIQA-DES): the whole, then the places, then what to make of it.

use super::kind::Kind;
use super::place::label;
use super::prose::{Group, groups, push_claim, push_group, push_label, told};
use super::quality;
use super::scene::{Fault, PRAISE, Place, Scene};
use super::words::{list, praise, related};
use giqa_core::text::GroundedText;
use giqa_core::{Attribute, Level};

/// Most good things that are named at once.
const MAX_PRAISE: usize = 4;
/// Hasler and Suesstrunk's "quite colourful".
const COLOURFUL: f64 = 59.0;

pub(super) fn describe(scene: &Scene<'_>) -> GroundedText {
    let mut out = GroundedText::default();
    let Some(quality) = quality::overall(scene) else {
        out.push("Nothing that was measured says how good this picture is.");
        return out;
    };
    let (whole, places): (Vec<Fault<'_>>, Vec<Fault<'_>>) =
        scene.faults().iter().partition(|f| f.place == Place::Whole);
    overall(&mut out, scene, quality.level);
    let mut effects = Vec::new();
    for group in groups(&whole) {
        whole_picture(&mut out, scene, &group, &mut effects);
    }
    for (i, group) in groups(&places).iter().enumerate() {
        place(&mut out, scene, group, i, &whole, &mut effects);
    }
    subject(&mut out, scene);
    conclude(&mut out, scene, quality.level);
    out
}

fn overall(out: &mut GroundedText, scene: &Scene<'_>, level: Level) {
    let start = scene.seed.choose(
        "overall",
        &[
            "Overall, the quality of this picture is {}",
            "This is a picture of {} quality",
            "As a whole, the picture is of {} quality",
        ],
    );
    out.push(&start.replace("{}", level.name()));
    // A fault in a small place weighs little in the whole, however bad it is there; both are true and both are said.
    let bad = |f: &&Fault<'_>| f.level() <= Level::Fair;
    let mut bad_places = scene.faults().iter().filter(bad).map(|f| f.place);
    if let Some(place) = bad_places.next()
        && level >= Level::Good
    {
        let more = std::iter::once(place).chain(bad_places).any(|p| p != place);
        match (place, more) {
            (Place::Whole, false) => {}
            (_, false) => out.push(" apart from one place"),
            (_, true) => out.push(" apart from some faults"),
        }
    }
    let good = good_things(scene);
    if good.is_empty() {
        out.push(".");
        return;
    }
    let good = list(&good);
    if scene.faults().is_empty() {
        let link = scene.seed.choose("link", &["; it is ", ": it is ", ". It is "]);
        out.push(&format!("{link}{good}."));
    } else if level < Level::Good {
        out.push(&format!(", although it is {good}."));
    } else {
        out.push(&format!("; it is {good}."));
    }
}

fn good_things(scene: &Scene<'_>) -> Vec<&'static str> {
    let mut good: Vec<&'static str> = scene.praised().into_iter().map(praise).take(MAX_PRAISE).collect();
    let colourful = scene.colourfulness().is_some_and(|v| v >= COLOURFUL);
    if colourful && good.len() < MAX_PRAISE && scene.spotless(Attribute::Colour) {
        good.push("colourful");
    }
    good
}

fn whole_picture(out: &mut GroundedText, scene: &Scene<'_>, group: &Group<'_>, effects: &mut Vec<Kind>) {
    let start =
        scene.seed.choose("whole", &["The whole picture is ", "Throughout, it is ", "From edge to edge it is "]);
    out.push(&format!(" {start}{}", told(scene, group)));
    effect(out, scene, group, effects);
    out.push(".");
}

/// What the worst fault of a group does, once per kind and only where it is more than slight.
fn effect(out: &mut GroundedText, scene: &Scene<'_>, group: &Group<'_>, effects: &mut Vec<Kind>) {
    let Some((kind, level)) = group.faults.first() else { return };
    if *level <= Level::Fair && !effects.contains(kind) {
        effects.push(*kind);
        let link = if group.faults.len() > 1 { "; " } else { ", and " };
        out.push(&format!("{link}{}", kind.effect(scene.seed)));
    }
}

fn place(
    out: &mut GroundedText,
    scene: &Scene<'_>,
    group: &Group<'_>,
    i: usize,
    whole: &[Fault<'_>],
    effects: &mut Vec<Kind>,
) {
    let single = if let [(kind, _)] = group.faults.as_slice() { Some(*kind) } else { None };
    let known = single.and_then(|kind| whole.iter().find(|w| w.kind == kind));
    out.push(" ");
    if known.is_some_and(|w| w.severity < group.severity) {
        // The whole picture's sentence has named the fault; a place only stands here because it is worse there.
        let label = label(&group.places);
        out.push(scene.seed.choose("worse", &["Worst off ", "Most affected "]));
        out.push(&format!("{} ", label.verb()));
        push_label(out, &label, false);
        out.push(&format!(", which {} {}", label.verb(), told(scene, group)));
    } else {
        let link =
            if i == 0 { "" } else { scene.seed.choose(&format!("link{i}"), &["", "Besides, ", "In addition, "]) };
        out.push(link);
        push_group(out, scene, group, link.is_empty());
    }
    effect(out, scene, group, effects);
    out.push(".");
}

/// A subject that was measured to be sharp is worth a sentence, unless a fault lies on it.
fn subject(out: &mut GroundedText, scene: &Scene<'_>) {
    let Some(subject) = quality::subject(scene) else { return };
    let sharp = scene.score(Attribute::Sharpness, Some(&subject.id)).and_then(|s| s.severity);
    let fault_on_it = scene.faults().iter().any(|f| {
        related(Attribute::Sharpness).contains(&f.attribute)
            && match f.place {
                Place::Region(r) => {
                    r.id == subject.id || r.bounds.intersection(&subject.bounds).is_some_and(|b| b.area() > 0.0)
                }
                _ => true,
            }
    });
    if sharp.is_none_or(|s| s > PRAISE) || fault_on_it {
        return;
    }
    out.push(" ");
    let claim = if scene.faults().is_empty() {
        scene.seed.choose("subject", &["sharp", "in focus and sharp"])
    } else {
        scene.seed.choose("subject", &["itself sharp", "sharp all the same"])
    };
    // "itself" would need its plural; the subject is one.
    let label = label(&[Place::Region(subject)]);
    push_claim(out, &label, claim, true);
    out.push(".");
}

fn conclude(out: &mut GroundedText, scene: &Scene<'_>, level: Level) {
    let faults = scene.faults();
    let Some(worst) = faults.first() else {
        out.push(if level >= Level::Good {
            scene.seed.choose(
                "end",
                &[" Nothing in it disturbs.", " Nothing disturbs anywhere.", " There is nothing in it that disturbs."],
            )
        } else {
            " No single fault stands out."
        });
        return;
    };
    let second = faults.iter().find(|f| f.kind != worst.kind);
    let then = second.map(|f| format!(", followed by {}", f.kind.noun())).unwrap_or_default();
    let noun = worst.kind.noun();
    let one_place = || faults.iter().all(|f| f.place == worst.place);
    if worst.level() >= Level::Good {
        let slight = match second {
            None if one_place() => format!(" All in all, {noun} is the only fault, and a slight one."),
            None => format!(" All in all, {noun} is slight, and nothing else disturbs."),
            Some(f) => format!(" All in all, {noun} and {} are slight faults.", f.kind.noun()),
        };
        out.push(&slight);
        return;
    }
    if level >= Level::Good {
        let end = scene
            .seed
            .choose("end", &[" What remains to be criticised is {}", " All in all, the one thing to improve is {}"]);
        // "The one thing" is only true of one.
        let end = if second.is_some() { " All in all, what there is to improve is above all {}" } else { end };
        out.push(&end.replace("{}", &noun));
        out.push(&then);
        out.push(".");
        return;
    }
    let end = scene.seed.choose(
        "end",
        &[
            " All in all, {} weighs most",
            " In sum, what costs the picture most is {}",
            " It is above all {} that lowers the quality",
        ],
    );
    out.push(&end.replace("{}", &noun));
    out.push(&then);
    out.push(".");
}
