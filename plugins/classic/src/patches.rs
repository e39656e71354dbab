//! Rectangles along whose four sides a plane steps by the same amount, up or down.
//!
//! Things have outlines at which everything changes. A part that is merely lit or tinted otherwise goes on across its
//! border: the step is the same all along it. On a coarse grid of logarithmic light, each place of a side votes whether
//! the plane steps there by more than `t` in the direction that fits. A side needs [`MAJORITY`] of its votes, sides on
//! the picture's border have none, and at most one may lie there. What the votes weigh follows from how common such steps
//! are elsewhere in the picture: `ln` of their likelihood with [`FAITHFUL`] of the votes against that rate.

use giqa_core::{Map, NormBox};

/// Cells on the longer side of the grid.
pub const CELLS: usize = 80;
/// Shortest side of a rectangle, cells.
const SHORTEST: usize = 6;
/// Positions of sides that are tried, cells.
const STRIDE: usize = 2;
/// Share of the votes that each side needs, and that the sides of a real patch have.
const MAJORITY: f32 = 0.6;
const FAITHFUL: f32 = 0.85;
/// Largest rectangle, as a share of the picture.
const LARGEST: f32 = 0.6;
/// Rectangles that are returned for one direction and height of the step.
const MOST: usize = 4;
/// How far the sides of a patch may lie from where it is looked for.
const SHIFT: usize = 2;

/// A plane of cells, row-major.
#[derive(Debug, Clone)]
pub struct Cells {
    /// Columns.
    pub cols: usize,
    /// Rows.
    pub rows: usize,
    /// Values; a step is a difference of them.
    pub data: Vec<f32>,
}

/// A rectangle of cells that steps up (or down) from its surroundings.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// First column and row, and those after the last.
    pub x1: usize,
    pub y1: usize,
    pub x2: usize,
    pub y2: usize,
    /// Evidence of the votes: natural logarithm of the odds.
    pub evidence: f32,
    /// Median step along the border, positive when the inside is higher.
    pub step: f32,
}

/// Votes along one kind of line: for the lines between columns, line `x` lies left of column `x`.
#[derive(Debug, Clone)]
struct Votes {
    /// Sums of votes and of places that may vote, `lines` by `length + 1`.
    yes: Vec<u16>,
    may: Vec<u16>,
    length: usize,
}

impl Votes {
    /// `step(before, after)`: the step outwards in; `None` where it can't be told.
    fn new(sides: &Sides, step: impl Fn([f32; 2]) -> Option<f32>, least: f32) -> Self {
        let lines = sides.pairs.len() / sides.length + 2;
        let mut all = Self { yes: Vec::new(), may: Vec::new(), length: sides.length };
        // The first line and the last one are the border of the picture.
        for votes in [&mut all.yes, &mut all.may] {
            votes.reserve_exact(lines * (sides.length + 1));
            votes.resize(sides.length + 1, 0);
        }
        for line in sides.pairs.chunks_exact(sides.length) {
            let (mut yes, mut may) = (0_u16, 0_u16);
            all.yes.push(0);
            all.may.push(0);
            for &pair in line {
                let step = step(pair);
                may += u16::from(step.is_some());
                yes += u16::from(step.is_some_and(|s| s > least));
                all.yes.push(yes);
                all.may.push(may);
            }
        }
        for votes in [&mut all.yes, &mut all.may] {
            votes.resize(lines * (sides.length + 1), 0);
        }
        all
    }

    fn count(&self, line: usize, from: usize, to: usize) -> (f32, f32) {
        let at = |i: usize| line * (self.length + 1) + i;
        let sum = |v: &[u16]| f32::from(v[at(to)] - v[at(from)]);
        (sum(&self.yes), sum(&self.may))
    }

    /// Votes of a side when it has a majority; a side on the border has none and needs none.
    fn side(&self, line: usize, last: usize, from: usize, to: usize) -> Option<(f32, f32)> {
        if line == 0 || line == last {
            return Some((0.0, 0.0));
        }
        let (yes, may) = self.count(line, from, to);
        // A side that can hardly vote is no evidence.
        (yes >= MAJORITY * may && may * 2.0 >= (to - from) as f32).then_some((yes, may))
    }

