//! What servers do wrong: an error for that picture with the cause and the remedy, in bounded time; the rest go on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod client;
mod server;

use client::{ask_many, describe, model, model_in};
use giqa_core::{CancelToken, Context, ErrorKind, Evidence, ImageView, ModelInput, Request, Silent};
use serde_json::json;
use server::{Act, Server, nobody, ok, says, status, streams};
use std::time::{Duration, Instant};

const SKY: &str = "The [sky](<0, 139>) is noisy.";

/// The error that a server's act leads to, as a person reads it.
fn told(act: Act, more: serde_json::Value) -> String {
    let server = Server::always(act);
    let error = describe(&*model(&server.url, more)).unwrap_err();
    assert!(error.hint.is_some(), "{error}");
    error.to_string()
}

#[track_caller]
fn assert_says(told: &str, words: &[&str]) {
    for word in words {
        assert!(told.contains(word), "{word:?} is not in: {told}");
    }
}

#[test]
fn a_server_that_is_down() {
    let began = Instant::now();
    let error = describe(&*model(&nobody(), json!({}))).unwrap_err();
    assert_says(&error.to_string(), &["can't be reached", "refused", "3 tries", "start the server"]);
    assert!(error.retryable && began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_wrong_key_is_told_without_the_key() {
    // Cargo sets this variable for tests.
    let key = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let server = Server::start(|seen, _| {
        let given =
            seen.head.lines().find(|l| l.to_lowercase().starts_with("authorization")).unwrap_or_default().to_owned();
        status(401, &json!({ "error": { "message": format!("Incorrect API key provided: {given}") } }))
    });
    let model = model(&server.url, json!({ "api_key_env": "CARGO_MANIFEST_DIR" }));
    let error = describe(&*model).unwrap_err();
    assert_says(&error.to_string(), &["401", "Incorrect API key", "[redacted]", "api_key_env"]);
    assert!(!format!("{error:?}").contains(&key), "{error:?}");
    assert!(server.seen()[0].head.contains(&format!("Bearer {key}")));
    assert_eq!(server.seen().len(), 1, "not tried again");
}

#[test]
fn an_unknown_model() {
    let act = status(404, &json!({ "error": { "message": "The model `m` does not exist." } }));
    assert_says(&told(act, json!({})), &["'m'", "404", "does not exist", "/models"]);
}

#[test]
fn a_refusal() {
    let refusal =
        json!({ "message": { "content": null, "refusal": "I can't help with that." }, "finish_reason": "stop" });
    assert_says(&told(ok(&json!({ "choices": [refusal] })), json!({})), &["refused", "I can't help", "prompts"]);
    let filtered = json!({ "message": { "content": "" }, "finish_reason": "content_filter" });
    assert_says(&told(ok(&json!({ "choices": [filtered] })), json!({})), &["content filter"]);
}

#[test]
fn a_truncated_stream_is_tried_again() {
    let piece = json!({ "choices": [{ "delta": { "content": "The [sky]" } }] }).to_string();
    let cut = Act::Stream(vec![piece]);
    assert_says(&told(cut.clone(), json!({})), &["broke off", "ended before the answer", "3 tries"]);
    let server = Server::start(move |_, n| if n == 0 { cut.clone() } else { streams(&["The [sky]", "(<0, 139>)"]) });
    assert_eq!(describe(&*model(&server.url, json!({}))).unwrap().text.spans.len(), 1);
}

#[test]
fn a_web_page_instead_of_json() {
    let page = Act::Answer(200, "Content-Type: text/html\r\n".into(), b"<!DOCTYPE html><title>Welcome".to_vec());
    assert_says(&told(page, json!({})), &["web page", "base_url"]);
    let events = Act::Stream(vec!["<html>".into()]);
    assert_says(&told(events, json!({})), &["web page"]);
    let other = ok(&json!({ "hello": "\u{1b}[31m" }));
    let told = told(other, json!({}));
    assert_says(&told, &["JSON without an answer"]);
    assert!(!told.contains('\u{1b}'));
    let redirect = Act::Answer(308, "Location: https://elsewhere.example/v1\r\n".into(), vec![]);
    assert_says(&self::told(redirect, json!({})), &["308", "elsewhere.example", "base_url"]);
}

#[test]
fn an_answer_without_boxes_or_with_wrong_ones() {
    let server =
        Server::start(|_, n| if n == 0 { says("The sky is noisy.") } else { says("The [sky](<0, 999>) is noisy.") });
    let model_of = |more| model(&server.url, more);
    let output = describe(&*model_of(json!({}))).unwrap();
    assert_eq!(output.text.text, "The sky is noisy.");
    assert_says(&output.warnings[0], &["no boxes", "box_dialect"]);
    let output = describe(&*model_of(json!({}))).unwrap();
    assert_says(&output.warnings[0], &["cell 999", "dropped"]);
    let error = describe(&*model_of(json!({ "require_boxes": true }))).unwrap_err();
    assert_says(&error.to_string(), &["no boxes", "cell 999", "box_dialect"]);
}

#[test]
fn a_very_long_answer_is_not_read() {
    let long = "x".repeat(20 << 20);
    for act in [says(&long), streams(&[&long])] {
        let began = Instant::now();
        assert_says(&told(act, json!({})), &["more than 4096 kB", "max_response_kb"]);
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn slow_servers_cost_bounded_time() {
    let short = json!({ "retries": 0, "timeout_s": 1.0, "idle_timeout_s": 0.3 });
    for act in [Act::Silence, Act::Drip(Duration::from_millis(50))] {
        let began = Instant::now();
        let server = Server::always(act);
        let error = describe(&*model(&server.url, short.clone())).unwrap_err();
        assert_eq!(error.kind, ErrorKind::TimedOut, "{error}");
        assert_says(&error.to_string(), &["too slow", "idle_timeout_s"]);
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}

#[test]
fn a_wish_to_stop_is_heard_while_a_server_is_silent() {
    let server = Server::always(Act::Silence);
    let model = model(&server.url, json!({}));
    let (cancel, evidence, pixels) = (CancelToken::new(), Evidence::default(), client::pixels(1));
    let image = Some(ImageView::packed(40, 20, &pixels).unwrap());
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while server.seen().is_empty() {
                std::thread::yield_now();
            }
            cancel.cancel();
        });
        let items = [ModelInput { image, request: &Request::Describe, evidence: &evidence }];
        let error = model.generate(&Context::new(&cancel, &Silent), &items).remove(0).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Cancelled);
    });
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_server_that_asks_to_wait_is_obeyed() {
    for date in [false, true] {
        let header = if date { http_date_in(2) } else { "1".to_owned() };
        let server = Server::start(move |_, n| match n {
            0 => Act::Answer(429, format!("Retry-After: {header}\r\n"), br#"{"error":"slow down"}"#.to_vec()),
            _ => says(SKY),
        });
        describe(&*model(&server.url, json!({}))).unwrap();
        let seen = server.seen();
        let waited = seen[1].at - seen[0].at;
        assert!(waited > Duration::from_millis(900) && waited < Duration::from_secs(10), "{waited:?}");
    }
    let hour = Act::Answer(429, "Retry-After: 3600\r\n".into(), vec![]);
    assert_says(&told(hour, json!({})), &["429", "3600 s", "max_retry_wait_s", "requests_per_minute"]);
}

fn http_date_in(seconds: i64) -> String {
    let then = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then).unwrap()
}

#[test]
fn failures_that_pass_are_tried_again() {
    for code in [408, 409, 429, 500, 502, 503] {
        let server =
            Server::start(move |_, n| if n < 2 { status(code, &json!({ "error": "not now" })) } else { says(SKY) });
        describe(&*model(&server.url, json!({}))).unwrap();
        assert_eq!(server.seen().len(), 3);
    }
    let server = Server::start(|_, n| if n == 0 { Act::HangUp } else { says(SKY) });
    describe(&*model(&server.url, json!({}))).unwrap();
    assert_says(&told(status(500, &json!({ "error": { "message": "CUDA" } })), json!({})), &["500", "CUDA", "3 tries"]);
    let server = Server::always(status(400, &json!({ "error": "no" })));
    assert!(!describe(&*model(&server.url, json!({}))).unwrap_err().retryable);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_breaker_opens_and_closes_again() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static WELL: AtomicBool = AtomicBool::new(false);
    let server = Server::start(|_, _| if WELL.load(Ordering::SeqCst) { says(SKY) } else { status(500, &json!({})) });
    let model = model(&server.url, json!({ "retries": 0, "breaker_failures": 3, "breaker_pause_s": 2 }));
    for _ in 0..10 {
        describe(&*model).unwrap_err();
    }
    assert_eq!(server.seen().len(), 3, "left alone after that");
    assert_says(&describe(&*model).unwrap_err().to_string(), &["3 times in a row", "left alone"]);
    WELL.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(2100));
    describe(&*model).unwrap();
}

