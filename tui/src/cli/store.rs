//! `giqa store`

use super::args::{AskFormat, Status, StoreArgs, StoreCommand};
use super::exit::Exit;
use super::{export, state, terminal};
use anyhow::Result;
use giqa_watch::store::{Store, StoreError};
use giqa_watch::watcher::Lock;
use serde::Serialize;
use std::fmt::Write;

/// Runs the command.
pub fn run(args: &StoreArgs) -> Result<Exit> {
    match &args.command {
        StoreCommand::Stats(args) => {
            let counts = Store::read(&state::dir(&args.state)?)?.counts()?;
            tell(args, &counts, || {
                let mut out = String::new();
                for (state, n) in &counts.states {
                    let _ = writeln!(out, "{state:8} {n}");
                }
                for (verdict, n) in &counts.verdicts {
                    let _ = writeln!(out, "verdict {verdict}: {n}");
                }
                for (verdict, n) in &counts.by_hand {
                    let _ = writeln!(out, "by hand {verdict}: {n}");
                }
                if counts.proposals > 0 {
                    let _ = writeln!(out, "{} actions wait to be confirmed", counts.proposals);
                }
                let _ = writeln!(
                    out,
                    "{} photos, {} results, {} actions ({} undone), {} KiB",
                    counts.photos,
                    counts.results,
                    counts.actions,
                    counts.undone,
                    counts.bytes / 1024
                );
                out
            })?;
            Ok(Exit::Done)
        }
        StoreCommand::Prune(args) => {
            let dir = state::dir(&args.state)?;
            let mut store = existing(&dir)?;
            let pruned = store.prune()?;
            tell(args, &pruned, || format!("took out {} photos and {} results\n", pruned.photos, pruned.results))?;
            Ok(Exit::Done)
        }
        StoreCommand::Verify(args) => {
            let found = Store::read(&state::dir(&args.state)?)?.verify()?;
            tell(args, &found, || match found.as_slice() {
                [] => "the store is sound\n".to_owned(),
                found => found.iter().map(|f| format!("{f}\n")).collect(),
            })?;
            Ok(if found.is_empty() { Exit::Done } else { Exit::NotMet })
        }
        StoreCommand::Export(args) => export::run(args),
    }
}

/// A store that nobody else is writing to.
fn existing(dir: &std::path::Path) -> Result<Store, StoreError> {
    // A missing one is not made only to be looked at.
    Store::read(dir)?;
    let _free = Lock::take(dir)?;
    Ok(Store::open(dir)?.0)
}

fn tell(args: &Status, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
    match args.format {
        AskFormat::Json => terminal::print(&format!("{}\n", serde_json::to_string_pretty(value)?)),
        AskFormat::Text => terminal::print(&text()),
    }
}
