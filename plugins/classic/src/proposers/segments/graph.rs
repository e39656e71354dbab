//! Segments of one colour and texture: the graph-based method of Felzenszwalb and Huttenlocher (IJCV 59, 2004).
//!
//! Pixels are joined along the faintest steps first. Two segments become one where the step between them is no larger
//! than the largest one inside either, plus an allowance that shrinks as they grow. So a sky may fade and leaves may
//! flicker, and yet they are told apart.

use super::reduced::{Lab, Reduced};

/// The allowance, in steps of L\*a\*b\* times pixels.
const ALLOWANCE: f32 = 60.0;
/// Steps are put in order with this fineness.
const LEVELS_PER_STEP: f32 = 16.0;
const LEVELS: usize = 2048;
/// Segments with a smaller share of the picture join the neighbour that is most like them.
const SMALLEST: f64 = 0.004;

/// The segment of each pixel, numbered from 0 in reading order, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments {
    /// By pixel.
    pub of: Vec<usize>,
    /// How many.
    pub count: usize,
}

struct Edge {
    from: usize,
    to: usize,
    step: f32,
}

/// The segments of a picture.
#[must_use]
pub fn segments(picture: &Reduced) -> Segments {
    let n = picture.lab.len();
    let edges = edges(picture);
    let mut sets = Sets { parent: (0..n).collect(), size: vec![1; n], inner: vec![0.0; n] };
    for e in &edges {
        let (a, b) = (sets.root(e.from), sets.root(e.to));
        let bound = |s: usize| sets.inner[s] + ALLOWANCE / sets.size[s] as f32;
        if a != b && e.step <= bound(a).min(bound(b)) {
            sets.join(a, b, e.step);
        }
    }
    let smallest = (SMALLEST * n as f64) as usize;
    for e in &edges {
        let (a, b) = (sets.root(e.from), sets.root(e.to));
        if a != b && sets.size[a].min(sets.size[b]) < smallest {
            sets.join(a, b, e.step);
        }
    }
    let mut number = vec![usize::MAX; n];
    let mut count = 0;
    let of = (0..n)
        .map(|i| {
            let root = sets.root(i);
            if number[root] == usize::MAX {
                number[root] = count;
                count += 1;
            }
            number[root]
        })
        .collect();
    Segments { of, count }
}

/// Steps between neighbours, the smallest first; a counting sort, in reading order among equals.
fn edges(picture: &Reduced) -> Vec<Edge> {
    let (w, lab) = (picture.width, &picture.lab);
    let mut levels: Vec<Vec<Edge>> = (0..LEVELS).map(|_| Vec::new()).collect();
    let mut add = |from: usize, to: usize| {
        let step = distance(lab[from], lab[to]);
        levels[((step * LEVELS_PER_STEP) as usize).min(LEVELS - 1)].push(Edge { from, to, step });
    };
    for i in 0..lab.len() {
        let last_column = (i + 1).is_multiple_of(w);
        if !last_column {
            add(i, i + 1);
        }
        if i + w < lab.len() {
            add(i, i + w);
            if !last_column {
                add(i, i + w + 1);
            }
        }
    }
    levels.into_iter().flatten().collect()
}

/// Euclidean distance of two colours (CIE 1976).
#[must_use]
pub fn distance(a: Lab, b: Lab) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

/// Disjoint sets of pixels.
struct Sets {
    parent: Vec<usize>,
    size: Vec<usize>,
    /// The largest step that joined a set.
    inner: Vec<f32>,
}

impl Sets {
    fn root(&mut self, mut i: usize) -> usize {
        while self.parent[i] != i {
            self.parent[i] = self.parent[self.parent[i]];
            i = self.parent[i];
        }
        i
    }

    /// Both must be roots.
    fn join(&mut self, a: usize, b: usize, step: f32) {
        let (large, small) = if self.size[a] >= self.size[b] { (a, b) } else { (b, a) };
        self.parent[small] = large;
        self.size[large] += self.size[small];
        self.inner[large] = step.max(self.inner[large]).max(self.inner[small]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Picture;

    fn of(picture: &Picture) -> (Reduced, Segments) {
        let copy = Reduced::new(picture.view()).unwrap();
        let found = segments(&copy);
        (copy, found)
    }

    #[test]
    fn a_gradient_is_one_and_two_colours_are_two() {
        let fading = |y: usize| (60 + y) as u8;
        assert_eq!(of(&Picture::of(120, 90, |_, y| [fading(y); 3])).1.count, 1);
        let (copy, two) = of(&Picture::of(120, 90, |x, y| if x < 50 { [200, 40, 30] } else { [fading(y); 3] }));
        assert_eq!(two.count, 2);
        assert!((0..copy.lab.len()).all(|i| two.of[i] == usize::from(i % copy.width >= 50)));
    }

    #[test]
    fn specks_are_no_segments() {
        let speck = |x: usize, y: usize| (40..43).contains(&x) && (40..43).contains(&y);
        assert_eq!(of(&Picture::of(120, 90, |x, y| if speck(x, y) { [255; 3] } else { [30; 3] })).1.count, 1);
    }
}
