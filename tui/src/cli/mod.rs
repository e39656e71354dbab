//! The command line: one file per command, shared parts beside them.

mod args;
mod ask;
mod bench;
mod browse;
mod builtins;
mod config;
mod doctor;
mod exit;
mod export;
mod generate;
mod inspect;
mod interrupt;
mod new_plugin;
mod plugins;
mod progress;
mod screen;
mod state;
mod status;
mod store;
mod terminal;
mod undo;
mod watch;
mod worker;

use args::{Args, Command};
use clap::Parser;
use exit::Exit;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// What giqa starts of itself; not part of the command line's definition, and so of no help and no completions.
fn own(args: &[OsString]) -> Option<anyhow::Result<Exit>> {
    match args {
        // Workers speak frames on stdout and have a log of their own.
        [command] if command == "__worker" => Some(Ok(worker::run())),
        [command, library] if command == "__check" => {
            terminal::init_errors();
            terminal::claim_stdout();
            Some(plugins::check_here(Path::new(library)))
        }
        _ => None,
    }
}

/// Parses the arguments, runs the command, and turns its end into an exit code.
pub fn main() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(outcome) = own(&given) {
        return end(outcome);
    }
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
    match &args.command {
        // A screen takes stdout and stderr itself.
        Command::Browse(_) => terminal::init_screen(&args.global),
        Command::Watch(watch) if watch::has_screen(watch) => terminal::init_screen(&args.global),
        _ => {
            terminal::init(&args.global);
            terminal::claim_stdout();
        }
    }
    end(match &args.command {
        Command::Inspect(inspect) => inspect::run(&args.global, inspect),
        Command::Ask(ask) => ask::run(&args.global, ask),
        Command::Watch(watch) => watch::run(&args.global, watch),
        Command::Browse(browse) => browse::run(&args.global, browse),
        Command::Status(status) => status::run(status),
        Command::Store(store) => store::run(store),
        Command::Undo(undo) => undo::run(undo),
        Command::Plugins(plugins) => plugins::run(&args.global, plugins),
        Command::Bench(bench) => bench::run(&args.global, bench),
        Command::Doctor => doctor::run(&args.global),
        Command::Completions { shell } => generate::completions(*shell),
        Command::Man => generate::man(),
    })
}

fn end(outcome: anyhow::Result<Exit>) -> ExitCode {
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) if exit::is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            terminal::error(&error);
            exit::of_error(&error).into()
        }
    }
}
