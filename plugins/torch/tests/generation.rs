//! Writing with the tiny models: batches, what is kept between calls, where it ends. Needs libtorch.
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(feature = "libtorch")]
mod common;

#[cfg(feature = "libtorch")]
mod with_libtorch {
    use crate::common::{fixture, picture};
    use giqa_torch::error::{Result, TorchError};
    use giqa_torch::generate::{Limits, Written};
    use giqa_torch::kept::Kept;
    use giqa_torch::model::{LoadOptions, Model};
    use giqa_torch::sampling::Sampling;
    use giqa_torch::sequence::{Mark, Picture, Sequence, common};
    use std::ops::ControlFlow;
    use tch::Tensor;

    fn model(name: &str) -> Model {
        Model::load(&fixture(name), &LoadOptions::default()).unwrap()
    }

    /// A prompt about the fixture's picture, or one without a picture.
    fn prompt(model: &Model, text: &str, sees: bool) -> Sequence {
        let name = model.config.folder.file_name().unwrap().to_str().unwrap();
        let seen = sees.then(|| {
            let features = tch::no_grad(|| model.eye.as_ref().unwrap().see(&picture(name)).unwrap());
            Picture { id: 7, features }
        });
        model.prompt(&model.tokenizer.prompt(text).unwrap(), seen.as_slice()).unwrap()
    }

    fn limits(max_new: usize) -> Limits {
        Limits { max_new, ..Limits::default() }
    }

    fn go_on(_: usize, _: &[i64]) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn rows(results: Result<Vec<Result<Written>>>) -> Vec<Written> {
        results.unwrap().into_iter().map(|row| row.unwrap()).collect()
    }

    fn write_with(model: &Model, kept: &mut Kept, prompts: &[Sequence]) -> Vec<Written> {
        rows(model.generate(kept, prompts, &limits(12), &mut go_on, None))
    }

    fn write(model: &Model, prompts: &[Sequence]) -> Vec<Written> {
        write_with(model, &mut Kept::default(), prompts)
    }

