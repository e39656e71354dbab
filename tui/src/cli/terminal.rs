//! stdout and stderr: the only place that writes to them.

use super::args::{Color, Global};
use anyhow::Result;
use giqa_engine::safe_text::escaped;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use tracing_subscriber::filter::LevelFilter;

/// Sets up the log on stderr.
pub fn init(global: &Global) {
    init_level(level(global), global.color);
}

/// Sets up the log of a screen: stderr becomes a file then.
pub fn init_screen(global: &Global) {
    tracing_subscriber::fmt()
        .with_max_level(level(global))
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_target(false)
        .init();
}

fn level(global: &Global) -> LevelFilter {
    match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (_, 0) => LevelFilter::WARN,
        (_, 1) => LevelFilter::INFO,
        (_, 2) => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

/// Sets up a log on stderr of nothing but errors.
pub fn init_errors() {
    init_level(LevelFilter::ERROR, Color::Auto);
}

/// What was stdout, once plugins can't print to it any more.
static STDOUT: OnceLock<File> = OnceLock::new();

/// Keeps stdout for results: what a plugin in this process prints goes to stderr.
pub fn claim_stdout() {
    if let Ok(file) = giqa_host::worker::claim_stdout() {
        // Set once, at the start.
        let _ = STDOUT.set(file);
    }
}

fn init_level(level: LevelFilter, color: Color) {
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(use_color(color, io::stderr().is_terminal()))
        .without_time()
        .with_target(false)
        .init();
}

fn use_color(color: Color, terminal: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}

/// Whether what goes to stdout may have colours.
pub fn stdout_color(color: Color) -> bool {
    use_color(color, stdout_is_terminal())
}

/// Whether what is written to stdout reaches a terminal: the real one, also when the other is stderr by now.
pub fn stdout_is_terminal() -> bool {
    STDOUT.get().map_or_else(|| io::stdout().is_terminal(), File::is_terminal)
}

/// Buffered stdout. Flush it: errors show only then.
pub fn stdout() -> Box<dyn Write + Send> {
    match STDOUT.get() {
        Some(file) => Box::new(io::BufWriter::new(file)),
        None => Box::new(io::BufWriter::new(io::stdout())),
    }
}

/// Writes a text to stdout.
pub fn print(text: &str) -> Result<()> {
    let mut out = stdout();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes a message to stderr. What it quotes may come from anywhere: nothing but its line ends steers the terminal.
pub fn note(message: &str) {
    let mut lines = String::with_capacity(message.len() + 1);
    for line in message.lines() {
        lines.push_str(&escaped(line));
        lines.push('\n');
    }
    // A stderr that is closed has nobody to tell.
    let _ = io::stderr().write_all(lines.as_bytes());
}

/// Tells an error.
pub fn error(error: &anyhow::Error) {
    note(&format!("giqa: {error:#}"));
}

/// Columns to wrap text at: `COLUMNS` where it is set, else 100.
pub fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).unwrap_or(100).clamp(40, 160)
}
