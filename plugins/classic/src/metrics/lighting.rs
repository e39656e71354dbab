//! Lighting: parts of a picture that are lit otherwise than what surrounds them.
//!
//! A place may be as dark as a well-exposed dark thing, and yet be underexposed: then the same surfaces go on brighter
//! outside it. Rectangles along whose border the luminance steps by the same amount ([`crate::patches`]) are such
//! places; where the inside is clipped, a bright outside can't vote. The value of a place is the median step in stops
//! (EV), at least 0. A picture as a whole has no surroundings, and the value 0: the map tells.
//!
//! On a region, the value is the step along its own border. Detail: `bias`, the step with its sign, of the clearest
//! patch (or the region): below 0 darker, above 0 brighter than around it.

use super::{Look, measured};
use crate::light::light;
use crate::patches::{Patch, at, patches};
use giqa_core::Measurement;

/// Heights of steps that are looked for, stops.
const HEIGHTS: [f32; 3] = [0.5, 1.0, 1.6];
/// Evidence of a patch that is told. Set on the unaltered pictures of the planted-fault bench.
const CLEAR: f32 = 181.0;
/// The same where somebody asks.
const CLEAR_WHEN_ASKED: f32 = 25.0;
/// Light (stops, 0 = white) from which on the inside is clipped.
const CLIPPED: f32 = -0.15;

/// Measures; stops, 0 upwards, lower is better.
pub fn measure(look: Look<'_>) -> Measurement {
    let light = light(look.image);
    let luminance = &light.luminance;
    // Where clipping hides the step, neither yes nor no.
    let says = |outside: f32, inside: f32, sign: f32, least: f32| sign < 0.0 || inside <= CLIPPED || outside <= -least;
    if let Some(region) = look.region {
        let patch = at(luminance, luminance.place(&region), &HEIGHTS, says);
        let step = patch.filter(|p| p.evidence >= CLEAR_WHEN_ASKED).map_or(0.0, |p| f64::from(p.step));
        return measured(step.abs(), &[("bias", step)], None);
    }
    let found: Vec<(Patch, f32)> = patches(luminance, &HEIGHTS, says)
        .into_iter()
        .filter(|p| p.evidence >= CLEAR)
        .map(|p| (p.clone(), p.step.abs()))
        .collect();
    let bias = found.first().map_or(0.0, |f| f64::from(f.0.step));
    let map = luminance.map(&found);
    measured(0.0, &[("bias", bias)], map.filter(|_| look.map))
}
