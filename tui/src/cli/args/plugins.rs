//! `giqa plugins`

use super::AskFormat;
use clap::Subcommand;
use std::path::PathBuf;

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
