//! How large a picture may be. Checked on the header, before anything is allocated for the pixels.

use super::error::Fault;

/// Limits for one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels (width x height).
    pub max_pixels: u64,
    /// Longest side in pixels.
    pub max_side: u32,
    /// Largest file in bytes.
    pub max_bytes: u64,
    /// Most memory in bytes that the decoding of one image may take, roughly.
    pub max_alloc: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pixels: 200_000_000, max_side: 32_768, max_bytes: 1 << 30, max_alloc: 2 << 30 }
    }
}

impl Limits {
    /// Checks a size from a header; `bytes_per_pixel` is what the decoder will hold for each pixel at its worst.
    pub(crate) fn check(&self, width: u32, height: u32, bytes_per_pixel: u64) -> Result<(), Fault> {
        if width == 0 || height == 0 {
            return Err(Fault::Damaged(format!("its header claims {width} x {height} pixels")));
        }
        let pixels = u64::from(width) * u64::from(height);
        let claim = || format!("{width} x {height} = {:.1} megapixels", pixels as f64 / 1e6);
        if width.max(height) > self.max_side {
            let limit = format!("{} pixels a side", self.max_side);
            return Err(Fault::OverLimit { what: "the picture", actual: claim(), limit });
        }
        if pixels > self.max_pixels {
            let limit = format!("{:.1} megapixels", self.max_pixels as f64 / 1e6);
            return Err(Fault::OverLimit { what: "the picture", actual: claim(), limit });
        }
        let needed = pixels.saturating_mul(bytes_per_pixel);
        if needed > self.max_alloc {
            let mib = |b: u64| format!("{} MiB", b >> 20);
            let (actual, limit) = (mib(needed), mib(self.max_alloc));
            return Err(Fault::OverLimit { what: "the memory needed to decode it", actual, limit });
        }
        Ok(())
    }
}