    fn rate(&self) -> f32 {
        let ends = (1..=self.yes.len() / (self.length + 1)).map(|l| l * (self.length + 1) - 1);
        let (yes, may) = ends.fold((0.0, 0.0), |(y, m), e| (y + f32::from(self.yes[e]), m + f32::from(self.may[e])));
        if may > 0.0 { yes / may } else { 0.0 }
    }
}

/// What is before and after each place of the lines of one kind, but for the first and the last.
struct Sides {
    pairs: Vec<[f32; 2]>,
    /// Places of a line.
    length: usize,
}

impl Cells {
    /// Both sides of the lines between columns, and of those between rows.
    fn sides(&self) -> [Sides; 2] {
        let lines = |n: usize, length: usize, pair: &dyn Fn(usize, usize) -> (f32, f32)| {
            let places = (1..n).flat_map(|line| (0..length).map(move |place| (line, place)));
            Sides { pairs: places.map(|(line, place)| pair(line, place).into()).collect(), length }
        };
        [
            lines(self.cols, self.rows, &|x, y| self.across(x, y, false)),
            lines(self.rows, self.cols, &|y, x| self.down(x, y, false)),
        ]
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        self.data[y * self.cols + x]
    }

    /// Means of two cells on both sides of a place: outside and inside of a rectangle whose left side (or right, when
    /// `back`) is line `x`.
    fn across(&self, x: usize, y: usize, back: bool) -> (f32, f32) {
        let mean = |a: usize, b: usize| f32::midpoint(self.at(a, y), self.at(b, y));
        let before = mean(x - 1, x.saturating_sub(2));
        let after = mean(x, (x + 1).min(self.cols - 1));
        if back { (after, before) } else { (before, after) }
    }

    fn down(&self, x: usize, y: usize, back: bool) -> (f32, f32) {
        let mean = |a: usize, b: usize| f32::midpoint(self.at(x, a), self.at(x, b));
        let before = mean(y - 1, y.saturating_sub(2));
        let after = mean(y, (y + 1).min(self.rows - 1));
        if back { (after, before) } else { (before, after) }
    }

    /// Median step along the border of a rectangle, from outside to inside; 0 where it has no border in the picture.
    #[must_use]
    pub fn step(&self, [x1, y1, x2, y2]: [usize; 4]) -> f32 {
        let mut steps: Vec<f32> = Vec::new();
        for (line, back) in [(x1, false), (x2, true)].into_iter().filter(|l| l.0 > 0 && l.0 < self.cols) {
            steps.extend((y1..y2).map(|y| self.across(line, y, back)).map(|(outside, inside)| inside - outside));
        }
        for (line, back) in [(y1, false), (y2, true)].into_iter().filter(|l| l.0 > 0 && l.0 < self.rows) {
            steps.extend((x1..x2).map(|x| self.down(x, line, back)).map(|(outside, inside)| inside - outside));
        }
        let Some(middle) = steps.len().checked_sub(1).map(|n| n / 2) else { return 0.0 };
        *steps.select_nth_unstable_by(middle, f32::total_cmp).1
    }

    /// The cells of a box.
    #[must_use]
    pub fn place(&self, b: &NormBox) -> [usize; 4] {
        let near = |v: f64, n: usize| ((v * n as f64).round() as usize).min(n);
        [near(b.x1(), self.cols), near(b.y1(), self.rows), near(b.x2(), self.cols), near(b.y2(), self.rows)]
    }

    /// A map with a value for the cells of each patch (the largest where they overlap), 0 elsewhere.
    #[must_use]
    pub fn map(&self, patches: &[(Patch, f32)]) -> Option<Map> {
        let mut values = vec![0.0_f32; self.cols * self.rows];
        for (p, value) in patches {
            for y in p.y1..p.y2 {
                values[y * self.cols..][p.x1..p.x2].iter_mut().for_each(|v| *v = v.max(*value));
            }
        }
        Map::new(self.cols as u32, self.rows as u32, values).ok()
    }
}