#[test]
fn another_server_takes_over() {
    let good = Server::always(says(SKY));
    let bad = Server::always(status(500, &json!({})));
    let model =
        model_in(None, json!([nobody(), bad.url, good.url]), json!({ "breaker_failures": 2, "breaker_pause_s": 60 }));
    let outcomes = ask_many(&*model, &Request::Describe, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], &Silent);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(good.seen().len(), 10);
    let asked = bad.seen().len();
    assert!(ask_many(&*model, &Request::Describe, &[11; 10], &Silent).iter().all(Result::is_ok));
    assert_eq!(bad.seen().len(), asked, "its breaker is open");
}

#[test]
fn servers_share_the_work() {
    let servers: Vec<_> =
        (0..2).map(|_| Server::always(Act::Later(Duration::from_millis(40), Box::new(says(SKY))))).collect();
    let urls: Vec<_> = servers.iter().map(|s| s.url.as_str()).collect();
    let model = model_in(None, json!(urls), json!({ "max_concurrency": 4 }));
    let shades: Vec<u8> = (0..24).collect();
    assert!(ask_many(&*model, &Request::Describe, &shades, &Silent).iter().all(Result::is_ok));
    for server in &servers {
        assert!((8..=16).contains(&server.seen().len()), "{}", server.seen().len());
        assert!(server.most_at_a_time() <= 3, "{}", server.most_at_a_time());
    }
}

