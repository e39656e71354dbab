//! What a server answered, whole or in pieces, reduced to what we use. This is also what the cache keeps.

pub(crate) mod stream;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tokens of which the alternatives are kept: the answer to a yes/no question comes early or never.
const KEPT_TOKENS: usize = 16;
/// Alternatives kept for each.
const KEPT_ALTERNATIVES: usize = 20;

/// An answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub text: String,
    /// Why the model would not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Why it stopped: `stop`, `length`, `content_filter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<String>,
    /// The first tokens with their alternatives, where the server gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<Token>,
    /// Tokens read and written, where the server counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<(u64, u64)>,
}

/// A token and what the model might have written instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Token {
    pub text: String,
    /// Natural logarithm of its probability.
    pub logprob: f64,
    pub top: Vec<(String, f64)>,
}

impl Reply {
    /// Reads a whole answer of either endpoint; `None` when it is no such answer.
    pub(crate) fn of_json(answer: &Value) -> Option<Self> {
        let choice = answer.get("choices")?.get(0)?;
        let message = choice.get("message");
        let content = message.and_then(|m| m.get("content")).or_else(|| choice.get("text"));
        let refusal = message.and_then(|m| m.get("refusal")).and_then(Value::as_str);
        if content.is_none() && refusal.is_none() {
            return None;
        }
        let mut reply = Self { refusal: refusal.map(ToOwned::to_owned), ..Self::default() };
        reply.add_common(answer, choice);
        reply.text = content.map(text_of).unwrap_or_default();
        Some(reply)
    }

    /// Adds a piece of a stream; gives its text.
    pub(crate) fn add_piece(&mut self, piece: &Value) -> String {
        let Some(choice) = piece.get("choices").and_then(|c| c.get(0)) else {
            self.add_usage(piece);
            return String::new();
        };
        let delta = choice.get("delta");
        let text = delta.and_then(|d| d.get("content")).or_else(|| choice.get("text")).map(text_of).unwrap_or_default();
        if let Some(refusal) = delta.and_then(|d| d.get("refusal")).and_then(Value::as_str) {
            self.refusal.get_or_insert_default().push_str(refusal);
        }
        self.text.push_str(&text);
        self.add_common(piece, choice);
        text
    }

    fn add_common(&mut self, whole: &Value, choice: &Value) {
        if let Some(finish) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(finish.to_owned());
        }
        self.add_tokens(choice.get("logprobs").unwrap_or(&Value::Null));
        self.add_usage(whole);
    }

    fn add_usage(&mut self, whole: &Value) {
        let Some(usage) = whole.get("usage").filter(|u| u.is_object()) else { return };
        let count = |key| usage.get(key).and_then(Value::as_u64).unwrap_or(0);
        self.usage = Some((count("prompt_tokens"), count("completion_tokens")));
    }

    fn add_tokens(&mut self, logprobs: &Value) {
        // Chat: a list of objects. Completions: parallel lists.
        for entry in logprobs.get("content").and_then(Value::as_array).into_iter().flatten() {
            let top =
                entry.get("top_logprobs").and_then(Value::as_array).into_iter().flatten().filter_map(text_and_logprob);
            self.keep(text_and_logprob(entry), top.take(KEPT_ALTERNATIVES).collect());
        }
        let list = |key| logprobs.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (n, text) in list("tokens").iter().enumerate() {
            let logprob = list("token_logprobs").get(n).and_then(Value::as_f64);
            let top = list("top_logprobs").get(n).and_then(Value::as_object).into_iter().flatten();
            let top = top.filter_map(|(t, p)| Some((t.clone(), p.as_f64()?))).take(KEPT_ALTERNATIVES).collect();
            self.keep(text.as_str().map(ToOwned::to_owned).zip(logprob), top);
        }
    }

    fn keep(&mut self, token: Option<(String, f64)>, top: Vec<(String, f64)>) {
        if let Some((text, logprob)) = token
            && self.tokens.len() < KEPT_TOKENS
        {
            self.tokens.push(Token { text, logprob, top });
        }
    }

    /// The answer without what a reasoning model thought aloud before it.
    pub(crate) fn said(&self) -> &str {
        let text = self.text.trim();
        // Some templates write the opening tag into the prompt, so that only the closing one is seen.
        match text.split_once("</think>") {
            Some((thought, said)) if thought.starts_with("<think>") || !thought.contains('<') => said.trim(),
            _ if text.starts_with("<think>") => "",
            _ => text,
        }
    }
}

