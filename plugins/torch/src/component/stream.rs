//! Text as it is written, piece by piece.

use crate::tokenizer::Tokenizer;

/// One answer's text so far. A piece is handed out when later tokens can't change it any more.
#[derive(Debug, Clone, Default)]
pub(super) struct Stream {
    /// Bytes that were handed out.
    told: usize,
}

impl Stream {
    /// What is new in the text of all ids so far.
    pub fn next(&mut self, tokenizer: &Tokenizer, ids: &[i64]) -> Option<String> {
        let text = tokenizer.text(ids).ok()?;
        // A letter that is written in several tokens is not whole yet.
        if text.ends_with('\u{FFFD}') {
            return None;
        }
        let new = text.get(self.told..).filter(|new| !new.is_empty())?.to_owned();
        self.told = text.len();
        Some(new)
    }
}
