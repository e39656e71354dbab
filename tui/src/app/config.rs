//! tui.toml: how the screen looks and feels. All of it may be left out.

use super::keys::{Keymap, RawKeys};
use super::picture::{Display, Protocol};
use super::theme::ThemeName;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What is wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It can't be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It says something that is not understood.
    #[error("{}:\n{}", path.display(), mistakes.join("\n"))]
    Mistakes {
        /// The file.
        path: PathBuf,
        /// Each in words.
        mistakes: Vec<String>,
    },
}

/// What tui.toml says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScreenConfig {
    /// A theme.
    pub theme: Option<ThemeName>,
    /// Nothing but ASCII in lines and signs.
    pub ascii: bool,
    /// The mouse is left to the terminal.
    pub no_mouse: bool,
    /// How pictures are shown.
    pub protocol: Option<Protocol>,
    /// Width and height of a cell in pixels, where the terminal does not say.
    pub cell: Option<(u16, u16)>,
    /// Keys.
    pub keys: Keymap,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    theme: Option<ThemeName>,
    ascii: bool,
    mouse: bool,
    preview: RawPreview,
    keys: RawKeys,
}

impl Default for Raw {
    fn default() -> Self {
        Self { theme: None, ascii: false, mouse: true, preview: RawPreview::default(), keys: RawKeys::new() }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawPreview {
    protocol: Option<String>,
    cell: Option<(u16, u16)>,
}

impl ScreenConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// With every mistake in its keys, or else the first other one.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|mistakes| ConfigError::Mistakes { path: path.to_owned(), mistakes })
    }

    /// Reads what is in a file.
    ///
    /// # Errors
    /// As [`ScreenConfig::load`].
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let raw: Raw = toml::from_str(text).map_err(|e| vec![e.to_string().trim_end().to_owned()])?;
        let mut mistakes = Vec::new();
        let protocol = raw.preview.protocol.map_or(Ok(None), |word| Display::named(&word));
        let protocol = protocol.unwrap_or_else(|why| {
            mistakes.push(format!("[preview] protocol: {why}"));
            None
        });
        if raw.preview.cell.is_some_and(|(w, h)| w == 0 || h == 0) {
            mistakes.push("[preview] cell: expected pixels, [width, height], both above 0".into());
        }
        let keys = Keymap::with(&raw.keys).unwrap_or_else(|wrong| {
            mistakes.extend(wrong);
            Keymap::default()
        });
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let (theme, ascii, no_mouse) = (raw.theme, raw.ascii, !raw.mouse);
        Ok(Self { theme, ascii, no_mouse, protocol, cell: raw.preview.cell, keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_may_be_left_out_or_said() {
        assert_eq!(ScreenConfig::parse("").unwrap(), ScreenConfig::default());
        let text = "theme = \"high-contrast\"\nascii = true\nmouse = false\n[preview]\nprotocol = \"sixel\"\ncell = [8, 17]\n\
                    [keys.library]\naccept = [\"ctrl-a\"]";
        let all = ScreenConfig::parse(text).unwrap();
        assert_eq!((all.theme, all.ascii, all.no_mouse), (Some(ThemeName::HighContrast), true, true));
        assert_eq!((all.protocol, all.cell), (Some(Protocol::Sixel), Some((8, 17))));
        assert_ne!(all.keys, Keymap::default());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let told = |text: &str| ScreenConfig::parse(text).unwrap_err().join("\n");
        insta::assert_snapshot!(
            [
                told("thme = \"dark\""),
                told("mouse = 3"),
                told("theme = \"drak\""),
                told("[preview]\nprotocol = \"sixels\"\ncell = [0, 1]\n[keys.library]\nacept = [\"a\"]"),
            ]
            .join("\n---\n")
        );
    }
}
