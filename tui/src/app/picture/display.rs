//! What the terminal can show, and how that is found out.

use super::asked::{self, Answers};
use super::geometry::Bounds;
use ratatui_image::picker::cap_parser::Parser;
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

    /// Finds out what the terminal can show; what is wanted wins. To be called on the alternate screen, in raw mode, and
    /// before anything else reads events: it writes questions to stdout and reads the answers from stdin. Returns what
    /// was typed meanwhile as well. Nothing is asked when nothing need be known.
    #[must_use]
    pub fn detect(wanted: Option<Protocol>, cell: Option<(u16, u16)>, timeout: Duration) -> (Self, String) {
        let cell = cell.filter(|c| c.0 > 0 && c.1 > 0);
        match (wanted, cell) {
            (Some(protocol @ (Protocol::Off | Protocol::Halfblocks)), _) => {
                return (Self { protocol, cell: cell.unwrap_or(CELL) }, String::new());
            }
            (Some(protocol), Some(cell)) => {
                let_through();
                return (Self { protocol, cell }, String::new());
            }
            _ => {}
        }
        let_through();
        // Both answer to kitty's question, and have no placeholders.
        let kitty = !(is_set("WEZTERM_EXECUTABLE") || is_set("KONSOLE_VERSION"));
        let answers = asked::ask(kitty, timeout).unwrap_or_default();
        let display = Self::chosen(&answers, wanted, cell.or(answers.cell).or_else(cell_of_system), in_tmux());
        (display, answers.typed)
    }

    fn chosen(answers: &Answers, wanted: Option<Protocol>, cell: Option<(u16, u16)>, tmux: bool) -> Self {
        let can = match answers {
            Answers { kitty: true, .. } => Protocol::Kitty,
            // tmux loses sixels when it is resized, and leaves ghosts of them; kitty's placeholders are text to it.
            _ if tmux => Protocol::Halfblocks,
            Answers { sixel: true, .. } => Protocol::Sixel,
            _ if is_iterm() && cell.is_some() => Protocol::Iterm2,
            _ => Protocol::Halfblocks,
        };
        Self { protocol: wanted.unwrap_or(can), cell: cell.unwrap_or(CELL) }
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

fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|v| !v.is_empty())
}

/// Terminals with iTerm2's protocol say their names, and answer to no question about it.
fn is_iterm() -> bool {
    let names = ["iTerm", "WezTerm", "mintty", "vscode", "Tabby", "Hyper", "rio", "Bobcat", "WarpTerminal"];
    let says = |name: &str| std::env::var(name).is_ok_and(|v| names.iter().any(|n| v.contains(n)));
    says("TERM_PROGRAM") || says("LC_TERMINAL")
}

/// Width and height of a cell in pixels, as far as the system knows. Changes with the font.
pub fn cell_of_system() -> Option<(u16, u16)> {
    let size = crossterm::terminal::window_size().ok()?;
    let cell = (size.width.checked_div(size.columns)?, size.height.checked_div(size.rows)?);
    (cell.0 > 0 && cell.1 > 0).then_some(cell)
}

/// Asks tmux to let pictures through.
fn let_through() {
    if in_tmux() {
        let quiet = std::process::Stdio::null;
        let mut tmux = std::process::Command::new("tmux");
        let tmux = tmux.args(["set", "-p", "allow-passthrough", "on"]).stdin(quiet()).stdout(quiet()).stderr(quiet());
        // Where it can't be had, the terminal does not answer, and half blocks it is.
        let _ = tmux.status();
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
