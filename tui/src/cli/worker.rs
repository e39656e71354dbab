//! `giqa __worker`: runs plugins for another giqa process.

use super::exit::Exit;
use super::{builtins, terminal};

/// Serves until the host is gone.
pub fn run() -> Exit {
    match giqa_host::worker::serve(&builtins::all()) {
        Ok(()) => Exit::Done,
        Err(error) => {
            terminal::note(&format!("giqa worker: {error}"));
            Exit::Usage
        }
    }
}
