//! Near-duplicates and bursts: photos that look alike and were taken soon after each other.

use crate::rules::Group;
use giqa_core::ImageView;
use std::path::{Path, PathBuf};

/// Bits in which two photos of one burst may differ, and those that say nothing of their time.
const ALIKE: u32 = 10;
const SAME: u32 = 4;
/// Seconds between two photos of one burst.
const SOON: i64 = 3;

/// A perceptual hash: whether each of 8 x 8 cells is darker than the one right of it (difference hash, Krawetz 2013).
#[must_use]
pub fn look(image: ImageView<'_>) -> u64 {
    const COLUMNS: usize = 9;
    const ROWS: usize = 8;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut cells = [[0.0_f64; COLUMNS]; ROWS];
    for (r, row) in cells.iter_mut().enumerate() {
        for (c, cell) in row.iter_mut().enumerate() {
            let cut = |k: usize, n: usize, size: usize| {
                let from = (k * size / n).min(size - 1);
                (from, ((k + 1) * size / n).clamp(from + 1, size))
            };
            let ((x1, x2), (y1, y2)) = (cut(c, COLUMNS, width), cut(r, ROWS, height));
            // Enough of a large picture's cell to know its mean.
            let step = ((y2 - y1) / 32).max(1);
            let (mut sum, mut n) = (0_u64, 0_u64);
            for y in (y1..y2).step_by(step) {
                for p in image.row(y as u32)[x1 * 3..x2 * 3].chunks_exact(3) {
                    sum += u64::from(p[0]) * 2 + u64::from(p[1]) * 5 + u64::from(p[2]);
                    n += 1;
                }
            }
            *cell = sum as f64 / n.max(1) as f64;
        }
    }
    let pairs = cells.iter().flat_map(|row| row.windows(2));
    pairs.fold(0, |bits, pair| (bits << 1) | u64::from(pair[0] < pair[1]))
}

/// Whether two photos of one folder belong to one burst, by their looks and the seconds when they were taken.
#[must_use]
pub fn alike(a: (u64, Option<i64>), b: (u64, Option<i64>)) -> bool {
    let soon = match (a.1, b.1) {
        (Some(a), Some(b)) => (a - b).abs() <= SOON,
        _ => false,
    };
    (a.0 ^ b.0).count_ones() <= if soon { ALIKE } else { SAME }
}

/// One photo among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its number in the store.
    pub photo: i64,
    /// Its content.
    pub blake3: String,
    /// The folder that it came in.
    pub folder: PathBuf,
    /// Perceptual hash.
    pub look: u64,
    /// When it was taken, seconds.
    pub taken: Option<i64>,
    /// How sharp it is, more is sharper.
    pub sharpness: f64,
}

impl Member {
    fn belongs_to(&self, other: &Self) -> bool {
        self.folder == other.folder && alike((self.look, self.taken), (other.look, other.taken))
    }
}

/// Photos in groups.
#[derive(Debug, Default)]
pub struct Groups {
    /// Members with the number of their group.
    members: Vec<(usize, Member)>,
}

impl Groups {
    /// Adds a photo; groups that it joins become one. Returns the number of its group.
    pub fn add(&mut self, member: Member) -> usize {
        self.members.retain(|(_, known)| known.photo != member.photo);
        let mut joined: Vec<usize> =
            self.members.iter().filter(|(_, known)| member.belongs_to(known)).map(|(group, _)| *group).collect();
        joined.sort_unstable();
        let group = joined.first().copied().unwrap_or_else(|| self.members.iter().map(|m| m.0 + 1).max().unwrap_or(0));
        self.members.iter_mut().filter(|(known, _)| joined.contains(known)).for_each(|(known, _)| *known = group);
        self.members.push((group, member));
        group
    }

    /// A photo's group; by itself when it is unknown.
    #[must_use]
    pub fn of(&self, photo: i64) -> Group {
        let Some((number, own)) = self.members.iter().find(|(_, m)| m.photo == photo) else {
            return Group { id: photo.to_string(), size: 1, rank: 1 };
        };
        let all = || self.members.iter().filter(|(group, _)| group == number).map(|(_, m)| m);
        // Equals rank by their order in the store, so that exactly one is the sharpest.
        let better = |m: &&Member| m.sharpness > own.sharpness || (m.sharpness == own.sharpness && m.photo < own.photo);
        let id = all().min_by_key(|m| m.photo).map_or_else(String::new, |m| m.blake3.chars().take(12).collect());
        Group { id, size: all().count(), rank: 1 + all().filter(better).count() }
    }

    /// The number of a photo's group.
    #[must_use]
    pub fn number(&self, photo: i64) -> Option<usize> {
        self.members.iter().find(|(_, m)| m.photo == photo).map(|(group, _)| *group)
    }
}

/// The folder that a photo lies in.
#[must_use]
pub fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(photo: i64, look: u64, taken: Option<i64>, sharpness: f64) -> Member {
        Member { photo, blake3: format!("{photo:064}"), folder: "/w".into(), look, taken, sharpness }
    }

    #[test]
    fn bursts_and_duplicates_are_groups_and_one_is_the_sharpest() {
        let mut groups = Groups::default();
        groups.add(member(1, 0, Some(100), 0.5));
        groups.add(member(2, 0b1111_1111, Some(102), 0.9));
        groups.add(member(3, 0b1111_1111, Some(900), 0.9));
        groups.add(member(4, u64::MAX, Some(101), 0.1));
        groups.add(member(5, 1, None, 0.9));
        let told = |p| (groups.of(p).size, groups.of(p).rank);
        // 5 is the same picture as 1 and 3 the same as 2, at whatever time.
        assert_eq!([1, 2, 3, 4, 5, 9].map(told), [(4, 4), (4, 1), (4, 2), (1, 1), (4, 3), (1, 1)]);
        assert_eq!(groups.of(1).id, groups.of(5).id);
    }

    #[test]
    fn a_look_survives_scaling_and_light_but_not_another_picture() {
        let picture = |w: usize, h: usize, gain: f64, turn: f64| -> Vec<u8> {
            let value = |x: f64, y: f64| 100.0 + 60.0 * (6.0 * x + turn).sin() * (5.0 * y - turn).cos();
            let at = |i: usize| value((i % w) as f64 / w as f64, (i / w) as f64 / h as f64);
            (0..w * h).flat_map(|i| [(gain * at(i)) as u8; 3]).collect()
        };
        let of =
            |w, h, gain, turn| look(ImageView::packed(w, h, &picture(w as usize, h as usize, gain, turn)).unwrap());
        let one = of(640, 480, 1.0, 0.0);
        assert!((one ^ of(320, 240, 1.2, 0.0)).count_ones() <= SAME);
        assert!((one ^ of(640, 480, 1.0, 1.6)).count_ones() > ALIKE);
        let _ = (of(1, 1, 1.0, 0.0), of(3, 200, 1.0, 0.0));
    }
}
