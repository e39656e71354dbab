//! A server that says what a test wants, on loopback: threads and sockets of the standard library, no framework that
//! would correct the faults that we inject.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "each test file uses a part of it")]

pub mod proxy;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    /// All header lines.
    pub head: String,
    pub body: Value,
    pub at: Instant,
}

impl Seen {
    /// The user's words.
    pub fn prompt(&self) -> String {
        let content = &self.body["messages"].as_array().unwrap().last().unwrap()["content"];
        match content {
            Value::String(text) => text.clone(),
            parts => parts.as_array().unwrap().iter().filter_map(|p| p["text"].as_str()).collect(),
        }
    }

    /// The picture's data URL.
    pub fn picture(&self) -> Option<String> {
        let parts = self.body["messages"].as_array()?.last()?["content"].as_array()?;
        parts.iter().find_map(|p| p["image_url"]["url"].as_str()).map(ToOwned::to_owned)
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Status, header lines (each with its line end), body.
    Answer(u16, String, Vec<u8>),
    /// Events of a stream; then the connection is closed.
    Stream(Vec<String>),
    /// A status line and headers, then a byte each time, for ever.
    Drip(Duration),
    /// Nothing, for ever.
    Silence,
    /// The connection is closed without a word.
    HangUp,
    /// After a while, this.
    Later(Duration, Box<Act>),
}

/// JSON with status 200.
pub fn ok(body: &Value) -> Act {
    status(200, body)
}

/// JSON with any status.
pub fn status(code: u16, body: &Value) -> Act {
    Act::Answer(code, "Content-Type: application/json\r\n".into(), body.to_string().into_bytes())
}

/// A whole chat completion.
pub fn says(text: &str) -> Act {
    ok(&json!({
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 20 }
    }))
}

/// The same in pieces, with a proper end.
pub fn streams(pieces: &[&str]) -> Act {
    let mut events: Vec<String> =
        pieces.iter().map(|p| json!({ "choices": [{ "delta": { "content": p } }] }).to_string()).collect();
    events.push(json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] }).to_string());
    events.push(json!({ "choices": [], "usage": { "prompt_tokens": 100, "completion_tokens": 20 } }).to_string());
    events.push("[DONE]".into());
    Act::Stream(events)
}

/// A connection, plain or encrypted.
pub trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

type Script = dyn Fn(&Seen, usize) -> Act + Send + Sync;

struct Shared {
    script: Box<Script>,
    seen: Mutex<Vec<Seen>>,
    now: AtomicUsize,
    most: AtomicUsize,
    stop: AtomicBool,
}

/// A running server.
pub struct Server {
    /// Where its API begins.
    pub url: String,
    pub address: std::net::SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts one; the script gets each request to anything but `/models` and its number, from 0.
    pub fn start(script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static) -> Self {
        Self::start_with(|stream| Some(Box::new(stream)), script)
    }

    /// The same over connections that are taken up in another way; `None` where that fails.
    pub fn start_with(
        take_up: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
        script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            seen: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let (theirs, take_up) = (Arc::clone(&shared), Arc::new(take_up));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if theirs.stop.load(Ordering::SeqCst) {
                    break;
                }
                let (shared, take_up) = (Arc::clone(&theirs), Arc::clone(&take_up));
                std::thread::spawn(move || {
                    let _ = stream.set_nodelay(true);
                    if let Some(stream) = take_up(stream) {
                        serve(stream, &shared);
                    }
                });
            }
        });
        Self { url: format!("http://{address}/v1"), address, shared }
    }

    /// A server that always does the same.
    pub fn always(act: Act) -> Self {
        Self::start(move |_, _| act.clone())
    }

    /// Requests so far, without those to `/models`.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// How many those are.
    pub fn count(&self) -> usize {
        self.shared.seen.lock().unwrap().len()
    }

    /// Most requests that were served at a time.
    pub fn most_at_a_time(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: Box<dyn Stream>, shared: &Shared) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream) {
        if request.path.ends_with("/models") {
            let body = json!({ "data": [{ "id": "m" }] });
            if !act(stream.get_mut(), &ok(&body), shared) {
                return;
            }
            continue;
        }
        let number = {
            let mut seen = shared.seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        shared.most.fetch_max(shared.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let what = (shared.script)(&request, number);
        // Not in flight any more when its last byte goes out: the client may send the next one at once.
        if let Act::Later(wait, then) = &what {
            std::thread::sleep(*wait);
            shared.now.fetch_sub(1, Ordering::SeqCst);
            if !act(stream.get_mut(), then, shared) {
                return;
            }
            continue;
        }
        shared.now.fetch_sub(1, Ordering::SeqCst);
        if !act(stream.get_mut(), &what, shared) {
            return;
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<Seen> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let length =
        head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse().unwrap()));
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let mut first = head.split_whitespace();
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some(Seen { method, path, head, body, at: Instant::now() })
}

/// Does it; false when the connection is over.
fn act(to: &mut dyn Stream, what: &Act, shared: &Shared) -> bool {
    match what {
        Act::Answer(code, headers, body) => {
            let head = format!("HTTP/1.1 {code} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
            to.write_all(head.as_bytes()).is_ok() && to.write_all(body).is_ok()
        }
        Act::Stream(events) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
            let _ = to.write_all(head.as_bytes());
            for event in events {
                let _ = to.write_all(format!("data: {event}\n\n").as_bytes());
            }
            false
        }
        Act::Drip(pause) => {
            let _ = to.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
            while !shared.stop.load(Ordering::SeqCst) && to.write_all(b" ").is_ok() {
                std::thread::sleep(*pause);
            }
            false
        }
        Act::Silence => {
            while !shared.stop.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(10));
            }
            false
        }
        Act::HangUp => false,
        Act::Later(wait, then) => {
            std::thread::sleep(*wait);
            act(to, then, shared)
        }
    }
}

/// A port of this machine on which nobody listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    format!("http://{address}/v1")
}
