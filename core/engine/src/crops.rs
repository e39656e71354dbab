//! Each faulty region as a picture of its own.

use crate::decode::Decoded;
use crate::files::{OutputDir, WriteError, stem_of};
use crate::overlay::{Canvas, encode_png};
use giqa_core::{PixelBox, Report};
use std::path::PathBuf;

/// Writes a PNG per finding that has a region: `<stem>-r1-sharpness.png`, in full resolution.
///
/// # Errors
/// [`WriteError`] for the first file that can't be written.
pub fn write_crops(image: &Decoded, report: &Report, dir: &OutputDir) -> Result<Vec<PathBuf>, WriteError> {
    let stem = stem_of(&report.image.path);
    let mut written = Vec::new();
    for finding in &report.findings {
        let Some(region) = finding.region.as_ref().and_then(|id| report.regions.iter().find(|r| r.id == *id)) else {
            continue;
        };
        let name = format!("{stem}-{}-{}", region.id, finding.attribute);
        let bytes = encode_png(&crop(image, region.bounds.to_pixels(image.width(), image.height())))
            .map_err(|e| WriteError { path: PathBuf::from(&name), source: std::io::Error::other(e) })?;
        written.push(dir.write(&name, "png", &bytes)?);
    }
    Ok(written)
}

/// The pixels inside a box.
#[must_use]
pub fn crop(image: &Decoded, b: PixelBox) -> Canvas {
    let view = image.view();
    let (x1, x2) = (b.x1 as usize * 3, b.x2.min(image.width()) as usize * 3);
    let pixels: Vec<u8> =
        (b.y1..b.y2.min(image.height())).flat_map(|y| view.row(y).get(x1..x2).unwrap_or_default()).copied().collect();
    let width = (x2.saturating_sub(x1) / 3) as u32;
    let height = pixels.len().checked_div(x2.saturating_sub(x1)).unwrap_or(0) as u32;
    Canvas { width, height, pixels }
}
