//! `giqa watch`

mod lines;
mod rotate;
mod signals;

use super::args::{Global, Watch, WatchFormat};
use super::exit::Exit;
use super::{config, state, terminal};
use anyhow::{Context, Result};
use giqa_engine::{InspectOptions, Inspector};
use giqa_watch::rules::Rules;
use giqa_watch::source::{Fault, Filter, FilterOptions, Polling, SourceOptions};
use giqa_watch::status::{Board, prometheus, serve};
use giqa_watch::watcher::{Backend, WatchEvent, WatchOptions, watch};
use lines::Lines;
use rotate::Rotating;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Runs the command.
pub fn run(global: &Global, args: &Watch) -> Result<Exit> {
    // What is tried out leaves nothing behind.
    let scratch = args.dry_run.then(|| std::env::temp_dir().join(format!("giqa-dry-run-{}", std::process::id())));
    let result = watching(global, args, scratch.clone());
    if let Some(dir) = scratch {
        let _ = std::fs::remove_dir_all(dir);
    }
    result
}

fn watching(global: &Global, args: &Watch, scratch: Option<PathBuf>) -> Result<Exit> {
    let state_dir = scratch.map_or_else(|| state::dir(&args.state), Ok)?;
    let rules_file = args.rules.clone().or_else(|| config::user_rules().filter(|f| f.is_file()));
    let backend = backend(global, args, rules_file.as_ref())?;
    let options = options(args, &backend, state_dir.clone());
    let log = args.log.as_deref().map(Rotating::open).transpose()?;
    let lines = Mutex::new(Lines::new(args.format, terminal::stdout(), log));

    let (to_watcher, control) = std::sync::mpsc::channel();
    let files = [config::source(global), rules_file.clone()].into_iter().flatten().collect();
    let remake = {
        let (global, args) = (global.clone(), args.clone());
        move || self::backend(&global, &args, rules_file.as_ref())
    };
    signals::start(to_watcher, files, remake)?;

    let board = Arc::new(Board::default());
    let metrics = args.metrics.map(|address| prometheus(address, Arc::clone(&board)));
    let _metrics = metrics
        .transpose()
        .with_context(|| format!("--metrics {}", args.metrics.map_or(String::new(), |a| a.to_string())))?;
    // Made when the watcher has its lock: before, the socket may be another's.
    let status = Mutex::new(None);
    let quiet = global.quiet;
    let tell = |event: &WatchEvent| {
        match event {
            WatchEvent::Started { .. } => {
                let served = serve(&state_dir, Arc::clone(&board));
                if let Err(error) = &served {
                    terminal::note(&format!("giqa: {}: no status socket: {error}", state_dir.display()));
                }
                *status.lock().unwrap_or_else(PoisonError::into_inner) = served.ok();
            }
            WatchEvent::Ready => {
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
            }
            WatchEvent::Stopped { .. } => {
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
            }
            WatchEvent::Note { .. } | WatchEvent::Photo { .. } => {}
        }
        lines.lock().unwrap_or_else(PoisonError::into_inner).write(event, quiet);
    };
    let summary = watch(&options, backend, &control, &board, &tell)?;
    drop(status.lock().unwrap_or_else(PoisonError::into_inner).take());
    Ok(if args.once && summary.failed > 0 { Exit::SomeFailed } else { Exit::Done })
}

/// What inspects and decides, as the files say now.
fn backend(global: &Global, args: &Watch, rules: Option<&PathBuf>) -> Result<Backend> {
    let rules = rules.map_or_else(|| Ok(Rules::none()), |file| Rules::load(file))?;
    let host = config::isolated_host(global, config::jobs(args.jobs), true)?;
    let profile = config::profile(&host, args.profile.as_deref())?;
    let filter = filter(args, &rules)?;
    Ok(Backend { inspector: Inspector::new(profile, InspectOptions::default()), rules, filter })
}

/// Which files count: none that giqa itself writes.
fn filter(args: &Watch, rules: &Rules) -> Result<Filter> {
    let real = |dir: &PathBuf| dir.canonicalize().unwrap_or_else(|_| dir.clone());
    let outputs = args.dirs.iter().flat_map(|dir| rules.outputs(&real(dir)));
    let state = state::dir(&args.state).ok().and_then(|dir| std::path::absolute(dir).ok());
    let outputs = outputs.chain(state).collect();
    let (include, exclude) = (args.include.clone(), args.exclude.clone());
    Ok(Filter::new(&FilterOptions { include, exclude, outputs, ..FilterOptions::default() })?)
}

fn options(args: &Watch, backend: &Backend, state_dir: PathBuf) -> WatchOptions {
    let mut source = SourceOptions {
        roots: args.dirs.clone(),
        filter: backend.filter.clone(),
        settle: args.settle,
        rescan: args.rescan,
        once: args.once,
        fault: args.fault_overflow.then_some(Fault::Overflow),
        ..SourceOptions::default()
    };
    if let Some(every) = args.poll {
        (source.polling, source.poll_interval) = (Polling::Always, every);
    }
    let mut options = WatchOptions::new(source, state_dir, config::jobs(args.jobs));
    options.dry_run = args.dry_run;
    options.group_wait = args.group_wait;
    options.drain = args.drain;
    options
}

/// Whether lines are for people.
fn for_people(format: WatchFormat) -> bool {
    format == WatchFormat::Text
}