/// The patches that step by more than one of `heights`, up and down, clearest first.
#[must_use]
pub fn patches(cells: &Cells, heights: &[f32], says: impl Says) -> Vec<Patch> {
    let mut found = Vec::new();
    if cells.cols < SHORTEST + 4 || cells.rows < SHORTEST + 4 {
        return found;
    }
    let sides = cells.sides();
    for sign in [1.0, -1.0] {
        for &least in heights {
            found.extend(search(cells, &Ballot::new(&sides, sign, least, says)));
        }
    }
    clearest(found, usize::MAX)
}

fn clearest(mut found: Vec<Patch>, most: usize) -> Vec<Patch> {
    found.sort_by(|a, b| b.evidence.total_cmp(&a.evidence));
    let mut kept: Vec<Patch> = Vec::new();
    for patch in found {
        if kept.len() < most && kept.iter().all(|k| iou(k, &patch) < 0.4) {
            kept.push(patch);
        }
    }
    kept
}

fn iou(a: &Patch, b: &Patch) -> f32 {
    let common = |a1: usize, a2: usize, b1: usize, b2: usize| a2.min(b2).saturating_sub(a1.max(b1));
    let both = (common(a.x1, a.x2, b.x1, b.x2) * common(a.y1, a.y2, b.y1, b.y2)) as f32;
    let area = |p: &Patch| ((p.x2 - p.x1) * (p.y2 - p.y1)) as f32;
    both / (area(a) + area(b) - both)
}

/// The best patch at about this place, whatever its evidence: its sides may lie up to [`SHIFT`] cells off.
#[must_use]
pub fn at(cells: &Cells, place: [usize; 4], heights: &[f32], says: impl Says) -> Option<Patch> {
    let mut best: Option<Patch> = None;
    let near = |v: usize, n: usize| match v {
        0 => 0..=0,
        v if v >= n => n..=n,
        v => v.saturating_sub(SHIFT).max(1)..=(v + SHIFT).min(n - 1),
    };
    let [x1, y1, x2, y2] = place;
    let sides = cells.sides();
    for (sign, &least) in [1.0, -1.0].into_iter().flat_map(|s| heights.iter().map(move |l| (s, l))) {
        let ballot = Ballot::new(&sides, sign, least, says);
        for (x1, x2) in near(x1, cells.cols).flat_map(|a| near(x2, cells.cols).map(move |b| (a, b))) {
            for (y1, y2) in near(y1, cells.rows).flat_map(|a| near(y2, cells.rows).map(move |b| (a, b))) {
                if x1 + 2 > x2 || y1 + 2 > y2 {
                    continue;
                }
                let Some(evidence) = ballot.evidence([x1, y1, x2, y2]) else { continue };
                if best.as_ref().is_none_or(|b| evidence > b.evidence) {
                    best = Some(describe(cells, evidence, [x1, y1, x2, y2]));
                }
            }
        }
    }
    best
}

/// The votes of a picture, ready to be counted at any place.
#[derive(Debug, Clone)]
pub struct Ballots {
    /// Per height, up and down.
    all: Vec<[Ballot; 2]>,
}

impl Ballots {
    /// For steps of these heights.
    #[must_use]
    pub fn new(cells: &Cells, heights: &[f32], says: impl Says) -> Self {
        let sides = cells.sides();
        Self { all: heights.iter().map(|&h| [1.0, -1.0].map(|sign| Ballot::new(&sides, sign, h, says))).collect() }
    }

