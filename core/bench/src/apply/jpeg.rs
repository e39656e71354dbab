//! Lossy compression, there and back.

use crate::picture::Picture;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageError, ImageFormat};

pub(super) fn compressed(picture: &Picture, quality: u8) -> Result<Picture, ImageError> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width() as u32, picture.height() as u32);
    JpegEncoder::new_with_quality(&mut bytes, quality).encode(picture.rgb(), width, height, ExtendedColorType::Rgb8)?;
    let back = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg)?.into_rgb8();
    // The coder keeps sizes; if it ever did not, the picture would stay as it is, and a test would tell.
    let back = Picture::from_rgb(back.width() as usize, back.height() as usize, back.into_raw());
    Ok(back.filter(|b| b.rgb().len() == picture.rgb().len()).unwrap_or_else(|| picture.clone()))
}