#[test]
fn one_bad_picture_of_a_batch_spoils_no_other() {
    let server = Server::start(|_, n| if n == 2 { status(400, &json!({ "error": "bad picture" })) } else { says(SKY) });
    let model = model(&server.url, json!({ "max_concurrency": 1 }));
    let outcomes = ask_many(&*model, &Request::Describe, &[1, 2, 3, 4, 5], &Silent);
    assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true, true]);
}

#[test]
fn requests_per_minute_are_kept() {
    let server = Server::always(says(SKY));
    let model = model(&server.url, json!({ "requests_per_minute": 600 }));
    let began = Instant::now();
    let shades: Vec<u8> = (0..20).collect();
    assert!(ask_many(&*model, &Request::Describe, &shades, &Silent).iter().all(Result::is_ok));
    let took = began.elapsed();
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn models_that_only_think_or_say_nothing() {
    let thought = json!({ "message": { "content": "<think>Hm" }, "finish_reason": "length" });
    assert_says(&told(ok(&json!({ "choices": [thought] })), json!({})), &["1024 tokens", "max_tokens"]);
    assert_says(&told(says(""), json!({})), &["nothing", "chat model"]);
    let cut = Server::always(ok(&json!({ "choices": [{ "message": { "content": SKY }, "finish_reason": "length" }] })));
    assert_says(&describe(&*model(&cut.url, json!({}))).unwrap().warnings[0], &["cut off", "max_tokens"]);
}
