//! `giqa undo`

use super::args::Undo;
use super::exit::Exit;
use super::{state, terminal};
use anyhow::{Result, bail};
use giqa_engine::safe_text::escaped;
use giqa_watch::store::{Desk, Store};
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(args: &Undo) -> Result<Exit> {
    let dir = state::dir(&args.state)?;
    let Some(what) = &args.what else {
        let runs = Store::read(&dir)?.runs()?;
        let lines: String = runs.iter().map(|(run, n)| format!("{run}  {n} actions\n")).collect();
        terminal::print(if lines.is_empty() { "no run did anything\n" } else { &lines })?;
        return Ok(Exit::Done);
    };
    let store = Store::read(&dir)?;
    let mut entries = store.entries_of_run(what)?;
    if entries.is_empty() {
        entries = store.entries_of_photo(&absolute(Path::new(what)))?;
    }
    entries.retain(|e| e.outcome.is_some() && !e.undone);
    if entries.is_empty() {
        bail!(
            "'{}': neither a run nor a photograph with actions to take back; `giqa undo` lists the runs",
            escaped(what)
        );
    }
    if args.dry_run {
        let lines: String = entries.iter().map(|entry| format!("would take back: {}\n", entry.told())).collect();
        terminal::print(&lines)?;
        return Ok(Exit::Done);
    }
    // A watcher may be running: it learns of what is taken back from the store.
    let outcome = Desk::open(&dir)?.take_back(&entries)?;
    outcome.failures.iter().for_each(|failure| terminal::note(&format!("giqa: {failure}")));
    terminal::print(&format!("{} actions taken back, {} not\n", outcome.taken, outcome.failures.len()))?;
    Ok(if outcome.failures.is_empty() { Exit::Done } else { Exit::SomeFailed })
}

fn absolute(path: &Path) -> PathBuf {
    // The folder's real path; the photograph itself may not be there any more.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (whole.parent().and_then(|p| p.canonicalize().ok()), whole.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => whole,
    }
}
