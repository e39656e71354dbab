//! Cues: numbers that tell whether a box holds a fault, and how well it fits it.
//!
//! A metric's map says how a place differs from what surrounds it; the planes of the [`Surface`] say whether
//! something changes all along the border of the box. Everything is a sum over rectangles of integral images, so that
//! a box costs microseconds, at any place and size. NaN where a cue can't be had: a box that fills the picture has
//! no surroundings, a flat place no sharpness.

use super::smear::{self, SMEARS, Smear};
use super::surface::{PLANES, Surface};
use super::tint::{self, TINTS};
use super::tones::Tones;
use crate::patches::{Ballots, Cells};
use crate::stats::quantile;
use giqa_core::{ImageView, Map, NormBox};

/// Metrics whose maps are cues, by name; a map that is missing gives NaN.
pub const MAPS: [&str; 7] = ["sharpness", "noise", "exposure", "jpeg-quality", "motion", "banding", "pixelation"];
/// How many cues a box has.
pub const CUES: usize = 4 + MAPS.len() * 3 + PLANES.len() * 7 + STEPPING * 2 + 6 + SMEARS + 2 + TINTS;
/// The first planes are light and its colours: their steps are voted on ([`Ballots`]).
const STEPPING: usize = 3;
/// Heights of steps that are looked for, stops: of light and of the ratios of channels.
const LIGHT_STEPS: [f32; 4] = [0.35, 0.7, 1.1, 1.6];
const COLOUR_STEPS: [f32; 4] = [0.1, 0.2, 0.35, 0.6];
/// Light (stops, 0 = white) from which on the inside is clipped.
const CLIPPED: f32 = -0.15;
/// Pieces that each side of a box is cut into.
const PIECES: usize = 6;
/// Width of the strip on both sides of the border, as a share of the longer side of the picture.
const STRIP: f64 = 0.02;
/// Between the strips the border is left out: faults fade in.
const GAP: f64 = 0.004;
/// Distance of cells whose difference is typical.
const APART: usize = 4;

/// What is known of a picture, ready to be asked about boxes.
#[derive(Debug, Clone)]
pub struct Cues {
    /// Pixels across and down, by which widths are told.
    aspect: [f64; 2],
    maps: Vec<Option<Integral>>,
    planes: Vec<Integral>,
    /// Median distance of cells a few apart, per plane.
    typical: Vec<f64>,
    ballots: Vec<Ballots>,
    tones: Tones,
    smear: Smear,
    tints: [f32; TINTS],
    whole: [f32; MAPS.len()],
}

/// Sums of known values over rectangles.
#[derive(Debug, Clone)]
struct Integral {
    cols: usize,
    rows: usize,
    /// Sums of values and numbers of known cells above and left of each corner, `(cols + 1) * (rows + 1)`.
    sums: Vec<[f64; 2]>,
}

impl Integral {
    fn new(cols: usize, rows: usize, values: &[f32]) -> Self {
        let width = cols + 1;
        let mut sums = vec![[0.0_f64; 2]; width * (rows + 1)];
        for y in 0..rows {
            let mut line = [0.0_f64; 2];
            for x in 0..cols {
                let v = values[y * cols + x];
                if v.is_finite() {
                    line = [line[0] + f64::from(v), line[1] + 1.0];
                }
                let above = sums[y * width + x + 1];
                sums[(y + 1) * width + x + 1] = [above[0] + line[0], above[1] + line[1]];
            }
        }
        Self { cols, rows, sums }
    }

    /// The sums above and left of a place given in shares of the sides, between corners by interpolation.
    fn corner(&self, x: f64, y: f64) -> [f64; 2] {
        let cut = |v: f64, n: usize| {
            let v = (v * n as f64).clamp(0.0, n as f64);
            let low = (v as usize).min(n.saturating_sub(1));
            (low, v - low as f64)
        };
        let ((i, fx), (j, fy)) = (cut(x, self.cols), cut(y, self.rows));
        let width = self.cols + 1;
        let at = |i: usize, j: usize| self.sums[j * width + i];
        let (a, b, c, d) = (at(i, j), at(i + 1, j), at(i, j + 1), at(i + 1, j + 1));
        std::array::from_fn(|k| (a[k] * (1.0 - fx) + b[k] * fx) * (1.0 - fy) + (c[k] * (1.0 - fx) + d[k] * fx) * fy)
    }

