//! The worker's side: frames in on stdin, frames out on what was stdout.

use super::outbox::Inbox;
use super::protocol::{self, CallItem, FromWorker, ItemOutcome, PROTOCOL, Source, ToWorker};
use crate::builtin::Builtin;
use crate::error::HostError;
use crate::library;
use crate::services::Directories;
use crate::table::{Live, Table};
use crate::transport::{Emitted, Transport, WireItem};
use giqa_core::{CancelToken, ComponentError, Context, ErrorKind, ImageView, Observer};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a call may go on after the host is gone.
const GRACE: Duration = Duration::from_secs(2);

/// How many buffers of forgotten pictures are kept for the next ones.
const SPARE: usize = 2;

type Output = Arc<Mutex<File>>;
type Spare = Arc<Mutex<Vec<Vec<u8>>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn send(output: &Output, frame: &FromWorker, blob: &[&[u8]]) -> io::Result<()> {
    protocol::write(&mut *lock(output), frame, blob)
}

/// Serves one host until it closes our stdin. `builtins` are the plugins that are linked into this program.
///
/// # Errors
/// When stdin or stdout break before the host is done.
pub fn serve(builtins: &[Builtin]) -> io::Result<()> {
    let output: Output = Arc::new(Mutex::new(claim_stdout()?));
    let _ = tracing::subscriber::set_global_default(LogToHost(Arc::clone(&output)));
    let abi = [giqa_abi::GIQA_ABI_MAJOR, giqa_abi::GIQA_ABI_MINOR];
    send(&output, &FromWorker::Hello { protocol: PROTOCOL, giqa: env!("CARGO_PKG_VERSION").to_owned(), abi }, &[])?;

    let cancel = Arc::new(Mutex::new(CancelToken::new()));
    let (sender, frames) = channel();
    let canceller = Arc::clone(&cancel);
    let spare = Spare::default();
    let returned = Arc::clone(&spare);
    std::thread::Builder::new()
        .name("host-frames".to_owned())
        .spawn(move || read_frames(&sender, &canceller, &returned))?;
    let (instances, images) = (HashMap::new(), HashMap::new());
    Worker { builtins, output, cancel, table: None, inbox: None, instances, images, spare }.work(&frames)
}

/// Takes stdout for ourselves, and lets whatever a plugin prints go to stderr instead.
///
/// # Errors
/// When the system does not give another handle, or has no such thing.
#[cfg(unix)]
pub fn claim_stdout() -> io::Result<File> {
    let frames = rustix::io::dup(rustix::stdio::stdout())?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(File::from(frames))
}

/// Not on this system so far.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn claim_stdout() -> io::Result<File> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "worker processes need a Unix system so far"))
}

/// Reads frames until the host is gone. A cancel takes effect at once, even while a call is running.
fn read_frames(sender: &Sender<(ToWorker, Vec<u8>)>, cancel: &Mutex<CancelToken>, spare: &Mutex<Vec<Vec<u8>>>) {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let used = || lock(spare).pop().unwrap_or_default();
    while let Ok(Some((frame, blob))) = protocol::read_into(&mut input, used) {
        if frame == ToWorker::Cancel {
            lock(cancel).cancel();
        } else if sender.send((frame, blob)).is_err() {
            return;
        }
    }
    // The host is gone: a call that doesn't end by itself must not outlive it.
    lock(cancel).cancel();
    std::thread::sleep(GRACE);
    std::process::exit(1);
}

struct Picture {
    width: u32,
    height: u32,
    pixels: Pixels,
}

enum Pixels {
    /// At this place of the inbox.
    Shared(u64),
    Own(Vec<u8>),
}

struct Worker<'a> {
    builtins: &'a [Builtin],
    output: Output,
    cancel: Arc<Mutex<CancelToken>>,
    table: Option<Arc<Table>>,
    inbox: Option<Inbox>,
    instances: HashMap<u32, Live>,
    images: HashMap<u64, Picture>,
    spare: Spare,
}

