//! Names for segments, where colour, texture and place make them sure. A wrong name is worse than none: what could be
//! a wall stays without a name.

use super::looks::Looks;
use super::parts::Parts;
use super::sky::{sky, water};

/// A group of segments with a name.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it is.
    pub name: &'static str,
    /// Its segments.
    pub group: Vec<usize>,
    /// How sure that is, `0..=1`; below a half for those that are a tone or a backdrop rather than a thing: no fault is
    /// looked for there.
    pub sure: f64,
}

/// What can be named, the surest first; no segment has two names.
#[must_use]
pub fn names(parts: &Parts) -> Vec<Named> {
    let mut all: Vec<Named> = sky(parts).into_iter().collect();
    let water = all.first().and_then(|sky| water(parts, &sky.group));
    all.extend(water);
    let named = |name, sure| move |group| Named { name, group, sure };
    all.extend(foliage(parts).into_iter().map(named("foliage", 0.7)));
    all.extend(grass(parts).into_iter().map(named("grass", 0.7)));
    all.extend(highlights(parts).into_iter().map(named("highlights", 0.45)));
    all.extend(shadows(parts).into_iter().map(named("shadows", 0.4)));
    all.extend(background(parts).into_iter().map(named("background", 0.4)));
    let mut taken = vec![false; parts.looks.len()];
    all.retain(|n| {
        let free = n.group.iter().all(|&part| !taken[part]);
        if free {
            n.group.iter().for_each(|&part| taken[part] = true);
        }
        free
    });
    all
}

/// Green to yellowish, with the flicker of leaves, and reaching the border of the picture.
fn foliage(parts: &Parts) -> Vec<Vec<usize>> {
    let leaves = |l: &Looks| {
        let [lightness, a, b] = l.colour;
        let yellowest = if lightness < 40.0 { 4.0 } else { 3.2 };
        (10.0..75.0).contains(&lightness)
            && a < -5.0
            && (4.0..yellowest * -a).contains(&b)
            && l.chroma < 50.0
            && l.structure > 0.45
            && l.spread > 8.0
    };
    // Vegetables on plates are cut by the sides at most, and coarser; what grows at the bottom is as often coral.
    let fits = |l: &Looks| {
        let tree = l.top() > 0.1;
        let hedge = l.sides() > 0.15 && l.structure > 0.7 && l.colour[2] > -0.85 * l.colour[1];
        l.share > 0.065 && l.chroma > 11.0 && l.height < 0.7 && (tree || hedge)
    };
    parts.groups(leaves).into_iter().filter(|g| fits(&parts.looks_of(g))).collect()
}

/// A lawn: green, even, in the lower part, and reaching the border.
fn grass(parts: &Parts) -> Vec<Vec<usize>> {
    let lawn = |l: &Looks| {
        let [lightness, a, b] = l.colour;
        (28.0..80.0).contains(&lightness)
            && a < -7.0
            && (-0.8 * a..-4.5 * a).contains(&b)
            && (15.0..60.0).contains(&l.chroma)
            && l.spread < 9.0
            && l.structure > 0.04
    };
    let lies = |l: &Looks| {
        let low = l.height > 0.4 || (l.bottom() > 0.1 && l.structure > 0.2);
        l.share > 0.06 && l.colour[1] < -10.0 && l.grain > 1.0 && low && l.sides() + l.bottom() > 0.1
    };
    parts.groups(lawn).into_iter().filter(|g| lies(&parts.looks_of(g))).collect()
}

/// Blown out.
fn highlights(parts: &Parts) -> Vec<Vec<usize>> {
    let blown = |l: &Looks| l.colour[0] > 97.0 && l.chroma < 10.0;
    parts.groups(blown).into_iter().filter(|g| parts.looks_of(g).share > 0.01).collect()
}

/// Nearly black, whether for want of light or by itself: the term is one of tones. Reaches the border, as what lies
/// in the shade does.
fn shadows(parts: &Parts) -> Vec<Vec<usize>> {
    let dark = |l: &Looks| l.colour[0] < 9.0 && l.grain < 1.5 && l.chroma < 10.0;
    let lies = |l: &Looks| {
        let border: f32 = l.borders.iter().sum();
        l.share > 0.07 && l.colour[0] < 7.5 && l.structure < 0.2 && border > 0.3
    };
    parts.groups(dark).into_iter().filter(|g| lies(&parts.looks_of(g))).collect()
}

/// Smooth and around things: at the top and both sides.
fn background(parts: &Parts) -> Vec<Vec<usize>> {
    let around = |l: &Looks| l.share > 0.2 && l.grain < 1.0 && l.top() > 0.5 && l.borders[1].min(l.borders[3]) > 0.05;
    parts.groups(around)
}