    fn sum(&self, [x1, y1, x2, y2]: [f64; 4]) -> [f64; 2] {
        let (a, b, c, d) = (self.corner(x1, y1), self.corner(x2, y1), self.corner(x1, y2), self.corner(x2, y2));
        std::array::from_fn(|k| d[k] - b[k] - c[k] + a[k])
    }

    /// Mean of known cells; `None` where they are less than a twentieth of it.
    fn mean(&self, place: [f64; 4]) -> Option<f64> {
        let [sum, n] = self.sum(place);
        let cells = (place[2] - place[0]) * (place[3] - place[1]) * (self.cols * self.rows) as f64;
        (cells > 0.0 && n > 0.05 * cells).then(|| sum / n)
    }

    /// Mean of known cells of `outer` that are not in `inner`.
    fn ring(&self, outer: [f64; 4], inner: [f64; 4]) -> Option<f64> {
        let (o, i) = (self.sum(outer), self.sum(inner));
        let n = o[1] - i[1];
        (n > 0.5).then(|| (o[0] - i[0]) / n)
    }
}

/// Median absolute difference of cells [`APART`] columns or rows apart.
fn typical(plane: &[f32], cols: usize) -> f64 {
    let across = plane.chunks_exact(cols).flat_map(|row| row.iter().zip(row.get(APART..).unwrap_or_default()));
    let down = plane.iter().zip(plane.get(APART * cols..).unwrap_or_default());
    let mut steps: Vec<f32> = across.chain(down).map(|(a, b)| (a - b).abs()).filter(|d| d.is_finite()).collect();
    quantile(&mut steps, 0.5).unwrap_or(0.0)
}

impl Cues {
    /// Of a picture with its surface; per name in [`MAPS`], a metric's value for the whole and its map.
    #[must_use]
    pub fn new(image: ImageView<'_>, maps: &[Option<(f64, Map)>; MAPS.len()], surface: &Surface) -> Self {
        let (width, height) = (image.width(), image.height());
        let integral = |m: &Map| Integral::new(m.cols() as usize, m.rows() as usize, m.values());
        let longer = f64::from(width.max(height));
        let halved = surface.halved();
        let ballots = (0..STEPPING).map(|k| {
            let cells = Cells { cols: halved.cols, rows: halved.rows, data: halved.planes[k].clone() };
            // Where clipping hides the step, neither yes nor no.
            let clips = move |out: f32, inside: f32, sign: f32, least: f32| {
                k > 0 || sign < 0.0 || inside <= CLIPPED || out <= -least
            };
            Ballots::new(&cells, if k == 0 { &LIGHT_STEPS } else { &COLOUR_STEPS }, clips)
        });
        Self {
            ballots: ballots.collect(),
            tones: Tones::new(image),
            smear: Smear::new(image),
            tints: tint::cues(surface),
            aspect: [f64::from(width) / longer, f64::from(height) / longer],
            maps: maps.iter().map(|m| m.as_ref().map(|(_, map)| integral(map))).collect(),
            planes: surface.planes.iter().map(|p| Integral::new(surface.cols, surface.rows, p)).collect(),
            typical: surface.planes.iter().map(|p| typical(p, surface.cols)).collect(),
            whole: std::array::from_fn(|k| maps[k].as_ref().map_or(f32::NAN, |m| m.0 as f32)),
        }
    }

