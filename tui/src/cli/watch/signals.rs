//! Signals and edits: SIGTERM and Ctrl-C drain, SIGHUP and changed files read the configuration again.

use crate::cli::exit::Exit;
use anyhow::Result;
use giqa_watch::watcher::{Backend, Control};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

/// Between two looks at the files.
const LOOK: Duration = Duration::from_millis(250);

/// What is listened to.
pub enum With {
    /// Files, and signals.
    Signals,
    /// Files: a screen has the signals, and takes SIGHUP for the end of its terminal.
    FilesAlone,
}

/// Starts a thread that tells the watcher. A configuration that is wrong is told, and the old one stays.
pub fn start(
    to: Sender<Control>,
    with: With,
    files: Vec<PathBuf>,
    remake: impl Fn() -> Result<Backend> + Send + 'static,
) -> Result<()> {
    let twice = Arc::new(AtomicBool::new(false));
    let (ends, all) = match with {
        With::Signals => (&[SIGINT, SIGTERM][..], &[SIGINT, SIGTERM, SIGHUP][..]),
        With::FilesAlone => (&[][..], &[][..]),
    };
    for &signal in ends {
        // The order matters: the check for the second comes before the first is remembered.
        signal_hook::flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, Arc::clone(&twice))?;
        signal_hook::flag::register(signal, Arc::clone(&twice))?;
    }
    let mut signals = signal_hook::iterator::Signals::new(all)?;
    let state = move || -> Vec<Option<(u64, SystemTime)>> {
        let of = |f: &PathBuf| std::fs::metadata(f).ok().and_then(|m| Some((m.len(), m.modified().ok()?)));
        files.iter().map(of).collect()
    };
    let mut known = state();
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        loop {
            let mut again = false;
            for signal in signals.pending() {
                match signal {
                    SIGHUP => again = true,
                    _ => _ = to.send(Control::Stop),
                }
            }
            let now = state();
            if now != known {
                known = now;
                again = true;
            }
            if again {
                let message = match remake() {
                    Ok(backend) => Control::Replace(Box::new(backend)),
                    Err(error) => Control::Note(format!("the configuration is wrong, the old one stays: {error:#}")),
                };
                if to.send(message).is_err() {
                    return;
                }
            }
            std::thread::sleep(LOOK);
        }
    })?;
    Ok(())
}
