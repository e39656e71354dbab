//! How a part of a picture looks: colour, texture, and where it lies.

use super::reduced::{Lab, Reduced};

/// Steps in lightness that count as structure, `L*`.
const STRUCTURE: f32 = 4.0;
/// Steps are counted in bins of this width, for their median.
const BIN: f32 = 0.125;
const BINS: usize = 64;

/// What is known of a part.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    /// Share of the picture, `0..=1`.
    pub share: f32,
    /// Mean colour.
    pub colour: Lab,
    /// Mean of the chroma, that is distance from grey.
    pub chroma: f32,
    /// Standard deviation of the lightness.
    pub spread: f32,
    /// Median of the steps in lightness between its pixels, across or down, whichever is larger, less what noise of
    /// single pixels adds: edges don't count, nor does a high sensitivity.
    pub grain: f32,
    /// Share of its pixels with a step that counts as structure.
    pub structure: f32,
    /// Share of the picture's top, right, bottom and left border that it holds.
    pub borders: [f32; 4],
    /// Mean height, 0 = top, 1 = bottom.
    pub height: f32,
}

impl Looks {
    /// Share of the picture's top border that it holds.
    #[must_use]
    pub fn top(&self) -> f32 {
        self.borders[0]
    }

    /// Share of the picture's bottom border that it holds.
    #[must_use]
    pub fn bottom(&self) -> f32 {
        self.borders[2]
    }

    /// Shares of both sides.
    #[must_use]
    pub fn sides(&self) -> f32 {
        self.borders[1] + self.borders[3]
    }

    /// The looks of several parts together.
    #[must_use]
    pub fn of_all<'a>(parts: impl Iterator<Item = &'a Looks> + Clone) -> Looks {
        let share: f32 = parts.clone().map(|p| p.share).sum();
        let mean = |value: &dyn Fn(&Looks) -> f32| {
            parts.clone().map(|p| p.share * value(p)).sum::<f32>() / share.max(f32::MIN_POSITIVE)
        };
        Looks {
            share,
            colour: std::array::from_fn(|c| mean(&|p| p.colour[c])),
            chroma: mean(&|p| p.chroma),
            spread: mean(&|p| p.spread),
            grain: mean(&|p| p.grain),
            structure: mean(&|p| p.structure),
            borders: std::array::from_fn(|side| parts.clone().map(|p| p.borders[side]).sum()),
            height: mean(&|p| p.height),
        }
    }
}

/// Sums over a part.
#[derive(Clone)]
struct Sums {
    size: f32,
    squares: f32,
    noise: f32,
    /// Steps across and down, by size.
    steps: [[u32; BINS]; 2],
}

/// The looks of `count` parts; `of` tells the part of each pixel.
#[must_use]
pub fn looks(picture: &Reduced, of: &[usize], count: usize) -> Vec<Looks> {
    let (w, h) = (picture.width, picture.height);
    let mut all = vec![Looks::default(); count];
    let mut sums = vec![Sums { size: 0.0, squares: 0.0, noise: 0.0, steps: [[0; BINS]; 2] }; count];
    for (i, (lab, &part)) in picture.lab.iter().zip(of).enumerate() {
        let (l, s) = (&mut all[part], &mut sums[part]);
        let (x, y) = (i % w, i / w);
        s.size += 1.0;
        s.squares += lab[0] * lab[0];
        s.noise += picture.grain[i];
        l.colour.iter_mut().zip(lab).for_each(|(s, v)| *s += v);
        l.chroma += lab[1].hypot(lab[2]);
        l.height += (y as f32 + 0.5) / h as f32;
        for (side, (at, length)) in [(y == 0, w), (x + 1 == w, h), (y + 1 == h, w), (x == 0, h)].into_iter().enumerate()
        {
            l.borders[side] += if at { 1.0 / length as f32 } else { 0.0 };
        }
        let next = [(x + 1 < w).then_some(i + 1), (y + 1 < h).then_some(i + w)];
        let mut structure = false;
        for (bins, next) in s.steps.iter_mut().zip(next) {
            let Some(next) = next.filter(|&n| of[n] == part) else { continue };
            let step = (picture.lab[next][0] - lab[0]).abs();
            bins[((step / BIN) as usize).min(BINS - 1)] += 1;
            structure |= step > STRUCTURE;
        }
        l.structure += f32::from(u8::from(structure));
    }
    for (l, s) in all.iter_mut().zip(&sums) {
        let n = s.size.max(1.0);
        l.share = s.size / (w * h) as f32;
        l.colour = l.colour.map(|c| c / n);
        l.chroma /= n;
        l.spread = (s.squares / n - l.colour[0] * l.colour[0]).max(0.0).sqrt();
        l.structure /= n;
        l.height /= n;
        let steps = s.steps.iter().map(median).fold(0.0, f32::max);
        // Half of the differences of two values with this variance are smaller.
        let noise = 0.6745 * (2.0 * s.noise / n).sqrt();
        l.grain = (steps * steps - noise * noise).max(0.0).sqrt();
    }
    all
}

fn median(bins: &[u32; BINS]) -> f32 {
    let half = bins.iter().sum::<u32>().div_ceil(2);
    let mut below = 0;
    let bin = bins.iter().position(|n| {
        below += n;
        below >= half
    });
    (bin.unwrap_or(0) as f32 + 0.5) * BIN
}
