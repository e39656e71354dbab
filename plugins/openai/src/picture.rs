//! The picture as it is sent: small enough, as JPEG or PNG, in a data URL. Orientation was applied by giqa's decoder.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use giqa_core::{ComponentError, ErrorKind, ImageView};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use serde::Deserialize;

/// Sides of Qwen2.5-VL's pictures are multiples of this; the model counts pixels after its own rounding.
const QWEN_FACTOR: u32 = 28;

/// A picture, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// `data:image/jpeg;base64,...` or the same as PNG.
    pub url: String,
    /// Width and height in pixels of what is sent.
    pub size: (u32, u32),
}

/// As which kind of file a picture is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImageFormat {
    /// Small; its own blocks are far below what a model sees, at the usual quality.
    #[default]
    Jpeg,
    /// Without any loss, for models that judge compression.
    Png,
}

/// How pictures are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// The longer side, in pixels.
    pub max_side: u32,
    pub encoding: ImageFormat,
    /// Of JPEG, `1..=100`.
    pub quality: u8,
    /// Both sides as multiples of 28, so that a Qwen2.5-VL server need not resize again and its pixels are ours.
    pub qwen_sides: bool,
}

/// Resizes (never larger, but for [`Format::qwen_sides`]) and encodes. The same pixels and format give the same bytes.
///
/// # Errors
/// `Failed` when the picture can't be encoded.
pub(crate) fn encode(view: ImageView<'_>, format: Format) -> Result<Sent, ComponentError> {
    let size = sent_size((view.width(), view.height()), format);
    let failed = |e: &dyn std::fmt::Display| {
        ComponentError::new(ErrorKind::Failed, format!("the picture can't be encoded: {e}"))
    };
    let packed = view.to_packed();
    let pixels = if size == (view.width(), view.height()) {
        packed
    } else {
        let source = ImageRef::new(view.width(), view.height(), &packed, PixelType::U8x3).map_err(|e| failed(&e))?;
        let mut target = Image::new(size.0, size.1, PixelType::U8x3);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
        Resizer::new().resize(&source, &mut target, &options).map_err(|e| failed(&e))?;
        target.into_vec()
    };
    let mut file = Vec::new();
    let (written, mut url) = match format.encoding {
        ImageFormat::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut file, format.quality);
            (
                encoder.write_image(&pixels, size.0, size.1, ExtendedColorType::Rgb8),
                "data:image/jpeg;base64,".to_owned(),
            )
        }
        ImageFormat::Png => {
            let encoder = PngEncoder::new(&mut file);
            (encoder.write_image(&pixels, size.0, size.1, ExtendedColorType::Rgb8), "data:image/png;base64,".to_owned())
        }
    };
    written.map_err(|e| failed(&e))?;
    STANDARD.encode_string(&file, &mut url);
    Ok(Sent { url, size })
}

fn sent_size((width, height): (u32, u32), format: Format) -> (u32, u32) {
    let longer = width.max(height);
    let scale = f64::from(format.max_side.min(longer)) / f64::from(longer.max(1));
    let side = |pixels: u32| (f64::from(pixels) * scale).round().max(1.0) as u32;
    let (width, height) = (side(width), side(height));
    if !format.qwen_sides {
        return (width, height);
    }
    let whole = |pixels: u32| {
        let most = (format.max_side / QWEN_FACTOR).max(1);
        ((f64::from(pixels) / f64::from(QWEN_FACTOR)).round() as u32).clamp(1, most) * QWEN_FACTOR
    };
    (whole(width), whole(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORMAT: Format = Format { max_side: 64, encoding: ImageFormat::Jpeg, quality: 90, qwen_sides: false };

    #[test]
    fn large_pictures_shrink_and_decode_again() {
        let pixels = [200, 40, 10].repeat(100 * 50);
        let sent = encode(ImageView::packed(100, 50, &pixels).unwrap(), FORMAT).unwrap();
        assert_eq!(sent.size, (64, 32));
        let jpeg = STANDARD.decode(sent.url.strip_prefix("data:image/jpeg;base64,").unwrap()).unwrap();
        let back = image::load_from_memory(&jpeg).unwrap().to_rgb8();
        assert_eq!(back.dimensions(), (64, 32));
        assert!(back.get_pixel(5, 5).0.iter().zip([200, 40, 10]).all(|(a, b)| a.abs_diff(b) < 4));
    }

    #[test]
    fn png_loses_nothing() {
        let pixels: Vec<u8> = (0..60 * 40 * 3).map(|n| (n * 7 % 256) as u8).collect();
        let view = ImageView::packed(60, 40, &pixels).unwrap();
        let sent = encode(view, Format { encoding: ImageFormat::Png, ..FORMAT }).unwrap();
        let png = STANDARD.decode(sent.url.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        assert_eq!(image::load_from_memory(&png).unwrap().to_rgb8().into_raw(), pixels);
    }

    #[test]
    fn odd_pictures_are_sent() {
        for picture in giqa_sdk::testkit::pictures() {
            for qwen_sides in [false, true] {
                let sent = encode(picture.view(), Format { qwen_sides, ..FORMAT }).unwrap();
                assert!(!qwen_sides || (sent.size.0 % 28, sent.size.1 % 28) == (0, 0), "{}", picture.name());
            }
        }
    }

    proptest! {
        #[test]
        fn sides_stay_in_bounds(w in 1u32..20_000, h in 1u32..20_000, max in 28u32..4096, qwen in any::<bool>()) {
            let (a, b) = sent_size((w, h), Format { max_side: max, qwen_sides: qwen, ..FORMAT });
            prop_assert!(a >= 1 && b >= 1 && a <= max && b <= max);
        }
    }
}
