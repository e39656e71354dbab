//! `giqa doctor`: what this machine and configuration offer, and what is wrong.

use super::args::Global;
use super::exit::Exit;
use super::{config, terminal};
use crate::app::picture::Display;
use crate::app::run::ANSWER;
use anyhow::Result;
use giqa_engine::safe_text::escaped;
use giqa_host::Host;
use std::fmt::Write;

/// Runs the command: exit 0 when the default profile works, 2 or 4 as `inspect` would.
pub fn run(global: &Global) -> Result<Exit> {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a String does not fail.
        let _ = writeln!(out, "{name:<14} {}", escaped(value));
    };
    line("giqa", env!("CARGO_PKG_VERSION"));
    line("system", &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    line("cores", &config::jobs(None).to_string());
    let (major, minor) = giqa_host::abi_version();
    line("plugin ABI", &format!("{major}.{minor}"));
    let file = config::source(global).map_or_else(
        || {
            let own =
                config::user_file().map_or_else(String::new, |f| format!(" (none of your own at {})", f.display()));
            format!("embedded{own}")
        },
        |f| f.display().to_string(),
    );
    line("configuration", &file);
    line("terminal", &screen());
    terminal::print(&out)?;
    // Mistakes in the configuration end here, told like everywhere else.
    let host = config::host(global, 1)?;
    let (text, exit) = examine(&host)?;
    terminal::print(&text)?;
    Ok(exit)
}

/// What a screen would find here.
fn screen() -> String {
    if let Err(none) = crate::app::terminal::check() {
        return format!("no screen: {none}");
    }
    let term = std::env::var("TERM").unwrap_or_default();
    let (width, height) = crossterm::terminal::size().unwrap_or_default();
    let raw = crossterm::terminal::enable_raw_mode();
    let (display, _) = Display::detect(None, None, ANSWER);
    if raw.is_ok() {
        // Only fails when the terminal went away meanwhile.
        let _ = crossterm::terminal::disable_raw_mode();
    }
    let (protocol, (x, y)) = (display.protocol.name(), display.cell);
    let tmux = if std::env::var_os("TMUX").is_some() { " in tmux" } else { "" };
    format!("{term}{tmux}, {width} x {height} cells of {x} x {y} pixels; pictures by {protocol} (--protocol, --cell)")
}

fn examine(host: &Host) -> Result<(String, Exit)> {
    let mut out = String::new();
    let mut exit = Exit::Done;
    for (i, folder) in host.search_path().folders().enumerate() {
        writeln!(out, "{:<14} {}", if i == 0 { "search path" } else { "" }, escaped(&folder.display().to_string()))?;
    }
    for (name, entry) in host.catalogue() {
        match entry {
            Ok(entry) => writeln!(
                out,
                "{:<14} {name} {} ({})",
                "plugin",
                escaped(&entry.manifest.version),
                escaped(&entry.origin.to_string())
            )?,
            Err(error) => writeln!(out, "{:<14} {name}: NOT USABLE: {}", "plugin", escaped(&error.to_string()))?,
        }
    }
    let default = &host.config().profile;
    for (name, wanted) in &host.config().profiles {
        let mark = if name == default { " (default)" } else { "" };
        let (profile, problems) = host.profile(Some(name))?;
        let parts = profile.proposers.len() + profile.metrics.len() + usize::from(profile.model.is_some());
        if problems.is_empty() && parts > 0 {
            writeln!(out, "{:<14} {}{mark}: ok, {parts} components", "profile", escaped(name))?;
            continue;
        }
        if name == default && parts == 0 {
            exit = Exit::Plugin;
        }
        let all = wanted.proposers.len() + wanted.metrics.len() + usize::from(wanted.model.is_some());
        let broken = all.saturating_sub(parts);
        writeln!(out, "{:<14} {}{mark}: {parts} components work, {broken} do not", "profile", escaped(name))?;
        for problem in problems {
            writeln!(out, "{:<14}   {}", "", escaped(&problem.to_string()))?;
        }
    }
    Ok((out, exit))
}
