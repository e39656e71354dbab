//! Server-sent events: lines of `data: {...}`, ended by `data: [DONE]`.

use super::{Reply, error_words};
use serde_json::Value;
use std::io::{self, BufRead, Read};

/// Why a stream gave no reply.
#[derive(Debug)]
pub(crate) enum StreamError {
    /// The connection failed or ended too soon.
    Broken(io::Error),
    /// It ended before the answer did.
    CutOff,
    /// More bytes than are read.
    TooLong,
    /// Something else than events; its beginning.
    NoEvents(String),
    /// The server told of an error in the middle.
    Told(String),
    /// Nobody wants the rest.
    Unwanted,
}

/// Reads a stream of at most `limit` bytes, handing each piece of text on; `on_text` says whether to go on.
pub(crate) fn read(from: impl Read, limit: u64, mut on_text: impl FnMut(&str) -> bool) -> Result<Reply, StreamError> {
    let mut lines = io::BufReader::new(from.take(limit.saturating_add(1)));
    let (mut reply, mut line, mut bytes) = (Reply::default(), Vec::new(), 0u64);
    let (mut events, mut first_line) = (false, String::new());
    loop {
        line.clear();
        let n = lines.read_until(b'\n', &mut line).map_err(StreamError::Broken)?;
        bytes = bytes.saturating_add(n as u64);
        if bytes > limit {
            return Err(StreamError::TooLong);
        }
        if n == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        let Some(data) = text.strip_prefix("data:").map(str::trim) else {
            // Comments (`: ping`), `event:`, `id:` and `retry:` say nothing to us.
            if first_line.is_empty() && !text.starts_with(':') {
                first_line = text.chars().take(200).collect();
            }
            continue;
        };
        events = true;
        if data == "[DONE]" {
            return Ok(reply);
        }
        let piece: Value =
            serde_json::from_str(data).map_err(|_| StreamError::NoEvents(data.chars().take(200).collect()))?;
        if piece.get("error").is_some_and(|e| !e.is_null()) {
            return Err(StreamError::Told(error_words(&piece).unwrap_or_else(|| "an error without words".to_owned())));
        }
        let said = reply.add_piece(&piece);
        if !said.is_empty() && !on_text(&said) {
            return Err(StreamError::Unwanted);
        }
    }
    match (events, reply.finish.is_some()) {
        // Some servers close without [DONE]; the reason to stop says that the answer is whole.
        (true, true) => Ok(reply),
        (true, false) => Err(StreamError::CutOff),
        (false, _) => Err(if first_line.is_empty() { StreamError::CutOff } else { StreamError::NoEvents(first_line) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PIECES: &str = ": ping\n\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"The \"}}]}\r\n\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"sky\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n";

    #[test]
    fn pieces_make_the_answer() {
        let mut seen = Vec::new();
        let whole = format!("{PIECES}data: [DONE]\n\n");
        let reply = read(whole.as_bytes(), 10_000, |t| {
            seen.push(t.to_owned());
            true
        });
        let reply = reply.unwrap();
        assert_eq!((reply.text.as_str(), reply.usage), ("The sky", Some((3, 2))));
        assert_eq!(seen, ["The ", "sky"]);
        assert!(read(PIECES.as_bytes(), 10_000, |_| true).is_ok(), "a server that forgets [DONE]");
        assert!(matches!(read(PIECES.as_bytes(), 10_000, |_| false), Err(StreamError::Unwanted)));
    }

    #[test]
    fn what_is_not_whole_is_told() {
        let cut = PIECES.split("data: {\"choices\":[{\"delta\":{},").next().unwrap();
        assert!(matches!(read(cut.as_bytes(), 10_000, |_| true), Err(StreamError::CutOff)));
        assert!(matches!(read(&b""[..], 10, |_| true), Err(StreamError::CutOff)));
        assert!(matches!(read(PIECES.as_bytes(), 50, |_| true), Err(StreamError::TooLong)));
        assert!(matches!(read(&b"<html>"[..], 50, |_| true), Err(StreamError::NoEvents(l)) if l == "<html>"));
        let told = b"data: {\"error\":{\"message\":\"out of memory\"}}\n";
        assert!(matches!(read(&told[..], 500, |_| true), Err(StreamError::Told(w)) if w == "out of memory"));
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(bytes.as_slice(), 300, |_| true);
        }

        #[test]
        fn any_json_is_a_reply_or_none(text in "[\\[\\]{}\":,a-z0-9 ]{0,80}") {
            if let Ok(value) = serde_json::from_str(&text) {
                let _ = Reply::of_json(&value);
                Reply::default().add_piece(&value);
            }
        }
    }
}
