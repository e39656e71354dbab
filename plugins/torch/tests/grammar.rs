//! The grammar of boxes on the tiny models, whose weights are random: what they write has no fault. Needs libtorch.
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(feature = "libtorch")]
mod common;

#[cfg(feature = "libtorch")]
mod with_libtorch {
    use crate::common::{answer, component, fixture, picture, view};
    use giqa_sdk::core::text::{ParseOptions, parse};
    use giqa_sdk::core::{CancelToken, Context, Evidence, ModelInput, Request, Silent};
    use giqa_torch::generate::Limits;
    use giqa_torch::grammar::{Mask, Tokens};
    use giqa_torch::kept::Kept;
    use giqa_torch::model::{LoadOptions, Model};
    use giqa_torch::sampling::Sampling;
    use giqa_torch::sequence::Sequence;
    use serde_json::json;
    use std::ops::ControlFlow;
    use std::sync::Arc;

    #[test]
    fn random_weights_write_boxes_without_a_fault() {
        let _no_grad = tch::no_grad_guard();
        // SentencePiece with bytes, and byte-level pairs.
        for name in ["llava15", "llama3"] {
            let model = Model::load(&fixture(name), &LoadOptions::default()).unwrap();
            let grammar = Arc::new(Mask::new(Tokens::new(model.tokenizer.pieces().unwrap()).unwrap()));
            let prompts: Vec<Sequence> = ["noise", "the sky is", "[sky"]
                .map(|text| model.prompt(&model.tokenizer.prompt(text).unwrap(), &[]).unwrap())
                .into();
            let (mut spans, mut loose) = (0, 0);
            for seed in 0..12 {
                let max_new = [250, 40, 9, 1][seed as usize % 4];
                let sampling = (seed > 3).then_some(Sampling { temperature: 3.0, top_k: None, top_p: 1.0, seed });
                let limits = Limits { max_new, vocab: Some(model.tokenizer.size()), sampling, ..Limits::default() };
                let write = |limits: &Limits| -> Vec<String> {
                    let mut go_on = |_: usize, _: &[i64]| ControlFlow::Continue(());
                    let rows = model.generate(&mut Kept::default(), &prompts, limits, &mut go_on, None).unwrap();
                    rows.into_iter().map(|row| model.tokenizer.text(&row.unwrap().ids).unwrap()).collect()
                };
                for text in write(&Limits { grammar: Some(Arc::clone(&grammar)), ..limits.clone() }) {
                    let parsed = parse(text.trim(), &ParseOptions::default());
                    assert!(parsed.warnings.is_empty(), "{name}, seed {seed}: {text:?} {:?}", parsed.warnings);
                    assert_eq!(parsed.text.spans.len(), text.matches('[').count(), "{text:?}");
                    spans += parsed.text.spans.len();
                }
                let parsed = |text: &String| parse(text.trim(), &ParseOptions::default()).text;
                loose += write(&limits).iter().filter(|text| parsed(text).text.contains(['[', ']'])).count();
            }
            assert!(spans > 5 && loose > 5, "{name}: {spans} spans with it, {loose} texts with loose brackets without");
        }
    }

    #[test]
    fn the_component_hears_of_it() {
        let settings =
            json!({ "grammar": "boxes", "temperature": 3.0, "max_new_tokens": 150, "seed": 3, "prompt": "plain" });
        let model = component("llava15", settings);
        let pixels = picture("llava15");
        let complete = Request::Complete { prompt: "the sky".to_owned() };
        let requests = [Request::Describe, answer("What is blurred?"), complete];
        let (token, evidence) = (CancelToken::new(), Evidence::default());
        let item = |request| ModelInput { image: Some(view(&pixels, 1)), request, evidence: &evidence };
        let items: Vec<_> = requests.iter().map(item).collect();
        let outputs = model.generate(&Context::new(&token, &Silent), &items);
        let mut spans = 0;
        for output in &outputs[..2] {
            let output = output.as_ref().unwrap();
            assert!(output.warnings.iter().all(|w| w.contains("cut off")), "{:?}", output.warnings);
            assert!(!output.text.text.contains(['[', ']', '<', '{']), "{:?}", output.text.text);
            spans += output.text.spans.len();
        }
        assert!(spans > 0);
        // Text that only goes on is nobody's grounded text: JSON needs its brackets.
        let completed = outputs[2].as_ref().unwrap();
        assert!(completed.text.text.contains(['[', ']', '<', '{', '\\']), "{:?}", completed.text.text);
    }
}
