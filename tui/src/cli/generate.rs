//! Completions and the manual page, made from the command line's own definition.

use super::args::Args;
use super::exit::Exit;
use super::terminal;
use anyhow::Result;
use clap::CommandFactory;

/// Prints completions.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "giqa", &mut text);
    terminal::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}

/// Prints the manual page.
pub fn man() -> Result<Exit> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut text)?;
    terminal::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
