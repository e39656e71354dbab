//! Which configuration holds, and the host made of it.

use super::args::Global;
use super::{builtins, terminal};
use anyhow::{Context, Result};
use giqa_core::ReferenceNeed;
use giqa_host::worker::WorkerCommand;
use giqa_host::{Config, Directories, Host, HostError, HostOptions, Profile};
use std::path::{Path, PathBuf};

/// The embedded configuration.
pub const EMBEDDED: &str = include_str!("../../../plugins.toml");

/// Where the configuration comes from: `--config` (or `GIQA_CONFIG`), the user's own, else the embedded one.
///
/// A plugins.toml in the current folder is not picked up by itself: it could load libraries, and a folder of photos
/// may come from anywhere.
pub fn source(global: &Global) -> Option<PathBuf> {
    global.config.clone().or_else(|| user_file().filter(|f| f.is_file()))
}

/// The user's own configuration file.
pub fn user_file() -> Option<PathBuf> {
    Some(xdg("XDG_CONFIG_HOME", ".config")?.join("giqa/plugins.toml"))
}

/// The user's own rules.
pub fn user_rules() -> Option<PathBuf> {
    Some(xdg("XDG_CONFIG_HOME", ".config")?.join("giqa/rules.toml"))
}

/// A folder of the user, by the variable that names it.
pub fn xdg(variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = std::env::var_os(variable).map(PathBuf::from).filter(|p| p.is_absolute());
    set.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(below_home)))
}

/// Reads the configuration and looks at the plugins.
///
/// # Errors
/// With every mistake in it.
pub fn host(global: &Global, jobs: usize) -> Result<Host> {
    isolated_host(global, jobs, false)
}

/// The same; with `isolated`, built-in plugins run in workers as well.
///
/// # Errors
/// As [`host`].
pub fn isolated_host(global: &Global, jobs: usize, isolated: bool) -> Result<Host> {
    let config = match source(global) {
        Some(file) => Config::load(&file, EMBEDDED)?,
        None => Config::parse(EMBEDDED, "embedded plugins.toml", Path::new("/"), EMBEDDED)?,
    };
    let program = std::env::current_exe().context("can't find out where giqa itself lies")?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = isolated.then(|| (cores / jobs.max(1)).max(1));
    let options = HostOptions {
        builtins: builtins::all(),
        plugin_dirs: global.plugin_dir.clone(),
        worker: Some(WorkerCommand { program, args: vec!["__worker".into()], threads }),
        directories: Directories {
            cache: xdg("XDG_CACHE_HOME", ".cache").map(|d| d.join("giqa")),
            weights: xdg("XDG_DATA_HOME", ".local/share").map(|d| d.join("giqa/weights")),
        },
        jobs,
        isolate_builtins: isolated,
    };
    Ok(Host::new(config, options)?)
}

/// A profile that can do something; components that can't be made are told and left out.
///
/// # Errors
/// When there is no such profile, or none of its components can be made.
pub fn profile(host: &Host, name: Option<&str>) -> Result<Profile> {
    usable(host.profile(name)?)
}

/// The profile that compares with originals when none is named and the configured one does not.
const COMPARING: &str = "reference";

/// A profile with metrics that compare with an original: the one that is named; without a name the configured one, or
/// else the profile 'reference'.
///
/// # Errors
/// As [`profile`], and when it compares nothing.
pub fn comparing_profile(host: &Host, name: Option<&str>) -> Result<Profile> {
    let compares = |p: &Profile| p.metrics.iter().any(|m| m.component.spec().reference == ReferenceNeed::FullReference);
    let (wanted, problems) = host.profile(name)?;
    if compares(&wanted) {
        return usable((wanted, problems));
    }
    if let (None, Ok(other)) = (name, host.profile(Some(COMPARING)))
        && compares(&other.0)
    {
        return usable(other);
    }
    for problem in &problems {
        terminal::note(&format!("giqa: {problem}"));
    }
    anyhow::bail!(
        "--reference: profile '{}' has no metric that compares with an original; add some to it in plugins.toml (for \
         instance \"classic.ssim\") or choose another with --profile",
        wanted.name
    )
}

fn usable((profile, mut problems): (Profile, Vec<HostError>)) -> Result<Profile> {
    let usable = profile.proposers.len() + profile.metrics.len() + usize::from(profile.model.is_some());
    if usable > 0 {
        for problem in &problems {
            terminal::note(&format!("giqa: warning: {problem}"));
        }
        return Ok(profile);
    }
    match problems.pop() {
        Some(last) => {
            for problem in problems {
                terminal::note(&format!("giqa: {problem}"));
            }
            Err(last.into())
        }
        None => anyhow::bail!("profile '{}' has no components; add some to it in plugins.toml", profile.name),
    }
}

/// As many jobs as there are cores, unless the user says otherwise.
pub fn jobs(wanted: Option<u16>) -> usize {
    wanted.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}
