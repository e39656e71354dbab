//! The picture as it is sent: small enough, as JPEG, in a data URL. Orientation was applied by giqa's decoder.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use giqa_core::{ComponentError, ErrorKind, ImageView};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

/// Sides of Qwen2.5-VL's pictures are multiples of this; the model counts pixels after its own rounding.
const QWEN_FACTOR: u32 = 28;

/// A picture, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// `data:image/jpeg;base64,...`
    pub url: String,
    /// Width and height in pixels of what is sent.
    pub size: (u32, u32),
}

/// How pictures are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// The longer side, in pixels.
    pub max_side: u32,
    /// `1..=100`.
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
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, format.quality)
        .encode(&pixels, size.0, size.1, ExtendedColorType::Rgb8)
        .map_err(|e| failed(&e))?;
    let mut url = String::from("data:image/jpeg;base64,");
    STANDARD.encode_string(&jpeg, &mut url);
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

    const FORMAT: Format = Format { max_side: 64, quality: 90, qwen_sides: false };

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
            let (a, b) = sent_size((w, h), Format { max_side: max, quality: 90, qwen_sides: qwen });
            prop_assert!(a >= 1 && b >= 1 && a <= max && b <= max);
        }
    }
}
