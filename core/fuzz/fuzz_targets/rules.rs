//! Any text as rules.toml: rules, or mistakes that name a line.

#![no_main]

use giqa_watch::rules::Rules;
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|text: &str| {
    match Rules::parse(text, Path::new("rules.toml")) {
        Ok(rules) => drop(rules.outputs(Path::new("/in"))),
        Err(error) => assert!(error.to_string().contains("rules.toml")),
    }
});