fn text_and_logprob(entry: &Value) -> Option<(String, f64)> {
    Some((entry.get("token")?.as_str()?.to_owned(), entry.get("logprob")?.as_f64()?))
}

/// A content: text, or a list of parts with text.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|p| p.get("text").and_then(Value::as_str)).collect(),
        _ => String::new(),
    }
}

/// A server's own words for an error, out of its JSON.
pub(crate) fn error_words(answer: &Value) -> Option<String> {
    let error = answer.get("error").unwrap_or(answer);
    let words = [error.get("message"), error.get("detail"), error.get("msg"), Some(error)];
    let text = words.into_iter().flatten().find_map(Value::as_str).map(ToOwned::to_owned);
    // FastAPI's list of what was wrong with the request.
    let list = || error.get("detail").filter(|d| !d.is_null()).map(ToString::to_string);
    text.or_else(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_endpoints_are_read() {
        let chat = json!({
            "choices": [{
                "message": { "content": [{ "type": "text", "text": "Yes" }, { "type": "text", "text": "." }] },
                "finish_reason": "stop",
                "logprobs": { "content": [{ "token": "Yes", "logprob": -0.1, "top_logprobs": [{ "token": "No", "logprob": -2 }] }] }
            }],
            "usage": { "prompt_tokens": 7, "completion_tokens": 2 }
        });
        let reply = Reply::of_json(&chat).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish.as_deref(), reply.usage), ("Yes.", Some("stop"), Some((7, 2))));
        assert_eq!(reply.tokens, [Token { text: "Yes".into(), logprob: -0.1, top: vec![("No".into(), -2.0)] }]);
        let completion = json!({ "choices": [{ "text": "on", "finish_reason": "length", "logprobs": {
            "tokens": ["on"], "token_logprobs": [-0.5], "top_logprobs": [{ "off": -1.0 }] } }] });
        let reply = Reply::of_json(&completion).unwrap();
        assert_eq!(reply.tokens, [Token { text: "on".into(), logprob: -0.5, top: vec![("off".into(), -1.0)] }]);
        for none in
            [json!({}), json!([]), json!({ "choices": [] }), json!({ "choices": [{}] }), json!("x"), json!(null)]
        {
            assert!(Reply::of_json(&none).is_none(), "{none}");
        }
    }

    #[test]
    fn thoughts_are_left_out() {
        let said = |text: &str| Reply { text: text.into(), ..Reply::default() }.said().to_owned();
        assert_eq!(said("<think>Hm.</think>\n\nYes."), "Yes.");
        assert_eq!(said("Hm.</think> Yes."), "Yes.");
        assert_eq!(said("<think>Hm, cut off"), "");
        assert_eq!(said(" Yes. "), "Yes.");
    }

    #[test]
    fn errors_are_found_wherever_they_stand() {
        for (answer, words) in [
            (json!({ "error": { "message": "m" } }), Some("m")),
            (json!({ "error": "m" }), Some("m")),
            (json!({ "message": "m" }), Some("m")),
            (json!({ "detail": "m" }), Some("m")),
            (json!({ "detail": [{ "loc": "x" }] }), Some(r#"[{"loc":"x"}]"#)),
            (json!({}), None),
        ] {
            assert_eq!(error_words(&answer).as_deref(), words, "{answer}");
        }
    }
}
