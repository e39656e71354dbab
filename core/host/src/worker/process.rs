//! One worker process as its host sees it.

use super::WorkerCommand;
use super::outbox::Outbox;
use super::pool::Limits;
use super::protocol::{self, CallItem, FromWorker, ItemOutcome, PROTOCOL, Source, ToWorker};
use super::watchdog::{Verdict, Watchdog};
use crate::services::{Directories, log_line};
use crate::transport::{Emitted, WireItem};
use giqa_core::{ComponentError, Context, ErrorKind, ImageView, PluginManifest};
use std::collections::{HashSet, VecDeque};
use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a worker may take to start and load its plugin.
const START: Duration = Duration::from_secs(60);
/// How long a cancelled call may go on before its worker is killed.
const CANCEL_GRACE: Duration = Duration::from_secs(5);
/// How often a wish to cancel is looked for.
const POLL: Duration = Duration::from_millis(20);
/// How many pictures a worker keeps, so that several components need not send them again.
const KEPT_IMAGES: usize = 4;
/// How many lines of stderr an error message may quote.
const TAIL: usize = 8;

/// A worker that died, and what to tell of it.
#[derive(Debug, Clone)]
pub(crate) struct Died {
    pub error: ComponentError,
    /// Whether a second try is worth it: crashes may pass, hangs and floods of memory don't.
    pub retry: bool,
}

/// A worker that did not come up.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The plugin can't be used, in its host's own words.
    Plugin(String),
    /// The process failed.
    Process(String),
}

type Frames = Receiver<std::io::Result<(FromWorker, Vec<u8>)>>;

