//! PNG, WebP, TIFF, BMP and GIF by the image crate.

use super::complete;
use super::error::Fault;
use super::limits::Limits;
use super::pixels::{Samples, from_dynamic};
use super::sniff::Format;
use image::codecs::{bmp::BmpDecoder, gif::GifDecoder, png::PngDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::error::ImageError;
use image::{DynamicImage, ImageDecoder};
use std::io::Cursor;

/// A decoded picture before colour conversion and turning.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) samples: Samples,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) exif: Option<Vec<u8>>,
    pub(crate) icc: Option<Vec<u8>>,
    /// Orientation that the container itself tells (TIFF); else it is read from `exif`.
    pub(crate) orientation: Option<u8>,
}

pub(crate) fn decode(
    format: Format,
    bytes: &[u8],
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Result<Picture, Fault> {
    let cursor = Cursor::new(bytes);
    let mut memory = image::Limits::no_limits();
    memory.max_alloc = Some(limits.max_alloc);
    let first_frame = |n: Option<usize>| match n {
        Some(n) => format!("the file is animated ({n} frames); only the first frame was inspected"),
        None => "the file is animated; only the first frame was inspected".to_owned(),
    };
    match format {
        Format::Png => {
            if let Some((width, height)) = png_size(bytes) {
                // The decoder would say no more than "limits".
                limits.check(width, height, 3)?;
            }
            let decoder =
                PngDecoder::with_limits(cursor, memory).map_err(|e| header_fault(e, || complete::png(bytes)))?;
            if decoder.is_apng().unwrap_or(false) {
                warnings.push(first_frame(None));
            }
            run(decoder, limits, || complete::png(bytes), warnings)
        }
        Format::WebP => {
            let decoder = WebPDecoder::new(cursor).map_err(|e| header_fault(e, || complete::webp(bytes)))?;
            if decoder.has_animation() {
                warnings.push(first_frame(None));
            }
            run(decoder, limits, || complete::webp(bytes), warnings)
        }
        Format::Gif => {
            let whole = || complete::gif(bytes).map(|_| ());
            let decoder = GifDecoder::new(cursor).map_err(|e| header_fault(e, whole))?;
            if let Ok(n) = complete::gif(bytes)
                && n > 1
            {
                warnings.push(first_frame(Some(n)));
            }
            run(decoder, limits, whole, warnings)
        }
        Format::Tiff => {
            let mut decoder = TiffDecoder::new(cursor).map_err(|e| header_fault(e, || Ok(())))?;
            let orientation = match decoder.orientation() {
                Ok(o) => o.to_exif(),
                Err(_) => {
                    warnings.push("its orientation can't be read; taken as upright".into());
                    1
                }
            };
            let picture = run(decoder, limits, || Ok(()), warnings)?;
            Ok(Picture { orientation: Some(orientation), ..picture })
        }
        Format::Bmp => {
            let decoder = BmpDecoder::new(cursor).map_err(|e| header_fault(e, || Ok(())))?;
            run(decoder, limits, || Ok(()), warnings)
        }
        Format::Jpeg | Format::Avif => Err(Fault::Unsupported("this format has a decoder of its own".into())),
    }
}

/// Width and height from IHDR, which is always first and always at the same place.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let (sizes, _) = bytes.get(16..24)?.as_chunks::<4>();
    Some((u32::from_be_bytes(*sizes.first()?), u32::from_be_bytes(*sizes.get(1)?)))
}

fn run<D: ImageDecoder>(
    mut decoder: D,
    limits: &Limits,
    whole: impl Fn() -> Result<(), String>,
    warnings: &mut Vec<String>,
) -> Result<Picture, Fault> {
    let (width, height) = decoder.dimensions();
    let bytes_per_pixel = u64::from(decoder.color_type().bytes_per_pixel());
    // The decoder's own picture, and ours beside it.
    limits.check(width, height, bytes_per_pixel + 3)?;
    whole().map_err(Fault::Truncated)?;
    let mut memory = image::Limits::no_limits();
    memory.max_alloc = Some(limits.max_alloc);
    decoder.set_limits(memory).map_err(fault)?;
    let icc = decoder.icc_profile().unwrap_or_else(|_| {
        warnings.push("its colour profile can't be read; colours are unchanged".into());
        None
    });
    let exif = decoder.exif_metadata().unwrap_or_else(|_| {
        warnings.push("its EXIF block can't be read; taken as upright".into());
        None
    });
    let picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    Ok(Picture { samples: from_dynamic(picture, warnings), width, height, exif, icc, orientation: None })
}

/// An error in the header of a file that is cut off is first of all the cut.
fn header_fault(error: ImageError, whole: impl Fn() -> Result<(), String>) -> Fault {
    match fault(error) {
        Fault::Damaged(reason) => whole().map_or_else(Fault::Truncated, |()| Fault::Damaged(reason)),
        other => other,
    }
}

pub(crate) fn fault(error: ImageError) -> Fault {
    match &error {
        ImageError::Limits(_) => Fault::OverLimit {
            what: "the memory needed to decode it",
            actual: "more than allowed".into(),
            limit: "`max_alloc`".into(),
        },
        ImageError::Unsupported(_) => Fault::Unsupported(one_line(&error)),
        _ if ran_out(&error) => Fault::Truncated("the picture's data ends early".into()),
        _ => Fault::Damaged(one_line(&error)),
    }
}

/// Whether the end of the file is somewhere among an error's causes.
fn ran_out(error: &(dyn std::error::Error + 'static)) -> bool {
    let is_end = error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::UnexpectedEof);
    is_end || error.source().is_some_and(ran_out) || {
        let text = error.to_string().to_ascii_lowercase();
        text.contains("unexpected end of file")
            || text.contains("unexpected eof")
            || text.contains("failed to fill whole buffer")
    }
}

fn one_line(error: &dyn std::fmt::Display) -> String {
    error.to_string().lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ")
}
