//! `giqa watch`

mod lines;
mod rotate;
mod signals;

use super::args::{Global, Watch, WatchFormat};
use super::exit::Exit;
use super::screen::{self, Choice, Watching};
use super::{config, state, terminal};
use crate::app::model::About;
use crate::app::run;
use anyhow::{Context, Result};
use giqa_engine::{InspectOptions, Inspector};
use giqa_watch::rules::Rules;
use giqa_watch::source::{Fault, Filter, FilterOptions, Polling, SourceOptions};
use giqa_watch::status::{Board, prometheus, serve};
use giqa_watch::watcher::{Backend, Control, Summary, WatchError, WatchEvent, WatchOptions, watch};
use lines::Lines;
use rotate::Rotating;
use signals::With;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whether it shows a screen: where there is one, and something to watch on it.
pub fn has_screen(args: &Watch) -> bool {
    let on_terminal = std::io::stdin().is_terminal() && terminal::stdout_is_terminal();
    on_terminal && !args.headless && !args.once && !args.dry_run && for_people(args.format)
}

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
    let screen = has_screen(args);
    if screen {
        crate::app::terminal::check()?;
    }
    let state_dir = scratch.map_or_else(|| state::dir(&args.state), Ok)?;
    let rules_file = args.rules.clone().or_else(|| config::user_rules().filter(|f| f.is_file()));
    let remake = {
        let (global, args, rules_file) = (global.clone(), args.clone(), rules_file.clone());
        move |choice: &Choice| backend(&global, &args, rules_file.as_ref(), choice)
    };
    let choice = Choice { profile: args.profile.clone(), ..Choice::default() };
    let backend = remake(&choice)?;
    let options = options(args, &backend, state_dir.clone());
    let log = args.log.as_deref().map(Rotating::open).transpose()?;
    let out: Box<dyn std::io::Write + Send> = if screen { Box::new(std::io::sink()) } else { terminal::stdout() };
    let lines = Mutex::new(Lines::new(args.format, out, log));

    let (to_watcher, control) = std::sync::mpsc::channel();
    let inspector = Arc::new(Mutex::new(backend.inspector.clone()));
    let choice = Arc::new(Mutex::new(choice));
    let files = [config::source(global), rules_file].into_iter().flatten().collect();
    let with = if screen { With::FilesAlone } else { With::Signals };
    signals::start(to_watcher.clone(), with, files, {
        let (remake, choice, inspector) = (remake.clone(), Arc::clone(&choice), Arc::clone(&inspector));
        move || {
            let backend = remake(&lock(&choice))?;
            lock(&inspector).clone_from(&backend.inspector);
            Ok(backend)
        }
    })?;

    let board = Arc::new(Board::default());
    let metrics = args.metrics.map(|address| prometheus(address, Arc::clone(&board)));
    let _metrics = metrics
        .transpose()
        .with_context(|| format!("--metrics {}", args.metrics.map_or(String::new(), |a| a.to_string())))?;
    // Made when the watcher has its lock: before, the socket may be another's.
    let status = Mutex::new(None);
    let quiet = global.quiet || screen;
    let tell = |event: &WatchEvent| {
        match event {
            WatchEvent::Started { .. } => {
                let served = serve(&state_dir, Arc::clone(&board));
                if let Err(error) = &served {
                    terminal::note(&format!("giqa: {}: no status socket: {error}", state_dir.display()));
                }
                *lock(&status) = served.ok();
            }
            WatchEvent::Ready => {
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
            }
            WatchEvent::Stopped { .. } => {
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
            }
            WatchEvent::Note { .. } | WatchEvent::Photo { .. } => {}
        }
        lock(&lines).write(event, quiet);
    };
    let watch = {
        let (options, board, tell) = (&options, &board, &tell);
        move || watch(options, backend, &control, board, tell)
    };
    let summary = if screen {
        let watching = Watching { to: to_watcher, choice, inspector, remake: Box::new(remake) };
        with_screen(global, args, &state_dir, &board, watching, watch)?
    } else {
        watch()?
    };
    drop(lock(&status).take());
    Ok(if args.once && summary.failed > 0 { Exit::SomeFailed } else { Exit::Done })
}

/// Stops the watcher when it is dropped: a screen that panics, too, must not leave a thread that is waited for.
struct Stop(Sender<Control>);

impl Drop for Stop {
    fn drop(&mut self) {
        let _ = self.0.send(Control::Stop);
    }
}

/// Watches on a thread of its own as long as the screen shows, and until what is in work then is done.
fn with_screen(
    global: &Global,
    args: &Watch,
    state_dir: &Path,
    board: &Arc<Board>,
    watching: Watching,
    watch: impl FnOnce() -> Result<Summary, WatchError> + Send,
) -> Result<Summary> {
    // As the watcher names photos.
    let real = |dir: &PathBuf| dir.canonicalize().unwrap_or_else(|_| dir.clone());
    let about = About {
        watching: args.dirs.iter().map(real).collect(),
        state_dir: state_dir.to_owned(),
        who: screen::who(),
        ..About::default()
    };
    let stop = Stop(watching.to.clone());
    let machine = screen::Components::new(global, args.profile.clone(), Some(watching));
    let channel = run::channel();
    let to_screen = channel.0.clone();
    std::thread::scope(|scope| {
        let watcher = std::thread::Builder::new().name("giqa-watcher".into()).spawn_scoped(scope, || {
            let summary = watch();
            if let Err(error) = &summary {
                let _ = to_screen.send(run::Event::StoreTrouble(format!("nothing is watched any more: {error}")));
            }
            summary
        })?;
        let shown = screen::show(global, &args.look, about, Some(Arc::clone(board)), Box::new(machine), channel);
        if !watcher.is_finished() {
            terminal::note("giqa: what is in work is finished; Ctrl-C ends at once");
        }
        drop(stop);
        let summary = watcher.join().map_err(|_| anyhow::anyhow!("the watcher failed (a defect, please report it)"))?;
        shown?;
        Ok(summary?)
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What inspects and decides, as the files and a person say now.
fn backend(global: &Global, args: &Watch, rules: Option<&PathBuf>, choice: &Choice) -> Result<Backend> {
    let rules = rules.map_or_else(|| Ok(Rules::none()), |file| Rules::load(file))?;
    let host = config::isolated_host(global, config::jobs(args.jobs), true)?;
    let profile = choice.apply(config::profile(&host, choice.profile.as_deref())?)?;
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
