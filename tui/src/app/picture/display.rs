//! What the terminal can show, and how that is found out.

use super::geometry::Bounds;
use ratatui_image::picker::cap_parser::{Parser, QueryStdioOptions};
use ratatui_image::picker::{Picker, ProtocolType};
use std::time::Duration;

/// How pictures reach the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Kitty's, by unicode placeholders.
    Kitty,
    /// Sixel.
    Sixel,
    /// iTerm2's inline images.
    Iterm2,
    /// Two pixels a cell, as coloured text.
    Halfblocks,
    /// None at all.
    Off,
}

/// The words for protocols, `auto` for what the terminal says it can do.
pub const PROTOCOLS: [&str; 6] = ["auto", "kitty", "sixel", "iterm2", "halfblocks", "off"];

impl Protocol {
    /// Its word in [`PROTOCOLS`].
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kitty => "kitty",
            Self::Sixel => "sixel",
            Self::Iterm2 => "iterm2",
            Self::Halfblocks => "halfblocks",
            Self::Off => "off",
        }
    }
}

impl std::str::FromStr for Protocol {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let all = [Self::Kitty, Self::Sixel, Self::Iterm2, Self::Halfblocks, Self::Off];
        let wrong = || format!("{word:?} is no way to show pictures; expected one of {}", PROTOCOLS.join(", "));
        all.into_iter().find(|p| p.name() == word).ok_or_else(wrong)
    }
}

/// What the terminal can show.
#[derive(Debug, Clone, PartialEq)]
pub struct Display {
    /// How pictures reach it.
    pub protocol: Protocol,
    /// Width and height of a cell in pixels.
    pub cell: (u16, u16),
}

/// What is taken for a cell when the terminal does not say.
const CELL: (u16, u16) = (10, 20);

impl Default for Display {
    /// Works in every terminal.
    fn default() -> Self {
        Self { protocol: Protocol::Halfblocks, cell: CELL }
    }
}

impl Display {
    /// A protocol by its word; `None` for `auto`.
    ///
    /// # Errors
    /// When there is no such word.
    pub fn named(word: &str) -> Result<Option<Protocol>, String> {
        if word == "auto" { Ok(None) } else { word.parse().map(Some) }
    }

    /// Finds out what the terminal can show; what is wanted wins. To be called on the alternate screen, in raw mode,
    /// and before anything else reads events: it writes questions to stdout and reads the answers from stdin.
    /// Nothing is asked when nothing need be known.
    ///
    /// When a terminal does not answer within `timeout`, a thread of ratatui-image stays behind in a read of stdin: it
    /// swallows the next bytes that come, up to 50 (a late answer, or else the first key), then ends, and puts the
    /// modes of the terminal back to what they were when it asked. So be in raw mode *before* calling this.
    #[must_use]
    pub fn detect(wanted: Option<Protocol>, cell: Option<(u16, u16)>, timeout: Duration) -> Self {
        let cell = cell.filter(|c| c.0 > 0 && c.1 > 0);
        match (wanted, cell) {
            (Some(protocol @ (Protocol::Off | Protocol::Halfblocks)), _) => {
                return Self { protocol, cell: cell.unwrap_or(CELL) };
            }
            (Some(protocol), Some(cell)) => {
                // Made for what it does on the way: it asks tmux to let pictures through.
                drop(Picker::halfblocks());
                return Self { protocol, cell };
            }
            _ => {}
        }
        let options = QueryStdioOptions { timeout, ..QueryStdioOptions::default() };
        let found = Picker::from_query_stdio_with_options(options).ok();
        Self::chosen(found.as_ref(), wanted, cell)
    }

    fn chosen(found: Option<&Picker>, wanted: Option<Protocol>, cell: Option<(u16, u16)>) -> Self {
        let asked = found.map(|p| (p.font_size().width, p.font_size().height)).filter(|c| c.0 > 0 && c.1 > 0);
        let can = match found.map(Picker::protocol_type) {
            Some(ProtocolType::Kitty) => Protocol::Kitty,
            // tmux loses sixels when it is resized, and leaves ghosts of them; kitty's placeholders are text to it.
            _ if found.is_some_and(Picker::tmux_detected) => Protocol::Halfblocks,
            Some(ProtocolType::Sixel) => Protocol::Sixel,
            Some(ProtocolType::Iterm2) => Protocol::Iterm2,
            Some(ProtocolType::Halfblocks) | None => Protocol::Halfblocks,
        };
        Self { protocol: wanted.unwrap_or(can), cell: cell.or(asked).unwrap_or(CELL) }
    }

    /// Pixels of a picture in a cell: with half blocks these are two, whatever a cell measures.
    #[must_use]
    pub fn unit(&self) -> (u16, u16) {
        if self.protocol == Protocol::Halfblocks { (1, 2) } else { (self.cell.0.max(1), self.cell.1.max(1)) }
    }

    /// What to write to the terminal when the screen is left, so that it forgets the pictures; empty where it keeps
    /// none. After a suspend, call [`super::Studio::set_display`] too: the pictures must be sent again.
    #[must_use]
    pub fn farewell(&self) -> String {
        match super::frame::ids() {
            // By their numbers: the shorter ways to say "all" pass over those shown by placeholders.
            Some((first, last)) if self.protocol == Protocol::Kitty => {
                let (start, escape, end) = Parser::tmux_start_escape_end(in_tmux());
                format!("{start}{escape}_Ga=d,d=R,x={first},y={last},q=2{escape}\\{end}")
            }
            _ => String::new(),
        }
    }

    pub(super) fn bounds(&self) -> Bounds {
        // By measurement: what can be encoded in a quarter of a second, see `studio/measure.rs`.
        let (pixels, side) = match self.protocol {
            Protocol::Sixel => (1_200_000, u16::MAX),
            Protocol::Iterm2 => (2_500_000, u16::MAX),
            // Kitty's placeholders count to 297.
            Protocol::Kitty => (4_000_000, 297),
            Protocol::Halfblocks | Protocol::Off => (u64::MAX, u16::MAX),
        };
        Bounds { unit: self.unit(), pixels, side }
    }
}

/// Told as ratatui-image tells it.
pub(super) fn in_tmux() -> bool {
    let says = |name: &str, yes: fn(&str) -> bool| std::env::var(name).is_ok_and(|v| yes(&v));
    says("TERM", |v| v.starts_with("tmux")) || says("TERM_PROGRAM", |v| v == "tmux")
}

#[cfg(test)]
#[path = "display_tests.rs"]
mod tests;
