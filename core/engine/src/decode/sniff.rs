//! What a file is, by its first bytes. Names are only asked whether they lie.

use super::error::Fault;
use std::path::Path;

/// An image format that is known. AVIF is told from the rest but can't be decoded yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Jpeg,
    Png,
    WebP,
    Tiff,
    Bmp,
    Gif,
    Avif,
}

impl Format {
    /// The name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "jpeg",
            Format::Png => "png",
            Format::WebP => "webp",
            Format::Tiff => "tiff",
            Format::Bmp => "bmp",
            Format::Gif => "gif",
            Format::Avif => "avif",
        }
    }

    fn of_extension(extension: &str) -> Option<Format> {
        Some(match extension.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" | "jpe" | "jfif" => Format::Jpeg,
            "png" | "apng" => Format::Png,
            "webp" => Format::WebP,
            "tif" | "tiff" => Format::Tiff,
            "bmp" | "dib" => Format::Bmp,
            "gif" => Format::Gif,
            "avif" => Format::Avif,
            _ => return None,
        })
    }
}

/// Whether files of this name are taken when a folder is walked.
pub fn has_image_extension(path: &Path) -> bool {
    extension(path).is_some_and(|e| Format::of_extension(e).is_some())
}

/// A warning when the name claims another format than the content.
pub(crate) fn lying_name(path: &Path, format: Format) -> Option<String> {
    let extension = extension(path)?;
    let claimed = Format::of_extension(extension)?;
    (claimed != format).then(|| {
        format!("the name ends in .{} but the file is {}; it was read as {}", extension, format.name(), format.name())
    })
}

fn extension(path: &Path) -> Option<&str> {
    path.extension()?.to_str()
}

/// Formats by content. What is recognised but can't be decoded is told from what is no image at all.
pub(crate) fn sniff(bytes: &[u8], path: &Path) -> Result<Option<Format>, Fault> {
    let unsupported = |what: &str| Err(Fault::Unsupported(format!("{what} files are not supported; convert it first")));
    let format = match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Format::Jpeg,
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Format::Png,
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Format::Gif,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Format::WebP,
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => {
            // Raw files are TIFFs whose first picture is a thumbnail: judging that would be wrong silently.
            if let Some(raw) = extension(path).filter(|e| is_camera_raw(e)) {
                return unsupported(&format!("camera raw (.{})", raw.to_ascii_lowercase()));
            }
            Format::Tiff
        }
        // "BM", then somewhere in its header a plausible header size; two letters alone are too common.
        [b'B', b'M', _, _, _, _, _, _, _, _, _, _, _, _, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0, ..] => {
            Format::Bmp
        }
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.first_chunk::<4>() {
            Some(b"avif" | b"avis") => Format::Avif,
            Some(b"mif1" | b"msf1") if bytes.get(..64.min(bytes.len())).is_some_and(|b| contains(b, b"avif")) => {
                Format::Avif
            }
            Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1") => {
                return unsupported("HEIC/HEIF");
            }
            Some(b"crx ") => return unsupported("camera raw (.cr3)"),
            _ => return Ok(None),
        },
        [0xFF, 0x0A, ..] | [0, 0, 0, 0x0C, b'J', b'X', b'L', b' ', ..] => return unsupported("JPEG XL"),
        [0, 0, 0, 0x0C, b'j', b'P', b' ', b' ', ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] => return unsupported("JPEG 2000"),
        [b'8', b'B', b'P', b'S', ..] => return unsupported("Photoshop"),
        _ => return Ok(None),
    };
    Ok(Some(format))
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle)
}

fn is_camera_raw(extension: &str) -> bool {
    matches!(
        extension.to_ascii_lowercase().as_str(),
        "dng"
            | "nef"
            | "nrw"
            | "cr2"
            | "arw"
            | "srf"
            | "sr2"
            | "pef"
            | "rw2"
            | "orf"
            | "3fr"
            | "iiq"
            | "erf"
            | "kdc"
            | "dcr"
    )
}

/// What a file that is no image looks like, for the message.
pub(crate) fn looks_like(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(512)];
    match head {
        [b'%', b'P', b'D', b'F', ..] => "it looks like a PDF".into(),
        [b'P', b'K', 3, 4, ..] => "it looks like a ZIP archive".into(),
        _ if head.iter().all(|&b| b == 0) => "it begins with zeros only".into(),
        _ if std::str::from_utf8(head).is_ok_and(|t| t.contains("<svg")) => "it looks like an SVG drawing".into(),
        _ if std::str::from_utf8(head).is_ok_and(|t| t.trim_start().starts_with('<')) => {
            "it looks like a web page".into()
        }
        _ if std::str::from_utf8(head).is_ok_and(|t| !t.chars().any(|c| c.is_control() && !c.is_whitespace())) => {
            "it looks like text".into()
        }
        _ => {
            let hex: Vec<String> = head.iter().take(8).map(|b| format!("{b:02x}")).collect();
            format!("it begins with the bytes {}", hex.join(" "))
        }
    }
}