    /// Evidence of a step up and of one down at a place, of the height that fits best; sides without majority count
    /// as well. Evidence per place of the border, too: a short border has few votes.
    #[must_use]
    pub fn evidence(&self, b: &NormBox) -> [f32; 2] {
        let mut best = [f32::NEG_INFINITY; 2];
        for ballots in &self.all {
            for (best, ballot) in best.iter_mut().zip(ballots) {
                let near = |v: f64, n: usize| ((v * n as f64).round() as usize).min(n);
                let (cols, rows) = (ballot.cols, ballot.rows);
                let place = [near(b.x1(), cols), near(b.y1(), rows), near(b.x2(), cols), near(b.y2(), rows)];
                *best = best.max(ballot.count(place));
            }
        }
        best
    }
}

/// What decides whether a place can vote, by the values outside and inside, the sign, and the height of the step.
pub trait Says: Fn(f32, f32, f32, f32) -> bool + Copy {}
impl<F: Fn(f32, f32, f32, f32) -> bool + Copy> Says for F {}

/// The votes for one sign and height of a step.
#[derive(Debug, Clone)]
struct Ballot {
    cols: usize,
    rows: usize,
    left: Votes,
    right: Votes,
    top: Votes,
    bottom: Votes,
    /// What a vote weighs, for and against.
    weights: (f32, f32),
}

impl Ballot {
    fn new([columns, lines]: &[Sides; 2], sign: f32, least: f32, says: impl Says) -> Self {
        let (cols, rows) = (lines.length, columns.length);
        let step = |outside: f32, inside: f32| says(outside, inside, sign, least).then_some(sign * (inside - outside));
        let onward = |sides: &Sides| Votes::new(sides, |[before, after]| step(before, after), least);
        let back = |sides: &Sides| Votes::new(sides, |[before, after]| step(after, before), least);
        let (left, right, top, bottom) = (onward(columns), back(columns), onward(lines), back(lines));
        let rate = ((left.rate() + right.rate() + top.rate() + bottom.rate()) / 4.0).clamp(0.02, 0.45);
        let weights = ((FAITHFUL / rate).ln(), ((1.0 - FAITHFUL) / (1.0 - rate)).ln());
        Self { cols, rows, left, right, top, bottom, weights }
    }

    fn weigh(&self, sides: [(f32, f32); 4]) -> f32 {
        let (yes, may) = sides.iter().fold((0.0, 0.0), |(y, m), s| (y + s.0, m + s.1));
        yes * self.weights.0 + (may - yes) * self.weights.1
    }

    /// Evidence at a place, whoever has a majority.
    fn count(&self, [x1, y1, x2, y2]: [usize; 4]) -> f32 {
        let side = |votes: &Votes, line: usize, last: usize, from: usize, to: usize| {
            if line == 0 || line >= last || from >= to { (0.0, 0.0) } else { votes.count(line, from, to) }
        };
        self.weigh([
            side(&self.left, x1, self.cols, y1, y2),
            side(&self.right, x2, self.cols, y1, y2),
            side(&self.top, y1, self.rows, x1, x2),
            side(&self.bottom, y2, self.rows, x1, x2),
        ])
    }

    /// `None` where a side has no majority, or two lie on the border.
    fn evidence(&self, [x1, y1, x2, y2]: [usize; 4]) -> Option<f32> {
        if self.on_border([x1, y1, x2, y2]) > 1 {
            return None;
        }
        Some(self.weigh([
            self.left.side(x1, self.cols, y1, y2)?,
            self.right.side(x2, self.cols, y1, y2)?,
            self.top.side(y1, self.rows, x1, x2)?,
            self.bottom.side(y2, self.rows, x1, x2)?,
        ]))
    }

    fn on_border(&self, [x1, y1, x2, y2]: [usize; 4]) -> usize {
        [x1 == 0, x2 == self.cols, y1 == 0, y2 == self.rows].iter().filter(|b| **b).count()
    }
}

