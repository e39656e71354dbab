//! The plugin as a whole.

use super::*;

#[test]
fn every_component_can_be_made_and_the_test_kit_has_no_complaints() {
    assert_eq!(giqa_sdk::testkit::check::<Classic>().unwrap(), Vec::<String>::new());
}

#[test]
fn the_manifest_names_this_version() {
    assert_eq!(giqa_sdk::manifest::<Classic>().unwrap().version, env!("CARGO_PKG_VERSION"));
}

#[test]
fn unknown_components_are_refused() {
    let made = Classic::create(&Services::default(), "nothing", &serde_json::json!({}));
    assert!(made.is_err_and(|e| e.message.contains("'nothing'")));
}
