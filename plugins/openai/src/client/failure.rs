//! What can go wrong with a request, and how that is told.

use giqa_core::{ComponentError, ErrorKind};
use std::time::Duration;

/// Why a server gave no reply. The words are its own, redacted already.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// An HTTP status other than 200.
    Status { code: u16, words: String, retry_after: Option<Duration> },
    /// It can't be reached.
    Unreachable(String),
    /// It can't prove that it is the server that was meant.
    Certificate(String),
    /// The connection broke, or the answer ended too soon.
    Broken(String),
    /// It was silent, or too slow.
    Slow(String),
    /// The answer is no answer: a web page, something else than JSON.
    Garbage(String),
    /// The answer is longer than we read.
    TooLong(u64),
    /// Nobody wants the answer any more.
    Cancelled,
    /// Our own side failed.
    Own(String),
}

impl Failure {
    /// Whether another try may succeed.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Failure::Status { code, .. } => matches!(code, 408 | 409 | 429 | 500..=599),
            Failure::Unreachable(_) | Failure::Broken(_) | Failure::Slow(_) => true,
            Failure::Certificate(_)
            | Failure::Garbage(_)
            | Failure::TooLong(_)
            | Failure::Cancelled
            | Failure::Own(_) => false,
        }
    }

    /// Whether it speaks against the server's health; one that says no is well.
    pub(crate) fn is_illness(&self) -> bool {
        match self {
            Failure::Status { code, .. } => *code >= 500,
            Failure::Unreachable(_) | Failure::Certificate(_) | Failure::Broken(_) | Failure::Slow(_) => true,
            _ => false,
        }
    }

    /// The error for a person: what happened, at which server, after how many tries, and what to do.
    pub(crate) fn told(&self, url: &str, model: &str, tries: u32) -> ComponentError {
        let times = if tries > 1 { format!(" ({tries} tries)") } else { String::new() };
        let failed = |what: String, hint: &str| {
            ComponentError::new(ErrorKind::Failed, format!("{url} {what}{times}")).hint(hint)
        };
        let error = match self {
            Failure::Cancelled => return ComponentError::cancelled(),
            Failure::Status { code, words, .. } => {
                let hint = match code {
                    300..=399 => "write the address that it redirects to into base_url",
                    400 | 422 => {
                        "the server does not take this request; check the component's keys in plugins.toml against it"
                    }
                    401 | 403 => "check the key in the variable that api_key_env names",
                    402 => "the account can't pay for more",
                    404 | 405 => return self.not_found(url, model),
                    413 => "lower max_image_side or jpeg_quality",
                    429 => {
                        "lower max_concurrency, or set requests_per_minute and tokens_per_minute to what the server allows"
                    }
                    408 | 409 | 500..=599 => "the server's log tells more; if it is overloaded, lower max_concurrency",
                    _ => "see the server's log",
                };
                let words = if words.is_empty() { String::new() } else { format!(": {words}") };
                failed(format!("answered {code}{words}"), hint)
            }
            Failure::Unreachable(why) => {
                failed(format!("can't be reached: {why}"), "start the server, or correct base_url")
            }
            Failure::Certificate(why) => failed(
                format!("is not trusted: {why}"),
                "name the file of its certificate authority as ca_file, or correct the host in base_url",
            ),
            Failure::Broken(why) => {
                let other = if url.starts_with("https:") { "http" } else { "https" };
                let hint =
                    format!("the server's log tells more; a proxy may be in between, or the server speaks {other}://");
                failed(format!("broke off: {why}"), &hint)
            }
            Failure::Slow(why) => {
                let message = format!("{url} is too slow: {why}{times}");
                ComponentError::new(ErrorKind::TimedOut, message)
                    .hint("raise idle_timeout_s and timeout_s (and the plugin's deadline_s), or lower max_tokens or max_concurrency")
            }
            Failure::Garbage(what) => ComponentError::new(ErrorKind::Garbage, format!("{url} answered {what}{times}"))
                .hint("base_url must be that of an OpenAI-compatible API; most end in /v1"),
            Failure::TooLong(limit) => {
                let message = format!("{url} answered more than {} kB{times}", limit / 1000);
                ComponentError::new(ErrorKind::Garbage, message)
                    .hint("raise max_response_kb if the model needs that, or lower max_tokens")
            }
            Failure::Own(why) => failed(format!("was not asked: {why}"), "report this"),
        };
        if self.may_pass() { error.retryable() } else { error }
    }

    fn not_found(&self, url: &str, model: &str) -> ComponentError {
        let words = match self {
            Failure::Status { code, words, .. } if !words.is_empty() => format!("{code}: {words}"),
            Failure::Status { code, .. } => code.to_string(),
            _ => String::new(),
        };
        ComponentError::new(
            ErrorKind::Failed,
            format!("{url} does not know the model '{model}' or the address: {words}"),
        )
        .hint("correct model (GET base_url/models lists them) and base_url, which mostly ends in /v1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_names_the_server_and_a_remedy() {
        let status = |code| Failure::Status { code, words: "w".into(), retry_after: None };
        let codes = [307, 400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 429, 500, 502, 503, 504];
        let others = [
            Failure::Unreachable("x".into()),
            Failure::Certificate("x".into()),
            Failure::Broken("x".into()),
            Failure::Slow("x".into()),
            Failure::Garbage("x".into()),
            Failure::TooLong(1),
            Failure::Own("x".into()),
        ];
        for failure in codes.map(status).into_iter().chain(others) {
            let error = failure.told("http://s", "m", 2);
            assert!(error.message.contains("http://s") && error.hint.is_some(), "{failure:?}");
            assert_eq!(error.retryable, failure.may_pass(), "{failure:?}");
        }
        assert_eq!(Failure::Cancelled.told("u", "m", 1).kind, ErrorKind::Cancelled);
    }
}
