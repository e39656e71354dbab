//! Watched folders for tests: small photographs that differ, rules by brightness, and what became of each.

use crate::plugins::example_config;
use crate::screen::{Start, screen};
use crate::{Giqa, giqa, temp, text};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Rules that sort dark photographs out and log every verdict.
pub const RULES: &str = r#"
[[rules]]
name = "dark"
when = "scores['example.brightness'] < 60"
verdict = "reject"
actions = ["out"]
[actions.out]
move = "rejects"
[actions.log]
append = "log.jsonl"
[on]
accept = ["log"]
reject = ["log"]
"#;

/// A folder to watch, with its configuration, rules and state beside it.
pub struct Folder {
    dir: TempDir,
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Folder {
    /// A new one, with [`RULES`].
    #[must_use]
    pub fn new() -> Self {
        let folder = Self { dir: temp() };
        std::fs::create_dir(folder.path()).unwrap();
        let _ = example_config(folder.dir.path());
        folder.rules(RULES);
        folder
    }

    /// What is watched.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("in")
    }

    /// A place beside what is watched, on the same file system.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    /// Other rules.
    pub fn rules(&self, rules: &str) {
        std::fs::write(self.beside("rules.toml"), rules).unwrap();
    }

    /// The arguments of `giqa watch` on it.
    #[must_use]
    pub fn watch_args(&self) -> Vec<String> {
        let mut all = self.screen_args();
        all.extend(["--headless", "--format", "jsonl"].map(ToOwned::to_owned));
        all
    }

    /// The arguments of `giqa watch` on it, where there is a screen.
    #[must_use]
    pub fn screen_args(&self) -> Vec<String> {
        let (config, rules, state) = (self.beside("plugins.toml"), self.beside("rules.toml"), self.beside("state"));
        let folder = self.path();
        let all = ["--config", text(&config), "watch", text(&folder), "--rules", text(&rules)];
        let all = all.into_iter().chain(["--state-dir", text(&state), "--settle", "0.2"]);
        all.map(ToOwned::to_owned).collect()
    }

    /// `giqa browse` on its store.
    #[must_use]
    pub fn browse(&self, args: &[&str]) -> Start {
        let (config, state) = (self.beside("plugins.toml"), self.beside("state"));
        screen(["--config", text(&config), "browse", "--state-dir", text(&state)].iter().chain(args))
    }

    /// `giqa watch`
    #[must_use]
    pub fn watch(&self) -> Giqa {
        giqa().args(self.watch_args())
    }

    /// Another command on its store.
    #[must_use]
    pub fn with_store(&self, args: &[&str]) -> Giqa {
        giqa().args(args).args(["--state-dir", text(&self.beside("state"))])
    }

    /// Photographs by state.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let ran = self.with_store(&["store", "stats", "--format", "json"]).run();
        let json = ran.code(0).json();
        let states = ["done", "failed", "running", "seen", "skipped", "waiting"];
        states.map(|s| (s.to_owned(), json[s].as_u64().unwrap())).into()
    }

    /// Asserts that so many photographs are done, each rejected one moved and each logged once, and nothing else is open.
    ///
    /// # Panics
    /// When one was lost, is in two states, or was acted on twice.
    pub fn all_done(&self, bright: &[String], dark: &[String]) {
        let counts = self.counts();
        let total = (bright.len() + dark.len()) as u64;
        assert_eq!(counts["done"], total, "{counts:?}");
        assert!(counts.iter().all(|(state, n)| state == "done" || *n == 0), "{counts:?}");
        let log = std::fs::read_to_string(self.path().join("log.jsonl")).unwrap();
        let mut logged: BTreeMap<String, usize> = BTreeMap::new();
        for line in log.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let name = Path::new(line["path"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
            *logged.entry(name).or_default() += 1;
        }
        let twice: Vec<_> = logged.iter().filter(|(_, n)| **n != 1).collect();
        assert!(twice.is_empty(), "logged twice: {twice:?}");
        assert_eq!(logged.len() as u64, total);
        for name in dark {
            assert!(self.path().join("rejects").join(name).is_file(), "{name} was not moved");
        }
        let moved = std::fs::read_dir(self.path().join("rejects")).map_or(0, Iterator::count);
        assert_eq!(moved, dark.len());
        let left: Vec<_> =
            walk(&self.path()).into_iter().filter(|p| p.extension().is_some_and(|e| e == "png")).collect();
        assert_eq!(left.len() as u64, total, "photographs were lost or doubled");
        assert!(!walk(&self.path()).iter().any(|p| text(p).contains(".giqa-")), "temporary files are left");
    }
}

/// All files below a folder.
#[must_use]
pub fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

/// The bytes of a small photograph, another for each number.
#[must_use]
pub fn picture(number: u32, dark: bool) -> Vec<u8> {
    let base = if dark { 10 } else { 150 };
    let pixel =
        |i: u32| [base + ((number >> (i % 12)) & 1) as u8 * 40, base + (i % 30) as u8, base + (number % 50) as u8];
    let raw: Vec<u8> = (0..48 * 32).flat_map(|i| pixel(i).into_iter()).collect();
    png(&raw, 48, 32)
}

/// A red photograph.
#[must_use]
pub fn red(number: u32) -> Vec<u8> {
    let raw: Vec<u8> = (0..48 * 32).flat_map(|i: u32| [255, 0, u8::from(i == number)]).collect();
    png(&raw, 48, 32)
}

/// A photograph of four colours, each in a quarter.
#[must_use]
pub fn quarters(width: u32, height: u32, colours: [[u8; 3]; 4]) -> Vec<u8> {
    let pixel = |i: u32| {
        let (x, y) = (i % width * 2 / width, i / width * 2 / height);
        colours[(y * 2 + x) as usize]
    };
    let raw: Vec<u8> = (0..width * height).flat_map(pixel).collect();
    png(&raw, width, height)
}

fn png(raw: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::write_buffer_with_format(
        &mut out,
        raw,
        width,
        height,
        image::ExtendedColorType::Rgb8,
        image::ImageFormat::Png,
    )
    .unwrap();
    out.into_inner()
}
