//! What a plugin receives, made safe: pictures and inputs of a batch.

use giqa_abi::{GIQA_COLOUR_SRGB, GIQA_PIXELS_RGB8, GiqaImage, GiqaItem};
use giqa_core::{ComponentError, ErrorKind, ImageView};
use std::mem::size_of;

/// One item of a batch, borrowed for the length of the call.
pub(crate) struct Item<'a> {
    pub image: Option<ImageView<'a>>,
    pub reference: Option<ImageView<'a>>,
    pub input: &'a [u8],
}

fn bad(message: impl Into<String>) -> ComponentError {
    ComponentError::new(ErrorKind::BadRequest, message)
}

/// Reads one item.
///
/// # Safety
/// `item` must be null or point to a [`GiqaItem`] whose `struct_size` is honest and whose pointers are null or valid
/// for `'a`, as giqa-abi promises.
pub(crate) unsafe fn read<'a>(item: *const GiqaItem) -> Result<Item<'a>, ComponentError> {
    // SAFETY: null or valid by the caller's promise.
    let Some(item) = (unsafe { item.as_ref() }) else { return Err(bad("a null item")) };
    if (item.struct_size as usize) < size_of::<GiqaItem>() {
        return Err(bad("an item of a host that is too old"));
    }
    // SAFETY: the item's pointers are null or valid for 'a by the caller's promise.
    let (image, reference, input) = unsafe { (view(item.image)?, view(item.reference)?, item.input.as_bytes()) };
    Ok(Item { image, reference, input })
}

/// # Safety
/// `image` must be null or point to a [`GiqaImage`] that describes pixels valid for `'a`.
unsafe fn view<'a>(image: *const GiqaImage) -> Result<Option<ImageView<'a>>, ComponentError> {
    // SAFETY: null or valid by the caller's promise.
    let Some(image) = (unsafe { image.as_ref() }) else { return Ok(None) };
    if (image.struct_size as usize) < size_of::<GiqaImage>() {
        return Err(bad("an image of a host that is too old"));
    }
    if image.format != GIQA_PIXELS_RGB8 || image.colour_space != GIQA_COLOUR_SRGB {
        return Err(bad(format!("pixel format {} in colour space {} is not known", image.format, image.colour_space)));
    }
    let too_large = || bad(format!("an image of {} x {} pixels", image.width, image.height));
    let row = (image.width as usize).checked_mul(3).ok_or_else(too_large)?;
    let rows = (image.height as usize).checked_sub(1).ok_or_else(too_large)?;
    let span = image.stride.unsigned_abs().checked_mul(rows).ok_or_else(too_large)?;
    let len = span.checked_add(row).filter(|&n| isize::try_from(n).is_ok()).ok_or_else(too_large)?;
    if image.data.is_null() || row == 0 {
        return Err(bad("an image without pixels"));
    }
    // SAFETY: `data` points to the top row and the host promises `height` rows `stride` bytes apart. With a negative
    // stride the last row comes first in memory, `span` bytes before `data`; `len` covers all rows and no more.
    let pixels = unsafe {
        let first = if image.stride < 0 { image.data.sub(span) } else { image.data };
        std::slice::from_raw_parts(first, len)
    };
    let view = ImageView::strided(image.width, image.height, image.stride, pixels).map_err(|e| bad(e.to_string()))?;
    Ok(Some(view.with_id(image.id)))
}
