//! The models against what reference code computed for tiny ones. Needs libtorch.
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(not(feature = "libtorch"))]
#[test]
fn skipped() {
    println!("skipped: built without libtorch (cargo xtask libtorch, then cargo xtask torch test)");
}

#[cfg(feature = "libtorch")]
mod common;

#[cfg(feature = "libtorch")]
mod with_libtorch {
    use crate::common::{Tensors, fixture, json_file, load, without_weights};
    use giqa_torch::model::{LoadOptions, Model};
    use giqa_torch::parity::{Check, compare};
    use giqa_torch::picture::AspectRatio;
    use giqa_torch::tokenizer::Tokenizer;
    use std::path::Path;

    fn checks(folder: &Path, options: &LoadOptions) -> Vec<Check> {
        compare(folder, &|path| Ok(load(path)), options).unwrap()
    }

    fn failing(checks: &[Check]) -> Vec<&str> {
        checks.iter().filter(|c| !c.passes()).map(|c| c.name.as_str()).collect()
    }

    #[test]
    fn every_step_is_as_the_reference_has_it() {
        for name in ["llava15", "llava_next"] {
            let checks = checks(&fixture(name), &LoadOptions::default());
            assert_eq!(failing(&checks), [""; 0], "{name}: {checks:?}");
            assert!(checks.len() >= 15, "{name} compares too little: {checks:?}");
        }
    }

    #[test]
    fn adapters_that_do_not_fit_are_refused() {
        let options = |folder: &Path| LoadOptions { adapter: Some(folder.to_owned()), ..LoadOptions::default() };
        let load = |adapter: &Path| Model::load(&fixture("llava15"), &options(adapter)).err().unwrap().to_string();
        // Trained for grouped queries: the key and value matrices are half as tall.
        let other = load(&fixture("llava_next").join("lora"));
        assert!(other.contains("does not fit language_model.layers.0.self_attn.k_proj.weight [64, 64]"), "{other}");
        assert!(load(&fixture("llava15")).contains("adapter_config.json"));
    }

    #[test]
    fn other_shapes_of_prompts_and_pictures() {
        for model in ["llava15", "llava_next"] {
            for (case, least) in [("portrait", 6), ("two", 6), ("text", 4), ("batch", 12)] {
                let name = format!("{model}-{case}");
                let checks = checks(&fixture(&name), &LoadOptions::default());
                assert_eq!(failing(&checks), [""; 0], "{name}: {checks:?}");
                assert!(checks.len() >= least, "{name} compares too little: {checks:?}");
            }
        }
    }

    #[test]
    fn a_llama_3_text_model() {
        let checks = checks(&fixture("llama3"), &LoadOptions::default());
        assert_eq!(failing(&checks), [""; 0], "{checks:?}");
        assert!(checks.len() >= 8, "{checks:?}");
    }

    #[test]
    fn the_comparison_sees_a_wrong_picture() {
        let options = LoadOptions { aspect: Some(AspectRatio::Crop), ..LoadOptions::default() };
        let checks = checks(&fixture("llava15"), &options);
        let failing = failing(&checks);
        for name in ["pixel_values", "image_features", "logits", "step_logits"] {
            assert!(failing.contains(&name), "{name} is not among {failing:?}");
        }
    }

    /// The same weights in another layout: the results must not differ at all from those of the first.
    fn same(folder: &Path, name: &str) {
        let there = checks(folder, &LoadOptions::default());
        assert_eq!(there, checks(&fixture(name), &LoadOptions::default()), "{}", folder.display());
    }

    /// What transformers 5 calls the tensor in its code.
    fn code_name(name: &str) -> String {
        let model = |rest: &str| format!("model.{rest}");
        match name.strip_prefix("language_model.") {
            Some(head) if head.starts_with("lm_head") => head.to_owned(),
            Some(rest) => model(&rest.replacen("model.", "language_model.", 1)),
            None => model(name),
        }
    }

    #[test]
    fn three_layouts_and_shards_are_one_model() {
        for name in ["llava15", "llava_next"] {
            let from = fixture(name);
            let tensors = Tensors::read(&from.join("model.safetensors"));
            let original = json_file(&from.join("original_names.json"));

            let code = without_weights(&from);
            tensors.write(&code.path().join("model.safetensors"), |n| Some(code_name(n)));
            same(code.path(), name);

            let old = without_weights(&from);
            let old_name = |n: &str| Some(original[code_name(n)].as_str().unwrap().to_owned());
            tensors.write(&old.path().join("model.safetensors"), old_name);
            same(old.path(), name);

            let sharded = without_weights(&from);
            let names = tensors.names();
            let shard =
                |n: &str| format!("model-0000{}-of-00003.safetensors", names.iter().position(|m| m == n).unwrap() % 3);
            for part in 0..3 {
                let file = format!("model-0000{part}-of-00003.safetensors");
                tensors.write(&sharded.path().join(&file), |n| (shard(n) == file).then(|| n.to_owned()));
            }
            let map: serde_json::Map<_, _> = names.iter().map(|n| (n.clone(), shard(n).into())).collect();
            let index = serde_json::json!({ "metadata": {}, "weight_map": map });
            std::fs::write(sharded.path().join("model.safetensors.index.json"), index.to_string()).unwrap();
            same(sharded.path(), name);
        }
    }

