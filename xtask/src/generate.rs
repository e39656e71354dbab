//! Files that are made from the code: JSON Schemas and the C header. `--check` fails when they are stale.

use crate::root;
use anyhow::{Context, Result, bail};
use giqa_core::wire::{MetricRequest, MetricResult, ModelRequest, ModelResult, ProposerRequest, ProposerResult};
use giqa_core::{ComponentError, PluginManifest};
use std::path::Path;

/// Writes `schema/*.schema.json`.
pub fn schemas(check: bool) -> Result<()> {
    let schemas = [
        ("plugins", giqa_host::config::plugins_schema()),
        ("rules", giqa_watch::rules::rules_schema()),
        ("report", giqa_engine::report_schema()),
        ("answer", giqa_engine::answer_schema()),
        ("manifest", schemars::schema_for!(PluginManifest).to_value()),
        ("metric-input", schemars::schema_for!(MetricRequest).to_value()),
        ("metric-result", schemars::schema_for!(MetricResult).to_value()),
        ("proposer-input", schemars::schema_for!(ProposerRequest).to_value()),
        ("proposer-result", schemars::schema_for!(ProposerResult).to_value()),
        ("model-input", schemars::schema_for!(ModelRequest).to_value()),
        ("model-result", schemars::schema_for!(ModelResult).to_value()),
        ("error", schemars::schema_for!(ComponentError).to_value()),
    ];
    for (name, schema) in schemas {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema)?);
        settle(&root().join(format!("schema/{name}.schema.json")), &text, check, "schema")?;
    }
    Ok(())
}

/// Writes `core/abi/include/giqa_plugin.h`.
pub fn header(check: bool) -> Result<()> {
    let abi = root().join("core/abi");
    let config = cbindgen::Config::from_file(abi.join("cbindgen.toml")).map_err(anyhow::Error::msg)?;
    // One source file, no dependencies: parsed as it stands, so that cbindgen need not run cargo.
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(abi.join("src/lib.rs"))
        .generate()
        .context("cbindgen can't read core/abi/src/lib.rs")?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    settle(&abi.join("include/giqa_plugin.h"), &String::from_utf8(text)?, check, "header")
}

fn settle(path: &Path, text: &str, check: bool, verb: &str) -> Result<()> {
    let shown = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if check {
        bail!("{shown} is stale: run `cargo xtask {verb}` and commit it");
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("can't write {shown}"))?;
    println!("wrote {shown}");
    Ok(())
}
