//! Text to token ids and back.

use crate::error::{Result, TorchError};
use crate::prompt::IMAGE;
use crate::sentencepiece::as_tokenizer_json;
use std::path::{Path, PathBuf};
use tokenizers::Tokenizer as Inner;

/// A checkpoint's tokenizer.
pub struct Tokenizer {
    path: PathBuf,
    inner: Inner,
    size: i64,
}

/// A prompt in token ids: pieces of text, and a picture's features between each two of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids(pub Vec<Vec<i64>>);

impl Ids {
    /// How many pictures it has a place for.
    #[must_use]
    pub fn images(&self) -> usize {
        self.0.len().saturating_sub(1)
    }
}

impl Tokenizer {
    /// Reads `tokenizer.json`, or SentencePiece's `tokenizer.model` where there is none.
    ///
    /// # Errors
    /// Files that are missing or no tokenizer.
    pub fn read(folder: &Path) -> Result<Self> {
        let path =
            ["tokenizer.json", "tokenizer.model"].map(|name| folder.join(name)).into_iter().find(|p| p.is_file());
        let Some(path) = path else {
            return Err(TorchError::Unsupported {
                folder: folder.to_owned(),
                problem: "there is neither tokenizer.json nor tokenizer.model".to_owned(),
                hint: "take all files of the checkpoint".to_owned(),
            });
        };
        let inner = if path.extension().is_some_and(|e| e == "json") {
            Inner::from_file(&path)
        } else {
            Inner::from_bytes(as_tokenizer_json(&path)?.to_string())
        };
        let inner = inner.map_err(|e| TorchError::Malformed { path: path.clone(), problem: e.to_string() })?;
        let size = inner.get_vocab(true).into_values().max().map_or(0, |id| i64::from(id) + 1);
        Ok(Self { path, inner, size })
    }

    /// Ids below this mean something; a model's vocabulary may be padded beyond.
    #[must_use]
    pub fn size(&self) -> i64 {
        self.size
    }

    /// The ids of a prompt; each [`IMAGE`] mark is the place of a picture.
    ///
    /// # Errors
    /// Text that the tokenizer can't take.
    pub fn prompt(&self, text: &str) -> Result<Ids> {
        // Where the mark is a token of its own, the whole text is tokenised at once, as the converted checkpoints do.
        if let Some(mark) = self.inner.token_to_id(IMAGE).map(i64::from) {
            return Ok(Ids(self.ids(text, true)?.split(|&id| id == mark).map(<[i64]>::to_vec).collect()));
        }
        // Without one, the pieces are tokenised apart, as the original code does.
        let pieces = text.split(IMAGE).enumerate().map(|(i, piece)| self.ids(piece, i == 0));
        Ok(Ids(pieces.collect::<Result<_>>()?))
    }

    /// How a prompt goes on with each of these words: the prompt's ids as far as they are the same for all, and each
    /// one's ids from there on. Where a word joins letters of the prompt into one token, that token counts as its own.
    ///
    /// # Errors
    /// Text that the tokenizer can't take.
    pub fn continuations(&self, text: &str, words: &[impl AsRef<str>]) -> Result<(Ids, Vec<Vec<i64>>)> {
        let Ids(mut start) = self.prompt(text)?;
        let base = start.pop().unwrap_or_default();
        let tail = |word: &str| Ok(self.prompt(&format!("{text}{word}"))?.0.pop().unwrap_or_default());
        let mut tails = words.iter().map(|word| tail(word.as_ref())).collect::<Result<Vec<Vec<i64>>>>()?;
        let same = |tail: &Vec<i64>| tail.iter().zip(&base).take_while(|(a, b)| a == b).count();
        let common = tails.iter().map(same).min().unwrap_or(base.len());
        start.push(base[..common].to_vec());
        for tail in &mut tails {
            tail.drain(..common);
        }
        Ok((Ids(start), tails))
    }

    /// How a prompt of these ids and this text goes on with each of these words, in ids; `None` where one of them would be
    /// joined to the prompt's last letters, so that it is no continuation of the same ids.
    ///
    /// # Errors
    /// Text that the tokenizer can't take.
    pub fn behind(&self, ids: &Ids, text: &str, words: &[impl AsRef<str>]) -> Result<Option<Vec<Vec<i64>>>> {
        let Some((last, before)) = ids.0.split_last() else { return Ok(None) };
        let tail = |word: &str| {
            let Ids(whole) = self.prompt(&format!("{text}{word}"))?;
            let same = whole.split_last().filter(|(_, pieces)| *pieces == before);
            Ok(same.and_then(|(piece, _)| piece.strip_prefix(last.as_slice())).map(<[i64]>::to_vec))
        };
        words.iter().map(|word| tail(word.as_ref())).collect()
    }

    /// The ids of a piece of text; with what begins a text (`<s>`), or without.
    ///
    /// # Errors
    /// Text that the tokenizer can't take.
    pub fn ids(&self, text: &str, beginning: bool) -> Result<Vec<i64>> {
        let encoding = self.inner.encode_fast(text, beginning).map_err(|e| self.error(&e))?;
        Ok(encoding.get_ids().iter().map(|&id| i64::from(id)).collect())
    }

    /// What each id adds to a text: nothing for special tokens, `None` where that depends on its neighbours.
    ///
    /// # Errors
    /// Ids that the tokenizer can't turn into text.
    pub fn pieces(&self) -> Result<Vec<Option<String>>> {
        // Behind another token: the first one of a text may lose its space.
        let before: Vec<i64> = self.ids("a", false)?.last().copied().into_iter().collect();
        let prefix = self.text(&before)?;
        let piece = |id: i64| {
            let text = self.text(&[&before[..], &[id]].concat())?;
            let text = text.strip_prefix(&prefix).map(str::to_owned);
            // A character that is spelled as a byte is lost where the bytes beside it are no text.
            let spelled = u32::try_from(id).ok().and_then(|id| self.inner.id_to_token(id)).is_some_and(|t| is_byte(&t));
            Ok(text.filter(|text| !(spelled && text.chars().all(|c| c.is_ascii_graphic()))))
        };
        (0..self.size).map(piece).collect()
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

/// Whether a token is SentencePiece's for a byte: `<0x5B>`.
fn is_byte(token: &str) -> bool {
    let digits = token.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
    digits.is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
