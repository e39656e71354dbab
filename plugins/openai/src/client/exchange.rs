//! One request to one server. It runs on a thread of its own, so that its caller can stop waiting at any time; the
//! timeouts end the thread, whatever the server does.

use super::failure::Failure;
use super::pause::retry_after;
use crate::reply::stream::{self, StreamError};
use crate::reply::{Reply, error_words};
use crate::secret::{Redactor, Secret};
use giqa_core::CancelToken;
use serde_json::Value;
use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// How often a wish to cancel is looked for.
const POLL: Duration = Duration::from_millis(20);
/// Pieces of text that may wait for their reader.
const WAITING: usize = 64;
/// The most of an error's page that is read.
const MAX_ERROR: u64 = 64 << 10;

/// How to speak to a server.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub agent: ureq::Agent,
    pub headers: Vec<(String, Secret)>,
    pub redactor: Redactor,
    /// Longest answer, in bytes.
    pub limit: u64,
}

enum Event {
    Text(String),
    End(Result<Reply, Failure>),
}

/// Asks, and waits for the reply until `deadline`; pieces of text go to `on_text` as they come.
pub(super) fn ask(
    line: &Line,
    url: String,
    body: Arc<Vec<u8>>,
    deadline: Instant,
    cancel: &CancelToken,
    on_text: &mut dyn FnMut(&str),
) -> Result<Reply, Failure> {
    let (events, incoming) = sync_channel(WAITING);
    let theirs = line.clone();
    let run = move || {
        let result = exchange(&theirs, &url, &body, deadline, &events);
        // A caller that has gone needs no result.
        let _ = events.send(Event::End(result));
    };
    // Where no thread can be had, the request is lost, but nothing else.
    std::thread::Builder::new()
        .name("openai-request".to_owned())
        .spawn(run)
        .map_err(|e| Failure::Own(format!("no thread for the request: {e}")))?;
    wait(&incoming, deadline, cancel, on_text)
}

fn wait(
    incoming: &Receiver<Event>,
    deadline: Instant,
    cancel: &CancelToken,
    on_text: &mut dyn FnMut(&str),
) -> Result<Reply, Failure> {
    // The thread's own timeouts come first and tell more; this is for what they don't cover.
    let patience = deadline + Duration::from_secs(2);
    loop {
        match incoming.recv_timeout(POLL) {
            Ok(Event::Text(text)) => on_text(&text),
            Ok(Event::End(result)) => return result,
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::Own("the request's thread ended".to_owned())),
            Err(RecvTimeoutError::Timeout) if Instant::now() >= patience => {
                return Err(Failure::Slow("no answer in time".to_owned()));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if cancel.is_cancelled() {
            return Err(Failure::Cancelled);
        }
    }
}

fn exchange(
    line: &Line,
    url: &str,
    body: &[u8],
    deadline: Instant,
    events: &SyncSender<Event>,
) -> Result<Reply, Failure> {
    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let mut request = line.agent.post(url).header("Content-Type", "application/json");
    for (name, value) in &line.headers {
        request = request.header(name, value.reveal());
    }
    let request = request.config().timeout_global(Some(left)).build();
    let answer = request.send(body).map_err(|e| line.failure(&e))?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(line.refused(answer));
    }
    let is_stream = answer.body().mime_type().is_some_and(|m| m == "text/event-stream");
    let mut reader = answer.into_body().into_reader();
    if is_stream {
        let send = |text: &str| events.send(Event::Text(text.to_owned())).is_ok();
        return stream::read(reader, line.limit, send).map_err(|e| line.stream_failure(e));
    }
    let mut bytes = Vec::new();
    let n = reader.by_ref().take(line.limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| line.broken(&e))?;
    if n as u64 > line.limit {
        return Err(Failure::TooLong(line.limit));
    }
    line.whole(&bytes)
}

