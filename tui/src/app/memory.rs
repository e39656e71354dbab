//! What survives a restart: where one was, and how one looked at it.

use super::model::Screen;
use super::query::Sort;
use super::theme::ThemeName;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Name of the file in the state folder.
const FILE: &str = "screen.json";

/// What is remembered. What is missing or wrong in the file is as at the first start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Which screen.
    pub screen: Screen,
    /// The filter, as typed.
    pub filter: String,
    /// The order of the list.
    pub sort: Sort,
    /// The other way around.
    pub reversed: bool,
    /// Thumbnails.
    pub grid: bool,
    /// Bursts are gathered.
    pub bursts: bool,
    /// The photo under the cursor, by its number in the store.
    pub photo: Option<i64>,
    /// Zoom, as pixels of the terminal per pixel of the photo, and the middle; `None` = all of it.
    pub zoom: Option<(f64, f64, f64)>,
    /// Boxes over the picture are off.
    pub no_boxes: bool,
    /// The theme, where it was changed by hand.
    pub theme: Option<ThemeName>,
    /// The mouse was switched off by hand.
    pub no_mouse: bool,
    /// Pictures were switched off by hand.
    pub no_pictures: bool,
}

impl Memory {
    /// Where it is kept.
    #[must_use]
    pub fn file(state_dir: &Path) -> PathBuf {
        state_dir.join(FILE)
    }

    /// What was remembered, or what holds at the first start.
    #[must_use]
    pub fn load(state_dir: &Path) -> Self {
        let text = std::fs::read_to_string(Self::file(state_dir)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Keeps it, whole or not at all.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn save(&self, state_dir: &Path) -> std::io::Result<()> {
        let file = Self::file(state_dir);
        let part = file.with_extension(format!("json.{}", std::process::id()));
        std::fs::write(&part, serde_json::to_vec(self)?)?;
        std::fs::rename(&part, &file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_and_nonsense_is_the_first_start() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory { filter: "level:poor".into(), zoom: Some((1.0, 0.5, 0.25)), ..Memory::default() };
        memory.save(dir.path()).unwrap();
        assert_eq!(Memory::load(dir.path()), memory);
        std::fs::write(Memory::file(dir.path()), "{\"screen\": 3}").unwrap();
        assert_eq!(Memory::load(dir.path()), Memory::default());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
