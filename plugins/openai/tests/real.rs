//! Real servers, by hand: `tests/real-servers/*.sh` start them and run these.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod client;

use client::{ask_many, model};
use giqa_core::{CancelToken, Context, Evidence, ImageView, ModelInput, Observer, Request, Silent};
use serde_json::json;
use std::path::Path;
use std::sync::Mutex;

struct Heard(Mutex<String>);

impl Observer for Heard {
    fn token(&self, _: usize, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }
}

#[test]
#[ignore = "needs tests/real-servers/llama-cpp.sh"]
fn llama_cpp_completes() {
    let url = std::env::var("GIQA_LLAMA_CPP_URL").unwrap();
    let [prompt, expected] = ["PROMPT", "EXPECTED"].map(|v| std::env::var(format!("GIQA_LLAMA_CPP_{v}")).unwrap());
    let request = Request::Complete { prompt };
    let ask = |more| {
        let heard = Heard(Mutex::default());
        let output = ask_many(&*model(&url, more), &request, &[0], &heard).remove(0).unwrap();
        (output, heard.0.into_inner().unwrap())
    };
    // The server's default of this penalty is not the library's.
    let plain = |stream| {
        ask(json!({ "complete_with": "completions", "max_tokens": 16, "stream": stream, "timeout_s": 100,
                    "extra": { "repeat_penalty": 1.0 } }))
    };
    let ((streamed, heard), (whole, _)) = (plain(true), plain(false));
    eprintln!("completed: {:?}, {:?}", whole.text.text, whole.usage);
    assert_eq!(whole.text.text, expected, "the library alone says so");
    assert_eq!((streamed.text.text.as_str(), heard.as_str()), (expected.as_str(), expected.as_str()));
    assert!(whole.usage.unwrap().completion_tokens > 0);
    let (chat, _) = ask(json!({ "max_tokens": 16, "timeout_s": 100 }));
    eprintln!("chat: {:?}", chat.text.text);
    assert!(!chat.text.text.is_empty());
    let judge = ask(json!({ "judge": true, "max_tokens": 4, "timeout_s": 100 })).0;
    eprintln!("judged: {:?} {:?}", judge.text.text, judge.options);
}

#[test]
#[ignore = "needs tests/real-servers/transformers.sh"]
fn llava_says_what_the_fixture_says() {
    let url = std::env::var("GIQA_LLAVA_URL").unwrap();
    let fixture = std::env::var("GIQA_LLAVA_FIXTURE").unwrap();
    let fixture = Path::new(&fixture);
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(fixture.join("expected.json")).unwrap()).unwrap();
    let image = image::open(fixture.join("image.png")).unwrap().to_rgb8();
    let prompts = json!({ "system": "", "describe": "Describe the quality of the image in detail, with locations." });
    let tokens = expected["greedy"].as_array().unwrap().len();
    let model =
        model(&url, json!({ "prompts": prompts, "image_format": "png", "max_tokens": tokens, "timeout_s": 100 }));
    let (cancel, evidence) = (CancelToken::new(), Evidence::default());
    let view = ImageView::packed(image.width(), image.height(), image.as_raw()).unwrap();
    let items = [ModelInput { image: Some(view), request: &Request::Describe, evidence: &evidence }];
    let output = model.generate(&Context::new(&cancel, &Silent), &items).remove(0).unwrap();
    eprintln!("{:?}, {:?}", output.text.text, output.usage);
    assert_eq!(output.text.text, expected["greedy_text"].as_str().unwrap().trim());
    assert_eq!(output.usage.unwrap().prompt_tokens, expected["input_ids"].as_array().unwrap().len() as u64);
}
