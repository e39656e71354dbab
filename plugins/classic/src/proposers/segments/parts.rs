//! The segments of a picture with their looks and neighbours.

use super::graph::segments;
use super::looks::{Looks, looks};
use super::reduced::Reduced;
use crate::proposers::components::Mask;
use giqa_core::NormBox;
use std::collections::BTreeSet;

/// A picture in segments.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The picture.
    pub picture: Reduced,
    /// The segment of each pixel.
    pub of: Vec<usize>,
    /// The looks of each segment.
    pub looks: Vec<Looks>,
    neighbours: Vec<BTreeSet<usize>>,
}

impl Parts {
    /// The segments of a picture.
    #[must_use]
    pub fn new(picture: Reduced) -> Self {
        let found = segments(&picture);
        let looks = looks(&picture, &found.of, found.count);
        let mut neighbours = vec![BTreeSet::new(); found.count];
        let (w, of) = (picture.width, found.of);
        for (i, &here) in of.iter().enumerate() {
            let right = if (i + 1).is_multiple_of(w) { here } else { of[i + 1] };
            let below = of.get(i + w).copied().unwrap_or(here);
            for other in [right, below].into_iter().filter(|&o| o != here) {
                neighbours[here].insert(other);
                neighbours[other].insert(here);
            }
        }
        Self { picture, of, looks, neighbours }
    }

    /// Segments that touch a segment.
    pub fn neighbours(&self, part: usize) -> impl Iterator<Item = usize> + '_ {
        self.neighbours[part].iter().copied()
    }

    /// Groups of touching segments of which something holds; in reading order.
    #[must_use]
    pub fn groups(&self, holds: impl Fn(&Looks) -> bool) -> Vec<Vec<usize>> {
        let mut left: Vec<bool> = self.looks.iter().map(holds).collect();
        let mut groups = Vec::new();
        for start in 0..left.len() {
            if std::mem::take(&mut left[start]) {
                let mut group = vec![start];
                let mut next = 0;
                while let Some(&part) = group.get(next) {
                    next += 1;
                    group.extend(self.neighbours(part).filter(|&o| std::mem::take(&mut left[o])));
                }
                groups.push(group);
            }
        }
        groups
    }

    /// The looks of a group.
    #[must_use]
    pub fn looks_of(&self, group: &[usize]) -> Looks {
        Looks::of_all(group.iter().map(|&part| &self.looks[part]))
    }

    /// Whether each pixel is in a group.
    #[must_use]
    pub fn mask(&self, group: &[usize]) -> Vec<bool> {
        let mut inside = vec![false; self.looks.len()];
        group.iter().for_each(|&part| inside[part] = true);
        self.of.iter().map(|&part| inside[part]).collect()
    }

    /// A tight box around a group, and how much of it the group fills.
    #[must_use]
    pub fn bounds(&self, group: &[usize]) -> Option<(NormBox, f64)> {
        let mask = Mask { cols: self.picture.width, rows: self.picture.height, set: self.mask(group) };
        let pixels: Vec<usize> = (0..mask.set.len()).filter(|&i| mask.set[i]).collect();
        let bounds = mask.tight_box(&pixels)?;
        let filled = pixels.len() as f64 / mask.set.len() as f64 / bounds.area().max(f64::MIN_POSITIVE);
        Some((bounds, filled.min(1.0)))
    }
}
