//! Files made here, one property each; the odd ones that are checked in are in `tests/hostile.rs`.

use super::*;
use image::{DynamicImage, ImageFormat, Luma, Rgb, RgbImage, Rgba};
use proptest::prelude::*;
use std::io::Cursor;

fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, ((x * 7 + y * 13) % 256) as u8])
    })
}

fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.into().write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

fn read_as(bytes: &[u8], name: &str) -> Result<Decoded, DecodeError> {
    decode_bytes(bytes, Path::new(name), &Limits::default())
}

const FORMATS: [(ImageFormat, &str); 6] = [
    (ImageFormat::Jpeg, "jpeg"),
    (ImageFormat::Png, "png"),
    (ImageFormat::WebP, "webp"),
    (ImageFormat::Tiff, "tiff"),
    (ImageFormat::Bmp, "bmp"),
    (ImageFormat::Gif, "gif"),
];

#[test]
fn every_format_is_told_by_content() {
    let original = photo(40, 30);
    for (format, name) in FORMATS {
        let d = read_as(&file(original.clone(), format), "no-extension").unwrap();
        assert_eq!((d.info.format.as_str(), d.width(), d.height()), (name, 40, 30));
        assert!(d.warnings.is_empty() && d.info.blake3.len() == 64 && d.id() != 0, "{name}: {:?}", d.warnings);
        assert_eq!(d.view().id(), d.id());
        if !matches!(format, ImageFormat::Jpeg | ImageFormat::Gif) {
            assert_eq!(d.pixels(), original.as_raw(), "{name} is lossless");
        }
    }
}

#[test]
fn sixteen_bits_and_grey_and_alpha() {
    let grey = image::ImageBuffer::<Luma<u16>, _>::from_pixel(3, 2, Luma([32_896]));
    let rgba = image::ImageBuffer::<Rgba<u16>, _>::from_pixel(3, 2, Rgba([65_535, 0, 32_896, 0]));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let d = read_as(&file(grey.clone(), format), "x").unwrap();
        assert_eq!((&d.pixels()[..3], d.warnings.len()), (&[128, 128, 128][..], 0));
        let d = read_as(&file(rgba.clone(), format), "x").unwrap();
        assert_eq!((&d.pixels()[..3], d.warnings.len()), (&[255, 255, 255][..], 1), "transparent red is white");
    }
}

#[test]
fn names_that_lie_are_noticed() {
    let png = file(photo(4, 4), ImageFormat::Png);
    let d = read_as(&png, "a.jpg").unwrap();
    assert_eq!(d.warnings, ["the name ends in .jpg but the file is png; it was read as png"]);
    assert!(read_as(&png, "a.PNG").unwrap().warnings.is_empty());
}

/// Puts an APP1 segment with this orientation behind the start of a JPEG.
fn with_exif(jpeg: &[u8], orientation: u16) -> Vec<u8> {
    let body = [b"Exif\0\0".to_vec(), exif::block(orientation)].concat();
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &body, &jpeg[2..]].concat()
}

#[test]
fn every_orientation_turns_upright() {
    // Quarters of four colours; stored turned, they must come out the same.
    let upright = RgbImage::from_fn(64, 32, |x, y| match (x < 32, y < 16) {
        (true, true) => Rgb([255, 0, 0]),
        (false, true) => Rgb([0, 255, 0]),
        (true, false) => Rgb([0, 0, 255]),
        (false, false) => Rgb([255, 255, 255]),
    });
    for orientation in 1..=8_u8 {
        let mut stored = DynamicImage::from(upright.clone());
        // What undoes the viewer's turn: 6 and 8 undo each other, the rest undo themselves.
        let undo = [0, 1, 2, 3, 4, 5, 8, 7, 6][usize::from(orientation)];
        stored.apply_orientation(image::metadata::Orientation::from_exif(undo).unwrap());
        let mut jpeg = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 100).encode_image(&stored).unwrap();
        let d = read_as(&with_exif(&jpeg, orientation.into()), "x.jpg").unwrap();
        assert_eq!((d.width(), d.height(), d.info.orientation), (64, 32, orientation));
        for (x, y) in [(5, 5), (60, 5), (5, 28), (60, 28)] {
            let at = (y * 64 + x) * 3;
            let want = upright.get_pixel(x as u32, y as u32).0;
            let got = &d.pixels()[at..at + 3];
            assert!(got.iter().zip(want).all(|(g, w)| g.abs_diff(w) < 8), "{orientation}: {got:?} is not {want:?}");
        }
    }
}

