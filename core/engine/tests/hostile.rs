//! The odd and hostile pictures of `tests/fixtures/images`: each a correct picture or a clear error.

// Helpers of tests count as production code for this lint.
#![allow(clippy::panic)]

use giqa_engine::{Decoded, Limits, decode};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/images").join(name)
}

fn read(name: &str) -> Result<Decoded, String> {
    decode(&fixture(name), &Limits::default()).map_err(|e| format!("{}: {e}", e.kind()))
}

fn picture(name: &str) -> Decoded {
    match read(name) {
        Ok(d) => d,
        Err(e) => panic!("{name}: {e}"),
    }
}

fn near(d: &Decoded, x: u32, y: u32, want: [u8; 3], give: u8) -> bool {
    let at = ((y * d.width() + x) * 3) as usize;
    d.pixels()[at..at + 3].iter().zip(want).all(|(g, w)| g.abs_diff(w) <= give)
}

#[test]
fn what_is_no_whole_picture_is_an_error_that_says_why() {
    for (name, kind) in [
        ("zero.jpg", "empty"),
        ("truncated.jpg", "truncated"),
        ("truncated.png", "truncated"),
        ("truncated.webp", "truncated"),
        ("truncated.tif", "truncated"),
        ("truncated.gif", "truncated"),
        ("truncated.bmp", "truncated"),
        ("header-only.jpg", "truncated"),
        ("text.jpg", "not-an-image"),
        ("html.png", "not-an-image"),
        ("heic.jpg", "unsupported"),
        ("bad-crc.png", "damaged"),
        ("zero-height.jpg", "damaged"),
        ("zero-width.png", "damaged"),
        ("precision-12.jpg", "damaged"),
        ("huge-header.jpg", "over-limit"),
        ("huge-header.png", "over-limit"),
        ("huge-max.png", "over-limit"),
        ("huge-header.bmp", "over-limit"),
        ("huge-max.bmp", "damaged"),
        ("huge-header.gif", "over-limit"),
        ("huge-header.tif", "over-limit"),
        ("huge-header.webp", "damaged"),
    ] {
        let start = Instant::now();
        let error = read(name).expect_err(name);
        assert!(error.starts_with(&format!("{kind}: ")), "{name}: {error}");
        assert!(error.contains(name) && !error.contains('\n'), "{error}");
        assert!(start.elapsed() < Duration::from_millis(500), "{name} took {:?}", start.elapsed());
    }
}

/// Random bytes in the middle of a scan are mostly valid Huffman codes: nothing in a JPEG tells them from a picture, and
/// the decoder finds its way back to the end. So no warning is promised, only that it is read or refused.
#[test]
fn overwritten_scans_do_no_harm() {
    let corrupt = read("corrupt.jpg");
    assert!(corrupt.is_err() || corrupt.is_ok_and(|d| d.width() == 96));
}

#[test]
fn orientations_come_out_upright() {
    let want = picture("upright.png");
    let names = (1..=8).map(|i| format!("orientation-{i}.jpg"));
    for name in names.chain(["orientation-6.png".into(), "orientation-6.webp".into()]) {
        let d = picture(&name);
        assert_eq!((d.width(), d.height()), (60, 40), "{name}");
        assert!(d.warnings.is_empty(), "{name}: {:?}", d.warnings);
        for (x, y) in [(0, 0), (59, 0), (0, 39), (59, 39)] {
            let at = ((y * 60 + x) * 3) as usize;
            let colour = [want.pixels()[at], want.pixels()[at + 1], want.pixels()[at + 2]];
            assert!(near(&d, x, y, colour, 12), "{name} at {x}, {y}");
        }
    }
    for name in ["orientation-9.jpg", "broken-exif.jpg"] {
        assert!(picture(name).warnings[0].contains("EXIF"), "{name}");
    }
}

#[test]
fn colours_are_srgb() {
    for (name, want, warnings) in [
        ("display-p3.jpg", [215, 93, 31], 0),
        ("display-p3.png", [215, 93, 31], 0),
        ("adobe-rgb.jpg", [227, 100, 42], 0),
        ("adobe-rgb.png", [227, 100, 42], 0),
        ("broken-icc.jpg", [200, 100, 50], 1),
        ("broken-icc.png", [200, 100, 50], 1),
        ("missing-icc-part.jpg", [200, 100, 50], 1),
        ("grey-icc-in-rgb.png", [200, 100, 50], 1),
    ] {
        let d = picture(name);
        assert!(near(&d, 16, 16, want, 2), "{name}");
        assert_eq!(d.warnings.len(), warnings, "{name}: {:?}", d.warnings);
    }
}

#[test]
fn ink_keeps_its_colours() {
    // A blue sky over green grass, as in the lossless file.
    let want = picture("lossless.webp");
    for name in ["cmyk.jpg", "ycck.jpg", "trailing-garbage.jpg", "progressive.jpg", "palette.gif"] {
        let d = picture(name);
        for (x, y) in [(2, 2), (90, 10), (48, 60)] {
            let at = ((y * 96 + x) * 3) as usize;
            let colour = [want.pixels()[at], want.pixels()[at + 1], want.pixels()[at + 2]];
            assert!(near(&d, x, y, colour, 24), "{name} at {x}, {y}");
        }
    }
}

#[test]
fn animations_show_their_first_frame() {
    for name in ["animated.gif", "animated.webp", "animated.png"] {
        let d = picture(name);
        assert!(near(&d, 24, 16, [255, 0, 0], 2), "{name}");
        assert!(d.warnings[0].contains("animated"), "{name}");
    }
}

#[test]
fn the_rest_is_read() {
    for name in [
        "grey.jpg",
        "subsampled.jpg",
        "grey16.png",
        "rgb16.png",
        "rgb16.tif",
        "alpha.png",
        "transparent.png",
        "one-bit.png",
        "palette-alpha.png",
        "bmp24.bmp",
        "tiny-1x1.png",
        "wide-1x5000.png",
        "tall-5000x1.png",
        "black.png",
        "white.png",
        "flat-grey.png",
        "evil-exif.jpg",
        "icc-bomb.png",
        "cmyk-no-marker.jpg",
    ] {
        picture(name);
    }
    assert_eq!(picture("rgb16.png").pixels(), picture("rgb16.tif").pixels());
    assert!(picture("png-named.jpg").warnings[0].contains("the name ends in .jpg"));
}

#[test]
fn folders_and_missing_files_are_errors() {
    let error = read("").unwrap_err();
    assert!(error.contains("not a regular file"), "{error}");
    assert!(read("gone.jpg").unwrap_err().starts_with("unreadable: "));
}

#[cfg(target_os = "linux")]
#[test]
fn headers_that_promise_gigabytes_cost_no_memory() {
    for name in ["jpg", "png", "bmp", "gif", "tif", "webp"] {
        assert!(read(&format!("huge-header.{name}")).is_err(), "{name}");
    }
    assert!(read("huge-max.png").is_err() && read("huge-max.bmp").is_err());
    // The most memory that this process ever had, the other tests of this file included.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    assert!(peak.is_some_and(|kb| kb < 256 << 10), "peak {peak:?} kB");
}
