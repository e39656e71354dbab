//! What a healthy server says, and what becomes of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod client;
mod server;

use client::{answer, ask, ask_many, describe, model, model_in};
use giqa_core::{NormBox, Observer, Request, Silent};
use serde_json::json;
use server::{Act, Server, ok, says, streams};
use std::sync::Mutex;
use std::time::Duration;

const SKY: &str = "The [sky](<0, 139>) is noisy.";

#[test]
fn a_description_has_boxes_tokens_and_cost() {
    let server = Server::always(says(SKY));
    let output = describe(&*model(&server.url, json!({ "prices": { "input": 1.0, "output": 10.0 } }))).unwrap();
    assert_eq!(output.text.text, "The sky is noisy.");
    assert_eq!((output.text.spans[0].label.as_str(), output.warnings.len()), ("sky", 0));
    let usage = output.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens, usage.cached), (100, 20, false));
    assert!((usage.cost.unwrap() - 300e-6).abs() < 1e-12);
    let seen = server.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("POST", "/v1/chat/completions"));
    assert!(seen[0].picture().unwrap().starts_with("data:image/jpeg;base64,/9j/"));
    assert!(seen[0].prompt().contains("<0, 139>"), "the format of boxes is told");
}

struct Heard(Mutex<Vec<(usize, String)>>);

impl Observer for Heard {
    fn token(&self, item: usize, text: &str) {
        self.0.lock().unwrap().push((item, text.to_owned()));
    }
}

#[test]
fn streamed_text_is_heard_as_it_comes() {
    let server = Server::always(streams(&["The [sky]", "(<0, 139>)", " is noisy."]));
    let heard = Heard(Mutex::default());
    let output = ask_many(&*model(&server.url, json!({})), &Request::Describe, &[1], &heard).remove(0).unwrap();
    assert_eq!(output.text.text, "The sky is noisy.");
    assert_eq!(output.usage.unwrap().completion_tokens, 20);
    let heard = heard.0.into_inner().unwrap();
    assert_eq!(heard.iter().map(|(_, t)| t.as_str()).collect::<Vec<_>>(), ["The [sky]", "(<0, 139>)", " is noisy."]);
    assert_eq!(server.seen()[0].body["stream"], true);
}

#[test]
fn yes_and_no_have_probabilities() {
    let entry = |token: &str, p: f64| json!({ "token": token, "logprob": p.ln() });
    let mut first = entry("Yes", 0.6);
    first["top_logprobs"] = json!([entry("Yes", 0.6), entry(" no", 0.2)]);
    let server = Server::always(ok(&json!({ "choices": [{
        "message": { "content": "Yes." }, "finish_reason": "stop", "logprobs": { "content": [first] }
    }] })));
    let model = model(&server.url, json!({}));
    let output = answer(&*model, "Is the [sky](<0, 139>) clear?").unwrap();
    assert_eq!(output.text.text, "Yes.");
    let odds: Vec<_> = output.options.iter().map(|o| (o.option.as_str(), (o.probability * 1e6).round())).collect();
    assert_eq!(odds, [("yes", 750_000.0), ("no", 250_000.0)]);
    let seen = &server.seen()[0];
    assert_eq!((&seen.body["logprobs"], &seen.body["top_logprobs"]), (&json!(true), &json!(10)));
    assert!(seen.prompt().starts_with("Is the [sky](<0, 139>) clear?"), "{}", seen.prompt());
    // An open question wants none.
    answer(&*model, "What is blurry?").unwrap();
    assert_eq!(server.seen()[1].body["logprobs"], json!(null));
}

#[test]
fn boxes_of_a_question_are_written_in_the_models_dialect() {
    let server = Server::always(says("No."));
    let model = model(&server.url, json!({ "box_dialect": "pixels" }));
    let boxes = vec![NormBox::new(0.0, 0.0, 0.5, 0.5).unwrap()];
    ask(&*model, &Request::Answer { question: "Is it sharp?".into(), boxes }).unwrap();
    let prompt = server.seen()[0].prompt();
    assert!(prompt.contains("[region][0,0,20,10]"), "{prompt}");
}

#[test]
fn levels_become_a_score() {
    let server = Server::start(|seen, _| {
        if seen.prompt().contains("Rate the quality") {
            let top = json!([{ "token": "good", "logprob": 0.5f64.ln() }, { "token": "fair", "logprob": 0.5f64.ln() }]);
            ok(&json!({ "choices": [{ "message": { "content": "good" }, "finish_reason": "stop",
                "logprobs": { "content": [{ "token": "good", "logprob": 0.5f64.ln(), "top_logprobs": top }] } }],
                "usage": { "prompt_tokens": 1, "completion_tokens": 1 } }))
        } else {
            says(SKY)
        }
    });
    let output = describe(&*model(&server.url, json!({ "rate": true }))).unwrap();
    assert!((output.score.unwrap() - 62.5).abs() < 1e-6, "{:?}", output.score);
    assert_eq!((output.options.len(), output.usage.unwrap().prompt_tokens), (5, 101));
    let by_word = Server::always(says("It is excellent."));
    assert_eq!(describe(&*model(&by_word.url, json!({ "rate": true }))).unwrap().score, Some(100.0));
}