impl Line {
    fn whole(&self, bytes: &[u8]) -> Result<Reply, Failure> {
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
            return Err(self.garbage(&String::from_utf8_lossy(bytes)));
        };
        if let Some(reply) = Reply::of_json(&value) {
            return Ok(reply);
        }
        // Some proxies send errors with status 200.
        Err(match value.get("error").and_then(|_| error_words(&value)) {
            Some(words) => Failure::Garbage(format!("an error with status 200: {}", self.redactor.quote(&words))),
            None => Failure::Garbage(format!("JSON without an answer: {}", self.redactor.quote(&value.to_string()))),
        })
    }

    fn garbage(&self, text: &str) -> Failure {
        let start = text.trim_start().chars().take(15).collect::<String>().to_lowercase();
        let what = if start.starts_with("<!doctype") || start.starts_with("<html") {
            "a web page instead of JSON".to_owned()
        } else if text.trim().is_empty() {
            "nothing".to_owned()
        } else {
            format!("something else than JSON: {}", self.redactor.quote(&text.chars().take(2000).collect::<String>()))
        };
        Failure::Garbage(what)
    }

    fn refused(&self, answer: ureq::http::Response<ureq::Body>) -> Failure {
        let code = answer.status().as_u16();
        let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(ToOwned::to_owned);
        let retry_after = header("retry-after").and_then(|v| retry_after(&v, jiff::Timestamp::now()));
        let place = header("location");
        let mut bytes = Vec::new();
        // What can't be read is not quoted.
        let _ = answer.into_body().into_reader().take(MAX_ERROR).read_to_end(&mut bytes);
        let words = match (serde_json::from_slice::<Value>(&bytes), place) {
            (_, Some(place)) if (300..400).contains(&code) => format!("see {place}"),
            (Ok(value), _) => error_words(&value).unwrap_or_default(),
            (Err(_), _) if bytes.trim_ascii_start().starts_with(b"<") => String::new(),
            (Err(_), _) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        Failure::Status { code, words: self.redactor.quote(&words), retry_after }
    }

    fn stream_failure(&self, error: StreamError) -> Failure {
        match error {
            StreamError::Broken(e) => self.broken(&e),
            StreamError::CutOff => Failure::Broken("the stream ended before the answer did".to_owned()),
            StreamError::TooLong => Failure::TooLong(self.limit),
            StreamError::NoEvents(line) => self.garbage(&line),
            StreamError::Told(words) => Failure::Broken(format!("the server said: {}", self.redactor.quote(&words))),
            StreamError::Unwanted => Failure::Cancelled,
        }
    }

    /// A failure while the body is read.
    fn broken(&self, error: &std::io::Error) -> Failure {
        match error.get_ref().and_then(|e| e.downcast_ref::<ureq::Error>()) {
            Some(inner) => self.failure(inner),
            None if error.kind() == std::io::ErrorKind::TimedOut => {
                Failure::Slow(self.redactor.quote(&error.to_string()))
            }
            None => Failure::Broken(self.redactor.quote(&error.to_string())),
        }
    }

    fn failure(&self, error: &ureq::Error) -> Failure {
        let words = self.redactor.quote(&error.to_string());
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => Failure::Unreachable(words),
            ureq::Error::Timeout(_) => Failure::Slow(words),
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::Tls(_) => {
                Failure::Unreachable(words)
            }
            ureq::Error::Io(e) if is_about_certificate(e) => Failure::Certificate(words),
            ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::ConnectionRefused => {
                Failure::Unreachable("connection refused".to_owned())
            }
            ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::TimedOut => Failure::Slow(words),
            ureq::Error::Io(e) if !is_of_connection(e) => Failure::Unreachable(words),
            ureq::Error::Io(_) | ureq::Error::Protocol(_) => Failure::Broken(words),
            _ => Failure::Unreachable(words),
        }
    }
}

/// Whether there was a connection that could break; else a name or a network was not found.
fn is_of_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, NotConnected, Other, UnexpectedEof,
    };
    let kinds = [BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, NotConnected, Other, UnexpectedEof];
    kinds.contains(&error.kind())
}

fn is_about_certificate(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}
