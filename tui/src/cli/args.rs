//! What may be typed.

use crate::app::picture::{Display, PROTOCOLS, Protocol};
use crate::app::theme::ThemeName;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
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

/// How reports are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON array of reports.
    Json,
    /// One report a line.
    Jsonl,
    /// One line of numbers a photograph.
    Csv,
}

/// `giqa inspect`
#[derive(Debug, clap::Args)]
pub struct Inspect {
    /// Files or folders.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which set of components inspects.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Compare with the original: a file for all photographs, or a folder that has each one's original at the same
    /// path or under the same name. Without --profile, the profile 'reference' is used where the configured one
    /// compares nothing.
    #[arg(short, long, value_name = "FILE|DIR")]
    pub reference: Option<PathBuf>,
    /// How reports are written to stdout.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Exit with 1 when a photograph scores lower (0 to 100).
    #[arg(long, value_name = "SCORE", value_parser = score)]
    pub fail_under: Option<f64>,
    /// Write the region of each finding as a picture into this folder.
    #[arg(long, value_name = "DIR")]
    pub crop_dir: Option<PathBuf>,
    /// Write each photograph with numbered boxes as PNG into this folder.
    #[arg(long, value_name = "DIR")]
    pub overlay: Option<PathBuf>,
    /// How many photographs at a time (default: one per core).
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

fn score(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(score) if (0.0..=100.0).contains(&score) => Ok(score),
        _ => Err("expected a number from 0 to 100".to_owned()),
    }
}

/// `giqa ask`
#[derive(Debug, clap::Args)]
pub struct Ask {
    /// The photograph.
    pub image: PathBuf,
    /// The question; it may hold boxes: "Is the [sky](<0, 139>) clear?"
    pub question: String,
    /// Ask about this box, x1,y1,x2,y2 in 0..1; may be given several times.
    #[arg(long = "box", value_name = "X1,Y1,X2,Y2", allow_hyphen_values = true)]
    pub boxes: Vec<String>,
    /// Ask about the box between these cells of the 20 x 20 grid, 0 to 399; may be given several times.
    #[arg(long, value_name = "L,R")]
    pub cells: Vec<String>,
    /// Which set of components answers.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t = AskFormat::Text)]
    pub format: AskFormat,
}

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AskFormat {
    /// For people.
    Text,
    /// JSON.
    Json,
}

/// `giqa plugins`
#[derive(Debug, clap::Args)]
pub struct Plugins {
    #[command(subcommand)]
    pub command: PluginsCommand,
}

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub enum PluginsCommand {
    /// List the plugins that there are, and where each comes from.
    List,
    /// Show a plugin's components, their ranges and configuration keys.
    Info {
        /// Its name, or the path of a library.
        name: String,
    },
    /// Run the conformance suite on a library.
    Check {
        /// The library.
        library: PathBuf,
        /// Stop a check that takes longer, in seconds.
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        deadline: u64,
        /// How the result is written.
        #[arg(short, long, value_enum, default_value_t = AskFormat::Text)]
        format: AskFormat,
    },
    /// Write a new plugin crate that builds and passes the suite.
    New {
        /// Its name: lower-case letters, digits and '-'.
        name: String,
        /// The folder to make (default: the name).
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Where giqa's own source lies, for the dependency on giqa-sdk (default: the source that this giqa was built from).
        #[arg(long, value_name = "DIR")]
        giqa: Option<PathBuf>,
    },
}

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

/// Where results are kept.
#[derive(Debug, Clone, clap::Args)]
pub struct StateDir {
    /// Keep results here (default: giqa in the user's state folder).
    #[arg(long, value_name = "DIR", env = "GIQA_STATE_DIR")]
    pub state_dir: Option<PathBuf>,
}

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

/// `giqa browse`
#[derive(Debug, Clone, clap::Args)]
pub struct Browse {
    /// Only photographs below this folder, or those that this run (of `giqa undo`) did something to.
    #[arg(value_name = "DIR|RUN")]
    pub what: Option<String>,
    /// Which set of components answers questions.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    #[command(flatten)]
    pub state: StateDir,
    #[command(flatten)]
    pub look: Look,
}

/// How the screen looks and feels.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Screen")]
pub struct Look {
    /// Colours [default: dark, or mono where NO_COLOR is set].
    #[arg(long, value_enum, value_name = "NAME")]
    pub theme: Option<ThemeName>,
    /// Lines and signs in ASCII.
    #[arg(long)]
    pub ascii: bool,
    /// Leave the mouse to the terminal.
    #[arg(long)]
    pub no_mouse: bool,
    /// Show no pictures.
    #[arg(long)]
    pub no_images: bool,
    /// How pictures reach the terminal.
    #[arg(long, value_name = "NAME", value_parser = protocol(), env = "GIQA_PROTOCOL")]
    pub protocol: Option<Wanted>,
    /// Pixels of a cell, where the terminal does not say.
    #[arg(long, value_name = "WxH", value_parser = cell, env = "GIQA_CELL")]
    pub cell: Option<(u16, u16)>,
    /// Use this tui.toml instead of the user's own.
    #[arg(long, value_name = "FILE")]
    pub tui_config: Option<PathBuf>,
    /// For tests: the first key is a panic.
    #[arg(long, hide = true)]
    pub fault_panic: bool,
}

/// A protocol, or whatever the terminal says it can do.
#[derive(Debug, Clone, Copy)]
pub struct Wanted(pub Option<Protocol>);

fn protocol() -> impl clap::builder::TypedValueParser<Value = Wanted> {
    PossibleValuesParser::new(PROTOCOLS).try_map(|word| Display::named(&word).map(Wanted))
}

fn cell(text: &str) -> Result<(u16, u16), String> {
    let pixels = |t: &str| t.parse::<u16>().ok().filter(|n| (1..=200).contains(n));
    let parsed = text.split_once('x').and_then(|(w, h)| Some((pixels(w)?, pixels(h)?)));
    parsed.ok_or_else(|| "expected width x height in pixels, such as 9x18".to_owned())
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
