//! Any bytes as the files of a model: what they hold, or an error that names the file.

#![no_main]

use giqa_torch::config::ModelConfig;
use giqa_torch::safetensors::SafeTensors;
use giqa_torch::sentencepiece::as_tokenizer_json;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a temporary folder");
}

fuzz_target!(|data: &[u8]| {
    // The first byte chooses the file, so that the fuzzer explores them all.
    let Some((choice, data)) = data.split_first() else { return };
    let name = ["model.safetensors", "tokenizer.model", "config.json"][usize::from(choice % 3)];
    FOLDER.with(|folder| {
        let file = folder.path().join(name);
        std::fs::write(&file, data).expect("room for a file");
        let error = match name {
            "model.safetensors" => SafeTensors::open(&file).and_then(|mut tensors| {
                let entries: Vec<_> = tensors.entries().values().cloned().collect();
                entries.iter().try_for_each(|entry| tensors.bytes(entry).map(drop))
            }),
            "tokenizer.model" => as_tokenizer_json(&file).map(drop),
            _ => ModelConfig::read(folder.path()).map(drop),
        };
        if let Err(error) = error {
            assert!(!error.to_string().is_empty());
        }
    });
});
