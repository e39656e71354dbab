//! Where results are kept.

use super::args::StateDir;
use super::config;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// The state folder.
///
/// # Errors
/// When none is named and the user has none.
pub fn dir(args: &StateDir) -> Result<PathBuf> {
    let users = || config::xdg("XDG_STATE_HOME", ".local/state").map(|d| d.join("giqa"));
    args.state_dir.clone().or_else(users).context("there is no HOME to keep results in; name a folder with --state-dir")
}
