//! `giqa browse`, and how a screen looks and feels.

use super::StateDir;
use crate::app::picture::{Display, PROTOCOLS, Protocol};
use crate::app::theme::ThemeName;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::path::PathBuf;

/// `giqa browse`
#[derive(Debug, Clone, clap::Args)]
pub struct Browse {
    /// Only photographs below this folder, or those that this run (of `giqa undo`) did something to.
    #[arg(value_name = "DIR|RUN")]
    pub what: Option<String>,
    /// Which set of components answers questions.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    #[command(flatten)]
    pub state: StateDir,
    #[command(flatten)]
    pub look: Look,
}

/// How the screen looks and feels.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Screen")]
pub struct Look {
    /// Colours [default: dark, or mono where NO_COLOR is set].
    #[arg(long, value_enum, value_name = "NAME")]
    pub theme: Option<ThemeName>,
    /// Lines and signs in ASCII.
    #[arg(long)]
    pub ascii: bool,
    /// Leave the mouse to the terminal.
    #[arg(long)]
    pub no_mouse: bool,
    /// Show no pictures.
    #[arg(long)]
    pub no_images: bool,
    /// How pictures reach the terminal.
    #[arg(long, value_name = "NAME", value_parser = protocol(), env = "GIQA_PROTOCOL")]
    pub protocol: Option<Wanted>,
    /// Pixels of a cell, where the terminal does not say.
    #[arg(long, value_name = "WxH", value_parser = cell, env = "GIQA_CELL")]
    pub cell: Option<(u16, u16)>,
    /// Use this tui.toml instead of the user's own.
    #[arg(long, value_name = "FILE")]
    pub tui_config: Option<PathBuf>,
    /// For tests: the first key is a panic.
    #[arg(long, hide = true)]
    pub fault_panic: bool,
}

/// A protocol, or whatever the terminal says it can do.
#[derive(Debug, Clone, Copy)]
pub struct Wanted(pub Option<Protocol>);

fn protocol() -> impl clap::builder::TypedValueParser<Value = Wanted> {
    PossibleValuesParser::new(PROTOCOLS).try_map(|word| Display::named(&word).map(Wanted))
}

fn cell(text: &str) -> Result<(u16, u16), String> {
    let pixels = |t: &str| t.parse::<u16>().ok().filter(|n| (1..=200).contains(n));
    let parsed = text.split_once('x').and_then(|(w, h)| Some((pixels(w)?, pixels(h)?)));
    parsed.ok_or_else(|| "expected width x height in pixels, such as 9x18".to_owned())
}
