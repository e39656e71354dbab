//! `giqa watch`

use super::{Look, StateDir};
use clap::ValueEnum;
use std::path::PathBuf;

/// `giqa watch`
#[derive(Debug, Clone, clap::Args)]
pub struct Watch {
    /// Folders, each with everything below it.
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// One line a photograph instead of a screen.
    #[arg(long)]
    pub headless: bool,
    /// End when everything that is there is done.
    #[arg(long)]
    pub once: bool,
    /// Verdicts and actions (default: rules.toml beside the user's plugins.toml, where there is one).
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Decide, and say what would be done. Nothing is kept.
    #[arg(long)]
    pub dry_run: bool,
    /// Which set of components inspects.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    #[command(flatten)]
    pub state: StateDir,
    /// Only files like this, relative to the folder; may be given several times.
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No files like this; may be given several times.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// How lines are written.
    #[arg(short, long, value_enum, default_value_t = WatchFormat::Text)]
    pub format: WatchFormat,
    /// Write the lines (as JSON) to this file, too; at 10 MiB it becomes FILE.1, and so on to FILE.5.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Serve counters for Prometheus at this loopback address.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<std::net::SocketAddr>,
    /// How many photographs at a time (default: one per core).
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// A file that was not seen to be closed is complete when it stays the same for so many seconds.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub settle: std::time::Duration,
    /// Look at everything again after so many seconds, whatever events said.
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    pub rescan: std::time::Duration,
    /// Don't rely on events: look every so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub poll: Option<std::time::Duration>,
    /// Where rules ask for groups, wait so many seconds for the next photograph of a burst.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub group_wait: std::time::Duration,
    /// After a stop, photographs in work may take so many seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub drain: std::time::Duration,
    #[command(flatten)]
    pub look: Look,
    /// For tests: every event looks like an overflow.
    #[arg(long, hide = true)]
    pub fault_overflow: bool,
}

/// How a watcher writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Jsonl,
}

fn seconds(text: &str) -> Result<std::time::Duration, String> {
    let wanted = text.parse::<f64>().ok().filter(|s| (0.05..=86_400.0).contains(s));
    wanted.map(std::time::Duration::from_secs_f64).ok_or_else(|| "expected seconds, 0.05 to 86400".to_owned())
}
