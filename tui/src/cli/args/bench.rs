//! `giqa bench`

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// `giqa bench`
#[derive(Debug, clap::Args)]
pub struct Bench {
    #[command(subcommand)]
    pub command: BenchCommand,
}

/// What to do with benches.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Plant faults in photographs: pictures and truth.json in a new folder. The photographs are only read.
    Make(BenchMake),
    /// Inspect a bench's pictures, ask its questions, and score both.
    Run(BenchRun),
}

/// `giqa bench make`
#[derive(Debug, clap::Args)]
pub struct BenchMake {
    /// Files or folders.
    #[arg(required = true, value_name = "PHOTOS")]
    pub photos: Vec<PathBuf>,
    /// Take the places of local faults from this COCO annotation file; photographs without objects there get boxes
    /// by chance.
    #[arg(long, value_name = "COCO.JSON")]
    pub boxes: Option<PathBuf>,
    /// The folder to make; it must be new or empty.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Decides everything that is left to chance: the same photographs and seed give the same bytes.
    #[arg(long, value_name = "N")]
    pub seed: u64,
    /// Pictures with a fault in one place, for each photograph.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(0..=100))]
    pub local: u16,
    /// Pictures with a fault everywhere, for each photograph.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=100))]
    pub global: u16,
    /// Severities to plant, 1 (barely visible) to 5 (gross), with commas between them (default: all).
    #[arg(long, value_name = "S", value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=5))]
    pub severity: Vec<u8>,
}

/// `giqa bench run`
#[derive(Debug, clap::Args)]
pub struct BenchRun {
    /// The folder that `giqa bench make` made.
    pub dir: PathBuf,
    /// Which set of components is scored.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// How the figures are written.
    #[arg(short, long, value_enum, default_value_t = BenchFormat::Table)]
    pub format: BenchFormat,
    /// The least severity that counts for recall, overlap, attributes and "yes".
    #[arg(long, value_name = "S", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub min_severity: u8,
    /// How many pictures at a time (default: one per core).
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// How figures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchFormat {
    /// For people.
    Table,
    /// JSON.
    Json,
}
