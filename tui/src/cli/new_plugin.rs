//! `giqa plugins new`: a plugin crate that builds and passes the conformance suite.

use super::exit::Exit;
use super::terminal;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

const CARGO_TOML: &str = include_str!("new_plugin/Cargo.toml.txt");
const MANIFEST: &str = include_str!("new_plugin/manifest.json.txt");
const LIB: &str = include_str!("new_plugin/lib.rs.txt");

/// Writes the crate; never over something that is there.
pub fn run(name: &str, dir: Option<&Path>, giqa: Option<&Path>) -> Result<Exit> {
    let good = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !good {
        bail!("'{}' can't be a plugin's name; use lower-case letters, digits and '-'", name.escape_debug());
    }
    let dir = dir.map_or_else(|| PathBuf::from(name), Path::to_owned);
    let sdk = giqa.unwrap_or(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))).join("core/sdk");
    let sdk = sdk
        .canonicalize()
        .with_context(|| format!("giqa's source is not at {}; name its folder with --giqa", sdk.display()))?;
    let fill = |text: &str| {
        text.replace("{{name}}", name)
            .replace("{{crate}}", &format!("giqa_{}", name.replace('-', "_")))
            .replace("{{sdk}}", &sdk.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
    };
    let files =
        [("Cargo.toml", CARGO_TOML), ("manifest.json", MANIFEST), ("src/lib.rs", LIB), (".gitignore", "/target/\n")];
    if let Some(there) = files.iter().map(|(file, _)| dir.join(file)).find(|path| path.symlink_metadata().is_ok()) {
        bail!("{} is there already; choose another folder with --dir", there.display());
    }
    for (file, text) in files {
        let path = dir.join(file);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
        }
        std::fs::write(&path, fill(text)).with_context(|| format!("can't write {}", path.display()))?;
    }
    let library =
        format!("{}giqa_{}{}", std::env::consts::DLL_PREFIX, name.replace('-', "_"), std::env::consts::DLL_SUFFIX);
    let shown = dir.display();
    terminal::print(&format!(
        "made {shown}; next:\n  cd {shown} && cargo test && cargo build\n  giqa plugins check target/debug/{library}\n"
    ))?;
    Ok(Exit::Done)
}