    #[test]
    fn pickled_weights_are_the_same_model() {
        let dir = without_weights(&fixture("llava15"));
        let bin = dir.path().join("pytorch_model.bin");
        std::fs::copy(fixture("../llava15-bin").join("pytorch_model.bin"), &bin).unwrap();
        same(dir.path(), "llava15");
        std::fs::write(&bin, "no zip file").unwrap();
        let error = Model::load(dir.path(), &LoadOptions::default()).err().unwrap().to_string();
        assert!(error.contains("pytorch_model.bin: this is no zip file of tensors"), "{error}");
    }

    #[test]
    fn the_original_config_takes_its_tower_from_another_folder() {
        let from = fixture("llava15");
        let tensors = Tensors::read(&from.join("model.safetensors"));
        let dir = without_weights(&from);
        let mut config = json_file(&from.join("config.json"));
        let tower = dir.path().join("tower");
        std::fs::create_dir(&tower).unwrap();
        std::fs::write(tower.join("config.json"), config["vision_config"].to_string()).unwrap();
        let text = config["text_config"].take();
        let mut flat = text.as_object().unwrap().clone();
        flat.insert("model_type".into(), "llava_llama".into());
        flat.insert("mm_vision_tower".into(), "tower".into());
        flat.insert("mm_vision_select_layer".into(), (-2).into());
        flat.insert("image_aspect_ratio".into(), "pad".into());
        std::fs::write(dir.path().join("config.json"), serde_json::Value::Object(flat).to_string()).unwrap();
        let seeing = |n: &str| n.starts_with("vision_tower.");
        tensors.write(&dir.path().join("model.safetensors"), |n| (!seeing(n)).then(|| n.to_owned()));
        let clip = |n: &str| seeing(n).then(|| n.replacen("vision_tower.", "vision_model.", 1));
        tensors.write(&tower.join("model.safetensors"), clip);
        same(dir.path(), "llava15");

        // The original checkpoints' tokenizer, which has no mark for pictures.
        let json = json_file(&from.join("tokenizer.json"));
        std::fs::remove_file(dir.path().join("tokenizer.json")).unwrap();
        std::fs::write(dir.path().join("tokenizer.model"), sentencepiece(&json)).unwrap();
        same(dir.path(), "llava15");
        let (new, old) = (Tokenizer::read(dir.path()).unwrap(), Tokenizer::read(&from).unwrap());
        for text in ["", " ", "noise", "  two  spaces ", "naïve détails\n\t✓ 漢", "a</s>b", "399 <0, 139>"] {
            assert_eq!(new.ids(text, true).unwrap(), old.ids(text, true).unwrap(), "{text:?}");
        }
    }

    /// A tokenizer.model with the pieces of a tokenizer.json, the earlier the better; without the marks added last.
    fn sentencepiece(json: &serde_json::Value) -> Vec<u8> {
        let mut pieces: Vec<(u64, &String)> =
            json["model"]["vocab"].as_object().unwrap().iter().map(|(text, id)| (id.as_u64().unwrap(), text)).collect();
        pieces.sort();
        let mut file = Vec::new();
        for (id, text) in pieces {
            let kind = match id {
                0 => 2,
                1 | 2 => 3,
                _ if text.starts_with("<0x") => 6,
                _ => 1,
            };
            let message = [&[10, text.len() as u8], text.as_bytes(), &[21], &(-(id as f32)).to_le_bytes(), &[24, kind]];
            let message = message.concat();
            file.extend([10, message.len() as u8]);
            file.extend(message);
        }
        file
    }

    #[test]
    fn wrong_weights_are_listed() {
        let from = fixture("llava15");
        let tensors = Tensors::read(&from.join("model.safetensors"));
        let dir = without_weights(&from);
        let path = dir.path().join("model.safetensors");
        let message = || Model::load(dir.path(), &LoadOptions::default()).err().unwrap().to_string();
        assert!(message().contains("neither model.safetensors nor pytorch_model.bin"), "{}", message());

        let up = "language_model.model.layers.1.mlp.up_proj.weight";
        tensors.write(&path, |n| {
            Some(if n == up { "language_model.model.layers.7.mlp.up_proj.weight" } else { n }.into())
        });
        let text = message();
        assert!(text.contains("missing: language_model.layers.1.mlp.up_proj.weight [96, 64]"), "{text}");
        assert!(text.contains("unexpected: language_model.model.layers.7.mlp.up_proj.weight"), "{text}");

        let down = "language_model.model.layers.1.mlp.down_proj.weight";
        let swap = |n: &str| match n {
            n if n == up => down.to_owned(),
            n if n == down => up.to_owned(),
            n => n.to_owned(),
        };
        tensors.write(&path, |n| Some(swap(n)));
        assert!(message().contains(&format!("{down} is [96, 64] where [64, 96] is needed")), "{}", message());

        let whole = std::fs::read(from.join("model.safetensors")).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 100]).unwrap();
        assert!(message().contains("100 bytes behind the end of the file"), "{}", message());
    }
}
