//! Any bytes as a picture with its EXIF: pixels within the limits, or an error.

#![no_main]

use giqa_engine::{Limits, decode_bytes};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { max_pixels: 1 << 18, max_side: 4096, max_bytes: 1 << 20, max_alloc: 1 << 26 };
    if let Ok(picture) = decode_bytes(data, Path::new("a.jpg"), &limits) {
        let (width, height) = (u64::from(picture.width()), u64::from(picture.height()));
        assert!(width > 0 && height > 0 && width * height <= limits.max_pixels);
        assert_eq!(picture.pixels().len() as u64, width * height * 3);
    }
    let camera = giqa_watch::camera::camera(data);
    let _ = giqa_watch::camera::taken_seconds(&camera);
});
