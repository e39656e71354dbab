//! The sums over a picture's field that BRISQUE and NIQE need: over the whole, which is a torus with black borders, and
//! over patches, each a torus of its own in a part of the picture with replicated borders. Where both are wanted, the field
//! is made once: but for the borders, it is the same.

use super::mscn::{Border, LANES, RADIUS, Window, mscn};
use super::source::Source;
use super::sums::{MARGIN, Neighbours, inside};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of the field that are summed together.
const GROUP: usize = 8;

/// Patches of equal sides from the upper left corner on.
#[derive(Debug, Clone, Copy)]
pub struct Patches {
    /// Side, pixels.
    pub side: usize,
    /// Columns of them.
    pub cols: usize,
    /// Rows of them.
    pub rows: usize,
}

impl Patches {
    fn columns(self, col: usize) -> Range<usize> {
        col * self.side..(col + 1) * self.side
    }

    fn lines(self, row: usize) -> Range<usize> {
        row * self.side..(row + 1) * self.side
    }
}

/// Sums over the whole of a picture, in blocks of `side`.
pub fn whole(source: &dyn Source, side: usize) -> Neighbours {
    let height = source.size().1;
    let bands = (0..height.div_ceil(side)).into_par_iter();
    let torus =
        |tools: &mut Tools, band: usize| Torus::of(tools, source, band * side..((band + 1) * side).min(height), side);
    join(bands.map_init(|| Tools::new(source), torus).collect())
}

/// Sums over each patch, row by row.
pub fn patches(cut: &dyn Source, patches: Patches) -> Vec<Neighbours> {
    let rows = (0..patches.rows).into_par_iter();
    let of_row = |tools: &mut Tools, row: usize| row_of_patches(tools, cut, patches, row);
    rows.map_init(|| Tools::new(cut), of_row).collect::<Vec<_>>().concat()
}

/// Both: over the whole, and over each patch of a part of the picture that is filled with them and differs near its right and lower
/// border at most.
pub fn both(source: &dyn Source, cut: &dyn Source, patches: Patches) -> (Neighbours, Vec<Neighbours>) {
    let height = source.size().1;
    let band = |(tools, of_cut): &mut (Tools, Tools), band: usize| {
        let rows = band * patches.side..((band + 1) * patches.side).min(height);
        if patches.cols > 2 && (1..patches.rows.saturating_sub(1)).contains(&band) {
            return inner_band(tools, source, cut, patches, rows);
        }
        let of_patches = if band < patches.rows { row_of_patches(of_cut, cut, patches, band) } else { Vec::new() };
        (Torus::of(tools, source, rows, patches.side), of_patches)
    };
    let (bands, of_patches): (Vec<Torus>, Vec<Vec<Neighbours>>) = (0..height.div_ceil(patches.side))
        .into_par_iter()
        .map_init(|| (Tools::new(source), Tools::new(cut)), band)
        .unzip();
    (join(bands), of_patches.concat())
}

/// A band of the whole that goes around to its own left side; its ends are tied to those of other bands.
struct Torus {
    sums: Neighbours,
    width: usize,
    side: usize,
    first: Vec<f32>,
    last: Vec<f32>,
}

impl Torus {
    fn new(width: usize, side: usize) -> Self {
        Self { sums: Neighbours::default(), width, side, first: Vec::new(), last: Vec::new() }
    }

    fn of(tools: &mut Tools, source: &dyn Source, rows: Range<usize>, side: usize) -> Self {
        let mut torus = Self::new(source.size().0, side);
        let (window, group) = tools.ready();
        mscn(window, source, Border::Zero, rows, |_, row| group.push(row, |piece| torus.add(&piece)));
        torus.end(group, |torus, piece| torus.add(piece));
        torus
    }

