//! Encrypted connections, certificates, and what goes wrong with them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod client;
mod server;

use client::{describe, model};
use giqa_core::ErrorKind;
use giqa_openai::OpenAi;
use giqa_sdk::{Plugin, Services};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use server::{Server, nobody, says};
use std::path::PathBuf;
use std::sync::Arc;

const SKY: &str = "The [sky](<0, 139>) is noisy.";

/// A server for `name` whose certificate comes from an authority of its own, and that authority's PEM file.
fn encrypted(name: &str) -> (Server, tempfile::TempDir, PathBuf) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let config = Arc::new(config);
    let server = Server::start_with(
        move |stream| Some(Box::new(StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream))),
        |_, _| says(SKY),
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    (server, dir, file)
}

/// The address with `https` and this host.
fn at(server: &Server, host: &str) -> String {
    server.url.replace("http://127.0.0.1", &format!("https://{host}"))
}

#[test]
fn a_server_of_an_own_authority_is_trusted_by_ca_file() {
    let (server, _dir, file) = encrypted("localhost");
    let url = at(&server, "localhost");
    let output = describe(&*model(&url, json!({ "ca_file": file }))).unwrap();
    assert_eq!((output.text.spans.len(), server.count()), (1, 1));
    // Not without: and its key is not sent to a stranger.
    let error = describe(&*model(&url, json!({}))).unwrap_err();
    let told = error.to_string();
    for words in [url.as_str(), "certificate", "UnknownIssuer", "ca_file"] {
        assert!(told.contains(words), "'{words}' is not in: {told}");
    }
    assert!(!error.retryable && !told.contains("tries"), "another try changes nothing: {told}");
    assert_eq!(server.count(), 1);
}

#[test]
fn a_certificate_for_somebody_else_is_refused() {
    let (server, _dir, file) = encrypted("elsewhere.example");
    let told = describe(&*model(&at(&server, "localhost"), json!({ "ca_file": file }))).unwrap_err().to_string();
    for words in ["certificate", "localhost", "elsewhere.example"] {
        assert!(told.contains(words), "'{words}' is not in: {told}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn the_wrong_scheme_is_told() {
    let plain = Server::always(says(SKY));
    let told = describe(&*model(&at(&plain, "127.0.0.1"), json!({ "retries": 0 }))).unwrap_err().to_string();
    assert!(told.contains("http://"), "{told}");
    let (encrypted, _dir, _) = encrypted("localhost");
    let told = describe(&*model(&encrypted.url, json!({ "retries": 0 }))).unwrap_err().to_string();
    assert!(told.contains("https://"), "{told}");
}

#[test]
fn a_ca_file_that_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let key = KeyPair::generate().unwrap().serialize_pem();
    let broken = "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n";
    let cases = [
        (dir.path().join("gone.pem"), "No such file"),
        (write("text.pem", "hello"), "no certificate"),
        (write("key.pem", &key), "no certificate"),
        (write("broken.pem", broken), "broken.pem"),
    ];
    for (file, words) in cases {
        let config = json!({ "base_url": nobody(), "model": "m", "ca_file": file });
        let error = OpenAi::create(&Services::default(), "chat", &config).err().unwrap();
        assert_eq!(error.kind, ErrorKind::BadConfig, "{error}");
        let told = error.to_string();
        assert!(told.contains(words) && told.contains("ca_file") && told.contains("PEM"), "{told}");
    }
}
