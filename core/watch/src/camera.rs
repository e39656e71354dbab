//! What the camera wrote into a photo (EXIF 3.0, CIPA DC-008).

use crate::rules::Camera;
use exif::{Exif, In, Tag, Value};
use std::io::Cursor;

/// Reads it; what is missing or broken is unknown.
#[must_use]
pub fn camera(bytes: &[u8]) -> Camera {
    let Ok(exif) = exif::Reader::new().read_from_container(&mut Cursor::new(bytes)) else { return Camera::default() };
    let text = |tag| text(&exif, tag);
    let number = |tag| number(&exif, tag);
    Camera {
        make: text(Tag::Make),
        model: text(Tag::Model),
        lens: text(Tag::LensModel),
        iso: number(Tag::PhotographicSensitivity),
        exposure: number(Tag::ExposureTime),
        aperture: number(Tag::FNumber),
        focal_length: number(Tag::FocalLength),
        // `2026:11:25 17:01:35`
        taken: text(Tag::DateTimeOriginal)
            .filter(|t| t.len() == 19 && t.is_ascii())
            .map(|t| format!("{}T{}", t[..10].replace(':', "-"), &t[11..])),
    }
}

/// Seconds since 1970 as the camera's clock went, whatever its zone: for distances between photos.
#[must_use]
pub fn taken_seconds(camera: &Camera) -> Option<i64> {
    let moment: jiff::civil::DateTime = camera.taken.as_deref()?.parse().ok()?;
    Some(moment.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0)).as_secs())
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(parts) => {
            let text = String::from_utf8_lossy(parts.first()?).trim_matches(['\0', ' ']).to_owned();
            (!text.is_empty()).then_some(text)
        }
        _ => None,
    }
}

fn number(exif: &Exif, tag: Tag) -> Option<f64> {
    let value = match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(parts) => parts.first()?.to_f64(),
        other => f64::from(other.get_uint(0)?),
    };
    (value.is_finite() && value > 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TIFF block with a maker, an exposure time of 1/250 s and a moment.
    fn tiff() -> Vec<u8> {
        let mut out = b"II*\0\x08\0\0\0".to_vec();
        let entry = |tag: u16, kind: u16, count: u32, value: u32| {
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
        };
        out.extend(2_u16.to_le_bytes());
        out.extend(entry(0x010f, 2, 4, u32::from_le_bytes(*b"ACM\0")));
        out.extend(entry(0x8769, 4, 1, 38));
        out.extend(0_u32.to_le_bytes());
        assert_eq!(out.len(), 38);
        out.extend(2_u16.to_le_bytes());
        out.extend(entry(0x829a, 5, 1, 68));
        out.extend(entry(0x9003, 2, 20, 76));
        out.extend(0_u32.to_le_bytes());
        out.extend([1_u32.to_le_bytes(), 250_u32.to_le_bytes()].concat());
        out.extend(b"2026:11:25 17:01:35\0");
        out
    }

    #[test]
    fn what_is_there_is_read_and_the_rest_is_unknown() {
        let camera = camera(&tiff());
        assert_eq!((camera.make.as_deref(), camera.exposure, camera.iso), (Some("ACM"), Some(0.004), None));
        assert_eq!(camera.taken.as_deref(), Some("2026-11-25T17:01:35"));
        let later = Camera { taken: Some("2026-11-25T17:02:36".into()), ..Camera::default() };
        assert_eq!(taken_seconds(&later).unwrap() - taken_seconds(&camera).unwrap(), 61);
        assert_eq!(taken_seconds(&Camera { taken: Some("0000-00-00T99".into()), ..Camera::default() }), None);
    }

    #[test]
    fn broken_blocks_are_unknown() {
        for end in 0..tiff().len() {
            let _ = super::camera(&tiff()[..end]);
        }
        assert_eq!(super::camera(b"no picture"), Camera::default());
    }
}
