//! Connected groups of cells in a grid.

use giqa_core::NormBox;

/// A grid of flags, row-major.
#[derive(Debug, Clone)]
pub struct Mask {
    /// Columns.
    pub cols: usize,
    /// Rows.
    pub rows: usize,
    /// `rows * cols` flags.
    pub set: Vec<bool>,
}

impl Mask {
    fn at(&self, x: isize, y: isize) -> Option<bool> {
        let inside = (0..self.cols as isize).contains(&x) && (0..self.rows as isize).contains(&y);
        inside.then(|| self.set[y as usize * self.cols + x as usize])
    }

    /// Keeps each cell that at least `share` of its 3 x 3 neighbourhood (inside the grid) agrees with: fills pinholes,
    /// drops lone cells.
    #[must_use]
    pub fn smoothed(&self, share: f64) -> Mask {
        let vote = |i: usize| {
            let (x, y) = ((i % self.cols) as isize, (i / self.cols) as isize);
            let around = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
            let votes: Vec<bool> = around.filter_map(|(dx, dy)| self.at(x + dx, y + dy)).collect();
            votes.iter().filter(|&&v| v).count() as f64 >= share * votes.len() as f64
        };
        Mask { set: (0..self.set.len()).map(vote).collect(), ..*self }
    }

    /// Groups of set cells that touch, corners included; largest first.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<usize>> {
        let mut left = self.set.clone();
        let mut groups = Vec::new();
        for start in 0..left.len() {
            if !left[start] {
                continue;
            }
            left[start] = false;
            let mut group = vec![start];
            let mut next = 0;
            while next < group.len() {
                let (x, y) = ((group[next] % self.cols) as isize, (group[next] / self.cols) as isize);
                next += 1;
                for (dx, dy) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))) {
                    if self.at(x + dx, y + dy).is_some() {
                        let i = (y + dy) as usize * self.cols + (x + dx) as usize;
                        if left[i] {
                            left[i] = false;
                            group.push(i);
                        }
                    }
                }
            }
            groups.push(group);
        }
        groups.sort_by_key(|g| std::cmp::Reverse(g.len()));
        groups
    }

    /// A tight box around a group: rows and columns at its ends that hold less than a sixth of the fullest one are
    /// cut off, since a spur does not make the fault larger.
    #[must_use]
    pub fn tight_box(&self, group: &[usize]) -> Option<NormBox> {
        let count = |n: usize, index: &dyn Fn(usize) -> usize| {
            let mut counts = vec![0_usize; n];
            group.iter().for_each(|&i| counts[index(i)] += 1);
            let enough = counts.iter().max()?.div_ceil(6);
            let first = counts.iter().position(|&c| c >= enough)?;
            let last = counts.iter().rposition(|&c| c >= enough)?;
            Some((first as f64 / n as f64, (last + 1) as f64 / n as f64))
        };
        let (x1, x2) = count(self.cols, &|i| i % self.cols)?;
        let (y1, y2) = count(self.rows, &|i| i / self.cols)?;
        NormBox::clamped(x1, y1, x2, y2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(rows: &[&str]) -> Mask {
        Mask {
            cols: rows[0].len(),
            rows: rows.len(),
            set: rows.iter().flat_map(|r| r.bytes().map(|b| b == b'#')).collect(),
        }
    }

    #[test]
    fn groups_and_boxes() {
        let m = mask(&["##..", "##..", "..#.", "...."]);
        let groups = m.groups();
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [5], "corners touch");
        let m = mask(&["##...", "##...", ".....", "....#", "....."]);
        let groups = m.groups();
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [4, 1]);
        assert_eq!(m.tight_box(&groups[0]), NormBox::clamped(0.0, 0.0, 0.4, 0.4));
    }

    #[test]
    fn smoothing_fills_holes_and_drops_specks() {
        let m = mask(&["###..", "#.#..", "###..", ".....", "....."]).smoothed(0.5);
        assert!(m.set[6], "hole filled");
        let m = mask(&[".....", "..#..", ".....", ".....", "....."]).smoothed(0.5);
        assert!(m.groups().is_empty());
    }
}
