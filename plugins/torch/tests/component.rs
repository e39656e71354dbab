//! The components with the tiny models, called as the host calls them. Needs libtorch.
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(feature = "libtorch")]
mod common;

#[cfg(feature = "libtorch")]
mod with_libtorch {
    use crate::common::{Tensors, answer, component, component_of, fixture, load, picture, view, without_weights};
    use giqa_sdk::core::{CancelToken, Context, ErrorKind, Evidence, ModelInput, Observer, Request, Silent};
    use giqa_torch::generate::Limits;
    use giqa_torch::kept::Kept;
    use giqa_torch::model::{LoadOptions, Model};
    use giqa_torch::sequence::Picture;
    use serde_json::{Value, json};
    use std::ops::ControlFlow;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tempfile::TempDir;

    /// What a component writes to a question about the fixture's picture.
    fn told(settings: Value, question: &str) -> String {
        let (model, pixels) = (component("llava15", settings), picture("llava15"));
        let (token, evidence, request) = (CancelToken::new(), Evidence::default(), answer(question));
        let item = ModelInput { image: Some(view(&pixels, 1)), request: &request, evidence: &evidence };
        model.generate(&Context::new(&token, &Silent), &[item]).remove(0).unwrap().text.text
    }

    #[test]
    fn the_keys_of_sampling_are_heard() {
        let greedy = told(json!({ "max_new_tokens": 12 }), "Is it sharp?");
        let drawn = |more: Value| {
            let mut settings = json!({ "max_new_tokens": 12, "temperature": 1.5 });
            settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            told(settings, "Is it sharp?")
        };
        assert_eq!(drawn(json!({ "seed": 5 })), drawn(json!({ "seed": 5 })));
        assert_ne!(drawn(json!({ "seed": 5 })), drawn(json!({ "seed": 6 })));
        assert_ne!(drawn(json!({})), greedy);
        for narrow in [json!({ "top_k": 1 }), json!({ "top_p": 0.0 })] {
            assert_eq!(drawn(narrow), greedy);
        }
    }

    #[test]
    fn the_answers_that_a_question_names_are_weighed() {
        let _no_grad = tch::no_grad_guard();
        let chat = component("llava15", json!({ "max_new_tokens": 4, "prompt": "plain" }));
        let model = Model::load(&fixture("llava15"), &LoadOptions::default()).unwrap();
        let pixels = picture("llava15");
        let seen = [Picture::unknown(model.eye.as_ref().unwrap().see(&pixels).unwrap())];
        for (question, names, spoken) in [
            ("Is it sharp?", vec!["yes", "no"], vec!["Yes", "No"]),
            ("Is it sharp or overexposed?", vec!["sharp", "overexposed"], vec!["Sharp", "Overexposed"]),
            ("What is dark?\nA. the sky\nB. a tree\nC. all", vec!["the sky", "a tree", "all"], vec!["A", "B", "C"]),
        ] {
            let (token, evidence, request) = (CancelToken::new(), Evidence::default(), answer(question));
            let item = ModelInput { image: Some(view(&pixels, 1)), request: &request, evidence: &evidence };
            let options = chat.generate(&Context::new(&token, &Silent), &[item]).remove(0).unwrap().options;
            assert_eq!(options.iter().map(|o| o.option.as_str()).collect::<Vec<_>>(), names);
            assert!((options.iter().map(|o| o.probability).sum::<f64>() - 1.0).abs() < 1e-9, "{options:?}");
            let (start, ends) = model.tokenizer.continuations(&format!("<image>{question} "), &spoken).unwrap();
            let prompt = model.prompt(&start, &seen).unwrap();
            let logs = model.log_probabilities(&mut Kept::default(), &prompt, &ends).unwrap();
            // How many times as likely as the first one.
            for (option, log) in options.iter().zip(&logs) {
                let (told, weighed) = (option.probability / options[0].probability, (log - logs[0]).exp());
                assert!((told / weighed - 1.0).abs() < 1e-3, "{option:?}: {told} {weighed}");
            }
        }
    }

    /// Their tiles go through the tower together; what is written is the same, also where one of them comes twice.
    #[test]
    fn pictures_of_a_batch_are_seen_together() {
        let pictures = ["100x76.png", "60x130.png"].map(|name| load(&fixture("llava_next-batch").join(name)));
        let (token, evidence, request) = (CancelToken::new(), Evidence::default(), answer("What is wrong?"));
        let item = |n: usize| ModelInput {
            image: Some(view(&pictures[n], n as u64 + 1)),
            request: &request,
            evidence: &evidence,
        };
        let write = |items: &[ModelInput<'_>]| -> Vec<String> {
            let chat = component("llava_next", json!({ "max_new_tokens": 12 }));
            let outputs = chat.generate(&Context::new(&token, &Silent), items);
            outputs.into_iter().map(|output| output.unwrap().text.text).collect()
        };
        let alone = [0, 1].map(|n| write(&[item(n)]).remove(0));
        assert_ne!(alone[0], alone[1]);
        assert_eq!(write(&[item(0), item(1), item(0)]), [&*alone[0], &*alone[1], &*alone[0]]);

        let eye = Model::load(&fixture("llava_next"), &LoadOptions::default()).unwrap().eye.unwrap();
        let tiles = pictures.each_ref().map(|picture| eye.config().preprocess.run(picture));
        let together = tch::no_grad(|| eye.features_of_all(&tiles).unwrap());
        for (tiles, together) in tiles.iter().zip(together) {
            let alone = tch::no_grad(|| eye.features(tiles, None).unwrap());
            assert_eq!(alone.size(), together.size());
            assert!((alone - together).abs().max().double_value(&[]) < 1e-5);
        }
    }

