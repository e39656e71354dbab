//! What the torch plugin says to weights, devices and memory that won't do: the file, tensor or device, and the remedy; and
//! that giqa itself goes on.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use giqa_tests::{fixture, giqa, library_file, temp, text, write};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Whether the library was built; says so where not.
fn is_built() -> bool {
    let library = library_file("giqa_torch");
    if !library.is_file() {
        eprintln!("skipped: {} is not built (cargo xtask libtorch, then cargo xtask torch)", library.display());
    }
    library.is_file()
}

/// A copy of the tiny model's folder, without its weights.
fn without_weights() -> tempfile::TempDir {
    let dir = temp();
    for file in std::fs::read_dir(fixture("models/llava15")).unwrap().map(|e| e.unwrap().path()) {
        if file.is_file() && file.extension().is_none_or(|e| e != "safetensors") {
            std::fs::copy(&file, dir.path().join(file.file_name().unwrap())).unwrap();
        }
    }
    dir
}

fn weights() -> Vec<u8> {
    std::fs::read(fixture("models/llava15/model.safetensors")).unwrap()
}

/// What is said when a picture is looked at with this model. `worker` are keys of the plugin, `model` of the component.
fn complaint(weights: &Path, worker: &str, model: &str) -> String {
    let dir = temp();
    let toml = format!(
        "profile = \"llava\"\n[profiles.llava]\nmetrics = [\"classic.sharpness\"]\nmodel = \"torch.llava\"\n\
         [plugins.classic]\n[plugins.torch]\nlibrary = {:?}\n{worker}\
         [plugins.torch.components.llava]\nweights = {:?}\nthreads = 1\nmax_new_tokens = 4\n{model}",
        text(&library_file("giqa_torch")),
        text(weights)
    );
    let config = write(dir.path(), "plugins.toml", &toml);
    let image = fixture("models/llava15/image.png");
    // Limits are heard by the worker as well; a model of these sizes needs no tenth of it.
    let ran =
        giqa().limited_memory(8 << 30).args(["--config", text(&config), "ask", text(&image), "Is it sharp?"]).run();
    assert!(ran.status.code().is_some_and(|code| code != 0), "it should fail, and not by a signal: {ran}");
    ran.err().to_owned()
}

/// The complaint has all of these words.
fn says(complaint: &str, words: &[&str]) {
    for word in words {
        assert!(complaint.contains(word), "no '{word}' in: {complaint}");
    }
}

#[test]
fn folders_that_lack_something() {
    if !is_built() {
        return;
    }
    let dir = without_weights();
    let none = complaint(dir.path(), "", "");
    says(&none, &[text(dir.path()), "neither model.safetensors nor pytorch_model.bin", "take all files"]);
    // An index that names a shard that was not downloaded.
    let index = json!({ "weight_map": { "lm_head.weight": "model-00001-of-00002.safetensors" } });
    write(dir.path(), "model.safetensors.index.json", &index.to_string());
    let shard = complaint(dir.path(), "", "");
    says(&shard, &["can't read", "model-00001-of-00002.safetensors", "is the download of the model complete?"]);
}

#[test]
fn a_shard_that_was_cut_short() {
    if !is_built() {
        return;
    }
    let dir = without_weights();
    let (whole, path) = (weights(), dir.path().join("model.safetensors"));
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let cut = complaint(dir.path(), "", "");
    says(&cut, &[text(&path), "tensor ", "behind the end of the file", "is the download of the model complete?"]);
    std::fs::write(&path, &whole[..5]).unwrap();
    says(&complaint(dir.path(), "", ""), &[text(&path), "5 bytes are no safetensors file"]);
}

#[test]
fn an_architecture_that_is_not_known() {
    if !is_built() {
        return;
    }
    let dir = without_weights();
    std::fs::write(dir.path().join("model.safetensors"), weights()).unwrap();
    write(dir.path(), "config.json", r#"{"model_type": "qwen9", "architectures": ["Qwen9ForConditionalGeneration"]}"#);
    let unknown = complaint(dir.path(), "", "");
    says(&unknown, &[text(dir.path()), "qwen9", "llava"]);
}

#[test]
fn another_checkpoints_weights_are_listed_by_name() {
    if !is_built() {
        return;
    }
    let dir = without_weights();
    std::fs::copy(fixture("models/llava_next/model.safetensors"), dir.path().join("model.safetensors")).unwrap();
    let other = complaint(dir.path(), "", "");
    says(&other, &["don't fit its config.json", "k_proj.weight is [", "is needed", "take all files of one checkpoint"]);
}

#[test]
fn a_gpu_that_is_not_there() {
    if !is_built() {
        return;
    }
    let gpu = complaint(&fixture("models/llava15"), "", "device = \"cuda:99\"\n");
    says(&gpu, &["device 'cuda:99' can't be used", "device = \"cpu\" runs anywhere"]);
}

#[test]
fn a_process_that_takes_more_memory_than_it_may() {
    if !is_built() {
        return;
    }
    // libtorch alone takes more.
    let fat = complaint(&fixture("models/llava15"), "memory_limit_mb = 60\n", "");
    says(&fat, &["plugin 'torch'", "MB of memory, over its limit of 60 MB", "raise plugins.torch.memory_limit_mb"]);
}

#[test]
fn weights_that_no_memory_holds() {
    if !is_built() {
        return;
    }
    // A file that is one hole, an embedding of 2^33 numbers.
    const SHAPE: [u64; 2] = [1 << 20, 1 << 13];
    let dir = without_weights();
    let name = "language_model.model.embed_tokens.weight";
    let header = json!({ name: { "dtype": "BF16", "shape": SHAPE, "data_offsets": [0, 2 * SHAPE[0] * SHAPE[1]] } });
    let header = header.to_string();
    let path = dir.path().join("model.safetensors");
    let mut file = File::create(&path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.set_len(8 + header.len() as u64 + 2 * SHAPE[0] * SHAPE[1]).unwrap();
    let mut config: Value =
        serde_json::from_slice(&std::fs::read(fixture("models/llava15/config.json")).unwrap()).unwrap();
    config["text_config"]["vocab_size"] = SHAPE[0].into();
    config["text_config"]["hidden_size"] = SHAPE[1].into();
    write(dir.path(), "config.json", &config.to_string());
    let large = complaint(dir.path(), "", "");
    says(
        &large,
        &[
            "out of memory",
            text(dir.path()),
            "language_model.embed_tokens.weight [1048576, 8192] takes 34360 MB on Cpu, after 0 MB of the model",
            "a smaller model",
        ],
    );
}
