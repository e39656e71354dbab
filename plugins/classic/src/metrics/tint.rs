//! Tint: parts of a picture whose colours are shifted against what surrounds them.
//!
//! Rectangles along whose border the ratio of red to green, or of blue to green, steps by the same amount
//! ([`crate::patches`]): the same surfaces in another colour of light. The value of a place is by how many stops (EV)
//! the gains of the channels part there, at least 0; beyond [`COLOURED`] it is no tint but a thing of that colour. A
//! picture as a whole has no surroundings, and the value 0: the map tells (see `cast` for the whole).
//!
//! On a region, the value is that of its own border. Details: `a` and `b`, the direction of the clearest patch (or the
//! region): +a reddish, -a greenish, +b yellowish, -b bluish, in stops.

use super::{Look, measured};
use crate::light::{Light, light};
use crate::patches::{Patch, at, patches};
use giqa_core::Measurement;

/// Heights of steps that are looked for, stops.
const HEIGHTS: [f32; 3] = [0.17, 0.32, 0.58];
/// Evidence of a patch that is told. Set on the unaltered pictures of the planted-fault bench.
const CLEAR: f32 = 180.0;
/// Stops by which no light differs from another in one picture.
const COLOURED: f64 = 1.6;
/// The same as `CLEAR` where somebody asks.
const CLEAR_WHEN_ASKED: f32 = 25.0;

/// Measures; stops, 0 upwards, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let light = light(look.image);
    let all = |_: f32, _: f32, _: f32, _: f32| true;
    let planes = [&light.red, &light.blue];
    if let Some(region) = look.region {
        let best = planes.iter().filter_map(|p| at(p, p.place(&region), &HEIGHTS, all));
        let best = best.max_by(|a, b| a.evidence.total_cmp(&b.evidence)).filter(|p| p.evidence >= CLEAR_WHEN_ASKED);
        let shift = best.map_or([0.0; 2], |p| shift(&light, &p));
        return measured(parting(shift), &direction(shift), None);
    }
    let mut found: Vec<Patch> = planes.iter().flat_map(|p| patches(p, &HEIGHTS, all)).collect();
    found.retain(|p| p.evidence >= CLEAR && parting(shift(&light, p)) <= COLOURED);
    found.sort_by(|a, b| b.evidence.total_cmp(&a.evidence));
    let first = found.first().map_or([0.0; 2], |p| shift(&light, p));
    let valued: Vec<(Patch, f32)> = found.into_iter().map(|p| (p.clone(), parting(shift(&light, &p)) as f32)).collect();
    let map = light.red.map(&valued);
    measured(0.0, &direction(first), map.filter(|_| look.map))
}

/// Steps of red and blue against green.
fn shift(light: &Light, p: &Patch) -> [f64; 2] {
    [&light.red, &light.blue].map(|plane| f64::from(plane.step([p.x1, p.y1, p.x2, p.y2])))
}

/// By how much the gains of red, green (0) and blue part.
fn parting([red, blue]: [f64; 2]) -> f64 {
    red.max(blue).max(0.0) - red.min(blue).min(0.0)
}

fn direction([red, blue]: [f64; 2]) -> [(&'static str, f64); 2] {
    // Along green to magenta, and along blue to yellow.
    [("a", f64::midpoint(red, red.max(0.0) + blue.clamp(-1.0, 1.0) * 0.5)), ("b", red.max(0.0) * 0.5 - blue)]
}
