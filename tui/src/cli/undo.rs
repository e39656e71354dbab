//! `giqa undo`

use super::args::Undo;
use super::exit::Exit;
use super::{state, store, terminal};
use anyhow::{Result, bail};
use giqa_engine::safe_text::escaped;
use giqa_watch::actions::undo;
use giqa_watch::store::{Entry, Store};
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
    // A watcher that runs would act on what is taken back.
    let mut store = store::existing(&dir)?;
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
    let (mut taken, mut failed) = (0, 0);
    for entry in &entries {
        if args.dry_run {
            terminal::print(&format!("would take back: {}\n", told(entry)))?;
            continue;
        }
        match undo(&entry.intent) {
            Ok(lies_at) => {
                store.undone(entry, lies_at.as_ref().map(|p| p.0.as_path()))?;
                taken += 1;
            }
            Err(error) => {
                failed += 1;
                terminal::note(&format!("giqa: {}: {}", told(entry), escaped(&error.to_string())));
            }
        }
    }
    if !args.dry_run {
        terminal::print(&format!("{taken} actions taken back, {failed} not\n"))?;
    }
    Ok(if failed > 0 { Exit::SomeFailed } else { Exit::Done })
}

fn told(entry: &Entry) -> String {
    let note = entry.outcome.as_ref().map_or("", |o| o.note.as_str());
    escaped(&format!("{} ({note})", entry.intent.name)).to_string()
}

fn absolute(path: &Path) -> PathBuf {
    // The folder's real path; the photograph itself may not be there any more.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (whole.parent().and_then(|p| p.canonicalize().ok()), whole.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => whole,
    }
}