    /// llava15 with NaN in the embedding of some tokens.
    fn spoilt(ids: &[i64]) -> TempDir {
        let from = fixture("llava15");
        let mut tensors = Tensors::read(&from.join("model.safetensors"));
        for id in ids {
            tensors.spoil("language_model.model.embed_tokens.weight", *id as usize);
        }
        let folder = without_weights(&from);
        tensors.write(&folder.path().join("model.safetensors"), |name| Some(name.to_owned()));
        folder
    }

    #[test]
    fn numbers_that_run_away_cost_their_item_and_name_the_token() {
        let model = Model::load(&fixture("llava15"), &LoadOptions::default()).unwrap();
        let settings = json!({ "max_new_tokens": 8, "prompt": "plain" });
        let pixels = picture("llava15");
        let token = CancelToken::new();
        let context = Context::new(&token, &Silent);
        let evidence = Evidence::default();

        let bad = model.tokenizer.ids("%", false).unwrap();
        let folder = spoilt(&bad[bad.len() - 1..]);
        let requests = ["What is blurred?", "What is 50 % grey?", "Why?"].map(answer);
        let item = |request| ModelInput { image: Some(view(&pixels, 1)), request, evidence: &evidence };
        let items: Vec<_> = requests.iter().map(item).collect();
        let good = component("llava15", settings.clone()).generate(&context, &items);
        let results = component_of(folder.path(), "llava", settings.clone()).generate(&context, &items);
        let error = results[1].as_ref().unwrap_err();
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::Failed, "the model's logits are not finite at token 0")
        );
        assert!(error.hint.as_ref().unwrap().contains("dtype"), "{error:?}");
        for i in [0, 2] {
            assert_eq!(results[i], good[i], "item {i}");
        }

        // A token that it writes third, and then reads.
        let complete = Request::Complete { prompt: "noise".to_owned() };
        let item = ModelInput { image: None, request: &complete, evidence: &evidence };
        let prompt = model.prompt(&model.tokenizer.prompt("noise").unwrap(), &[]).unwrap();
        let limits = Limits { max_new: 8, vocab: Some(model.tokenizer.size()), ..Limits::default() };
        let mut go_on = |_: usize, _: &[i64]| ControlFlow::Continue(());
        let written =
            model.generate(&mut Kept::default(), &[prompt], &limits, &mut go_on, None).unwrap().remove(0).unwrap();
        let third = written.ids[2];
        assert!(!written.ids[..2].contains(&third), "{written:?}");
        let folder = spoilt(&[third]);
        let results = component_of(folder.path(), "llava", settings).generate(&context, &[item]);
        assert_eq!(results[0].as_ref().unwrap_err().message, "the model's logits are not finite at token 3");
    }

    /// Cancels at the first token, and counts them.
    struct Impatient(CancelToken, AtomicUsize);

    impl Observer for Impatient {
        fn token(&self, _: usize, _: &str) {
            self.0.cancel();
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_cancelled_call_ends_within_a_token() {
        let model = component("llava15", json!({ "max_new_tokens": 900, "prompt": "plain" }));
        let pixels = picture("llava15");
        let (evidence, request) = (Evidence::default(), answer("What?"));
        let item = ModelInput { image: Some(view(&pixels, 1)), request: &request, evidence: &evidence };
        let observer = Impatient(CancelToken::new(), AtomicUsize::new(0));
        let results = model.generate(&Context::new(&observer.0, &observer), &[item, item]);
        assert!(results.iter().all(|r| r.as_ref().is_err_and(|e| e.kind == ErrorKind::Cancelled)), "{results:?}");
        let heard = observer.1.load(Ordering::Relaxed);
        assert!((1..=2).contains(&heard), "a token for each item at most: {heard}");
        // It has gone before it began.
        let again = model.generate(&Context::new(&observer.0, &observer), &[item]);
        assert!(again[0].as_ref().is_err_and(|e| e.kind == ErrorKind::Cancelled));
        assert_eq!(observer.1.load(Ordering::Relaxed), heard);
        // And the next one is whole.
        let token = CancelToken::new();
        let next = model.generate(&Context::new(&token, &Silent), &[item]).remove(0).unwrap();
        assert!(next.usage.unwrap().completion_tokens > 2, "{next:?}");
    }

    #[test]
    fn a_prompt_that_is_too_long_fails_alone() {
        let model = component("llava15", json!({ "max_new_tokens": 8 }));
        let pixels = picture("llava15");
        let requests = ["Is it sharp?", &"noise ".repeat(1200), "What is blurred?"].map(answer);
        let (token, evidence) = (CancelToken::new(), Evidence::default());
        let item = |request| ModelInput { image: Some(view(&pixels, 1)), request, evidence: &evidence };
        let items: Vec<_> = requests.iter().map(item).collect();
        let results = model.generate(&Context::new(&token, &Silent), &items);
        let error = results[1].as_ref().unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadRequest);
        assert!(error.message.contains("positions, the model has 1024"), "{error}");
        for i in [0, 2] {
            let alone = model.generate(&Context::new(&token, &Silent), &items[i..=i]).remove(0).unwrap();
            let together = results[i].as_ref().unwrap();
            assert_eq!(together.text, alone.text, "item {i}");
            let usage = together.usage.unwrap();
            assert!(usage.prompt_tokens > 20 && (1..=8).contains(&usage.completion_tokens), "{usage:?}");
        }
    }
}