    /// Adds what is left and keeps the ends.
    fn end(&mut self, group: &Group, mut add: impl FnMut(&mut Self, &Piece<'_>)) {
        add(self, &group.rest());
        self.first.clone_from(&group.first);
        self.last = group.last().to_vec();
    }

    fn add(&mut self, piece: &Piece<'_>) {
        for start in (0..self.width).step_by(self.side) {
            self.sums.merge(&piece.inside(start, self.side.min(self.width - start)));
        }
        self.add_seams(piece);
    }

    /// The products between blocks, and around.
    fn add_seams(&mut self, piece: &Piece<'_>) {
        let starts = (self.side..self.width).step_by(self.side).map(|x| (x - 1, x));
        for (left, right) in starts.chain([(self.width - 1, 0)]) {
            piece.seam(&mut self.sums, left, right);
        }
    }
}

fn join(bands: Vec<Torus>) -> Neighbours {
    let mut sums = Neighbours::default();
    for (i, band) in bands.iter().enumerate() {
        let next = &bands[(i + 1) % bands.len()];
        let mut tie = Torus::new(band.width, band.side);
        Piece::between(&band.last, &next.first, |piece| tie.add(&piece));
        sums.merge(&band.sums);
        sums.merge(&tie.sums);
    }
    sums
}

fn row_of_patches(tools: &mut Tools, cut: &dyn Source, patches: Patches, row: usize) -> Vec<Neighbours> {
    let mut sums = vec![Neighbours::default(); patches.cols];
    let mut add = |piece: &Piece<'_>| {
        for (col, sums) in sums.iter_mut().enumerate() {
            piece.patch(sums, patches.columns(col));
        }
    };
    let (window, group) = tools.ready();
    mscn(window, cut, Border::Replicate, patches.lines(row), |_, row| group.push(row, |piece| add(&piece)));
    add(&group.rest());
    Piece::between(group.last(), &group.first, |piece| add(&piece));
    sums
}

/// A band of which only the first and the last patch lie at a border.
fn inner_band(
    tools: &mut Tools,
    source: &dyn Source,
    cut: &dyn Source,
    patches: Patches,
    rows: Range<usize>,
) -> (Torus, Vec<Neighbours>) {
    let Patches { side, cols, .. } = patches;
    let mut sums = vec![Neighbours::default(); cols];
    let mut torus = Torus::new(source.size().0, side);
    let ((window, group), mut outer_group) = (tools.ready(), Group::new(2 * side));
    let mut outer = Outer::new(cut, patches);
    // Of patches inside, what the whole needs as well is summed once.
    let inner = 1..cols - 1;
    let add = |torus: &mut Torus, sums: &mut [Neighbours], piece: &Piece<'_>, whole: bool| {
        for (col, start) in (0..torus.width).step_by(side).enumerate().filter(|(col, _)| whole || inner.contains(col)) {
            let block = piece.inside(start, side.min(torus.width - start));
            if whole {
                torus.sums.merge(&block);
            }
            if inner.contains(&col) {
                sums[col].merge(&block);
                piece.seam(&mut sums[col], start + side - 1, start);
            }
        }
        if whole {
            torus.add_seams(piece);
        }
    };
    let add_outer = |sums: &mut [Neighbours], piece: &Piece<'_>| {
        piece.patch(&mut sums[0], 0..side);
        piece.patch(&mut sums[cols - 1], side..2 * side);
    };
    mscn(window, source, Border::Zero, rows, |y, row| {
        outer_group.push(outer.row(y, row), |piece| add_outer(&mut sums, &piece));
        group.push(row, |piece| add(&mut torus, &mut sums, &piece, true));
    });
    torus.end(group, |torus, piece| add(torus, &mut sums, piece, true));
    Piece::between(group.last(), &group.first, |piece| add(&mut torus, &mut sums, &piece, false));
    add_outer(&mut sums, &outer_group.rest());
    Piece::between(outer_group.last(), &outer_group.first, |piece| add_outer(&mut sums, &piece));
    (torus, sums)
}

/// The field of the first and the last patch of a row, which see replicated borders.
struct Outer<'a> {
    cut: &'a dyn Source,
    patches: Patches,
    left: Window,
    right: Window,
    next: usize,
    field: Vec<f32>,
    row: Vec<f32>,
}

impl<'a> Outer<'a> {
    fn new(cut: &'a dyn Source, patches: Patches) -> Self {
        let (field, row) = (vec![0.0; LANES], vec![0.0; 2 * patches.side]);
        Self { cut, patches, left: Window::new(LANES), right: Window::new(LANES), next: 0, field, row }
    }

