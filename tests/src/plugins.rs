//! Plugins made for tests, and configurations that name them.

use crate::{fixture, root, text};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles a C plugin into `dir`; `defines` are `-D` names.
///
/// # Panics
/// With what the compiler says when it does not compile.
#[must_use]
pub fn compile_c(source: &Path, dir: &Path, name: &str, defines: &[&str]) -> PathBuf {
    let library = dir.join(format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX));
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let output = Command::new(&compiler)
        .args(["-std=c11", "-Wall", "-Wextra", "-shared", "-fPIC", "-I"])
        .arg(root().join("core/abi/include"))
        .args(defines.iter().map(|d| format!("-D{d}")))
        .arg("-o")
        .args([&library, source])
        .output()
        .unwrap_or_else(|e| panic!("these tests need a C compiler; {compiler}: {e}"));
    assert!(output.status.success(), "{compiler}: {}", String::from_utf8_lossy(&output.stderr));
    library
}

/// tests/fixtures/plugins/evil.c, compiled into `dir`.
#[must_use]
pub fn evil(dir: &Path, defines: &[&str]) -> PathBuf {
    compile_c(&fixture("plugins/evil.c"), dir, "giqa_evil", defines)
}

/// Settings of the evil plugin that keep a test short.
pub const SHORT: &str = "isolation = \"process\"\ndeadline_s = 1\nmemory_limit_mb = 200\n";

/// Writes a plugins.toml with one profile of these metrics and one plugin table.
#[must_use]
pub fn config(dir: &Path, metrics: &[&str], plugin: &str, library: &Path, settings: &str) -> PathBuf {
    let mut toml = String::from("profile = \"test\"\n[profiles.test]\n");
    writeln!(toml, "metrics = {metrics:?}").unwrap();
    writeln!(toml, "[plugins.{plugin}]\nlibrary = {:?}\n{settings}", text(library)).unwrap();
    crate::write(dir, "plugins.toml", &toml)
}

/// A configuration with the example plugin's metric, in this process: quick, and needs no other plugin.
#[must_use]
pub fn example_config(dir: &Path) -> PathBuf {
    let library = crate::library_file("giqa_example");
    config(dir, &["example.brightness"], "example", &library, "isolation = \"in-process\"\n")
}