fn search(cells: &Cells, ballot: &Ballot) -> Vec<Patch> {
    let (cols, rows) = (cells.cols, cells.rows);
    let lines = |n: usize| -> Vec<usize> { (0..n).step_by(STRIDE).chain([n]).collect() };
    let (xs, ys) = (lines(cols), lines(rows));
    let mut found: Vec<(f32, [usize; 4])> = Vec::new();
    for (i, &y1) in ys.iter().enumerate() {
        for &y2 in ys[i + 1..].iter().filter(|&&y2| y2 - y1 >= SHORTEST) {
            // Few lines have a majority: only their pairs are looked at.
            let valid = |votes: &Votes| -> Vec<usize> {
                xs.iter().copied().filter(|&x| votes.side(x, cols, y1, y2).is_some()).collect()
            };
            let (lefts, rights) = (valid(&ballot.left), valid(&ballot.right));
            for &x1 in &lefts {
                for &x2 in rights.iter().filter(|&&x2| x2 >= x1 + SHORTEST) {
                    let small = ((x2 - x1) * (y2 - y1)) as f32 <= LARGEST * (cols * rows) as f32;
                    let evidence = small.then(|| ballot.evidence([x1, y1, x2, y2])).flatten();
                    found.extend(evidence.map(|e| (e, [x1, y1, x2, y2])));
                }
            }
        }
    }
    // Most are shifts of the same: a few hundred of the best hold all that differ.
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(400);
    let whole = found.into_iter().map(|(evidence, at)| describe(cells, evidence, at)).collect();
    clearest(whole, MOST)
}

/// A patch with the step along its border.
fn describe(cells: &Cells, evidence: f32, [x1, y1, x2, y2]: [usize; 4]) -> Patch {
    Patch { x1, y1, x2, y2, evidence, step: cells.step([x1, y1, x2, y2]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    /// A texture of slow waves and grain, and a patch that is higher by `step`.
    fn scene(step: f32, at: [usize; 4]) -> Cells {
        let mut random = Random::new(7);
        let (cols, rows) = (CELLS, 60);
        let data = (0..cols * rows)
            .map(|i| {
                let (x, y) = (i % cols, i / cols);
                let inside = (at[0]..at[2]).contains(&x) && (at[1]..at[3]).contains(&y);
                (x as f32 / 9.0).sin()
                    + (y as f32 / 7.0).cos()
                    + 0.1 * random.gaussian() as f32
                    + if inside { step } else { 0.0 }
            })
            .collect();
        Cells { cols, rows, data }
    }

    #[test]
    fn a_patch_is_found_where_it_is_with_its_step() {
        for (step, at) in [(1.0, [20, 10, 50, 40]), (-1.0, [20, 10, 50, 40]), (1.0, [0, 14, 30, 44])] {
            let found = patches(&scene(step, at), &[0.5], |_, _, _, _| true);
            let first = found.first().unwrap();
            assert!(first.evidence > 100.0, "{first:?}");
            assert_eq!([first.x1, first.y1, first.x2, first.y2], at);
            assert!((first.step - step).abs() < 0.3, "{first:?}");
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_steps_nor_voters_are() {
        let none = patches(&scene(0.0, [20, 10, 50, 40]), &[0.5], |_, _, _, _| true);
        assert!(none.iter().all(|p| p.evidence < 60.0), "{none:?}");
        assert_eq!(patches(&scene(1.0, [20, 10, 50, 40]), &[0.5], |_, _, _, _| false), []);
        let tiny = Cells { cols: 3, rows: 3, data: vec![0.0; 9] };
        assert_eq!(patches(&tiny, &[0.5], |_, _, _, _| true), []);
    }

    #[test]
    fn a_place_is_looked_at_with_some_play() {
        let cells = scene(1.0, [20, 10, 50, 40]);
        let near = at(&cells, [21, 9, 52, 40], &[0.5], |_, _, _, _| true).unwrap();
        assert_eq!([near.x1, near.y1, near.x2, near.y2], [20, 10, 50, 40]);
        assert_eq!(at(&cells, [60, 20, 75, 50], &[0.5], |_, _, _, _| true).filter(|p| p.evidence > 20.0), None);
        assert_eq!(at(&cells, [0, 0, 80, 60], &[0.5], |_, _, _, _| true), None);
    }
}