#[test]
fn prompts_are_completed_and_judged() {
    let server = Server::always(says("Once upon a time"));
    let complete = Request::Complete { prompt: "Once".into() };
    let output = ask(&*model(&server.url, json!({})), &complete).unwrap();
    assert_eq!(output.text.text, "Once upon a time");
    let seen = &server.seen()[0];
    assert_eq!(
        (seen.prompt().as_str(), seen.picture(), seen.body["messages"].as_array().unwrap().len()),
        ("Once", None, 1)
    );
    let judge = Server::always(says("3"));
    ask(&*model(&judge.url, json!({ "judge": true })), &complete).unwrap();
    let seen = &judge.seen()[0];
    assert!(seen.prompt().starts_with("Once") && seen.prompt().contains("0 (wrong"), "{}", seen.prompt());
    assert_eq!(seen.body["logprobs"], true);
    let plain = Server::always(ok(&json!({ "choices": [{ "text": " upon", "finish_reason": "stop" }] })));
    let output = ask(&*model(&plain.url, json!({ "complete_with": "completions" })), &complete).unwrap();
    assert_eq!((output.text.text.as_str(), plain.seen()[0].path.as_str()), (" upon", "/v1/completions"));
}

#[test]
fn json_is_asked_for_and_read() {
    let text = r#"{"description": "The sky is noisy.", "regions": [{"label": "sky", "box": [0, 0, 1000, 350]}]}"#;
    let server = Server::always(says(text));
    let keys = json!({ "structured": "json_schema", "box_dialect": "qwen3" });
    let output = describe(&*model(&server.url, keys.clone())).unwrap();
    assert_eq!((output.text.text.as_str(), output.text.spans.len()), ("The sky is noisy.", 1));
    assert_eq!(server.seen()[0].body["response_format"]["type"], "json_schema");
    let prose = Server::always(says("The [sky][0,0,1000,350] is noisy."));
    let output = describe(&*model(&prose.url, keys)).unwrap();
    assert_eq!(output.text.spans.len(), 1, "what is not JSON is read as prose");
    assert!(output.warnings.iter().any(|w| w.contains("not the JSON")), "{:?}", output.warnings);
}

#[test]
fn fields_that_a_server_refuses_are_left_out() {
    let server = Server::start(|seen, _| {
        let refuse =
            |what: &str| server::status(400, &json!({ "error": { "message": format!("Unsupported: '{what}'") } }));
        for field in ["max_tokens", "response_format", "temperature"] {
            if !seen.body[field].is_null() {
                return refuse(field);
            }
        }
        says(SKY)
    });
    let model = model(&server.url, json!({ "structured": "auto" }));
    describe(&*model).unwrap();
    assert_eq!(server.seen().len(), 4);
    assert_eq!(server.seen()[3].body["max_completion_tokens"], 1024);
    describe(&*model).unwrap();
    assert_eq!(server.seen().len(), 5, "they are not tried again");
}

#[test]
fn batches_run_side_by_side_in_order_and_within_the_limit() {
    // The later a picture comes, the faster its answer.
    let server = Server::start(|seen, _| {
        let shade = seen.picture().unwrap().len();
        Act::Later(Duration::from_millis(30 + (shade as u64 * 7) % 60), Box::new(says(&seen.picture().unwrap())))
    });
    let model = model(&server.url, json!({ "max_concurrency": 4 }));
    let shades: Vec<u8> = (0..20).map(|n| n * 12).collect();
    let outputs = ask_many(&*model, &Request::Describe, &shades, &Silent);
    let answers: Vec<String> = outputs.into_iter().map(|o| o.unwrap().text.text).collect();
    let alone: Vec<String> = shades
        .iter()
        .map(|s| ask_many(&*model, &Request::Describe, &[*s], &Silent).remove(0).unwrap().text.text)
        .collect();
    assert_eq!(answers, alone);
    assert_eq!(server.most_at_a_time(), 4);
}

#[test]
fn answers_are_kept_and_not_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::always(says(SKY));
    let make = |more| model_in(Some(dir.path()), json!(server.url), more);
    let first = describe(&*make(json!({}))).unwrap();
    // Another component is another process, as far as the cache can tell.
    let again = describe(&*make(json!({}))).unwrap();
    assert_eq!((server.seen().len(), &again.text), (1, &first.text));
    assert!(again.usage.unwrap().cached && !first.usage.unwrap().cached);
    describe(&*make(json!({ "seed": 7 }))).unwrap();
    describe(&*make(json!({ "model": "other" }))).unwrap();
    describe(&*make(json!({ "jpeg_quality": 50 }))).unwrap();
    describe(&*make(json!({ "prompts": { "describe": "Go on" } }))).unwrap();
    ask_many(&*make(json!({})), &Request::Describe, &[7], &Silent).remove(0).unwrap();
    assert_eq!(server.seen().len(), 6, "everything that decides the answer is in the key");
    describe(&*make(json!({ "cache": false }))).unwrap();
    assert_eq!(server.seen().len(), 7);
}