    /// Both patches' columns of row `y`, given the field with black borders.
    fn row(&mut self, y: usize, inner: &[f32]) -> &[f32] {
        const SEEN: usize = LANES + RADIUS;
        let (width, height) = self.cut.size();
        self.next = self.next.max(y.saturating_sub(RADIUS));
        while self.next < height.min(y + RADIUS + 1) {
            let row = self.next;
            self.left.load(row, |pixels| {
                self.cut.read(row, 0..SEEN, &mut pixels[RADIUS..]);
                let first = pixels[RADIUS];
                pixels[..RADIUS].fill(first);
            });
            self.right.load(row, |pixels| {
                self.cut.read(row, width - SEEN..width, &mut pixels[..SEEN]);
                let last = pixels[SEEN - 1];
                pixels[SEEN..].fill(last);
            });
            self.next += 1;
        }
        let side = self.patches.side;
        self.row[..side].copy_from_slice(&inner[..side]);
        self.row[side..].copy_from_slice(&inner[width - side..width]);
        self.left.field(y, height, Border::Replicate, &mut self.field);
        self.row[..LANES].copy_from_slice(&self.field);
        self.right.field(y, height, Border::Replicate, &mut self.field);
        self.row[2 * side - LANES..].copy_from_slice(&self.field);
        &self.row
    }
}

/// What the work on a band needs; it serves one band after the other.
struct Tools {
    window: Window,
    group: Group,
}

impl Tools {
    fn new(source: &dyn Source) -> Self {
        let width = source.size().0;
        Self { window: Window::new(width), group: Group::new(width) }
    }

    fn ready(&mut self) -> (&mut Window, &mut Group) {
        self.group.count = 0;
        self.group.first.clear();
        (&mut self.window, &mut self.group)
    }
}

/// Rows of a field that wait to be summed: a few, and the one after.
struct Group {
    field: Vec<f32>,
    width: usize,
    stride: usize,
    count: usize,
    first: Vec<f32>,
}

impl Group {
    fn new(width: usize) -> Self {
        // Rows whose distance is about a multiple of 4 KiB would take each other's places in the cache.
        const APART: usize = 112;
        let least = width + MARGIN;
        let stride = least + (1024 + APART - least % 1024) % 1024;
        Self { field: vec![0.0; (GROUP + 1) * stride + MARGIN], width, stride, count: 0, first: Vec::new() }
    }

    fn push(&mut self, row: &[f32], add: impl FnOnce(Piece<'_>)) {
        let row = &row[..self.width];
        if self.first.is_empty() {
            self.first.extend_from_slice(row);
        }
        self.field[self.count * self.stride..][..self.width].copy_from_slice(row);
        self.count += 1;
        if self.count > GROUP {
            add(Piece { field: &self.field, stride: self.stride, rows: GROUP, pairs: GROUP });
            self.field.copy_within(GROUP * self.stride..(GROUP + 1) * self.stride, 0);
            self.count = 1;
        }
    }

    /// The rows that are left; the last has no next one.
    fn rest(&self) -> Piece<'_> {
        Piece { field: &self.field, stride: self.stride, rows: self.count, pairs: self.count.saturating_sub(1) }
    }

    fn last(&self) -> &[f32] {
        &self.field[self.count.saturating_sub(1) * self.stride..][..self.width]
    }
}

/// Rows whose values are summed, and rows whose products with the next row are.
struct Piece<'a> {
    field: &'a [f32],
    stride: usize,
    rows: usize,
    pairs: usize,
}

impl Piece<'_> {
    /// The products of a row with one that is not stored after it.
    fn between(row: &[f32], next: &[f32], add: impl FnOnce(Piece<'_>)) {
        let stride = row.len() + MARGIN;
        let mut field = vec![0.0; 2 * stride + MARGIN];
        field[..row.len()].copy_from_slice(row);
        field[stride..][..next.len()].copy_from_slice(next);
        add(Piece { field: &field, stride, rows: 0, pairs: 1 });
    }

    fn inside(&self, start: usize, width: usize) -> Neighbours {
        inside(&self.field[start..], self.stride, width, self.rows, self.pairs)
    }

    /// The products across the border between two columns.
    fn seam(&self, sums: &mut Neighbours, left: usize, right: usize) {
        for y in 0..self.rows.max(self.pairs) {
            let at = |y: usize| [self.field[y * self.stride + left], self.field[y * self.stride + right]];
            sums.add_seam((y < self.rows).then(|| at(y)), (y < self.pairs).then(|| [at(y), at(y + 1)]));
        }
    }

    fn patch(&self, sums: &mut Neighbours, columns: Range<usize>) {
        sums.merge(&self.inside(columns.start, columns.len()));
        self.seam(sums, columns.end - 1, columns.start);
    }
}
