//! The binary and libraries under test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The folder of the running test's profile, e.g. target/debug.
#[must_use]
pub fn target_dir() -> PathBuf {
    // target/debug/deps/this-test, or target/debug/screenshots
    let exe = std::env::current_exe().unwrap();
    let dir = exe.parent().unwrap();
    if dir.ends_with("deps") { dir.parent().unwrap().to_owned() } else { dir.to_owned() }
}

/// Builds what the tests drive, once per process, unless `GIQA_TESTS_BUILT` says that this was done (`cargo xtask
/// test` does). Gives the folder of the results.
pub fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let dir = target_dir();
        if std::env::var_os("GIQA_TESTS_BUILT").is_none() {
            let profile = match dir.file_name().and_then(|n| n.to_str()) {
                Some("debug") | None => "dev",
                Some(name) => name,
            };
            let packages = ["giqa", "giqa-example-plugin", "giqa-openai", "giqa-panics"];
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--quiet", "--profile", profile]).args(packages.iter().flat_map(|p| ["-p", p]));
            let status = cargo.current_dir(root()).stdin(Stdio::null()).status().unwrap();
            assert!(status.success(), "cargo build of {packages:?} failed");
        }
        dir
    })
}

/// The path of a library that [`built`] made: `giqa_example` -> target/debug/libgiqa_example.so.
#[must_use]
pub fn library_file(name: &str) -> PathBuf {
    let file = format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    built().join(file)
}
