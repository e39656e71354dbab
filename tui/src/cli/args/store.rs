//! `giqa status`, `giqa store` and `giqa undo`

use super::AskFormat;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// Where results are kept.
#[derive(Debug, Clone, clap::Args)]
pub struct StateDir {
    /// Keep results here (default: giqa in the user's state folder).
    #[arg(long, value_name = "DIR", env = "GIQA_STATE_DIR")]
    pub state_dir: Option<PathBuf>,
}

/// `giqa status`
#[derive(Debug, clap::Args)]
pub struct Status {
    #[command(flatten)]
    pub state: StateDir,
    /// How it is written.
    #[arg(short, long, value_enum, default_value_t = AskFormat::Text)]
    pub format: AskFormat,
}

/// `giqa store`
#[derive(Debug, clap::Args)]
pub struct StoreArgs {
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Count photographs by state.
    Stats(Status),
    /// Take out what belongs to files that are gone.
    Prune(Status),
    /// Look whether the store is sound.
    Verify(Status),
    /// Write out what is stored of every photograph, verdicts by hand beside those of the rules.
    Export(Export),
}

/// `giqa store export`
#[derive(Debug, clap::Args)]
pub struct Export {
    #[command(flatten)]
    pub state: StateDir,
    /// How it is written.
    #[arg(short, long, value_enum, default_value_t = ExportFormat::Jsonl)]
    pub format: ExportFormat,
    /// Write to this file, which is there whole or not at all, instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// The report of each photograph that is done, one a line.
    Jsonl,
    /// One row a photograph.
    Csv,
}

/// `giqa undo`
#[derive(Debug, clap::Args)]
pub struct Undo {
    /// A run, as its lines name it, or a photograph, where it is or where it was. Without it, the runs are listed.
    #[arg(value_name = "RUN|PHOTO")]
    pub what: Option<String>,
    #[command(flatten)]
    pub state: StateDir,
    /// Say what would be taken back.
    #[arg(long)]
    pub dry_run: bool,
}
