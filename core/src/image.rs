//! A borrowed picture.

/// Why bytes are not a picture of the size that is claimed for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{width} x {height} RGB pixels with a row stride of {stride} bytes do not fit in {len} bytes")]
pub struct ViewError {
    /// Claimed width in pixels.
    pub width: u32,
    /// Claimed height in pixels.
    pub height: u32,
    /// Claimed bytes from one row to the next.
    pub stride: isize,
    /// Bytes there are.
    pub len: usize,
}

/// A borrowed picture: 8-bit sRGB, three bytes a pixel (R G B), upright.
///
/// Rows are `stride` bytes apart; a negative stride means that the last row comes first in memory.
#[derive(Clone, Copy)]
pub struct ImageView<'a> {
    data: &'a [u8],
    first_row: usize,
    width: u32,
    height: u32,
    stride: isize,
    id: u64,
}

impl<'a> ImageView<'a> {
    /// A picture whose rows follow each other without gaps.
    ///
    /// # Errors
    /// [`ViewError`] when `data` is not exactly as long as needed, or a side is 0.
    pub fn packed(width: u32, height: u32, data: &'a [u8]) -> Result<Self, ViewError> {
        let stride = width as isize * 3;
        let view = Self::strided(width, height, stride, data)?;
        if data.len() == stride as usize * height as usize {
            Ok(view)
        } else {
            Err(ViewError { width, height, stride, len: data.len() })
        }
    }

    /// A picture with rows `stride` bytes apart.
    ///
    /// # Errors
    /// [`ViewError`] when a row would lie outside `data`, rows would overlap, or a side is 0.
    pub fn strided(width: u32, height: u32, stride: isize, data: &'a [u8]) -> Result<Self, ViewError> {
        let error = ViewError { width, height, stride, len: data.len() };
        let row = (width as usize).checked_mul(3).ok_or(error)?;
        let step = stride.unsigned_abs();
        let span = step.checked_mul((height as usize).saturating_sub(1)).ok_or(error)?;
        let needed = span.checked_add(row).ok_or(error)?;
        if width == 0 || height == 0 || (step < row && height > 1) || needed > data.len() {
            return Err(error);
        }
        let first_row = if stride < 0 { span } else { 0 };
        Ok(Self { data, first_row, width, height, stride, id: 0 })
    }

    /// The same pixels with an identity: two views with the same non-zero id in one process show the same pixels,
    /// so that what was sent or computed for one serves the other.
    #[must_use]
    pub fn with_id(mut self, id: u64) -> Self {
        self.id = id;
        self
    }

    /// Identity of the pixels within this process; 0 = unknown.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Width in pixels, at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Bytes from one row to the next; may be negative.
    #[must_use]
    pub fn stride(&self) -> isize {
        self.stride
    }

    /// Row `y` as `R G B R G B ...`, `3 * width` bytes; empty when `y` is outside.
    #[must_use]
    pub fn row(&self, y: u32) -> &'a [u8] {
        if y >= self.height {
            return &[];
        }
        let start = self.first_row.wrapping_add_signed(self.stride * y as isize);
        &self.data[start..start + self.width as usize * 3]
    }

    /// All rows, top to bottom.
    pub fn rows(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        (0..self.height).map(|y| self.row(y))
    }

    /// All pixels as one slice, where rows follow each other without gaps.
    #[must_use]
    pub fn as_packed(&self) -> Option<&'a [u8]> {
        let row = self.width as usize * 3;
        (self.stride == row as isize || self.height == 1)
            .then(|| &self.data[self.first_row..self.first_row + row * self.height as usize])
    }

    /// A packed copy.
    #[must_use]
    pub fn to_packed(&self) -> Vec<u8> {
        match self.as_packed() {
            Some(all) => all.to_vec(),
            None => self.rows().flatten().copied().collect(),
        }
    }
}

impl std::fmt::Debug for ImageView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImageView({} x {}, stride {}, id {})", self.width, self.height, self.stride, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_follow_the_stride_either_way() {
        let data = [1, 1, 1, 2, 2, 2, 0, 0, 3, 3, 3, 4, 4, 4, 0, 0];
        let down = ImageView::strided(2, 2, 8, &data).unwrap();
        assert_eq!(down.row(0), [1, 1, 1, 2, 2, 2]);
        assert_eq!(down.row(1), [3, 3, 3, 4, 4, 4]);
        assert_eq!(down.row(2), [0u8; 0]);
        assert!(down.as_packed().is_none());
        let up = ImageView::strided(2, 2, -8, &data).unwrap();
        assert_eq!(up.row(0), [3, 3, 3, 4, 4, 4]);
        assert_eq!(up.to_packed(), [3, 3, 3, 4, 4, 4, 1, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn sizes_that_do_not_fit_are_errors() {
        let data = [0u8; 12];
        assert!(ImageView::packed(2, 2, &data).is_ok_and(|v| v.as_packed().is_some() && v.id() == 0));
        assert!(ImageView::packed(2, 1, &data).is_err());
        assert!(ImageView::packed(0, 2, &data).is_err());
        assert!(ImageView::strided(2, 2, 5, &data).is_err(), "rows would overlap");
        assert!(ImageView::strided(2, 3, 6, &data).is_err());
        assert!(ImageView::strided(u32::MAX, u32::MAX, isize::MAX, &data).is_err());
        assert_eq!(
            ImageView::packed(3, 2, &data).unwrap_err().to_string(),
            "3 x 2 RGB pixels with a row stride of 9 bytes do not fit in 12 bytes"
        );
    }
}