impl Worker<'_> {
    fn work(&mut self, frames: &Receiver<(ToWorker, Vec<u8>)>) -> io::Result<()> {
        while let Ok((frame, blob)) = frames.recv() {
            match frame {
                ToWorker::Open { source, directories, pixels } => {
                    self.inbox = pixels.as_deref().and_then(Inbox::open);
                    let shared = self.inbox.is_some();
                    let answer = match self.open(&source, directories) {
                        Ok(manifest) => FromWorker::Opened { manifest, shared },
                        Err(reason) => FromWorker::OpenFailed { reason },
                    };
                    send(&self.output, &answer, &[])?;
                }
                ToWorker::Create { instance, component, config } => {
                    let answer = match self.create(instance, &component, &config) {
                        Ok(()) => FromWorker::Created,
                        Err(error) => FromWorker::CreateFailed { error },
                    };
                    send(&self.output, &answer, &[])?;
                }
                ToWorker::Image { id, width, height, at } => {
                    let pixels = at.map_or(Pixels::Own(blob), Pixels::Shared);
                    self.images.insert(id, Picture { width, height, pixels });
                }
                ToWorker::Forget { id } => {
                    let freed = self.images.remove(&id);
                    let mut spare = lock(&self.spare);
                    if let Some(Picture { pixels: Pixels::Own(buffer), .. }) = freed
                        && spare.len() < SPARE
                    {
                        spare.push(buffer);
                    }
                }
                ToWorker::Run { instance, items } => self.run(instance, &items)?,
                ToWorker::Cancel => {}
            }
        }
        Ok(())
    }

    fn open(&mut self, source: &Source, directories: Directories) -> Result<Box<giqa_core::PluginManifest>, String> {
        let table = match source {
            Source::Library(path) => library::load(path, directories).map_err(|e| match e {
                // The other side says that it can't be loaded, and which.
                HostError::Load { reason, .. } => reason,
                other => other.to_string(),
            })?,
            Source::Builtin(name) => {
                let builtin = self.builtins.iter().find(|b| b.name() == name);
                let builtin = builtin.ok_or_else(|| format!("this program has no plugin '{name}'"))?;
                builtin.table(directories).map_err(|e| e.to_string())?
            }
        };
        let manifest = Box::new(table.manifest().clone());
        self.table = Some(table);
        Ok(manifest)
    }

    fn create(&mut self, instance: u32, component: &str, config: &str) -> Result<(), ComponentError> {
        let table = self.table.as_ref().ok_or_else(|| protocol_error("no plugin is open"))?;
        self.instances.insert(instance, table.create(component, config)?);
        Ok(())
    }

    fn run(&self, instance: u32, items: &[CallItem]) -> io::Result<()> {
        let token = CancelToken::new();
        *lock(&self.cancel) = token.clone();
        let observer = Relay(Arc::clone(&self.output));
        let outcomes = self.call(&Context::new(&token, &observer), instance, items);
        let outcomes = outcomes.unwrap_or_else(|error| items.iter().map(|_| Err(error.clone())).collect());
        let mut heads = Vec::with_capacity(outcomes.len());
        let mut blob: Vec<&[u8]> = Vec::new();
        for outcome in &outcomes {
            match outcome {
                Ok(Emitted { result, map }) => {
                    heads.push(ItemOutcome { error: None, result: result.len(), map: map.as_ref().map(Vec::len) });
                    blob.push(result);
                    blob.extend(map.as_deref());
                }
                Err(error) => heads.push(ItemOutcome { error: Some(error.clone()), result: 0, map: None }),
            }
        }
        send(&self.output, &FromWorker::Done { outcomes: heads }, &blob)
    }

    fn call(
        &self,
        context: &Context<'_>,
        instance: u32,
        items: &[CallItem],
    ) -> Result<Vec<Result<Emitted, ComponentError>>, ComponentError> {
        let live = self.instances.get(&instance).ok_or_else(|| protocol_error("no such instance"))?;
        let batch: Result<Vec<_>, ComponentError> = items
            .iter()
            .map(|item| {
                let (image, reference) = (self.view(item.image)?, self.view(item.reference)?);
                Ok(WireItem { image, reference, input: item.input.clone() })
            })
            .collect();
        Ok(live.run(context, &batch?))
    }

    fn view(&self, id: Option<u64>) -> Result<Option<ImageView<'_>>, ComponentError> {
        let Some(id) = id else { return Ok(None) };
        let picture = self.images.get(&id).ok_or_else(|| protocol_error("an image that was not sent"))?;
        let bytes = match &picture.pixels {
            Pixels::Own(bytes) => Some(bytes.as_slice()),
            Pixels::Shared(at) => {
                let length = picture.width as usize * picture.height as usize * 3;
                self.inbox.as_ref().and_then(|inbox| inbox.pixels(*at, length))
            }
        };
        let bytes = bytes.ok_or_else(|| protocol_error("an image outside of the shared memory"))?;
        let view = ImageView::packed(picture.width, picture.height, bytes);
        view.map(|v| Some(v.with_id(id))).map_err(|e| protocol_error(&e.to_string()))
    }
}

fn protocol_error(what: &str) -> ComponentError {
    ComponentError::new(ErrorKind::Failed, format!("worker protocol: {what}"))
}

/// Hands progress and tokens on to the host. A host that is gone needs none.
struct Relay(Output);

impl Observer for Relay {
    fn progress(&self, fraction: f32, message: &str) {
        let _ = send(&self.0, &FromWorker::Progress { fraction, message: message.to_owned() }, &[]);
    }

    fn token(&self, item: usize, text: &str) {
        let _ = send(&self.0, &FromWorker::Token { item, text: text.to_owned() }, &[]);
    }
}

/// Hands log lines on to the host.
struct LogToHost(Output);

impl tracing::Subscriber for LogToHost {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::DEBUG
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line { target: event.metadata().target().to_owned(), text: String::new() };
        event.record(&mut line);
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => giqa_abi::GIQA_LOG_ERROR,
            tracing::Level::WARN => giqa_abi::GIQA_LOG_WARN,
            tracing::Level::INFO => giqa_abi::GIQA_LOG_INFO,
            _ => giqa_abi::GIQA_LOG_DEBUG,
        };
        let _ = send(&self.0, &FromWorker::Log { level, target: line.target, text: line.text }, &[]);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// A log line; lines of plugins carry their own `target` (see `services::log_line`).
struct Line {
    target: String,
    text: String,
}

impl tracing::field::Visit for Line {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        match field.name() {
            "target" => value.clone_into(&mut self.target),
            "plugin" => {}
            _ => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        // Writing to a String does not fail.
        let _ = match field.name() {
            "message" => write!(self.text, "{value:?}"),
            name => write!(self.text, " {name}={value:?}"),
        };
    }
}