    /// The cues of a box, in the order of [`names`].
    #[must_use]
    pub fn of(&self, b: &NormBox) -> [f32; CUES] {
        let place = [b.x1(), b.y1(), b.x2(), b.y2()];
        let (w, h) = (b.x2() - b.x1(), b.y2() - b.y1());
        let [strip, gap] = [STRIP, GAP].map(|v| [v / self.aspect[0], v / self.aspect[1]]);
        // A ring a quarter as wide as the box is on its shorter side.
        let reach = (0.25 * (w * self.aspect[0]).min(h * self.aspect[1])).max(STRIP);
        let reach = [reach / self.aspect[0], reach / self.aspect[1]];
        let outer = [
            (b.x1() - reach[0]).max(0.0),
            (b.y1() - reach[1]).max(0.0),
            (b.x2() + reach[0]).min(1.0),
            (b.y2() + reach[1]).min(1.0),
        ];
        let mut out = [f32::NAN; CUES];
        let mut at = 0;
        let mut push = |v: Option<f64>| {
            out[at] = v.map_or(f32::NAN, |v| v as f32);
            at += 1;
        };
        let sides = [
            b.x1() > strip[0] / 2.0,
            b.y1() > strip[1] / 2.0,
            b.x2() < 1.0 - strip[0] / 2.0,
            b.y2() < 1.0 - strip[1] / 2.0,
        ];
        push(Some(w * h));
        push(Some(w * self.aspect[0]));
        push(Some(h * self.aspect[1]));
        push(Some(sides.iter().filter(|s| !**s).count() as f64));
        for (map, whole) in self.maps.iter().zip(self.whole) {
            let inside = map.as_ref().and_then(|m| m.mean(place));
            let around = map.as_ref().and_then(|m| m.ring(outer, place));
            push(inside);
            push(inside.zip(around).map(|(i, a)| i - a));
            push(Some(f64::from(whole)));
        }
        // Of the ratios of channels, how far apart the colours are.
        let mut colours = [[None; 2]; STEPPING];
        for (k, (plane, &typical)) in self.planes.iter().zip(&self.typical).enumerate() {
            let inside = plane.mean(place);
            let apart = inside.zip(plane.ring(outer, place)).map(|(i, a)| i - a);
            let steps = steps(plane, typical, place, [strip, gap], sides);
            push(inside);
            push(apart);
            steps.into_iter().for_each(&mut push);
            if let Some(colours) = colours.get_mut(k) {
                *colours = [steps[1], apart];
            }
        }
        for ballots in &self.ballots {
            for evidence in ballots.evidence(b) {
                push(Some(f64::from(evidence)));
            }
        }
        let ring = NormBox::clamped(outer[0], outer[1], outer[2], outer[3]).unwrap_or(*b);
        self.tones.combs(b, &ring).into_iter().flatten().for_each(&mut push);
        let smears = self.smear.cues(b, &ring).into_iter().chain(self.tints);
        smears.for_each(|cue| push(Some(f64::from(cue))));
        let [_, red, blue] = colours;
        red.into_iter().zip(blue).for_each(|(red, blue)| push(red.zip(blue).map(|(r, b)| r.hypot(b))));
        out
    }
}

/// Of the steps across the border, from outside to inside, over pieces of the sides that don't lie on the picture's own
/// border: lower quartile, median, upper quartile, share of steps that agree with the median (same sign, at least half as
/// high), and the median in typical steps of the picture.
fn steps(
    plane: &Integral,
    typical: f64,
    [x1, y1, x2, y2]: [f64; 4],
    [strip, gap]: [[f64; 2]; 2],
    sides: [bool; 4],
) -> [Option<f64>; 5] {
    let mut all = [0.0_f64; 4 * PIECES];
    let mut n = 0;
    let (sx, sy) = (strip[0].min((x2 - x1) / 2.0), strip[1].min((y2 - y1) / 2.0));
    for piece in 0..PIECES {
        let part = |from: f64, to: f64, k: usize| from + (to - from) * k as f64 / PIECES as f64;
        let (ya, yb) = (part(y1, y2, piece), part(y1, y2, piece + 1));
        let (xa, xb) = (part(x1, x2, piece), part(x1, x2, piece + 1));
        let [gx, gy] = gap;
        let pairs = [
            ([x1 + gx, ya, x1 + gx + sx, yb], [x1 - gx - strip[0], ya, x1 - gx, yb]),
            ([xa, y1 + gy, xb, y1 + gy + sy], [xa, y1 - gy - strip[1], xb, y1 - gy]),
            ([x2 - gx - sx, ya, x2 - gx, yb], [x2 + gx, ya, x2 + gx + strip[0], yb]),
            ([xa, y2 - gy - sy, xb, y2 - gy], [xa, y2 + gy, xb, y2 + gy + strip[1]]),
        ];
        for ((inside, outside), _) in pairs.into_iter().zip(sides).filter(|(_, there)| *there) {
            let (inside, outside) = (inside.map(|v| v.clamp(0.0, 1.0)), outside.map(|v| v.clamp(0.0, 1.0)));
            if let (Some(i), Some(o)) = (plane.mean(inside), plane.mean(outside)) {
                all[n] = i - o;
                n += 1;
            }
        }
    }
    if n < PIECES {
        return [None; 5];
    }
    let all = &mut all[..n];
    all.sort_unstable_by(f64::total_cmp);
    let [low, middle, high] = [all[n / 4], all[n / 2], all[(3 * n) / 4]];
    let agree = all.iter().filter(|s| **s * middle.signum() > 0.5 * middle.abs()).count() as f64 / n as f64;
    [low, middle, high, agree, middle / typical.max(1e-3)].map(Some)
}