/// A worker process with a plugin open.
#[derive(Debug)]
pub(crate) struct Process {
    plugin: String,
    stdin: Option<ChildStdin>,
    frames: Frames,
    watchdog: Watchdog,
    stderr_tail: Arc<Mutex<VecDeque<String>>>,
    limits: Limits,
    images: VecDeque<u64>,
    created: HashSet<u32>,
    outbox: Option<Outbox>,
    next_anonymous: u64,
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
        let mut process = Self::spawn(plugin, command, limits)
            .map_err(|e| StartError::Process(format!("did not start: {} ({e})", command.program.display())))?;
        process.watchdog.busy_until(Instant::now() + START);
        let dead = |process: &mut Self| {
            let ComponentError { message, hint, .. } = process.obituary().error;
            // Whose process it is, is said by whoever hears of it.
            let whose = format!("worker process of plugin '{plugin}' ");
            let told = message.strip_prefix(&whose).unwrap_or(&message);
            StartError::Process(hint.map_or_else(|| told.to_owned(), |hint| format!("{told}; {hint}")))
        };
        match process.receive() {
            Some(FromWorker::Hello { protocol: PROTOCOL, .. }) => {}
            Some(FromWorker::Hello { giqa, .. }) => {
                let reason = format!(
                    "is giqa {giqa}, this is {}: the program was replaced while running, start it again",
                    env!("CARGO_PKG_VERSION")
                );
                return Err(StartError::Process(reason));
            }
            _ => return Err(dead(&mut process)),
        }
        let pixels = process.outbox.as_ref().map(|o| o.path().to_owned());
        process.send(&ToWorker::Open { source: source.clone(), directories: directories.clone(), pixels }, &[]);
        match process.receive() {
            Some(FromWorker::Opened { manifest, shared }) => {
                process.watchdog.idle();
                process.outbox.take_if(|_| !shared);
                Ok((process, *manifest))
            }
            Some(FromWorker::OpenFailed { reason }) => Err(StartError::Plugin(reason)),
            _ => Err(dead(&mut process)),
        }
    }

    fn spawn(plugin: &str, command: &WorkerCommand, limits: Limits) -> std::io::Result<Self> {
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
        let (stdin, stdout, stderr) =
            (stdin.ok_or_else(missing)?, stdout.ok_or_else(missing)?, stderr.ok_or_else(missing)?);
        // Pixels go through this pipe; 64 KiB at a time would mean a switch of processes for each.
        #[cfg(target_os = "linux")]
        let _ = rustix::pipe::fcntl_setpipe_size(&stdin, 1 << 20);
        let frames = read_frames(plugin, stdout)?;
        let stderr_tail = Arc::new(Mutex::new(VecDeque::new()));
        read_stderr(plugin, stderr, Arc::clone(&stderr_tail))?;
        Ok(Self {
            plugin: plugin.to_owned(),
            stdin: Some(stdin),
            frames,
            watchdog,
            stderr_tail,
            limits,
            images: VecDeque::new(),
            created: HashSet::new(),
            outbox: Outbox::new(),
            next_anonymous: 1 << 63,
        })
    }

    /// Sends a frame. A worker that is gone is noticed by the next `receive`.
    fn send(&mut self, frame: &ToWorker, blob: &[&[u8]]) {
        if let Some(stdin) = &mut self.stdin
            && let Err(e) = protocol::write(stdin, frame, blob)
        {
            tracing::debug!(plugin = self.plugin, "worker does not read: {e}");
            self.stdin = None;
        }
    }

    /// The next frame; `None` when the worker is gone or talks nonsense.
    fn receive(&mut self) -> Option<FromWorker> {
        self.frames.recv().ok()?.ok().map(|(frame, _)| frame)
    }

    /// Makes a component unless this worker has it already.
    pub(crate) fn create(
        &mut self,
        instance: u32,
        component: &str,
        config: &str,
    ) -> Result<Result<(), ComponentError>, Died> {
        if self.created.contains(&instance) {
            return Ok(Ok(()));
        }
        self.watchdog.busy_until(Instant::now() + self.limits.deadline.max(START));
        let frame = ToWorker::Create { instance, component: component.to_owned(), config: config.to_owned() };
        self.send(&frame, &[]);
        let answer = self.receive();
        self.watchdog.idle();
        match answer {
            Some(FromWorker::Created) => {
                self.created.insert(instance);
                Ok(Ok(()))
            }
            Some(FromWorker::CreateFailed { error }) => Ok(Err(error)),
            _ => Err(self.obituary()),
        }
    }

    /// Runs a batch on a component that was made.
    pub(crate) fn run(
        &mut self,
        instance: u32,
        context: &Context<'_>,
        items: &[WireItem<'_>],
    ) -> Result<Vec<Result<Emitted, ComponentError>>, Died> {
        self.watchdog.busy_until(Instant::now() + self.limits.deadline);
        let mut anonymous = Vec::new();
        let needed: Vec<u64> = items.iter().flat_map(|i| [i.image, i.reference]).flatten().map(|v| v.id()).collect();
        let items: Vec<_> = items
            .iter()
            .map(|item| CallItem {
                image: item.image.map(|v| self.send_image(v, &needed, &mut anonymous)),
                reference: item.reference.map(|v| self.send_image(v, &needed, &mut anonymous)),
                input: item.input.clone(),
            })
            .collect();
        self.send(&ToWorker::Run { instance, items }, &[]);
        let outcome = self.await_done(context);
        self.watchdog.idle();
        anonymous.into_iter().for_each(|id| self.forget(id));
        outcome
    }

    /// Sends pixels unless the worker still has them; gives the id under which it knows them.
    fn send_image(&mut self, view: ImageView<'_>, needed: &[u64], anonymous: &mut Vec<u64>) -> u64 {
        let id = match view.id() {
            0 => {
                self.next_anonymous += 1;
                anonymous.push(self.next_anonymous);
                self.next_anonymous
            }
            id if self.images.contains(&id) => return id,
            id => {
                while self.images.len() >= KEPT_IMAGES && self.forget_oldest(needed) {}
                self.images.push_back(id);
                id
            }
        };
        let mut at = self.put(id, view);
        while at.is_none() && self.outbox.is_some() && self.forget_oldest(needed) {
            at = self.put(id, view);
        }
        let frame = ToWorker::Image { id, width: view.width(), height: view.height(), at };
        match view.as_packed() {
            _ if at.is_some() => self.send(&frame, &[]),
            Some(pixels) => self.send(&frame, &[pixels]),
            None => self.send(&frame, &view.rows().collect::<Vec<_>>()),
        }
        id
    }

    fn put(&mut self, id: u64, view: ImageView<'_>) -> Option<u64> {
        self.outbox.as_mut()?.put(id, view)
    }

    /// Forgets the oldest kept picture that this call does not need; false when there is none.
    fn forget_oldest(&mut self, needed: &[u64]) -> bool {
        let at = self.images.iter().position(|kept| !needed.contains(kept));
        let Some(old) = at.and_then(|at| self.images.remove(at)) else { return false };
        self.forget(old);
        true
    }

    fn forget(&mut self, id: u64) {
        self.send(&ToWorker::Forget { id }, &[]);
        if let Some(outbox) = &mut self.outbox {
            outbox.forget(id);
        }
    }

    fn await_done(&mut self, context: &Context<'_>) -> Result<Vec<Result<Emitted, ComponentError>>, Died> {
        let mut asked_to_stop = false;
        loop {
            match self.frames.recv_timeout(POLL) {
                Ok(Ok((FromWorker::Done { outcomes }, blob))) => return self.unpack(&outcomes, &blob),
                Ok(Ok((FromWorker::Progress { fraction, message }, _))) => {
                    context.observer().progress(fraction, &message)
                }
                Ok(Ok((FromWorker::Token { item, text }, _))) => context.observer().token(item, &text),
                Ok(_) | Err(RecvTimeoutError::Disconnected) => return Err(self.obituary()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if !asked_to_stop && context.is_cancelled() {
                asked_to_stop = true;
                self.send(&ToWorker::Cancel, &[]);
                self.watchdog.stop_by(Instant::now() + CANCEL_GRACE);
            }
        }
    }

    fn unpack(
        &mut self,
        outcomes: &[ItemOutcome],
        mut blob: &[u8],
    ) -> Result<Vec<Result<Emitted, ComponentError>>, Died> {
        let mut take = |n: usize| {
            let (part, rest) = blob.split_at_checked(n)?;
            blob = rest;
            Some(part.to_vec())
        };
        let emitted = |o: &ItemOutcome, take: &mut dyn FnMut(usize) -> Option<Vec<u8>>| {
            let result = take(o.result)?;
            let map = match o.map {
                Some(n) => Some(take(n)?),
                None => None,
            };
            Some(Emitted { result, map })
        };
        let mut results = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            match &outcome.error {
                Some(error) => results.push(Err(error.clone())),
                None => match emitted(outcome, &mut take) {
                    Some(e) => results.push(Ok(e)),
                    None => return Err(self.obituary()),
                },
            }
        }
        Ok(results)
    }

    /// Ends the worker and says why it is over.
    fn obituary(&mut self) -> Died {
        self.stdin = None;
        // It usually is dead already; one that merely talks nonsense is given no time.
        let status = self.watchdog.end_within(Duration::from_millis(500));
        let tail = self.tail();
        let (kind, what, hint, retry) = match self.watchdog.verdict() {
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
        Died { error: ComponentError { kind, message, hint, retryable: false }, retry }
    }

    fn tail(&self) -> String {
        let tail = self.stderr_tail.lock().unwrap_or_else(PoisonError::into_inner);
        if tail.is_empty() {
            String::new()
        } else {
            format!("; it last wrote: {}", tail.iter().cloned().collect::<Vec<_>>().join(" | "))
        }
    }
}

fn describe_end(status: std::io::Result<ExitStatus>) -> String {
    let Ok(status) = status else { return "vanished".to_owned() };
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("crashed with {}", signal_name(signal));
    }
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "ended".to_owned(),
    }
}