    #[test]
    fn what_is_drawn_depends_on_the_seed_and_the_prompt_alone() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let questions = questions(&model);
        let vocab = 300;
        let drawn = |prompts: &[Sequence], seed| {
            let sampling = Some(Sampling { temperature: 1.2, top_k: Some(80), top_p: 0.95, seed });
            let limits = Limits { vocab: Some(vocab), sampling, ..limits(12) };
            rows(model.generate(&mut Kept::default(), prompts, &limits, &mut go_on, None))
        };
        let together = drawn(&questions, 1);
        for (i, question) in questions.iter().enumerate() {
            assert_eq!(drawn(std::slice::from_ref(question), 1), together[i..=i]);
        }
        assert_ne!(drawn(&questions, 2), together);
        assert_ne!(write(&model, &questions), together);
        assert!(together.iter().flat_map(|w| &w.ids).all(|id| *id < vocab));
    }

    const SHARP: &str = "USER: <image>\nIs it sharp? ASSISTANT:";

    #[test]
    fn a_padded_batch_writes_what_each_prompt_does_alone() {
        let _no_grad = tch::no_grad_guard();
        for name in ["llava15", "llava_next"] {
            let model = model(name);
            let prompts = [
                prompt(&model, SHARP, true),
                prompt(&model, "USER: noise ASSISTANT:", false),
                prompt(&model, "USER: <image>\nRate the quality of the image, in one word. ASSISTANT:", true),
            ];
            let together = write(&model, &prompts);
            for (i, alone) in prompts.iter().enumerate() {
                assert_eq!(together[i..=i], write(&model, std::slice::from_ref(alone)), "{name}, prompt {i}");
            }
        }
    }

    /// Questions about one picture, behind words enough that their common beginning is read for all at once.
    fn questions(model: &Model) -> Vec<Sequence> {
        let before = "A chat about photographs and their quality. ".repeat(4);
        let ask = |question: &str| prompt(model, &format!("{before}USER: <image>\n{question} ASSISTANT:"), true);
        ["Is it sharp?", "What is blurred, and where in the picture?", "Is it dark?"].map(ask).into()
    }

    #[test]
    fn what_is_kept_changes_no_token() {
        let _no_grad = tch::no_grad_guard();
        for name in ["llava15", "llava_next"] {
            let model = model(name);
            let questions = questions(&model);
            let fresh: Vec<Written> =
                questions.iter().map(|q| write(&model, std::slice::from_ref(q)).remove(0)).collect();
            let mut kept = Kept::with_room(12);
            for round in 0..2 {
                for (question, fresh) in questions.iter().zip(&fresh) {
                    let written = write_with(&model, &mut kept, std::slice::from_ref(question));
                    assert_eq!(&written[0], fresh, "{name}, round {round}");
                }
                assert_eq!(write_with(&model, &mut kept, &questions), fresh, "{name}, together, round {round}");
            }
            assert_eq!(write(&model, &questions), fresh, "{name}, together, with nothing kept");
        }
    }

    /// The prompt with vectors at its beginning that would ruin everything, were they read.
    fn ruined(prompt: &Sequence, n: usize) -> Sequence {
        let vectors = prompt.vectors.copy();
        let _ = vectors.narrow(0, 0, n as i64).fill_(f64::NAN);
        Sequence { vectors, marks: prompt.marks.clone() }
    }

    #[test]
    fn a_beginning_is_not_read_twice() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let questions = questions(&model);
        let mut kept = Kept::with_room(12);
        write_with(&model, &mut kept, &questions[..1]);
        let bytes = kept.bytes();
        for (n, question) in questions.iter().enumerate() {
            let same = common(&questions[n.saturating_sub(1)].marks, &question.marks).min(question.len() - 1);
            assert!(same > 64, "{same}");
            let written = write_with(&model, &mut kept, &[ruined(question, same)]);
            assert_eq!(written, write(&model, std::slice::from_ref(question)), "question {n}");
        }
        // All of them at once, without what they have in common.
        let shared = questions[1..].iter().map(|q| common(&questions[0].marks, &q.marks)).min().unwrap();
        let ruined: Vec<_> = questions.iter().map(|q| ruined(q, shared)).collect();
        assert_eq!(write_with(&model, &mut kept, &ruined), write(&model, &questions));
        assert_eq!(kept.bytes(), bytes, "the same room");
        // 2 layers, keys and values, 256 positions of 4 heads of 16 numbers of 4 bytes.
        assert_eq!(bytes, 2 * 2 * 256 * 4 * 16 * 4);
    }

    #[test]
    fn weighed_and_then_answered_is_read_once() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let start = prompt(&model, SHARP, true);
        let options = [vec![300, 301], vec![77]];
        let mut kept = Kept::with_room(12);
        let weighed = model.log_probabilities(&mut kept, &start, &options).unwrap();
        let ruined = ruined(&start, start.len() - 1);
        assert_eq!(write_with(&model, &mut kept, &[ruined]), write(&model, &[start]));
        assert!(weighed.iter().all(|log| *log < 0.0), "{weighed:?}");
    }

    #[test]
    fn where_there_is_less_room_than_is_wished_for_it_is_kept_as_well() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let questions = questions(&model);
        let mut kept = Kept::with_room(5000);
        write_with(&model, &mut kept, &questions[..1]);
        let ruined = ruined(&questions[1], common(&questions[0].marks, &questions[1].marks));
        assert_eq!(write_with(&model, &mut kept, &[ruined]), write(&model, &questions[1..2]));
        assert_eq!(kept.bytes(), 2 * 2 * 1024 * 4 * 16 * 4, "all positions that the model has");
    }

    #[test]
    fn another_picture_or_an_unknown_one_is_read() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let seen = |id, dark: f64| {
            let features = model.eye.as_ref().unwrap().see(&picture("llava15")).unwrap() * dark;
            model.prompt(&model.tokenizer.prompt(SHARP).unwrap(), &[Picture { id, features }]).unwrap()
        };
        for (a, b) in [(7, 8), (0, 0)] {
            let mut kept = Kept::with_room(12);
            write_with(&model, &mut kept, &[seen(a, 1.0)]);
            let written = write_with(&model, &mut kept, &[seen(b, -3.0)]);
            assert_eq!(written, write(&model, &[seen(b, -3.0)]));
        }
    }

    #[test]
    fn longer_prompts_and_broken_calls_leave_it_right() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let questions = questions(&model);
        let long = prompt(&model, &format!("USER: <image>\n{} ASSISTANT:", "noise ".repeat(200)), true);
        let mut kept = Kept::with_room(12);
        write_with(&model, &mut kept, &questions[..1]);
        let room = kept.bytes();
        assert_eq!(write_with(&model, &mut kept, std::slice::from_ref(&long)), write(&model, &[long]));
        assert!(kept.bytes() > room);
        let broken = model.generate(&mut kept, &questions[..1], &limits(12), &mut |_, _| ControlFlow::Break(()), None);
        assert_eq!(broken.unwrap_err().to_string(), "cancelled");
        assert_eq!(write_with(&model, &mut kept, &questions[..1]), write(&model, &questions[..1]));
        kept.forget();
        assert_eq!(kept.bytes(), 0);
        assert_eq!(write_with(&model, &mut kept, &questions[1..2]), write(&model, &questions[1..2]));
    }

    #[test]
    fn weighed_options_are_the_chain_of_their_tokens() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let start = prompt(&model, SHARP, true);
        let options = [vec![300, 301, 302], vec![300], vec![77, 12], vec![]];
        let mut kept = Kept::default();
        let logs = model.log_probabilities(&mut kept, &start, &options).unwrap();
        assert_eq!(logs[3], 0.0);
        for (option, log) in options.iter().zip(logs) {
            // One token at a time, each prompt read anew.
            let mut sum = 0.0;
            for (n, &id) in option.iter().enumerate() {
                let given = &option[..n];
                let vectors = Tensor::cat(&[start.vectors.shallow_clone(), model.embed(given).unwrap()], 0);
                let marks = start.marks.iter().copied().chain(given.iter().copied().map(Mark::Word)).collect();
                let so_far = Sequence { vectors, marks };
                sum += model.log_probabilities(&mut Kept::default(), &so_far, &[vec![id]]).unwrap()[0];
            }
            assert!((sum - log).abs() < 1e-4, "{option:?}: {sum} {log}");
        }
    }

    #[test]
    fn weighing_beside_the_writing_changes_neither() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let prompts: Vec<Sequence> = questions(&model).into_iter().chain([prompt(&model, SHARP, true)]).collect();
        let options =
            [vec![vec![300, 301, 302], vec![300]], vec![], vec![vec![77, 12], vec![], vec![5]], vec![vec![9]]];
        let alone: Vec<Vec<f64>> = prompts
            .iter()
            .zip(&options)
            .map(|(prompt, options)| model.log_probabilities(&mut Kept::default(), prompt, options).unwrap())
            .collect();
        let both = |prompts: &[Sequence], options: &[Vec<Vec<i64>>]| {
            let mut kept = Kept::default();
            rows(model.weigh_and_generate(&mut kept, prompts, options, &limits(12), &mut go_on, None))
        };
        // Of different lengths; with a long common beginning; one.
        for range in [0..4, 0..3, 3..4] {
            let written = write(&model, &prompts[range.clone()]);
            for (n, both) in range.clone().zip(both(&prompts[range.clone()], &options[range.clone()])) {
                assert_eq!(both.ids, written[n - range.start].ids, "{range:?}, row {n}");
                assert_eq!(both.logs.len(), options[n].len());
                let differ = both.logs.iter().zip(&alone[n]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(differ < 1e-4, "{range:?}, row {n}: {:?} {:?}", both.logs, alone[n]);
            }
        }
    }

    #[test]
    fn too_little_memory_is_told_as_such() {
        let model = model("llava15");
        let error = model.decoder.cache(1 << 36, 1024).err().unwrap();
        assert!(matches!(error, TorchError::OutOfMemory(_)), "{error}");
        let text = error.to_string();
        let start = "out of memory: keys and values of 68719476736 x 1024 positions take 72057594038 MB (";
        assert!(text.starts_with(start) && !text.contains("Exception raised"), "{text}");
    }

    #[test]
    fn it_stops_where_it_should() {
        let _no_grad = tch::no_grad_guard();
        let model = model("llava15");
        let start = [prompt(&model, SHARP, true)];
        let all = write(&model, &start)[0].ids.clone();
        let mut kept = Kept::default();
        let stop = Limits { stop: vec![all[3]], ..limits(12) };
        let first = all.iter().position(|id| *id == all[3]).unwrap();
        let one = &rows(model.generate(&mut kept, &start, &stop, &mut go_on, None))[0];
        assert_eq!((one.ids.as_slice(), one.ended), (&all[..first], true));
        let low = Limits { vocab: Some(all[0]), ..stop };
        let few = &rows(model.generate(&mut kept, &start, &low, &mut go_on, None))[0];
        assert!(few.ids.iter().all(|id| *id < all[0]));
        let long = Limits { max_new: 5000, ..low };
        let word = Sequence { vectors: model.embed(&[1]).unwrap(), marks: vec![Mark::Word(1)] };
        let error = model.generate(&mut kept, &[word], &long, &mut go_on, None);
        assert_eq!(error.unwrap_err().to_string(), "the prompt and its answer need 5001 positions, the model has 1024");
    }
}
