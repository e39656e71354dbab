//! `giqa browse`

use super::args::{Browse, Global};
use super::exit::Exit;
use super::{screen, state};
use crate::app::model::About;
use crate::app::{run, terminal};
use anyhow::{Context, Result, bail};
use giqa_watch::store::Store;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Runs the command.
pub fn run(global: &Global, args: &Browse) -> Result<Exit> {
    terminal::check()?;
    let state_dir = state::dir(&args.state)?;
    let mut about = About { who: screen::who(), state_dir, ..About::default() };
    if let Some(what) = &args.what {
        narrow(&mut about, what)?;
    }
    let machine = screen::Components::new(global, args.profile.clone(), None);
    screen::show(global, &args.look, about, None, Box::new(machine), run::channel())?;
    Ok(Exit::Done)
}

/// Only photos below a folder, or those of a run.
fn narrow(about: &mut About, what: &str) -> Result<()> {
    let path = Path::new(what);
    if path.is_dir() {
        about.within = Some(path.canonicalize().with_context(|| what.to_owned())?);
        return Ok(());
    }
    let store = Store::read(&about.state_dir)?;
    let entries = store.entries_of_run(what)?;
    if entries.is_empty() {
        let runs: Vec<String> =
            store.runs()?.into_iter().take(5).map(|(run, n)| format!("{run} ({n} actions)")).collect();
        let known = if runs.is_empty() { "no run did anything so far".into() } else { runs.join(", ") };
        // A folder whose photos were all moved away is still a place that results are of.
        let folder = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(what));
        bail!(
            "'{what}' is neither a folder ({}) nor a run that did something; the last runs: {known}",
            folder.display()
        );
    }
    about.run = Some((what.to_owned(), Arc::new(entries.iter().map(|e| e.intent.photo).collect())));
    Ok(())
}