/// The names of the cues.
#[must_use]
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = ["area", "width", "height", "at_border"].map(String::from).to_vec();
    for map in MAPS {
        names.extend([map.to_owned(), format!("{map} - around"), format!("{map} of the whole")]);
    }
    for plane in PLANES {
        let of = |what: &str| format!("{plane} {what}");
        names.extend([
            of("inside"),
            of("- around"),
            of("step low"),
            of("step"),
            of("step high"),
            of("steps agree"),
            of("step / typical"),
        ]);
    }
    names.extend(PLANES[..STEPPING].iter().flat_map(|p| [format!("{p} up"), format!("{p} down")]));
    names.extend(["red", "green", "blue"].iter().flat_map(|c| [format!("{c} comb"), format!("{c} comb - around")]));
    names.extend(smear::names());
    names.extend(tint::names().map(String::from));
    names.extend(["colour step", "colour - around"].map(String::from));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Picture;

    fn half() -> Surface {
        let values: Vec<f32> = (0..80 * 60).map(|i| if i % 80 < 40 { 1.0 } else { 3.0 }).collect();
        Surface { cols: 80, rows: 60, planes: std::array::from_fn(|_| values.clone()) }
    }

    fn cue(cues: &[f32; CUES], name: &str) -> f32 {
        cues[names().iter().position(|n| n == name).unwrap()]
    }

    #[test]
    fn a_step_along_the_border_is_seen_with_its_sign() {
        let picture = Picture::flat(640, 480, [99; 3]);
        let cues = Cues::new(picture.view(), &std::array::from_fn(|_| None), &half());
        let of = |x1, x2| cues.of(&NormBox::new(x1, 0.0, x2, 1.0).unwrap());
        let left = of(0.0, 0.5);
        assert_eq!(cue(&left, "light inside"), 1.0);
        assert!((cue(&left, "light step") + 2.0).abs() < 1e-4, "{left:?}");
        assert_eq!(cue(&left, "at_border"), 3.0);
        assert!((cue(&of(0.5, 1.0), "light step") - 2.0).abs() < 1e-4);
        assert!(cue(&left, "sharpness").is_nan() && cue(&left, "area") == 0.5);
        // Nothing is outside the whole.
        assert!(cue(&of(0.0, 1.0), "light step").is_nan() && cue(&of(0.0, 1.0), "light - around").is_nan());
    }

    #[test]
    fn sums_between_cells_are_interpolated() {
        let integral = Integral::new(2, 1, &[1.0, 3.0]);
        assert_eq!(integral.mean([0.0, 0.0, 1.0, 1.0]), Some(2.0));
        assert!((integral.mean([0.25, 0.2, 0.75, 0.7]).unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(Integral::new(2, 1, &[f32::NAN, 3.0]).mean([0.0, 0.0, 1.0, 1.0]), Some(3.0));
        assert_eq!(Integral::new(1, 1, &[f32::NAN]).mean([0.0, 0.0, 1.0, 1.0]), None);
        assert_eq!(names().len(), CUES);
    }
}