#[test]
fn large_pictures_turn_the_same_way() {
    let (w, h) = (70, 50);
    let rgb: Vec<u8> = photo(w, h).into_raw();
    for orientation in 1..=8 {
        let (got, gw, gh) = pixels::upright(rgb.clone(), w, h, orientation);
        let mut want = DynamicImage::from(photo(w, h));
        want.apply_orientation(image::metadata::Orientation::from_exif(orientation).unwrap());
        assert_eq!((gw, gh, &got), (want.width(), want.height(), want.to_rgb8().as_raw()), "{orientation}");
    }
}

fn png_with_icc(profile: &moxcms::ColorProfile, pixel: [u8; 3]) -> Vec<u8> {
    use image::ImageEncoder;
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
    encoder.write_image(&pixel.repeat(6), 3, 2, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

#[test]
fn profiles_become_srgb() {
    for (profile, want) in [
        (moxcms::ColorProfile::new_display_p3(), [215_u8, 93, 31]),
        (moxcms::ColorProfile::new_adobe_rgb(), [227, 100, 42]),
        (moxcms::ColorProfile::new_srgb(), [200, 100, 50]),
    ] {
        let d = read_as(&png_with_icc(&profile, [200, 100, 50]), "x.png").unwrap();
        assert!(d.pixels()[..3].iter().zip(want).all(|(g, w)| g.abs_diff(w) <= 2), "{:?}", &d.pixels()[..3]);
        assert!(d.warnings.is_empty());
    }
    // An sRGB profile leaves the pixels untouched, to the bit.
    let d = read_as(&png_with_icc(&moxcms::ColorProfile::new_srgb(), [1, 2, 3]), "x.png").unwrap();
    assert_eq!(d.pixels()[..3], [1, 2, 3]);
}

#[test]
fn limits_are_checked_on_the_header() {
    let png = file(photo(40, 30), ImageFormat::Png);
    let at = |limits: Limits| decode_bytes(&png, Path::new("a.png"), &limits).map(|_| ()).map_err(|e| e.to_string());
    let all = Limits::default();
    assert_eq!(
        at(Limits { max_pixels: 1000, ..all }).unwrap_err(),
        "a.png: the picture is 40 x 30 = 0.0 megapixels, over the limit of 0.0 megapixels; raise the limit if the image is wanted"
    );
    assert!(at(Limits { max_side: 39, ..all }).unwrap_err().contains("39 pixels a side"));
    assert!(at(Limits { max_alloc: 1000, ..all }).is_err());
    assert!(at(Limits { max_pixels: 1200, max_side: 40, ..all }).is_ok());
}

#[test]
fn a_cut_is_an_error_wherever_it_is() {
    for (format, name) in FORMATS {
        let whole = file(photo(48, 32), format);
        for percent in [1, 5, 10, 25, 50, 75, 90, 99] {
            let cut = &whole[..whole.len() * percent / 100];
            let error = read_as(cut, "x").expect_err(name);
            assert!(error.to_string().starts_with("x: "), "{error}");
        }
        let last = read_as(&whole[..whole.len() - 1], "x");
        assert!(last.is_err(), "{name} without its last byte");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_byte_makes_it_panic(which in 0..6_usize, at in any::<prop::sample::Index>(), value in any::<u8>(), cut in any::<prop::sample::Index>()) {
        static FILES: std::sync::LazyLock<Vec<Vec<u8>>> =
            std::sync::LazyLock::new(|| FORMATS.iter().map(|(f, _)| file(photo(24, 16), *f)).collect());
        let small = Limits { max_pixels: 1 << 20, max_alloc: 64 << 20, ..Limits::default() };
        let mut bytes = FILES[which].clone();
        let i = at.index(bytes.len());
        bytes[i] = value;
        let got = decode_bytes(&bytes, Path::new("x"), &small);
        prop_assert!(!matches!(&got, Err(e) if e.to_string().contains("its decoder failed on it")), "a decoder panicked");
        let prefix = &bytes[..cut.index(bytes.len())];
        let _ = decode_bytes(prefix, Path::new("x"), &small);
    }
}
