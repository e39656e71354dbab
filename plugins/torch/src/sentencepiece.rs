//! SentencePiece's `tokenizer.model`, as the original LLaVA checkpoints ship it: read and put into the form of a
//! `tokenizer.json`, so that one tokenizer serves both.

use crate::error::{Result, TorchError};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

/// Kinds of pieces in the file's own numbers.
const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;

/// The mark that stands for a space.
const SPACE: &str = "\u{2581}";

struct Piece {
    text: String,
    score: f32,
    kind: u64,
}

/// A `tokenizer.json` with the same ids: byte-pair encoding by score, bytes for what has no piece, a space before the
/// text, `<s>` at its beginning.
///
/// # Errors
/// A file that can't be read or is no SentencePiece model.
pub fn as_tokenizer_json(path: &Path) -> Result<Value> {
    let bytes = std::fs::read(path).map_err(|source| TorchError::Read { path: path.to_owned(), source })?;
    let pieces = pieces(&bytes).filter(|pieces| !pieces.is_empty()).ok_or_else(|| TorchError::Malformed {
        path: path.to_owned(),
        problem: "this is no SentencePiece model, or it is cut short".to_owned(),
    })?;
    let ids: HashMap<&str, usize> = pieces.iter().enumerate().map(|(id, p)| (p.text.as_str(), id)).collect();
    let special = |(id, p): (usize, &Piece)| {
        (p.kind == UNKNOWN || p.kind == CONTROL).then(|| {
            json!({ "id": id, "content": p.text, "single_word": false, "lstrip": false, "rstrip": false,
                    "normalized": false, "special": true })
        })
    };
    let added: Vec<Value> = pieces.iter().enumerate().filter_map(special).collect();
    let unknown = pieces.iter().find(|p| p.kind == UNKNOWN).map(|p| p.text.as_str());
    let beginning = |id: &usize| {
        json!({ "type": "TemplateProcessing",
                "single": [{ "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
                "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 0 } }],
                "special_tokens": { "<s>": { "id": "<s>", "ids": [id], "tokens": ["<s>"] } } })
    };
    Ok(json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": { "type": "Sequence", "normalizers": [
            { "type": "Prepend", "prepend": SPACE },
            { "type": "Replace", "pattern": { "String": " " }, "content": SPACE }] },
        "pre_tokenizer": null,
        "post_processor": ids.get("<s>").map(beginning),
        "decoder": { "type": "Sequence", "decoders": [
            { "type": "Replace", "pattern": { "String": SPACE }, "content": " " },
            { "type": "ByteFallback" }, { "type": "Fuse" },
            { "type": "Strip", "content": " ", "start": 1, "stop": 0 }] },
        "model": { "type": "BPE", "dropout": null, "unk_token": unknown, "continuing_subword_prefix": null,
                   "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
                   "vocab": ids, "merges": merges(&pieces, &ids) }
    }))
}

/// Every way to make a piece of two others, best pieces first: SentencePiece joins by score, not by rank.
fn merges<'a>(pieces: &'a [Piece], ids: &HashMap<&str, usize>) -> Vec<[&'a str; 2]> {
    let mut order: Vec<&Piece> = pieces.iter().collect();
    order.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut all = Vec::with_capacity(pieces.len() * 2);
    for piece in order {
        let splits = piece.text.char_indices().skip(1).map(|(at, _)| piece.text.split_at(at));
        let mut here: Vec<(usize, usize, [&str; 2])> =
            splits.filter_map(|(l, r)| Some((*ids.get(l)?, *ids.get(r)?, [l, r]))).collect();
        here.sort_unstable();
        all.extend(here.into_iter().map(|(.., pair)| pair));
    }
    all
}

/// The pieces in the order of their ids; `None` where the bytes are no such message.
fn pieces(bytes: &[u8]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut message = Message(bytes);
    while !message.0.is_empty() {
        if let (1, Field::Bytes(piece)) = message.field()? {
            pieces.push(one(piece)?);
        }
    }
    Some(pieces)
}

fn one(bytes: &[u8]) -> Option<Piece> {
    // A normal piece has no kind in the file.
    let mut piece = Piece { text: String::new(), score: 0.0, kind: 1 };
    let mut message = Message(bytes);
    while !message.0.is_empty() {
        match message.field()? {
            (1, Field::Bytes(text)) => piece.text = String::from_utf8(text.to_vec()).ok()?,
            (2, Field::Four(score)) => piece.score = f32::from_le_bytes(score),
            (3, Field::Number(kind)) => piece.kind = kind,
            _ => {}
        }
    }
    Some(piece)
}

/// A protobuf message that is being read.
struct Message<'a>(&'a [u8]);

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Four([u8; 4]),
    Other,
}

impl<'a> Message<'a> {
    /// The next field's number and value.
    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let key = self.number()?;
        let value = match key & 7 {
            0 => Field::Number(self.number()?),
            1 => self.take(8).map(|_| Field::Other)?,
            2 => {
                let len = usize::try_from(self.number()?).ok()?;
                Field::Bytes(self.take(len)?)
            }
            5 => Field::Four(self.take(4)?.try_into().ok()?),
            _ => return None,
        };
        Some((key >> 3, value))
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_ids_and_merges_by_score() {
        let piece = |text: &str, score: f32, kind: u8| {
            let mut m = vec![10, text.len() as u8];
            m.extend(text.bytes());
            m.push(21);
            m.extend(score.to_le_bytes());
            m.extend([24, kind]);
            [vec![10, m.len() as u8], m].concat()
        };
        let file = [
            piece("<unk>", 0.0, 2),
            piece("<s>", 0.0, 3),
            piece("a", -9.0, 1),
            piece("b", -8.0, 1),
            piece("ab", -2.0, 1),
            piece("aba", -1.0, 1),
        ]
        .concat();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokenizer.model");
        std::fs::write(&path, &file).unwrap();
        let json = as_tokenizer_json(&path).unwrap();
        assert_eq!(json["model"]["merges"], json!([["ab", "a"], ["a", "b"]]));
        assert_eq!(json["model"]["vocab"]["aba"], 5);
        assert_eq!(json["added_tokens"].as_array().unwrap().len(), 2);
        assert_eq!(json["post_processor"]["special_tokens"]["<s>"]["ids"], json!([1]));

        std::fs::write(&path, &file[..file.len() - 3]).unwrap();
        assert!(as_tokenizer_json(&path).unwrap_err().to_string().contains("no SentencePiece model"));
        std::fs::write(&path, b"").unwrap();
        assert!(as_tokenizer_json(&path).is_err());
    }
}
