//! JPEG by zune-jpeg: about as fast as libjpeg-turbo, in Rust.

use super::complete;
use super::error::Fault;
use super::limits::Limits;
use super::pixels::Samples;
use super::raster::Picture;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::{JpegDecoder, errors::DecodeErrors};

/// Bytes per pixel at the worst: 4 planes of 16-bit coefficients (progressive), 4 of output, 3 after conversion.
const BYTES_PER_PIXEL: u64 = 4 * 2 + 4;

pub(crate) fn decode(bytes: &[u8], limits: &Limits, warnings: &mut Vec<String>) -> Result<Picture, Fault> {
    let header = open(bytes, true, ColorSpace::RGB);
    let (mut decoder, strict) = match header {
        Ok(decoder) => (decoder, true),
        // Stray bytes between segments and the like; nearly every reader forgives them.
        Err(_) => (open(bytes, false, ColorSpace::RGB).map_err(|e| fault(bytes, &e))?, false),
    };
    let (width, height) = decoder.dimensions().ok_or_else(|| Fault::Damaged("it has no frame header".into()))?;
    let (width, height) = (side(width)?, side(height)?);
    limits.check(width, height, BYTES_PER_PIXEL)?;
    if complete::jpeg(bytes).map_err(Fault::Truncated)?.odd_markers {
        warnings.push("the JPEG has markers where none can be; parts of the picture may be damaged".into());
    }

    let (exif, icc, segments) = (decoder.exif().cloned(), decoder.icc_profile(), segments(bytes));
    if segments.icc && icc.is_none() {
        warnings.push("parts of its colour profile are missing; colours are unchanged".into());
    }
    let input = decoder.input_colorspace().unwrap_or(ColorSpace::YCbCr);
    // Ink is taken as it is stored: the decoder always takes it for inverted, and a profile needs it anyway.
    let output = match input {
        ColorSpace::Luma | ColorSpace::CMYK | ColorSpace::YCCK => input,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(output));
    let raw = match decoder.decode() {
        Ok(raw) => raw,
        Err(strict_error) if strict => {
            let mut lenient = open(bytes, false, output).map_err(|e| fault(bytes, &e))?;
            let raw = lenient.decode().map_err(|e| fault(bytes, &e))?;
            warnings.push(format!("the JPEG breaks its standard ({}); parts of it may be wrong", words(&strict_error)));
            raw
        }
        Err(e) => return Err(fault(bytes, &e)),
    };
    let samples = match output {
        ColorSpace::Luma => Samples::Grey(raw),
        ColorSpace::CMYK => {
            if !segments.adobe {
                warnings.push("CMYK without Adobe's marker; 255 was taken for full ink".into());
            }
            Samples::Cmyk(upright_ink(raw, segments.adobe))
        }
        ColorSpace::YCCK => Samples::Cmyk(ink_of_ycck(raw)),
        _ => Samples::Rgb(raw),
    };
    Ok(Picture { samples, width, height, exif, icc, orientation: None })
}

fn open(bytes: &[u8], strict: bool, output: ColorSpace) -> Result<JpegDecoder<ZCursor<&[u8]>>, DecodeErrors> {
    let options = DecoderOptions::default()
        .set_strict_mode(strict)
        .set_max_width(u16::MAX.into())
        .set_max_height(u16::MAX.into())
        .jpeg_set_out_colorspace(output);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers()?;
    Ok(decoder)
}

fn side(pixels: usize) -> Result<u32, Fault> {
    u32::try_from(pixels).map_err(|_| Fault::Damaged(format!("its header claims a side of {pixels} pixels")))
}

/// A decoder that ran out of a file without an end is the file's fault first.
fn fault(bytes: &[u8], error: &DecodeErrors) -> Fault {
    match (complete::jpeg(bytes), error) {
        (Err(missing), _) => Fault::Truncated(missing),
        (_, DecodeErrors::ExhaustedData) => Fault::Truncated("the picture's data ends early".into()),
        (_, DecodeErrors::Unsupported(what)) => {
            Fault::Unsupported(format!("this kind of JPEG is not supported ({what:?})"))
        }
        (_, other) => Fault::Damaged(words(other)),
    }
}

/// The decoder's errors show debug forms of several lines; one line is enough.
fn words(error: &DecodeErrors) -> String {
    let text = format!("{error:?}");
    text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Adobe writes ink inverted (255 = none); without its marker 255 is full ink.
fn upright_ink(mut cmyk: Vec<u8>, adobe: bool) -> Vec<u8> {
    if adobe {
        cmyk.iter_mut().for_each(|v| *v = 255 - *v);
    }
    cmyk
}

/// YCCK is Adobe's alone: Y Cb Cr code the inverse of the (inverted) ink, so they give the ink itself; K is inverted.
fn ink_of_ycck(mut ycck: Vec<u8>) -> Vec<u8> {
    for p in ycck.as_chunks_mut::<4>().0 {
        let [y, cb, cr, k] = p.map(f32::from);
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        let byte = |v: f32| v.round().clamp(0.0, 255.0) as u8;
        *p = [byte(y + 1.402 * cr), byte(y - 0.344_136 * cb - 0.714_136 * cr), byte(y + 1.772 * cb), byte(255.0 - k)];
    }
    ycck
}

/// What the segments before the first scan tell beside what the decoder hands out.
#[derive(Default)]
struct Segments {
    adobe: bool,
    /// There is at least a part of a colour profile.
    icc: bool,
}

fn segments(bytes: &[u8]) -> Segments {
    let mut found = Segments::default();
    let mut at = 2;
    while let Some(&[0xFF, kind, hi, lo]) = bytes.get(at..).and_then(|b| b.first_chunk::<4>()) {
        let body = bytes.get(at + 4..).unwrap_or_default();
        match kind {
            0xEE if body.starts_with(b"Adobe") => found.adobe = true,
            0xE2 if body.starts_with(b"ICC_PROFILE\0") => found.icc = true,
            0xDA => break,
            _ => {}
        }
        at += 2 + usize::from(u16::from_be_bytes([hi, lo]));
    }
    found
}
