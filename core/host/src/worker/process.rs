//! One worker process as its host sees it. Several threads may have calls in it at a time.

use super::WorkerCommand;
use super::calls::{Calls, Frames, NO_CALL};
use super::line::Line;
use super::obituary::{Died, LastWords, StartError, describe_end};
use super::pool::Limits;
use super::protocol::{FromWorker, ItemOutcome, PROTOCOL, Source, ToWorker};
use super::watchdog::{Verdict, Watchdog};
use crate::services::Directories;
use crate::transport::{Emitted, WireItem};
use giqa_core::{ComponentError, Context, ErrorKind, PluginManifest};
use std::collections::HashSet;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a worker may take to start and load its plugin.
const START: Duration = Duration::from_secs(60);
/// How long a cancelled call may go on before its worker is killed.
const CANCEL_GRACE: Duration = Duration::from_secs(5);
/// How many deadlines a call may last in all that gives signs of life.
const MOST_DEADLINES: u32 = 10;
/// How often a wish to cancel is looked for.
const POLL: Duration = Duration::from_millis(20);

/// A worker process with a plugin open.
#[derive(Debug)]
pub(crate) struct Process {
    plugin: String,
    limits: Limits,
    line: Mutex<Line>,
    calls: Calls,
    next_call: AtomicU64,
    /// Components that it has. Held while one is made.
    created: Mutex<HashSet<u32>>,
    watchdog: Watchdog,
    last_words: LastWords,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Process {
    /// Starts a worker and opens the plugin in it.
    pub(crate) fn start(
        plugin: &str,
        command: &WorkerCommand,
        source: &Source,
        directories: &Directories,
        limits: Limits,
    ) -> Result<(Self, PluginManifest), StartError> {
        let calls = Calls::default();
        let frames = calls.begin(NO_CALL);
        let process = Self::spawn(plugin, command, limits, calls)
            .map_err(|e| StartError::Process(format!("did not start: {} ({e})", command.program.display())))?;
        process.watchdog.busy_until(NO_CALL, Instant::now() + START);
        let answer = process.open(&frames, source, directories);
        process.watchdog.idle(NO_CALL);
        process.calls.end(NO_CALL);
        Ok((process, answer?))
    }

    fn spawn(plugin: &str, command: &WorkerCommand, limits: Limits, calls: Calls) -> std::io::Result<Self> {
        let mut builder = Command::new(&command.program);
        builder.args(&command.args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(threads) = command.threads {
            builder.env("RAYON_NUM_THREADS", threads.max(1).to_string());
        }
        // A Ctrl-C is for us: the workers finish what is in flight.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut builder, 0);
        let mut child = builder.spawn()?;
        let missing = || std::io::Error::other("a pipe is missing");
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let watchdog = Watchdog::new(child, limits.memory)?;
        let line = Line::new(plugin, stdin.ok_or_else(missing)?);
        calls.read(plugin, stdout.ok_or_else(missing)?)?;
        let last_words = LastWords::default();
        last_words.read(plugin, stderr.ok_or_else(missing)?)?;
        Ok(Self {
            plugin: plugin.to_owned(),
            limits,
            line: Mutex::new(line),
            calls,
            next_call: AtomicU64::new(NO_CALL + 1),
            created: Mutex::default(),
            watchdog,
            last_words,
        })
    }

    fn open(&self, frames: &Frames, source: &Source, directories: &Directories) -> Result<PluginManifest, StartError> {
        let next = || frames.recv().ok().map(|(frame, _)| frame);
        let dead = || {
            let ComponentError { message, hint, .. } = self.obituary(NO_CALL).error;
            // Whose process it is, is said by whoever hears of it.
            let whose = format!("worker process of plugin '{}' ", self.plugin);
            let told = message.strip_prefix(&whose).unwrap_or(&message);
            StartError::Process(hint.map_or_else(|| told.to_owned(), |hint| format!("{told}; {hint}")))
        };
        match next() {
            Some(FromWorker::Hello { protocol: PROTOCOL, .. }) => {}
            Some(FromWorker::Hello { giqa, .. }) => {
                let reason = format!(
                    "is giqa {giqa}, this is {}: the program was replaced while running, start it again",
                    env!("CARGO_PKG_VERSION")
                );
                return Err(StartError::Process(reason));
            }
            _ => return Err(dead()),
        }
        let pixels = lock(&self.line).shared().map(ToOwned::to_owned);
        self.send(&ToWorker::Open { source: source.clone(), directories: directories.clone(), pixels });
        match next() {
            Some(FromWorker::Opened { manifest, shared }) => {
                if !shared {
                    lock(&self.line).not_shared();
                }
                Ok(*manifest)
            }
            Some(FromWorker::OpenFailed { reason }) => Err(StartError::Plugin(reason)),
            _ => Err(dead()),
        }
    }

    fn send(&self, frame: &ToWorker) {
        lock(&self.line).send(frame, &[]);
    }

    /// Makes a component unless this worker has it already.
    pub(crate) fn create(
        &self,
        instance: u32,
        component: &str,
        config: &str,
    ) -> Result<Result<(), ComponentError>, Died> {
        let mut created = lock(&self.created);
        if created.contains(&instance) {
            return Ok(Ok(()));
        }
        self.call(self.limits.deadline.max(START), |call, frames| {
            let frame = ToWorker::Create { call, instance, component: component.to_owned(), config: config.to_owned() };
            self.send(&frame);
            match frames.recv() {
                Ok((FromWorker::Created { .. }, _)) => {
                    created.insert(instance);
                    Ok(Ok(()))
                }
                Ok((FromWorker::CreateFailed { error, .. }, _)) => Ok(Err(error)),
                _ => Err(self.obituary(call)),
            }
        })
    }

    /// Runs a batch on a component that was made.
    pub(crate) fn run(
        &self,
        instance: u32,
        context: &Context<'_>,
        items: &[WireItem<'_>],
    ) -> Result<Vec<Result<Emitted, ComponentError>>, Died> {
        self.call(self.limits.deadline, |call, frames| {
            let items = {
                let mut line = lock(&self.line);
                let items = line.lend(items);
                line.send(&ToWorker::Run { call, instance, items: items.clone() }, &[]);
                items
            };
            let outcome = self.await_done(call, frames, context);
            lock(&self.line).give_back(&items);
            outcome
        })
    }

    /// One call with a number, frames and a deadline of its own.
    fn call<T>(&self, patience: Duration, work: impl FnOnce(u64, &Frames) -> Result<T, Died>) -> Result<T, Died> {
        let call = self.next_call.fetch_add(1, Ordering::Relaxed);
        let frames = self.calls.begin(call);
        self.watchdog.busy_until(call, Instant::now() + patience);
        let outcome = work(call, &frames);
        self.watchdog.idle(call);
        self.calls.end(call);
        outcome
    }

    fn await_done(
        &self,
        call: u64,
        frames: &Frames,
        context: &Context<'_>,
    ) -> Result<Vec<Result<Emitted, ComponentError>>, Died> {
        let mut asked_to_stop = false;
        let end = Instant::now() + self.limits.deadline.saturating_mul(MOST_DEADLINES);
        let alive = |asked_to_stop: bool| {
            if !asked_to_stop {
                self.watchdog.busy_until(call, end.min(Instant::now() + self.limits.deadline));
            }
        };
        loop {
            match frames.recv_timeout(POLL) {
                Ok((FromWorker::Done { outcomes, .. }, blob)) => {
                    return unpack(&outcomes, &blob).ok_or_else(|| self.obituary(call));
                }
                Ok((FromWorker::Progress { fraction, message, .. }, _)) => {
                    alive(asked_to_stop);
                    context.observer().progress(fraction, &message);
                }
                Ok((FromWorker::Token { item, text, .. }, _)) => {
                    alive(asked_to_stop);
                    context.observer().token(item, &text);
                }
                Ok(_) | Err(RecvTimeoutError::Disconnected) => return Err(self.obituary(call)),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if !asked_to_stop && context.is_cancelled() {
                asked_to_stop = true;
                self.watchdog.stop_by(call, Instant::now() + CANCEL_GRACE);
                self.send(&ToWorker::Cancel { call });
            }
        }
    }

    /// Ends the worker and says why it is over for a call.
    fn obituary(&self, call: u64) -> Died {
        lock(&self.line).close();
        // It usually is dead already; one that merely talks nonsense is given no time.
        let status = self.watchdog.end_within(Duration::from_millis(500));
        let tail = self.last_words.quoted();
        let verdict = self.watchdog.verdict(call);
        let (kind, what, hint, retry) = match verdict {
            Some(Verdict::Late) => (
                ErrorKind::TimedOut,
                format!("did not answer within {} s and was stopped", self.limits.deadline.as_secs_f64()),
                Some(format!("raise plugins.{}.deadline_s if it needs longer", self.plugin)),
                false,
            ),
            Some(Verdict::Deaf) => {
                (ErrorKind::Cancelled, "did not stop when asked to and was killed".to_owned(), None, false)
            }
            Some(Verdict::Fat { used }) => (
                ErrorKind::OutOfMemory,
                format!(
                    "used {} MB of memory, over its limit of {} MB, and was stopped",
                    used / 1_000_000,
                    self.limits.memory.unwrap_or(0) / 1_000_000
                ),
                Some(format!("raise plugins.{}.memory_limit_mb if it needs more", self.plugin)),
                false,
            ),
            None => {
                (ErrorKind::Crashed, describe_end(status), Some("report this to the plugin's author".to_owned()), true)
            }
        };
        let message = format!("worker process of plugin '{}' {what}{tail}", self.plugin);
        let own = matches!(verdict, Some(Verdict::Late | Verdict::Deaf));
        let shared = !own && self.calls.lost() > 1;
        Died { error: ComponentError { kind, message, hint, retryable: false }, retry, shared }
    }
}

/// Results and maps out of the blob in which they follow each other; `None` where it is too short.
fn unpack(outcomes: &[ItemOutcome], mut blob: &[u8]) -> Option<Vec<Result<Emitted, ComponentError>>> {
    let mut take = |n: usize| {
        let (part, rest) = blob.split_at_checked(n)?;
        blob = rest;
        Some(part.to_vec())
    };
    let mut one = |outcome: &ItemOutcome| {
        if let Some(error) = &outcome.error {
            return Some(Err(error.clone()));
        }
        let result = take(outcome.result)?;
        let map = match outcome.map {
            Some(n) => Some(take(n)?),
            None => None,
        };
        Some(Ok(Emitted { result, map }))
    };
    outcomes.iter().map(&mut one).collect()
}
