//! Pictures of kitty's protocol, where their placeholders are.

use super::{CELL, cells, rgb};
use crate::screen::Seen;
use crate::screen::pictures::kitty;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage, RgbaImage};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;

/// Stands where a picture is.
pub(super) const PLACEHOLDER: char = '\u{10EEEE}';
/// Marks over it that count its lines and columns, from 0.
const COUNTS: [u32; 32] = [
    0x305, 0x30d, 0x30e, 0x310, 0x312, 0x33d, 0x33e, 0x33f, 0x346, 0x34a, 0x34b, 0x34c, 0x350, 0x351, 0x352, 0x357,
    0x35b, 0x363, 0x364, 0x365, 0x366, 0x367, 0x368, 0x369, 0x36a, 0x36b, 0x36c, 0x36d, 0x36e, 0x36f, 0x483, 0x484,
];
const QUALITY: u8 = 82;

/// A picture on the screen.
pub(super) struct Placed {
    /// Its top left cell.
    at: (u32, u32),
    /// Cells in which it shows, as lines: x, y, and how many.
    lines: Vec<(u32, u32, u32)>,
    image: RgbImage,
}

/// All pictures on the screen; the same one may be in several places.
pub(super) fn placed(seen: &Seen) -> Vec<Placed> {
    // Its number is a colour, so far as one has room for it.
    let pictures: BTreeMap<u32, RgbaImage> =
        kitty(&seen.bytes).into_iter().map(|p| (p.id & 0xff_ffff, p.image)).collect();
    let mut found: BTreeMap<(u32, (u32, u32)), Placed> = BTreeMap::new();
    for y in 0..seen.screen().size().0.get() {
        // A cell that does not count itself goes on with what is at its left.
        let mut at = (0, 0);
        for (x, cell) in cells(seen, y) {
            let mut chars = cell.contents().chars();
            let (Some(PLACEHOLDER), Some([r, g, b])) = (chars.next(), rgb(cell.fgcolor())) else { continue };
            let id = u32::from_be_bytes([0, r, g, b]);
            let Some(image) = pictures.get(&id) else { continue };
            let y = u32::from(y);
            let mut count = || chars.next().and_then(|m| COUNTS.iter().position(|c| m as u32 == *c));
            if let (Some(row), Some(column)) = (count(), count()) {
                at = (x - column as u32, y - row as u32);
            }
            let new = || Placed { at, lines: Vec::new(), image: solid(image) };
            let placed = found.entry((id, at)).or_insert_with(new);
            match placed.lines.last_mut() {
                Some((from, line, cells)) if *line == y && *from + *cells == x => *cells += 1,
                _ => placed.lines.push((x, y, 1)),
            }
        }
    }
    found.into_values().collect()
}

/// The picture without what was added at its right and below for whole cells, which can be seen through.
fn solid(image: &RgbaImage) -> RgbImage {
    let seen = image.enumerate_pixels().filter(|(_, _, p)| p[3] > 0);
    let (width, height) = seen.fold((1, 1), |(w, h), (x, y, _)| (w.max(x + 1), h.max(y + 1)));
    RgbImage::from_fn(width, height, |x, y| image::Rgb([0, 1, 2].map(|c| image.get_pixel(x, y)[c])))
}

impl Placed {
    pub(super) fn write(&self, out: &mut String, number: usize) {
        let (kind, bytes) = self.encoded();
        let (x, y) = (self.at.0 * CELL.0, self.at.1 * CELL.1);
        let _ = write!(out, "<clipPath id=\"p{number}\"><path d=\"");
        for (x, y, cells) in &self.lines {
            let (w, h) = (cells * CELL.0, CELL.1);
            let _ = write!(out, "M{} {}h{w}v{h}h-{w}z", x * CELL.0, y * CELL.1);
        }
        let _ = writeln!(
            out,
            "\"/></clipPath>\n<image x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" clip-path=\"url(#p{number})\" href=\"data:image/{kind};base64,{}\"/>",
            self.image.width(),
            self.image.height(),
            base64(&bytes)
        );
    }

    /// As PNG, or as JPEG where that is smaller.
    fn encoded(&self) -> (&'static str, Vec<u8>) {
        let (mut png, mut jpeg) = (Cursor::new(Vec::new()), Vec::new());
        self.image.write_to(&mut png, ImageFormat::Png).unwrap();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&self.image).unwrap();
        if png.get_ref().len() <= jpeg.len() { ("png", png.into_inner()) } else { ("jpeg", jpeg) }
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for part in bytes.chunks(3) {
        let bits = part.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for n in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * n) & 63) as usize];
            text.push(if n <= part.len() { letter.into() } else { '=' });
        }
    }
    text
}
