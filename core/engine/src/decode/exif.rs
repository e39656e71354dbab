//! The one thing that decoding needs from EXIF: which way is up.

/// Reads the orientation (tag 0x0112) of an EXIF block. No tag is 1; a broken block is an error in words.
///
/// Written here because the common readers don't tell "no tag" from "broken", and thirty lines are enough.
pub(crate) fn orientation(exif: &[u8]) -> Result<u8, &'static str> {
    // Some writers keep the JPEG marker's prefix, also in PNG and WebP.
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let little = match tiff {
        [b'I', b'I', 42, 0, ..] => true,
        [b'M', b'M', 0, 42, ..] => false,
        _ => return Err("it has no TIFF header"),
    };
    let cut = "it is cut off";
    let u16_at = |at: usize| -> Result<u16, &'static str> {
        let b = tiff.get(at..at.saturating_add(2)).and_then(|b| b.first_chunk::<2>()).ok_or(cut)?;
        Ok(if little { u16::from_le_bytes(*b) } else { u16::from_be_bytes(*b) })
    };
    let u32_at = |at: usize| -> Result<u32, &'static str> {
        let (a, b) = (u32::from(u16_at(at)?), u32::from(u16_at(at.saturating_add(2))?));
        Ok(if little { b << 16 | a } else { a << 16 | b })
    };
    let directory = u32_at(4)? as usize;
    let entries = usize::from(u16_at(directory)?);
    for entry in 0..entries {
        let at = directory.saturating_add(2 + 12 * entry);
        if u16_at(at)? != 0x0112 {
            continue;
        }
        // SHORT, count 1; some writers use LONG.
        let value = match u16_at(at + 2)? {
            3 => u32::from(u16_at(at + 8)?),
            4 => u32_at(at + 8)?,
            _ => return Err("its orientation is not a number"),
        };
        return match value {
            // 0 stands for "unknown" in files of some scanners.
            0 => Ok(1),
            1..=8 => Ok(value as u8),
            _ => Err("its orientation is not 1 to 8"),
        };
    }
    Ok(1)
}

#[cfg(test)]
pub(crate) fn block(orientation: u16) -> Vec<u8> {
    let mut b = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    b.extend(orientation.to_be_bytes());
    b.extend([0; 6]);
    b
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_byte_orders() {
        assert_eq!(orientation(&block(6)), Ok(6));
        assert_eq!(orientation(b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x03\0\0\0"), Ok(3));
        assert_eq!(orientation(b"II*\0\x08\0\0\0\0\0"), Ok(1), "no tag");
        assert_eq!(orientation(&block(0)), Ok(1));
    }

    #[test]
    fn broken_blocks_say_so() {
        assert!(orientation(b"").is_err() && orientation(b"II*\0\xff\xff\xff\xff").is_err());
        assert!(orientation(&block(9)).is_err() && orientation(&block(6)[..18]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_orientation_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut with_head = b"II*\0\x08\0\0\0".to_vec();
            with_head.extend(&bytes);
            for b in [bytes, with_head] {
                prop_assert!(orientation(&b).is_err_and(|e| !e.is_empty()) || orientation(&b).is_ok_and(|o| (1..=8).contains(&o)));
            }
        }
    }
}
