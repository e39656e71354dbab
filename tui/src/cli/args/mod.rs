//! What may be typed.

mod bench;
mod inspect;
mod plugins;
mod screen;
mod store;
mod watch;

pub use bench::{Bench, BenchCommand, BenchFormat, BenchMake, BenchRun};
pub use inspect::{Ask, AskFormat, Format, Inspect};
pub use plugins::{Plugins, PluginsCommand};
pub use screen::{Browse, Look};
pub use store::{Export, ExportFormat, StateDir, Status, StoreArgs, StoreCommand, Undo};
pub use watch::{Watch, WatchFormat};

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Inspects photographs and says, in words and with boxes, what is good or wrong with them and where.
#[derive(Debug, Parser)]
#[command(name = "giqa", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done; 1 done, and --fail-under was not met; 2 usage or configuration; \
    3 some inputs could not be inspected (they are listed, the rest are done); 4 a plugin could not be used; \
    130 interrupted.")]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Use this plugins.toml instead of the user's own or the embedded one.
    #[arg(long, global = true, value_name = "FILE", env = "GIQA_CONFIG")]
    pub config: Option<PathBuf>,
    /// Look for plugin libraries here first; may be given several times.
    #[arg(long, global = true, value_name = "DIR")]
    pub plugin_dir: Vec<PathBuf>,
    /// Say more on stderr: -v what plugins log, -vv everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing on stderr but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Colours in what is printed.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Inspect photographs: files, or folders with everything below them.
    Inspect(Inspect),
    /// Ask a question about a photograph.
    Ask(Ask),
    /// Watch folders: inspect what arrives, decide by rules, and act.
    Watch(Watch),
    /// Browse what is stored, on a screen: pictures with boxes, verdicts by hand, questions.
    Browse(Browse),
    /// Show how a running watcher is doing, or what is in the store.
    Status(Status),
    /// Look at the store of results.
    Store(StoreArgs),
    /// Take actions back: of a run, or of a photograph.
    Undo(Undo),
    /// Look at plugins, check them, begin a new one.
    Plugins(Plugins),
    /// Plant known faults in photographs, and score how well a profile finds them.
    Bench(Bench),
    /// Show what this machine and configuration offer, and what is wrong.
    Doctor,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}
