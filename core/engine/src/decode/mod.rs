//! A file to upright 8-bit sRGB pixels, or an error in words. The format is told by content, never by name.
//!
//! Order: read (bounded) -> `sniff` -> header against [`Limits`] -> is the file whole (`complete`) -> decode ->
//! colour profile to sRGB (`icc`) -> upright (`pixels`). Nothing in here panics: as a last net for the decoder
//! crates, which are strangers' code, a panic is caught and becomes an error for this file alone.

mod complete;
mod error;
mod exif;
mod icc;
mod jpeg;
mod limits;
mod pixels;
mod raster;
mod sniff;
#[cfg(test)]
mod tests;

pub use error::DecodeError;
pub use limits::Limits;
pub use sniff::has_image_extension;

use error::Fault;
use giqa_core::{ImageInfo, ImageView};
use raster::Picture;
use sniff::Format;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The formats that messages name.
pub(crate) const EXPECTED: &str = "JPEG, PNG, WebP, TIFF, BMP or GIF";

/// A decoded picture: packed 8-bit sRGB, upright.
pub struct Decoded {
    // Private, so that they always agree.
    pixels: Vec<u8>,
    width: u32,
    height: u32,
    id: u64,
    /// The file, as reports show it.
    pub info: ImageInfo,
    /// What was repaired or given up on the way.
    pub warnings: Vec<String>,
    /// How long reading and decoding took, in milliseconds.
    pub decode_ms: f64,
}

impl Decoded {
    /// The picture as components see it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "both constructors check the size, and the fields are private")]
    pub fn view(&self) -> ImageView<'_> {
        ImageView::packed(self.width, self.height, &self.pixels).expect("checked when it was made").with_id(self.id)
    }

    /// `R G B R G B ...`, `3 * width * height` bytes.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Width in pixels, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Unique among the pictures decoded by this process.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// A picture from pixels that are in memory already, for tests and callers with their own decoder.
    ///
    /// # Errors
    /// [`giqa_core::ViewError`] when the pixels don't have this size.
    pub fn from_rgb(path: &str, width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, giqa_core::ViewError> {
        ImageView::packed(width, height, &pixels)?;
        let info = ImageInfo {
            path: path.to_owned(),
            blake3: blake3::hash(&pixels).to_hex().to_string(),
            width,
            height,
            format: "rgb".into(),
            orientation: 1,
            bytes: pixels.len() as u64,
        };
        Ok(Self { pixels, width, height, info, warnings: Vec::new(), id: next_id(), decode_ms: 0.0 })
    }
}

impl std::fmt::Debug for Decoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Decoded({:?}, {} x {}, id {})", self.info.path, self.width, self.height, self.id)
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Reads and decodes a file.
///
/// # Errors
/// [`DecodeError`], which names the file, what is wrong and what was expected.
pub fn decode(path: &Path, limits: &Limits) -> Result<Decoded, DecodeError> {
    let start = Instant::now();
    let bytes = read(path, limits)?;
    let mut decoded = decode_bytes(&bytes, path, limits)?;
    decoded.decode_ms = start.elapsed().as_secs_f64() * 1e3;
    Ok(decoded)
}

/// Reads a file that is no larger than the limits allow.
///
/// # Errors
/// [`DecodeError`] when it can't be read, is no regular file, or is too large.
pub fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, DecodeError> {
    let io = |source| DecodeError::Io { path: path.to_owned(), source };
    let over = |size: String| DecodeError::OverLimit {
        path: path.to_owned(),
        what: "the file",
        actual: size,
        limit: format!("{} bytes", limits.max_bytes),
    };
    let meta = std::fs::metadata(path).map_err(io)?;
    if !meta.is_file() {
        // Pipes and devices may never end.
        return Err(io(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file")));
    }
    if meta.len() > limits.max_bytes {
        return Err(over(format!("{} bytes", meta.len())));
    }
    let file = std::fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    // The file may grow while it is read.
    file.take(limits.max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limits.max_bytes {
        return Err(over("growing".into()));
    }
    Ok(bytes)
}

/// Decodes a file's bytes; `path` is what messages and the report call it.
///
/// # Errors
/// As [`decode`].
pub fn decode_bytes(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Decoded, DecodeError> {
    let start = Instant::now();
    if bytes.is_empty() {
        return Err(DecodeError::Empty { path: path.to_owned() });
    }
    let format = match sniff::sniff(bytes, path).map_err(|f| f.at(path, "image"))? {
        Some(format) => format,
        None => return Err(DecodeError::NotAnImage { path: path.to_owned(), found: sniff::looks_like(bytes) }),
    };
    let mut warnings: Vec<String> = sniff::lying_name(path, format).into_iter().collect();
    let mut attempt = || {
        catch_unwind(AssertUnwindSafe(|| picture(format, bytes, limits, &mut warnings)))
            .unwrap_or_else(|_| Err(Fault::Damaged("its decoder failed on it".into())))
    };
    // The hash costs about a tenth of the decoding and needs another core anyway.
    let (picture, hash) = rayon::join(&mut attempt, || blake3::hash(bytes));
    let upright = picture.map_err(|f| f.at(path, format.name()))?;
    let info = ImageInfo {
        path: path_text(path),
        blake3: hash.to_hex().to_string(),
        width: upright.width,
        height: upright.height,
        format: format.name().into(),
        orientation: upright.orientation,
        bytes: bytes.len() as u64,
    };
    Ok(Decoded {
        pixels: upright.rgb,
        width: upright.width,
        height: upright.height,
        info,
        warnings,
        id: next_id(),
        decode_ms: start.elapsed().as_secs_f64() * 1e3,
    })
}

struct Upright {
    rgb: Vec<u8>,
    width: u32,
    height: u32,
    orientation: u8,
}

fn picture(format: Format, bytes: &[u8], limits: &Limits, warnings: &mut Vec<String>) -> Result<Upright, Fault> {
    let Picture { samples, width, height, exif, icc, orientation } = match format {
        Format::Jpeg => jpeg::decode(bytes, limits, warnings)?,
        // The AV1 decoders in Rust (rav1d, re_rav1d) offer C's calls only, which need `unsafe`, and nasm to be fast;
        // rav1d-safe is AGPL; avif-decode wraps one safely but asks for a newer compiler than ours (1.98).
        Format::Avif => return Err(Fault::Unsupported("AVIF is not supported in this build; convert it first".into())),
        _ => raster::decode(format, bytes, limits, warnings)?,
    };
    let orientation = orientation.unwrap_or_else(|| match exif.as_deref().map(exif::orientation) {
        None => 1,
        Some(Ok(orientation)) => orientation,
        Some(Err(reason)) => {
            warnings.push(format!("its EXIF block is broken ({reason}); taken as upright"));
            1
        }
    });
    let rgb = icc::to_srgb(samples, icc.as_deref(), warnings);
    if rgb.len() as u64 != 3 * u64::from(width) * u64::from(height) {
        return Err(Fault::Damaged("its decoder gave another number of pixels than its header claims".into()));
    }
    let (rgb, width, height) = pixels::upright(rgb, width, height, orientation);
    Ok(Upright { rgb, width, height, orientation })
}

/// The path as text for the report. Bytes that are not UTF-8 become U+FFFD.
fn path_text(path: &Path) -> String {
    PathBuf::from(path).to_string_lossy().into_owned()
}
