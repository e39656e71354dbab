//! The worker's side: frames in on stdin, frames out on what was stdout.

use super::job::{Job, JobItem, Picture, Pixels, protocol_error};
use super::log::LogToHost;
use super::outbox::Inbox;
use super::protocol::{self, CallItem, FromWorker, PROTOCOL, Source, ToWorker};
use crate::builtin::Builtin;
use crate::error::HostError;
use crate::library;
use crate::services::Directories;
use crate::table::{Live, Table};
use giqa_core::{CancelToken, ComponentError};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a call may go on after the host is gone.
const GRACE: Duration = Duration::from_secs(2);

/// How many buffers of forgotten pictures are kept for the next ones.
const SPARE: usize = 2;

/// The way to the host; one frame at a time.
pub(super) type Output = Arc<Mutex<File>>;
type Spare = Arc<Mutex<Vec<Vec<u8>>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends a frame.
pub(super) fn send(output: &Output, frame: &FromWorker, blob: &[&[u8]]) -> io::Result<()> {
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

    let running = Running::default();
    let (sender, frames) = channel();
    let spare = Spare::default();
    let (begun, returned) = (running.clone(), Arc::clone(&spare));
    std::thread::Builder::new()
        .name("host-frames".to_owned())
        .spawn(move || read_frames(&sender, &begun, &returned))?;
    let (instances, pictures) = (HashMap::new(), HashMap::new());
    Worker { builtins, output, running, table: None, inbox: None, instances, pictures, spare }.work(&frames)
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

/// Reads frames until the host is gone. A cancel takes effect at once, even while its call is running.
fn read_frames(sender: &Sender<(ToWorker, Vec<u8>)>, running: &Running, spare: &Mutex<Vec<Vec<u8>>>) {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let used = || lock(spare).pop().unwrap_or_default();
    while let Ok(Some((frame, blob))) = protocol::read_into(&mut input, used) {
        match frame {
            ToWorker::Cancel { call } => running.cancel(call),
            ToWorker::Run { call, .. } => running.begin(call),
            _ => {}
        }
        if sender.send((frame, blob)).is_err() {
            return;
        }
    }
    // The host is gone: a call that doesn't end by itself must not outlive it.
    running.cancel_all();
    std::thread::sleep(GRACE);
    std::process::exit(1);
}

/// The calls that were asked for and are not done, and how to stop each.
#[derive(Clone, Default)]
struct Running(Arc<Mutex<HashMap<u64, CancelToken>>>);

impl Running {
    fn begin(&self, call: u64) {
        lock(&self.0).insert(call, CancelToken::new());
    }

    fn token(&self, call: u64) -> CancelToken {
        lock(&self.0).get(&call).cloned().unwrap_or_default()
    }

    fn end(&self, call: u64) {
        lock(&self.0).remove(&call);
    }

    fn cancel(&self, call: u64) {
        if let Some(token) = lock(&self.0).get(&call) {
            token.cancel();
        }
    }

    fn cancel_all(&self) {
        lock(&self.0).values().for_each(CancelToken::cancel);
    }
}

struct Worker<'a> {
    builtins: &'a [Builtin],
    output: Output,
    running: Running,
    table: Option<Arc<Table>>,
    inbox: Option<Arc<Inbox>>,
    instances: HashMap<u32, Arc<Live>>,
    pictures: HashMap<u64, Arc<Picture>>,
    spare: Spare,
}

impl Worker<'_> {
    fn work(&mut self, frames: &Receiver<(ToWorker, Vec<u8>)>) -> io::Result<()> {
        while let Ok((frame, blob)) = frames.recv() {
            match frame {
                ToWorker::Open { source, directories, pixels } => {
                    self.inbox = pixels.as_deref().and_then(Inbox::open).map(Arc::new);
                    let shared = self.inbox.is_some();
                    let answer = match self.open(&source, directories) {
                        Ok(manifest) => FromWorker::Opened { manifest, shared },
                        Err(reason) => FromWorker::OpenFailed { reason },
                    };
                    send(&self.output, &answer, &[])?;
                }
                ToWorker::Create { call, instance, component, config } => {
                    let answer = match self.create(instance, &component, &config) {
                        Ok(()) => FromWorker::Created { call },
                        Err(error) => FromWorker::CreateFailed { call, error },
                    };
                    send(&self.output, &answer, &[])?;
                }
                ToWorker::Image { id, width, height, at } => {
                    let pixels = at.map_or(Pixels::Own(blob), Pixels::Shared);
                    self.pictures.insert(id, Arc::new(Picture { id, width, height, pixels }));
                }
                ToWorker::Forget { id } => {
                    let freed = self.pictures.remove(&id).and_then(Arc::into_inner);
                    let mut spare = lock(&self.spare);
                    if let Some(Picture { pixels: Pixels::Own(buffer), .. }) = freed
                        && spare.len() < SPARE
                    {
                        spare.push(buffer);
                    }
                }
                ToWorker::Run { call, instance, items } => self.run(call, instance, items)?,
                // It took effect when it was read.
                ToWorker::Cancel { .. } => {}
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
        self.instances.insert(instance, Arc::new(table.create(component, config)?));
        Ok(())
    }

    fn run(&self, call: u64, instance: u32, items: Vec<CallItem>) -> io::Result<()> {
        let job = Job {
            call,
            token: self.running.token(call),
            output: Arc::clone(&self.output),
            inbox: self.inbox.clone(),
            live: self.instances.get(&instance).cloned(),
            items: items.into_iter().map(|item| self.find(item)).collect(),
        };
        let running = self.running.clone();
        let work = move || {
            let outcome = job.run();
            running.end(call);
            outcome
        };
        // A plugin that did not ask for more keeps to this thread.
        if self.table.as_ref().is_none_or(|table| table.manifest().concurrent_calls <= 1) {
            return work();
        }
        // A host that is gone is noticed by the thread that reads its frames.
        std::thread::Builder::new().name(format!("call-{call}")).spawn(move || drop(work()))?;
        Ok(())
    }

    /// Looks an item's pictures up.
    fn find(&self, item: CallItem) -> Result<JobItem, ComponentError> {
        let picture =
            |id: u64| self.pictures.get(&id).cloned().ok_or_else(|| protocol_error("an image that was not sent"));
        Ok(JobItem {
            image: item.image.map(picture).transpose()?,
            reference: item.reference.map(picture).transpose()?,
            input: item.input,
        })
    }
}
