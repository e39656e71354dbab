//! Manifests, read without running anything of the plugin.

use crate::error::HostError;
use giqa_core::{MANIFEST_SCHEMA, PluginManifest, Threading};
use object::{Object, ObjectSection};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Names of the manifest's section: ELF, Mach-O, PE.
const SECTIONS: [&str; 3] = [".giqa.manifest", "__giqa_manifest", ".giqam"];

/// A manifest larger than this is not read.
const MAX_MANIFEST: u64 = 1 << 20;

/// The manifest of a library: from its section, else from `<library>.giqa.json` beside it.
///
/// # Errors
/// [`HostError::Io`], [`HostError::NotALibrary`], or [`HostError::Manifest`] when there is none or it is wrong.
pub fn read(library: &Path) -> Result<PluginManifest, HostError> {
    parse(&read_bytes(library)?, library)
}

/// The bytes of the manifest.
pub(crate) fn read_bytes(library: &Path) -> Result<Vec<u8>, HostError> {
    let io = |source| HostError::Io { path: library.to_owned(), source };
    let not_a_library = |e: object::Error| HostError::NotALibrary { path: library.to_owned(), reason: e.to_string() };
    // Read piecemeal: a GPU plugin can be hundreds of megabytes.
    let cache = object::read::ReadCache::new(File::open(library).map_err(io)?);
    let file = object::File::parse(&cache).map_err(not_a_library)?;
    if let Some(section) = file.sections().find(|s| s.name().is_ok_and(|n| SECTIONS.contains(&n))) {
        if section.size() > MAX_MANIFEST {
            return Err(HostError::manifest(library, format!("is larger than {} MiB", MAX_MANIFEST >> 20)));
        }
        return section.data().map(<[u8]>::to_vec).map_err(not_a_library);
    }
    let sidecar = sidecar(library);
    match std::fs::metadata(&sidecar) {
        Ok(m) if m.len() > MAX_MANIFEST => Err(HostError::manifest(library, "is larger than 1 MiB")),
        Ok(_) => std::fs::read(&sidecar).map_err(|source| HostError::Io { path: sidecar, source }),
        // Without a manifest, say what matters more: whether it is a plugin at all.
        Err(_) if !file.symbols().chain(file.dynamic_symbols()).any(|s| is_entry(&s)) => {
            Err(HostError::NotAPlugin { path: library.to_owned() })
        }
        Err(_) => Err(HostError::manifest(
            library,
            format!("is missing: no section {} and no {}", SECTIONS[0], sidecar.display()),
        )),
    }
}

fn is_entry<'a>(symbol: &impl object::ObjectSymbol<'a>) -> bool {
    symbol.name().is_ok_and(|n| n.trim_start_matches('_') == "GIQA_PLUGIN_V1")
}

fn sidecar(library: &Path) -> PathBuf {
    let mut name = library.as_os_str().to_owned();
    name.push(".giqa.json");
    PathBuf::from(name)
}

/// Parses and checks the bytes of a manifest; `path` is for messages.
pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<PluginManifest, HostError> {
    let wrong = |reason: String| HostError::manifest(path, reason);
    let bytes = bytes.trim_ascii_end();
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    let head: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| wrong(format!("is not JSON: {e}")))?;
    match head.get("schema").and_then(|s| s.as_str()) {
        Some(MANIFEST_SCHEMA) => {}
        Some(other) => return Err(wrong(format!("has schema '{other}', this giqa reads '{MANIFEST_SCHEMA}'"))),
        None => return Err(wrong("names no schema".to_owned())),
    }
    let manifest: PluginManifest = serde_json::from_value(head).map_err(|e| wrong(format!("is wrong: {e}")))?;
    let named = |n: &str| {
        n.starts_with(|c: char| c.is_ascii_lowercase())
            && n.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if !named(&manifest.name) {
        return Err(wrong(format!("has the name '{}'; names are lower-case letters, digits and '-'", manifest.name)));
    }
    if manifest.concurrent_calls > 1 && manifest.threading != Threading::Any {
        return Err(wrong("has concurrent_calls above 1, which needs threading 'any'".to_owned()));
    }
    let mut seen = BTreeSet::new();
    for component in &manifest.components {
        if !named(&component.name) {
            return Err(wrong(format!(
                "has a component named '{}'; names are lower-case letters, digits and '-'",
                component.name
            )));
        }
        if !seen.insert(&component.name) {
            return Err(wrong(format!("names component '{}' twice", component.name)));
        }
        if let Err(e) = jsonschema::validator_for(&component.config_schema) {
            return Err(wrong(format!("has a config_schema for '{}' that is not a JSON Schema: {e}", component.name)));
        }
    }
    if manifest.components.is_empty() {
        return Err(wrong("has no components".to_owned()));
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reason(value: serde_json::Value) -> String {
        parse(value.to_string().as_bytes(), Path::new("x.so")).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_named() {
        let component = |name: &str| json!({"name": name, "kind": "metric", "better": "lower"});
        let with = |name: &str, components: serde_json::Value| json!({"schema": "giqa.manifest/1", "id": "a.b", "name": name, "version": "1", "components": components});
        assert!(parse(format!("{}\0\n", with("x", json!([component("a")]))).as_bytes(), Path::new("x.so")).is_ok());
        assert!(reason(json!({"schema": "giqa.manifest/9"})).contains("schema 'giqa.manifest/9'"));
        assert!(reason(json!([])).contains("names no schema"));
        assert!(reason(with("X y", json!([component("a")]))).contains("'X y'"));
        assert!(reason(with("x", json!([component("a"), component("a")]))).contains("twice"));
        assert!(reason(with("x", json!([component("A")]))).contains("'A'"));
        assert!(reason(with("x", json!([]))).contains("no components"));
        assert!(reason(with("x", json!([{"name": "a", "kind": "wheel"}]))).contains("wheel"));
        let schema = json!([{"name": "a", "kind": "metric", "better": "lower", "config_schema": {"type": 3}}]);
        assert!(reason(with("x", schema)).contains("not a JSON Schema"));
        let mut crowd = with("x", json!([component("a")]));
        crowd["concurrent_calls"] = json!(2);
        assert!(reason(crowd.clone()).contains("concurrent_calls above 1, which needs threading 'any'"));
        crowd["threading"] = json!("any");
        assert_eq!(parse(crowd.to_string().as_bytes(), Path::new("x.so")).unwrap().concurrent_calls, 2);
        assert!(parse(b"{", Path::new("x.so")).unwrap_err().to_string().contains("not JSON"));
    }

    #[test]
    fn files_that_are_no_libraries() {
        let dir = tempfile::tempdir().unwrap();
        let text = dir.path().join("libx.so");
        assert!(matches!(read(&text), Err(HostError::Io { .. })));
        std::fs::write(&text, "hello").unwrap();
        assert!(matches!(read(&text), Err(HostError::NotALibrary { .. })));
        std::fs::write(&text, "").unwrap();
        assert!(matches!(read(&text), Err(HostError::NotALibrary { .. })));
        let exe = std::env::current_exe().unwrap();
        assert!(matches!(read(&exe), Err(HostError::NotAPlugin { .. })));
    }
}
