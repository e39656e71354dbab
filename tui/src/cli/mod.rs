//! The command line: one file per command, shared parts beside them.

mod args;
mod ask;
mod builtins;
mod config;
mod doctor;
mod exit;
mod generate;
mod inspect;
mod interrupt;
mod new_plugin;
mod plugins;
mod progress;
mod terminal;
mod worker;

use args::{Args, Command};
use clap::Parser;
use exit::Exit;
use std::process::ExitCode;

/// Parses the arguments, runs the command, and turns its end into an exit code.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to stdout and are no mistake.
            let usage = error.use_stderr();
            return match error.print() {
                _ if usage => Exit::Usage.into(),
                _ => Exit::Done.into(),
            };
        }
    };
    // Workers speak frames on stdout and have a log of their own.
    if let Command::Worker = args.command {
        return worker::run().into();
    }
    terminal::init(&args.global);
    let outcome = match &args.command {
        Command::Inspect(inspect) => inspect::run(&args.global, inspect),
        Command::Ask(ask) => ask::run(&args.global, ask),
        Command::Plugins(plugins) => plugins::run(&args.global, plugins),
        Command::Doctor => doctor::run(&args.global),
        Command::Completions { shell } => generate::completions(*shell),
        Command::Man => generate::man(),
        Command::Worker => Ok(Exit::Done),
        Command::Check { library } => plugins::check_here(library),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) if exit::is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            terminal::error(&error);
            exit::of_error(&error).into()
        }
    }
}
