//! The keys and values that stay between calls: of a picture that is asked about again, only the new words are read.

use crate::error::Result;
use crate::model::Model;
use crate::nn::KvCache;
use crate::sequence::{Mark, Sequence, common};

/// Room is taken in steps of so many positions, so that questions of about the same length use the same room.
const STEP: usize = 256;

/// One cache of one row and what was read into it. Its memory is [`KvCache::bytes`], taken at the first prompt, and
/// anew for the first prompt that needs more.
#[derive(Default)]
pub struct Kept {
    held: Option<(KvCache, Vec<Mark>)>,
    room: usize,
}

impl Kept {
    /// Takes room for `room` positions behind each prompt, so that a prompt that is first weighed and then answered
    /// finds room for both.
    #[must_use]
    pub fn with_room(room: usize) -> Self {
        Self { held: None, room }
    }

    /// Bytes on the model's device.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.held.as_ref().map_or(0, |(cache, _)| cache.bytes())
    }

    /// Gives the memory back.
    pub fn forget(&mut self) {
        self.held = None;
    }

    /// A cache for a prompt and `room` positions behind it, that holds as much of its beginning as is known already, at
    /// most `most` positions. [`Kept::put`] gives it back.
    pub(crate) fn take(&mut self, model: &Model, marks: &[Mark], most: usize, room: usize) -> Result<KvCache> {
        let (limit, least) = (model.decoder.positions() as usize, marks.len() + room);
        let needed = (marks.len() + room.max(self.room)).min(limit).max(least);
        // Too small: its memory goes before the new one's is taken.
        let held = self.held.take().filter(|(cache, _)| cache.capacity() as usize >= needed);
        let Some((mut cache, read)) = held else {
            let cache = model.decoder.cache(1, needed.next_multiple_of(STEP).min(limit).max(least) as i64)?;
            tracing::debug!("keys and values of {} positions: {} MB", cache.capacity(), cache.bytes() >> 20);
            return Ok(cache);
        };
        cache.truncate(common(&read, marks).min(most) as i64);
        Ok(cache)
    }

    /// Gives a cache back, into which a prompt was read, perhaps not to its end.
    pub(crate) fn put(&mut self, mut cache: KvCache, prompt: &Sequence) {
        cache.truncate(prompt.len() as i64);
        let read = prompt.marks.iter().take(cache.len() as usize).copied().collect();
        self.held = Some((cache, read));
    }
}
