//! A folder of example photographs that were inspected by the profile that is built in.

use crate::screen::{Start, screen};
use crate::{Giqa, giqa, photo, temp, text};
use serde_json::Value;
use std::path::PathBuf;
use tempfile::TempDir;

/// The photographs, and the store beside them.
pub struct Gallery {
    dir: TempDir,
}

impl Gallery {
    /// Copies photographs of examples/photos and inspects them.
    #[must_use]
    pub fn new(photos: &[&str]) -> Self {
        let gallery = Self { dir: temp() };
        std::fs::create_dir(gallery.photos()).unwrap();
        for name in photos {
            std::fs::copy(photo(&format!("{name}.jpg")), gallery.photos().join(format!("{name}.jpg"))).unwrap();
        }
        gallery.inspect();
        gallery
    }

    /// Inspects what is new.
    pub fn inspect(&self) {
        let ran = giqa().args(["watch", "--once", "--settle", "0.1", "--state-dir"]).arg(self.state());
        ran.arg(self.photos()).run().code(0);
    }

    /// Where the photographs are.
    #[must_use]
    pub fn photos(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("photos")
    }

    /// The state folder.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("state")
    }

    /// `giqa browse` on it.
    #[must_use]
    pub fn browse(&self, args: &[&str]) -> Start {
        let state = self.state();
        screen(["browse", "--state-dir", text(&state)].iter().chain(args))
    }

    /// Another command on its store.
    #[must_use]
    pub fn with_store(&self, args: &[&str]) -> Giqa {
        giqa().args(args).arg("--state-dir").arg(self.state())
    }

    /// What `giqa store export` says of a photograph.
    ///
    /// # Panics
    /// When it says nothing of it.
    #[must_use]
    pub fn export(&self, name: &str) -> Value {
        let ran = self.with_store(&["store", "export"]).run();
        let mut lines = ran.code(0).out().lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        let of = |v: &Value| v["image"]["path"].as_str().is_some_and(|p| p.ends_with(name));
        lines.find(of).unwrap_or_else(|| panic!("{name} is not exported\n{ran}"))
    }
}
