//! Matrices in 8 bits, against the same models in f32. Needs libtorch.
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(feature = "libtorch")]
mod common;

#[cfg(feature = "libtorch")]
mod with_libtorch {
    use crate::common::{fixture, picture};
    use giqa_torch::kept::Kept;
    use giqa_torch::model::{LoadOptions, Model};
    use giqa_torch::nn::Int8;
    use giqa_torch::sequence::Picture;
    use tch::{Device, Kind, Tensor};

    #[test]
    fn a_code_is_off_by_half_a_step_at_most() {
        let full = Tensor::from_slice(&[0.5f32, -1.0, 0.25, 0.0, 0.0, 0.0, 3e-5, -1e-5, 2e-5]).view([3, 3]);
        let room = |out: i64, into: i64| Int8::of(Tensor::zeros([out, into], (Kind::Int8, Device::Cpu))).unwrap();
        let int8 = room(5, 3);
        // Rows one to three; the others stay zero.
        int8.put(1, &full).unwrap();
        let back = int8.forward(&Tensor::eye(3, (Kind::Float, Device::Cpu))).unwrap().transpose(0, 1);
        let off = (back.narrow(0, 1, 3) - &full).abs().amax([1], false);
        let steps = full.abs().amax([1], false) / 127.0;
        assert!(bool::try_from(off.le_tensor(&(steps * 0.5001)).all()).unwrap(), "{off}");
        assert_eq!(
            f64::try_from(back.get(0).abs().sum(Kind::Float) + back.get(4).abs().sum(Kind::Float)).unwrap(),
            0.0
        );
        // f16 ends at 65504: sums of codes must not get there.
        let wide = room(1, 4096);
        wide.put(0, &Tensor::ones([1, 4096], (Kind::Float, Device::Cpu))).unwrap();
        let half = wide.forward(&Tensor::ones([1, 4096], (Kind::Half, Device::Cpu))).unwrap();
        assert!((half.double_value(&[0, 0]) - 4096.0).abs() < 8.0, "{half}");
    }

    /// Logits of a prompt with the fixture's picture, `[vocab]`.
    fn logits(name: &str, options: &LoadOptions) -> Tensor {
        let model = Model::load(&fixture(name), options).unwrap();
        let seen = Picture::unknown(model.eye.as_ref().unwrap().see(&picture(name)).unwrap());
        let ids = model.tokenizer.prompt("USER: <image>\nIs it sharp? ASSISTANT:").unwrap();
        let prompt = model.prompt(&ids, &[seen]).unwrap();
        let limits =
            giqa_torch::generate::Limits { max_new: 1, stop: vec![], vocab: None, sampling: None, grammar: None };
        let mut steps = Vec::new();
        let mut hear = |_: usize, _: &[i64]| std::ops::ControlFlow::Continue(());
        model.generate(&mut Kept::default(), &[prompt], &limits, &mut hear, Some(&mut steps)).unwrap();
        steps.remove(0).get(0).to_kind(Kind::Double)
    }

    #[test]
    fn logits_stay_close_to_those_of_f32() {
        let _no_grad = tch::no_grad_guard();
        for name in ["llava15", "llava_next"] {
            let full = LoadOptions::default();
            let int8 = LoadOptions { int8: true, ..full.clone() };
            let (exact, coded) = (logits(name, &full), logits(name, &int8));
            let share = |t: &Tensor| (t.norm() / exact.norm()).double_value(&[]);
            let error = share(&(&coded - &exact));
            println!("{name}: the logits' relative error is {error:.4}");
            // One bit less would double it.
            assert!((1e-4..0.05).contains(&error), "{name}: {error}");
            // An adapter is merged before the weights are coded.
            let adapter = Some(fixture(name).join("lora"));
            let merged = logits(name, &LoadOptions { adapter: adapter.clone(), ..full });
            let both = logits(name, &LoadOptions { adapter, ..int8 });
            let (moved, error) = (share(&(&merged - &exact)), share(&(&both - &merged)));
            assert!(error < 0.05 && moved > 2.0 * error, "{name}: {error}, the adapter itself changes {moved}");
        }
    }
}
