//! Text to token ids and back.

use crate::error::{Result, TorchError};
use crate::prompt::IMAGE;
use std::path::{Path, PathBuf};
use tokenizers::Tokenizer as Inner;

/// A checkpoint's tokenizer.
pub struct Tokenizer {
    path: PathBuf,
    inner: Inner,
    size: i64,
}

/// A prompt in token ids, and where the picture's features go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// Before the picture; all of it when there is none.
    pub before: Vec<i64>,
    /// After the picture.
    pub after: Vec<i64>,
    /// Whether there is a picture.
    pub image: bool,
}

impl Tokenizer {
    /// Reads `tokenizer.json`.
    ///
    /// # Errors
    /// A file that is missing or no tokenizer.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("tokenizer.json");
        if !path.is_file() {
            return Err(TorchError::Unsupported {
                folder: folder.to_owned(),
                problem: "there is no tokenizer.json".to_owned(),
                hint:
                    "tokenizer.model (SentencePiece) is not read yet: take tokenizer.json of the converted checkpoint"
                        .to_owned(),
            });
        }
        let wrong = |e: tokenizers::Error| TorchError::Malformed { path: path.clone(), problem: e.to_string() };
        let inner = Inner::from_file(&path).map_err(wrong)?;
        let size = inner.get_vocab(true).into_values().max().map_or(0, |id| i64::from(id) + 1);
        Ok(Self { path, inner, size })
    }

    /// Ids below this mean something; a model's vocabulary may be padded beyond.
    #[must_use]
    pub fn size(&self) -> i64 {
        self.size
    }

    /// The ids of a prompt with at most one [`IMAGE`] mark.
    ///
    /// # Errors
    /// Text that the tokenizer can't take.
    pub fn prompt(&self, text: &str) -> Result<Ids> {
        let Some((before, after)) = text.split_once(IMAGE) else {
            return Ok(Ids { before: self.ids(text, true)?, after: Vec::new(), image: false });
        };
        // Where the mark is a token of its own, the whole text is tokenised at once, as the converted checkpoints do.
        if let Some(mark) = self.inner.token_to_id(IMAGE).map(i64::from) {
            let all = self.ids(text, true)?;
            if let Some(at) = all.iter().position(|&id| id == mark) {
                return Ok(Ids { before: all[..at].to_vec(), after: all[at + 1..].to_vec(), image: true });
            }
        }
        // Without one, the pieces are tokenised apart, as the original code does.
        Ok(Ids { before: self.ids(before, true)?, after: self.ids(after, false)?, image: true })
    }

    /// How a prompt goes on with each of these words: the prompt's ids as far as they are the same for all, and each
    /// one's ids from there on. Where a word joins letters of the prompt into one token, that token counts as its own.
    ///
    /// # Errors
    /// Text that the tokenizer can't take.
    pub fn continuations(&self, text: &str, words: &[&str]) -> Result<(Ids, Vec<Vec<i64>>)> {
        let whole = words.iter().map(|word| self.prompt(&format!("{text}{word}"))).collect::<Result<Vec<Ids>>>()?;
        let mut start = self.prompt(text)?;
        let image = start.image;
        let tail = |ids: &Ids| if image { ids.after.clone() } else { ids.before.clone() };
        let base = tail(&start);
        let mut tails: Vec<Vec<i64>> = whole.iter().map(tail).collect();
        let same = |tail: &Vec<i64>| tail.iter().zip(&base).take_while(|(a, b)| a == b).count();
        let common = tails.iter().map(same).min().unwrap_or(base.len());
        let kept = base[..common].to_vec();
        if image {
            start.after = kept;
        } else {
            start.before = kept;
        }
        for tail in &mut tails {
            tail.drain(..common);
        }
        Ok((start, tails))
    }

    /// The ids of a piece of text; with what begins a text (`<s>`), or without.
    ///
    /// # Errors
    /// Text that the tokenizer can't take.
    pub fn ids(&self, text: &str, beginning: bool) -> Result<Vec<i64>> {
        let encoding = self.inner.encode_fast(text, beginning).map_err(|e| self.error(&e))?;
        Ok(encoding.get_ids().iter().map(|&id| i64::from(id)).collect())
    }

    /// The text of ids, without special tokens.
    ///
    /// # Errors
    /// Ids that the tokenizer can't turn into text.
    pub fn text(&self, ids: &[i64]) -> Result<String> {
        let ids: Vec<u32> = ids.iter().filter_map(|&id| u32::try_from(id).ok()).collect();
        self.inner.decode(&ids, true).map_err(|e| self.error(&e))
    }

    fn error(&self, error: &tokenizers::Error) -> TorchError {
        TorchError::Malformed { path: self.path.clone(), problem: error.to_string() }
    }
}
