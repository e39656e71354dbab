//! Names for segments, where colour, texture and place make them sure. A wrong name is worse than none: what could be
//! a wall stays without a name.

use super::graph::distance;
use super::looks::Looks;
use super::parts::Parts;

/// A group of segments with a name.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it is.
    pub name: &'static str,
    /// Its segments.
    pub group: Vec<usize>,
    /// How sure that is, `0..=1`.
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
    all.extend(highlights(parts).into_iter().map(named("highlights", 0.6)));
    all.extend(shadows(parts).into_iter().map(named("shadows", 0.5)));
    all.extend(background(parts).into_iter().map(named("background", 0.5)));
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

/// Blue, from cyan to violet.
fn is_blue(l: &Looks) -> bool {
    let [lightness, a, b] = l.colour;
    let cyan = lightness > 75.0 && b < -4.0 && (-12.0..0.0).contains(&a);
    cyan || (lightness > 45.0 && b < -6.0 && a.abs() < -0.7 * b)
}

/// Blue without light: a sky at dusk, which nothing but its smoothness tells from cloth.
fn is_dusky(l: &Looks) -> bool {
    let [lightness, a, b] = l.colour;
    (18.0..=45.0).contains(&lightness) && b < -10.0 && a.abs() < -0.5 * b && l.grain < 0.6
}

/// The grey or white of clouds: never warm.
fn is_pale(l: &Looks, least: f32) -> bool {
    let [lightness, a, b] = l.colour;
    lightness > least && l.chroma < 10.0 && a.max(b) < 2.0
}

/// Smooth, at the top, not at the bottom, brighter than what is right below it. Since walls are pale too, a pale sky
/// must be wide and the brightest of the picture.
fn sky(parts: &Parts) -> Option<Named> {
    let seed = |l: &Looks| l.top() > 0.1 && l.grain < 1.0 && (is_blue(l) || is_dusky(l) || is_pale(l, 84.0));
    let like_sky = |l: &Looks| l.grain < 1.6 && (is_blue(l) || is_dusky(l) || is_pale(l, 60.0));
    let mut group = Vec::new();
    for mut part in parts.groups(like_sky) {
        let whole = parts.looks_of(&part);
        let (ground, above) = part.iter().partition::<Vec<usize>, _>(|&&p| parts.looks[p].bottom() > 0.0);
        let at_bottom = parts.looks_of(&ground).share > 0.03 * whole.share;
        part = above;
        if !at_bottom && part.iter().any(|&p| seed(&parts.looks[p])) {
            group.append(&mut part);
        }
    }
    let l = parts.looks_of(&group);
    let share_of = |is: fn(&Looks) -> bool| -> f32 {
        group.iter().map(|&p| &parts.looks[p]).filter(|l| is(l)).map(|l| l.share).sum::<f32>() / l.share
    };
    let inside = parts.mask(&group);
    let sure = if share_of(is_dusky) > 0.5 {
        (l.top() > 0.6 && l.share > 0.2).then_some(0.7)
    } else if share_of(is_blue) > 0.5 {
        (l.top() > 0.15 && l.share > 0.02 && darker_below(parts, &inside) > 0.6).then_some(0.9)
    } else {
        let wide = l.top() > 0.6 && l.share > 0.05 && l.grain < 0.9;
        let large = group.iter().map(|&p| &parts.looks[p]).filter(|l| l.share > 0.02);
        let lightest = large.map(|l| l.colour[0]).fold(0.0, f32::max);
        let brightest = brighter(parts, &inside, lightest + 3.0) < 0.04;
        (wide && brightest && darker_below(parts, &inside) > 0.55).then_some(0.75)
    }?;
    (l.height < 0.5 && l.grain < 1.1).then_some(Named { name: "sky", group, sure })
}

/// Share of the columns of a part in which what lies right below it is darker.
fn darker_below(parts: &Parts, inside: &[bool]) -> f32 {
    let (w, h, lab) = (parts.picture.width, parts.picture.height, &parts.picture.lab);
    let (mut darker, mut all) = (0.0_f32, 0.0_f32);
    for x in 0..w {
        let Some(last) = (0..h).rev().find(|y| inside[y * w + x]) else { continue };
        let (above, below) = (last.saturating_sub(2), (last + 3).min(h - 1));
        all += 1.0;
        if lab[below * w + x][0] + 6.0 < lab[above * w + x][0] {
            darker += 1.0;
        }
    }
    darker / all.max(1.0)
}

/// Share of the pixels outside a part that are brighter than so much.
fn brighter(parts: &Parts, inside: &[bool], lightness: f32) -> f32 {
    let outside = || parts.picture.lab.iter().zip(inside).filter(|(_, inside)| !**inside);
    outside().filter(|(lab, _)| lab[0] > lightness).count() as f32 / outside().count().max(1) as f32
}

/// What lies below a sky with a straight horizon between them, is as wide as the picture, cool in colour and darker.
fn water(parts: &Parts, sky: &[usize]) -> Option<Named> {
    let (w, h) = (parts.picture.width, parts.picture.height);
    let above = parts.mask(sky);
    let mut lowest: Vec<usize> = (0..w).filter_map(|x| (0..h).rev().find(|y| above[y * w + x])).collect();
    lowest.sort_unstable();
    let horizon = *lowest.get(lowest.len() / 2)?;
    let straight = lowest.iter().filter(|y| y.abs_diff(horizon) <= 2).count();
    if straight * 10 < w * 7 {
        return None;
    }
    let sky = parts.looks_of(sky);
    let level = (horizon as f32 + 1.0) / h as f32;
    let like_water = |l: &Looks| {
        let [lightness, a, b] = l.colour;
        l.height > level && lightness > 30.0 && a < -1.0 && b < 4.0 && l.chroma < 30.0
    };
    let at_horizon = |group: &[usize]| {
        let inside = parts.mask(group);
        (0..w).filter(|x| (horizon..(horizon + 5).min(h)).any(|y| inside[y * w + x])).count()
    };
    for mut group in parts.groups(like_water) {
        let Some(&first) = group.iter().max_by_key(|&&part| at_horizon(&[part])) else { continue };
        let near = parts.looks[first].colour;
        group.retain(|&part| distance(parts.looks[part].colour, near) < 20.0);
        if at_horizon(&group) * 10 >= w * 7 && parts.looks_of(&group).colour[0] + 4.0 < sky.colour[0] {
            return Some(Named { name: "water", group, sure: 0.7 });
        }
    }
    None
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
    // Vegetables on plates are cut by the sides at most, and coarser.
    let at_border = |l: &Looks| l.top() > 0.1 || (l.sides() > 0.15 && l.structure > 0.7);
    let fits = |l: &Looks| l.share > 0.04 && at_border(l);
    parts.groups(leaves).into_iter().filter(|g| fits(&parts.looks_of(g))).collect()
}

/// A lawn: green, even, in the lower part, and reaching the border.
fn grass(parts: &Parts) -> Vec<Vec<usize>> {
    let lawn = |l: &Looks| {
        let [lightness, a, b] = l.colour;
        (28.0..80.0).contains(&lightness)
            && a < -7.0
            && (-0.4 * a..-4.5 * a).contains(&b)
            && (15.0..60.0).contains(&l.chroma)
            && l.spread < 9.0
            && l.structure > 0.04
    };
    let lies = |l: &Looks| {
        let low = l.height > 0.4 || (l.bottom() > 0.1 && l.structure > 0.2);
        l.share > 0.06 && l.colour[1] < -10.0 && low && l.sides() + l.bottom() > 0.1
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
