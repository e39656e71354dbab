use super::*;

fn read(config: serde_json::Value) -> Result<ModelConfig> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
    ModelConfig::read(dir.path())
}

fn vicuna() -> serde_json::Value {
    serde_json::json!({
        "model_type": "llava_llama", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
        "num_hidden_layers": 32, "num_attention_heads": 32, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096,
        "mm_vision_tower": "openai/clip-vit-large-patch14-336", "mm_vision_select_layer": -2,
        "mm_projector_type": "mlp2x_gelu", "image_aspect_ratio": "pad", "eos_token_id": 2
    })
}

#[test]
fn the_original_layout() {
    let config = read(vicuna()).unwrap();
    let image = config.image.unwrap();
    assert_eq!((config.text.kv_heads, config.text.head_dim, config.prompt), (32, 128, "vicuna_v1"));
    assert_eq!((image.layers_run, image.vision.patches(), image.token), (23, 24, None));
    assert_eq!((image.preprocess.aspect, config.stop), (AspectRatio::Pad, vec![2]));
}

#[test]
fn a_llama_3_text_model() {
    let config = read(serde_json::json!({
        "model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "rope_theta": 5e5,
        "max_position_embeddings": 131072, "eos_token_id": [128001, 128009],
        "rope_scaling": { "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                          "original_max_position_embeddings": 8192 }
    }))
    .unwrap();
    assert!(config.image.is_none());
    assert_eq!(config.text.rope_scaling, RopeScaling::Llama3 { factor: 8.0, low: 1.0, high: 4.0, original: 8192.0 });
    assert_eq!(config.stop, [128001, 128009]);
}

#[test]
fn mistakes_name_the_file_and_the_key() {
    let message = |config: serde_json::Value| read(config).unwrap_err().to_string();
    let mut other = vicuna();
    other["model_type"] = "paligemma".into();
    assert!(message(other).contains("'paligemma'"));
    let mut heads = vicuna();
    heads["num_key_value_heads"] = 5.into();
    assert!(message(heads).ends_with("config.json: 32 heads can't share 5 key-value heads"));
    let mut hidden = vicuna();
    hidden.as_object_mut().unwrap().remove("hidden_size");
    assert!(message(hidden).contains("hidden_size is missing"));
    let mut projector = vicuna();
    projector["mm_projector_type"] = "linear".into();
    assert!(message(projector).contains("mm_projector_type 'linear'"));
    let empty = tempfile::tempdir().unwrap();
    assert!(ModelConfig::read(empty.path()).unwrap_err().to_string().contains("config.json"));
}

#[test]
fn a_converted_checkpoint_leaves_out_the_usual() {
    let config = read(serde_json::json!({
        "model_type": "llava", "image_token_index": 32000, "vision_feature_layer": -2,
        "text_config": { "model_type": "llama", "max_position_embeddings": 4096, "vocab_size": 32064 },
        "vision_config": { "model_type": "clip_vision_model", "image_size": 336 }
    }))
    .unwrap();
    assert_eq!(
        (config.text.hidden, config.text.layers, config.text.kv_heads, config.text.vocab),
        (4096, 32, 32, 32064)
    );
    assert_eq!(config.image.unwrap().vision.layers, 24);
}
