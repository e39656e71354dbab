//! The sky, and water under it.

use super::graph::distance;
use super::looks::Looks;
use super::names::Named;
use super::parts::Parts;

/// Blue, from cyan to violet.
fn is_blue(l: &Looks) -> bool {
    let [lightness, a, b] = l.colour;
    let cyan = lightness > 75.0 && b < -4.0 && (-12.0..0.0).contains(&a);
    l.chroma > 11.0 && (cyan || (lightness > 45.0 && b < -6.0 && a.abs() < -0.7 * b))
}

/// Blue without light: a sky at dusk, which nothing but its smoothness tells from cloth.
fn is_dusky(l: &Looks) -> bool {
    let [lightness, a, b] = l.colour;
    (18.0..=45.0).contains(&lightness) && b < -10.0 && a.abs() < -0.5 * b && l.grain < 0.6
}

/// The grey or white of clouds: never warm.
fn is_pale(l: &Looks) -> bool {
    let [lightness, a, b] = l.colour;
    lightness > 60.0 && l.chroma <= 11.0 && a.max(b) < 2.0
}

/// The same, so light that it must be the source of the light; cool ones may be darker.
fn is_bright(l: &Looks) -> bool {
    is_pale(l) && l.colour[0] > if l.colour[2] < -5.0 { 76.0 } else { 84.0 }
}

/// Smooth, at the top, not at the bottom, brighter than what is right below it. Since walls are pale too, a pale sky
/// must be wide and the brightest of the picture.
#[must_use]
pub fn sky(parts: &Parts) -> Option<Named> {
    // Fine texture passes for noise in the grain, but has more structure.
    let smooth = |l: &Looks, most: f32| l.grain < most && l.structure < 0.35;
    let seed = |l: &Looks| l.top() > 0.1 && smooth(l, 1.0) && (is_blue(l) || is_dusky(l) || is_bright(l));
    let like_sky = |l: &Looks| smooth(l, 1.6) && (is_blue(l) || is_dusky(l) || is_pale(l));
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
        // A deep blue may well be darker than a field in the sun.
        let deep = l.top() > 0.65 && l.share > 0.15 && l.chroma > 18.0 && l.grain < 0.4;
        (l.top() > 0.3 && l.share > 0.03 && (deep || darker_below(parts, &inside) > 0.6)).then_some(0.9)
    } else {
        let wide = l.top() > 0.6 && l.share > 0.05 && l.grain < 0.9;
        let large = group.iter().map(|&p| &parts.looks[p]).filter(|l| l.share > 0.02);
        let lightest = large.map(|l| l.colour[0]).fold(0.0, f32::max);
        let brightest = brighter(parts, &inside, lightest + 3.0) < 0.06;
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
#[must_use]
pub fn water(parts: &Parts, sky: &[usize]) -> Option<Named> {
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
