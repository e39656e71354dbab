//! What `giqa watch` and `giqa browse` need for a screen.

mod machine;

pub use machine::{Choice, Components, Watching};

use super::args::{Color, Global, Look};
use super::config;
use crate::app::config::ScreenConfig;
use crate::app::model::{About, Settings};
use crate::app::picture::Protocol;
use crate::app::run::{self, Firm, Session};
use crate::app::symbols::Symbols;
use crate::app::theme::{Theme, ThemeName};
use crate::app::work::{Board, Machine};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};

/// The user's own file.
fn user_file() -> Option<PathBuf> {
    Some(config::xdg("XDG_CONFIG_HOME", ".config")?.join("giqa/tui.toml"))
}

/// Makes a session of files and options, and shows it until it is left.
pub fn show(
    global: &Global,
    look: &Look,
    about: About,
    board: Board,
    machine: Box<dyn Machine>,
    channel: (Sender<run::Event>, Receiver<run::Event>),
) -> Result<()> {
    let (settings, firm) = settings(global, look)?;
    let dir = &about.state_dir;
    std::fs::create_dir_all(dir).with_context(|| format!("{}: the state folder can't be made", dir.display()))?;
    let log = dir.join("giqa.log");
    run::run(Session { about, settings, firm, board, machine, log, channel, fault_panic: look.fault_panic })
}

/// How things look and feel: options go before the file.
///
/// # Errors
/// When the file is wrong.
pub fn settings(global: &Global, look: &Look) -> Result<(Settings, Firm)> {
    let file = look.tui_config.clone().or_else(|| user_file().filter(|f| f.is_file()));
    let said = file.map(|f| ScreenConfig::load(&f)).transpose()?.unwrap_or_default();
    let no_color = match global.color {
        Color::Always => false,
        Color::Never => true,
        Color::Auto => std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()),
    };
    // crossterm 0.29 would write empty styles that also cancel bold and reversed; the theme has no colours instead,
    // and pictures keep theirs, as they are content.
    crossterm::style::force_color_output(true);
    let theme_name = look.theme.or(said.theme).unwrap_or_default();
    let settings = Settings {
        theme_name,
        theme: Theme::of(theme_name),
        symbols: Symbols { ascii: look.ascii || said.ascii || !speaks_utf8() },
        mouse: !said.no_mouse,
        keys: said.keys,
        zone: jiff::tz::TimeZone::system(),
        ..Settings::default()
    };
    let off = look.no_images.then_some(Protocol::Off);
    let firm = Firm {
        theme: look.theme.or(no_color.then_some(ThemeName::Mono)),
        protocol: off.or(look.protocol.map_or(said.protocol, |wanted| wanted.0)),
        cell: look.cell.or(said.cell),
        no_mouse: look.no_mouse,
    };
    Ok((settings, firm))
}

/// Whether the locale says so. Where it says nothing, terminals of today do.
fn speaks_utf8() -> bool {
    set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Who judges by hand: the name of the user, where it is known.
pub fn who() -> String {
    set("GIQA_WHO").or_else(|| set("USER")).or_else(|| set("LOGNAME")).unwrap_or_else(|| "someone".into())
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}
