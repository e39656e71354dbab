//! Is the file all there? Decoders fill what is missing with grey or black and say nothing, so the outer structure of
//! the formats that have an end mark is walked first. The walks read no pixel and cost well under a millisecond.

/// A JPEG that reaches its end-of-image marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WholeJpeg {
    /// There are markers inside that no encoder writes: bytes of a scan were overwritten.
    pub(crate) odd_markers: bool,
}

/// Whether a JPEG reaches its end-of-image marker (a file that was cut off or padded with zeros doesn't).
pub(crate) fn jpeg(bytes: &[u8]) -> Result<WholeJpeg, String> {
    let mut at = 2;
    let mut odd_markers = false;
    while let Some(&[mark, kind]) = bytes.get(at..).and_then(|b| b.first_chunk::<2>()) {
        if mark != 0xFF {
            // Stray bytes between segments: decoders skip them, and so do we.
            at += 1;
            continue;
        }
        match kind {
            0xD9 => return Ok(WholeJpeg { odd_markers }),
            0xFF => at += 1,
            0x00 | 0x01 | 0xD0..=0xD8 => at += 2,
            // Reserved codes, and JPEG extensions that nobody uses.
            0x02..=0xBF | 0xC8 | 0xDE | 0xDF | 0xF0..=0xFD => {
                odd_markers = true;
                at = end_of_scan(bytes, at + 2);
            }
            _ => {
                let Some(&[hi, lo]) = bytes.get(at + 2..).and_then(|b| b.first_chunk::<2>()) else { break };
                at += 2 + usize::from(u16::from_be_bytes([hi, lo]));
                if kind == 0xDA {
                    at = end_of_scan(bytes, at);
                }
            }
        }
    }
    Err("the end-of-image marker is missing".into())
}

/// First marker after entropy-coded data that is neither a stuffed zero nor a restart.
fn end_of_scan(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(0xFF, rest)) {
        at += found;
        match bytes.get(at + 1) {
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            _ => return at,
        }
    }
    bytes.len()
}

/// Whether a PNG has its IEND chunk.
pub(crate) fn png(bytes: &[u8]) -> Result<(), String> {
    let mut at = 8_usize;
    while let Some(&[a, b, c, d, kind @ ..]) = bytes.get(at..).and_then(|b| b.first_chunk::<8>()) {
        // With its checksum.
        if &kind == b"IEND" && bytes.len() >= at + 12 {
            return Ok(());
        }
        at = at.saturating_add(12).saturating_add(u32::from_be_bytes([a, b, c, d]) as usize);
    }
    Err("its end chunk (IEND) is missing".into())
}

/// Whether a WebP is as long as its RIFF header and its chunks say. (The decoder takes a chunk's word for the memory that
/// it needs.)
pub(crate) fn webp(bytes: &[u8]) -> Result<(), String> {
    let claimed =
        bytes.get(4..8).and_then(|b| b.first_chunk::<4>()).map_or(0, |b| u64::from(u32::from_le_bytes(*b)) + 8);
    // An odd last chunk may lack its pad byte.
    if claimed > bytes.len() as u64 + 1 {
        return Err(format!("its header announces {claimed} bytes and there are {}", bytes.len()));
    }
    let mut at = 12;
    while let Some((name, size)) = bytes.get(at..at + 8).and_then(|head| head.split_first_chunk::<4>()) {
        let size = size.first_chunk::<4>().map_or(0, |b| u64::from(u32::from_le_bytes(*b)));
        let end = at as u64 + 8 + size;
        if end > bytes.len() as u64 {
            let (name, more) = (name.escape_ascii(), end - bytes.len() as u64);
            return Err(format!("its chunk {name} goes on for {more} bytes behind the end"));
        }
        at = end.next_multiple_of(2) as usize;
    }
    Ok(())
}

/// Number of frames of a GIF that ends as it should.
pub(crate) fn gif(bytes: &[u8]) -> Result<usize, String> {
    gif_frames(bytes).ok_or_else(|| "its trailer is missing".into())
}

fn gif_frames(bytes: &[u8]) -> Option<usize> {
    let table = |flags: u8| if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut frames = 0;
    loop {
        match bytes.get(at)? {
            0x3B => return Some(frames),
            0x21 => at += 2,
            0x2C => {
                frames += 1;
                at += 10 + table(*bytes.get(at + 9)?) + 1;
            }
            // Stray bytes between blocks: readers skip zeros.
            0x00 => {
                at += 1;
                continue;
            }
            _ => return None,
        }
        // Sub-blocks, up to an empty one.
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thumbnails_inside_a_jpeg_do_not_end_it() {
        // An APP1 segment that holds an end-of-image marker, then a scan with a stuffed zero and a restart.
        let whole = [
            0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9, 0xFF, 0xDA, 0, 2, 1, 0xFF, 0, 2, 0xFF, 0xD0, 3, 0xFF,
            0xD9,
        ];
        assert!(jpeg(&whole).is_ok());
        for cut in 2..whole.len() {
            assert!(jpeg(&whole[..cut]).is_err(), "cut at {cut}");
        }
        let mut padded = whole[..whole.len() - 2].to_vec();
        padded.extend([0; 64]);
        assert!(jpeg(&padded).is_err());
    }

    #[test]
    fn chunks_of_a_webp_end_within_the_file() {
        let file = |size: u32| {
            let mut file = b"RIFF\x1a\0\0\0WEBPVP8X\x02\0\0\0abEXIF".to_vec();
            file.extend(size.to_le_bytes());
            file.extend(*b"xyz\0");
            file
        };
        assert!(webp(&file(3)).is_ok() && webp(&file(4)).is_ok());
        // Found by fuzzing: the decoder would take 4 GB for it.
        let told = webp(&file(u32::MAX)).unwrap_err();
        assert_eq!(told, "its chunk EXIF goes on for 4294967291 bytes behind the end");
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (jpeg(&bytes), png(&bytes), webp(&bytes), gif(&bytes));
        }
    }
}