#[cfg(unix)]
fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "SIGILL, an illegal instruction",
        6 => "SIGABRT, an abort",
        7 => "SIGBUS, a bus error",
        8 => "SIGFPE, an arithmetic error",
        9 => "SIGKILL; somebody, perhaps the kernel for want of memory, killed it",
        11 => "SIGSEGV, a memory access error",
        15 => "SIGTERM",
        _ => return format!("signal {signal}"),
    };
    format!("signal {signal} ({name})")
}

/// Reads frames on a thread of its own, so that neither side ever waits for the other's full pipe.
fn read_frames(plugin: &str, stdout: impl Read + Send + 'static) -> std::io::Result<Frames> {
    let (sender, frames) = sync_channel(64);
    let plugin = plugin.to_owned();
    std::thread::Builder::new().name("worker-frames".to_owned()).spawn(move || {
        let mut input = BufReader::with_capacity(1 << 16, stdout);
        loop {
            let frame = match protocol::read(&mut input) {
                Ok(None) => return,
                Ok(Some((FromWorker::Log { level, target, text }, _))) => {
                    log_line(&plugin, level, &target, &text);
                    continue;
                }
                Ok(Some(frame)) => Ok(frame),
                Err(e) => Err(e),
            };
            let broken = frame.is_err();
            if sender.send(frame).is_err() || broken {
                return;
            }
        }
    })?;
    Ok(frames)
}

/// Puts what the plugin prints into the log, and keeps the last lines for error messages.
fn read_stderr(
    plugin: &str,
    stderr: impl Read + Send + 'static,
    tail: Arc<Mutex<VecDeque<String>>>,
) -> std::io::Result<()> {
    let plugin = plugin.to_owned();
    std::thread::Builder::new().name("worker-stderr".to_owned()).spawn(move || {
        let mut input = BufReader::new(stderr);
        let mut line = Vec::new();
        loop {
            line.clear();
            // A line without end must not fill our memory.
            match input.by_ref().take(8192).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let text: String = String::from_utf8_lossy(line.trim_ascii_end()).escape_debug().to_string();
            tracing::info!(plugin, "{text}");
            let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
            if tail.len() == TAIL {
                tail.pop_front();
            }
            tail.push_back(text);
        }
    })?;
    Ok(())
}
