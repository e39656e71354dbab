//! Tables, right and wrong.

use super::*;
use serde_json::json;

fn read(config: Value) -> Result<Settings, ComponentError> {
    Settings::read(&config)
}

#[test]
fn a_server_and_a_model_are_enough() {
    let settings = read(json!({ "base_url": "http://h:1/v1/", "model": "m" })).unwrap();
    assert_eq!(settings.base_urls, ["http://h:1/v1"]);
    assert_eq!((settings.plain.max_concurrency, settings.plain.jpeg_quality), (32, 90));
    let many = read(json!({ "base_url": ["http://a", "https://b/v1"], "model": "m" })).unwrap();
    assert_eq!(many.base_urls, ["http://a", "https://b/v1"]);
}

#[test]
fn mistakes_are_told_without_secrets() {
    for (config, words) in [
        (json!({}), "base_url"),
        (json!({ "base_url": "http://a" }), "model"),
        (json!({ "base_url": [], "model": "m" }), "at least one"),
        (json!({ "base_url": "localhost:1", "model": "m" }), "scheme"),
        (json!({ "base_url": "ftp://a", "model": "m" }), "scheme"),
        (json!({ "base_url": "http://me:hunter2@a", "model": "m" }), "api_key_env"),
        (json!({ "base_url": "http://a?key=hunter2", "model": "m" }), "api_key_env"),
        (json!({ "base_url": "http://a", "model": "m", "api_key_env": "GIQA_NO_SUCH_KEY" }), "GIQA_NO_SUCH_KEY"),
        (json!({ "base_url": "http://a", "model": "m", "headers": { "X": "a\nb" } }), "'X'"),
        (json!({ "base_url": "http://a", "model": "m", "timeout_s": -1 }), "negative"),
        (json!({ "base_url": "http://a", "model": "m", "modell": 1 }), "modell"),
        (json!({ "base_url": "http://a", "model": "m", "ca_file": "/nowhere/ca.pem" }), "/nowhere/ca.pem"),
        (
            json!({ "base_url": "http://a", "model": "m", "ca_file": concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml") }),
            "no certificate",
        ),
    ] {
        let error = read(config.clone()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadConfig, "{config}");
        let told = error.to_string();
        assert!(told.contains(words) && !told.contains("hunter2"), "{config}: {told}");
    }
}

#[test]
fn keys_are_not_printed() {
    // Cargo sets this one for tests.
    let config = json!({ "base_url": "http://a", "model": "m", "api_key_env": "CARGO_MANIFEST_DIR" });
    let settings = read(config).unwrap();
    let key = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    assert!(!format!("{settings:?}").contains(&key));
    assert_eq!(settings.headers[0].1.reveal(), format!("Bearer {key}"));
    assert_eq!(settings.redactor.quote(&key), "[redacted]");
}
