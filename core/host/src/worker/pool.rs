//! The workers of one plugin: taking turns, restarts with back-off, quarantine.

use super::WorkerCommand;
use super::obituary::{Died, StartError};
use super::process::Process;
use super::protocol::Source;
use crate::error::HostError;
use crate::services::Directories;
use crate::transport::{Emitted, Transport, WireItem};
use giqa_core::{ComponentError, Context, ErrorKind, ImageView, PluginManifest};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An image that killed its worker this often is not tried again.
const QUARANTINE_AFTER: u32 = 3;
/// The first pause before a restart; doubles with each failure in a row.
const BACK_OFF: Duration = Duration::from_millis(50);
/// The longest pause.
const MAX_BACK_OFF: Duration = Duration::from_secs(10);

/// What one worker may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Time for one call.
    pub deadline: Duration,
    /// Resident bytes.
    pub memory: Option<u64>,
}

/// All that a pool needs to start workers.
#[derive(Debug, Clone)]
pub(crate) struct PoolSettings {
    pub plugin: String,
    pub command: WorkerCommand,
    pub source: Source,
    pub directories: Directories,
    pub limits: Limits,
    pub workers: usize,
    /// Calls that one worker takes at a time; at least 1.
    pub calls: usize,
}

/// A place for a worker.
#[derive(Debug)]
struct Slot {
    process: Option<Arc<Process>>,
    /// Calls that it can take besides those in hand.
    room: usize,
    failures: u32,
    not_before: Option<Instant>,
}

/// How a call wants its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Company {
    /// With other calls, as many as the plugin takes.
    Any,
    /// Without: if it dies, this call did it.
    None,
}

/// The workers of one plugin.
#[derive(Debug)]
pub(crate) struct Pool {
    settings: PoolSettings,
    slots: Mutex<Vec<Slot>>,
    returned: Condvar,
    /// Component name and configuration by instance number.
    components: Mutex<Vec<(String, String)>>,
    /// Deaths by instance and image.
    deaths: Mutex<HashMap<(u32, blake3::Hash), u32>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Outcomes = Vec<Result<Emitted, ComponentError>>;

impl Pool {
    /// Starts the first worker; the others start when they are needed.
    pub(crate) fn start(settings: PoolSettings, library: &Path) -> Result<(Arc<Self>, PluginManifest), HostError> {
        let (process, manifest) = Process::start(
            &settings.plugin,
            &settings.command,
            &settings.source,
            &settings.directories,
            settings.limits,
        )
        .map_err(|e| match e {
            StartError::Plugin(reason) => HostError::Load { path: library.to_owned(), reason },
            StartError::Process(reason) => HostError::Worker { plugin: settings.plugin.clone(), reason },
        })?;
        let empty = || Slot { process: None, room: settings.calls.max(1), failures: 0, not_before: None };
        let mut slots: Vec<Slot> = std::iter::repeat_with(empty).take(settings.workers.max(1)).collect();
        if let Some(first) = slots.first_mut() {
            first.process = Some(Arc::new(process));
        }
        let pool = Self {
            settings,
            slots: Mutex::new(slots),
            returned: Condvar::new(),
            components: Mutex::default(),
            deaths: Mutex::default(),
        };
        Ok((Arc::new(pool), manifest))
    }

    /// Makes a component, in one worker now and in the others when they need it.
    pub(crate) fn component(self: &Arc<Self>, component: &str, config: &str) -> Result<Remote, ComponentError> {
        let instance = {
            let mut components = lock(&self.components);
            components.push((component.to_owned(), config.to_owned()));
            components.len() as u32 - 1
        };
        self.with_worker(instance, None, Company::Any, |_| Ok(())).unwrap_or_else(|died| Err(died.error))?;
        Ok(Remote { pool: Arc::clone(self), instance })
    }

    /// Lends a worker that has the component; starts one where there is none.
    fn with_worker<T>(
        &self,
        instance: u32,
        context: Option<&Context<'_>>,
        company: Company,
        work: impl FnOnce(&Process) -> Result<T, Died>,
    ) -> Result<Result<T, ComponentError>, Died> {
        let mut place = self.take(company);
        let outcome = self.ready(&mut place, instance, context, company).and_then(|ready| match ready {
            Ok(process) => work(&process).map(Ok),
            Err(error) => Ok(Err(error)),
        });
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.get_mut(place.slot) {
            slot.room += place.share;
            match &outcome {
                Ok(Ok(_)) => slot.failures = 0,
                Ok(Err(_)) => {}
                // Of several calls in one worker, the first tells of its end.
                Err(_) if !same(&slot.process, &place.process) => {}
                Err(_) => {
                    slot.process = None;
                    slot.not_before = Some(Instant::now() + back_off(slot.failures));
                    slot.failures = slot.failures.saturating_add(1);
                }
            }
        }
        drop(slots);
        self.returned.notify_all();
        outcome
    }

    /// Waits for a place. One without a process is taken whole, until it is started.
    fn take(&self, company: Company) -> Place {
        let all = self.settings.calls.max(1);
        let wanted = if company == Company::Any { 1 } else { all };
        let mut slots = lock(&self.slots);
        loop {
            // A worker that runs is better than one that must be started.
            let running = slots.iter().position(|s| s.process.is_some() && s.room >= wanted);
            let at = running.or_else(|| slots.iter().position(|s| s.process.is_none() && s.room == all));
            if let Some((at, slot)) = at.and_then(|at| slots.get_mut(at).map(|slot| (at, slot))) {
                let share = if running.is_some() { wanted } else { all };
                slot.room -= share;
                return Place { slot: at, share, process: slot.process.clone(), not_before: slot.not_before };
            }
            slots = self.returned.wait(slots).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn ready(
        &self,
        place: &mut Place,
        instance: u32,
        context: Option<&Context<'_>>,
        company: Company,
    ) -> Result<Result<Arc<Process>, ComponentError>, Died> {
        let process = match &place.process {
            Some(process) => Arc::clone(process),
            None => {
                while let Some(pause) = place.not_before.and_then(|at| at.checked_duration_since(Instant::now())) {
                    if context.is_some_and(Context::is_cancelled) {
                        return Ok(Err(ComponentError::cancelled()));
                    }
                    std::thread::sleep(pause.min(Duration::from_millis(20)));
                }
                let process = Arc::new(self.start_again()?);
                place.process = Some(Arc::clone(&process));
                let mut slots = lock(&self.slots);
                if let Some(slot) = slots.get_mut(place.slot) {
                    slot.process = place.process.clone();
                    if company == Company::Any {
                        slot.room += place.share - 1;
                        place.share = 1;
                        self.returned.notify_all();
                    }
                }
                process
            }
        };
        let (component, config) = lock(&self.components).get(instance as usize).cloned().unwrap_or_default();
        Ok(process.create(instance, &component, &config)?.map(|()| process))
    }

    fn start_again(&self) -> Result<Process, Died> {
        let s = &self.settings;
        match Process::start(&s.plugin, &s.command, &s.source, &s.directories, s.limits) {
            Ok((process, _)) => Ok(process),
            Err(StartError::Plugin(reason) | StartError::Process(reason)) => {
                let message = format!("worker process of plugin '{}' did not start again: {reason}", s.plugin);
                let error = ComponentError::new(ErrorKind::Crashed, message);
                Err(Died { error, retry: false, shared: false })
            }
        }
    }

    fn attempt(
        &self,
        instance: u32,
        context: &Context<'_>,
        items: &[WireItem<'_>],
        company: Company,
    ) -> Result<Outcomes, Died> {
        let work = |process: &Process| process.run(instance, context, items);
        let outcome = self.with_worker(instance, Some(context), company, work)?;
        Ok(outcome.unwrap_or_else(|error| items.iter().map(|_| Err(error.clone())).collect()))
    }

    /// One item on its own: a crash is tried once more, and counted. One that may be another call's fault is not
    /// counted, and tried in a worker of its own.
    fn run_single(&self, instance: u32, context: &Context<'_>, item: &WireItem<'_>) -> Result<Emitted, ComponentError> {
        let (mut tried, mut company) = (false, Company::Any);
        loop {
            let Died { error, retry, shared } =
                match self.attempt(instance, context, std::slice::from_ref(item), company) {
                    Ok(mut one) => return one.pop().unwrap_or_else(|| Err(ComponentError::cancelled())),
                    Err(died) => died,
                };
            if error.kind == ErrorKind::Cancelled {
                return Err(error);
            }
            if shared && !context.is_cancelled() {
                tracing::warn!(plugin = self.settings.plugin, "{error}; trying each of its calls alone");
                company = Company::None;
                continue;
            }
            self.count_death(instance, item);
            if tried || !retry || context.is_cancelled() || self.quarantined(instance, item).is_some() {
                return Err(error);
            }
            tracing::warn!(plugin = self.settings.plugin, "{error}; trying once more");
            tried = true;
        }
    }

    fn count_death(&self, instance: u32, item: &WireItem<'_>) {
        if let Some(image) = item.image {
            *lock(&self.deaths).entry((instance, hash(image))).or_default() += 1;
        }
    }

    fn quarantined(&self, instance: u32, item: &WireItem<'_>) -> Option<ComponentError> {
        let image = item.image?;
        // Hashing 12 megapixels takes some 10 ms: only where something died already.
        if lock(&self.deaths).is_empty() {
            return None;
        }
        let key = (instance, hash(image));
        let deaths = lock(&self.deaths).get(&key).copied().unwrap_or(0);
        (deaths >= QUARANTINE_AFTER).then(|| {
            let plugin = &self.settings.plugin;
            ComponentError::new(
                ErrorKind::Quarantined,
                format!("this image killed a worker of plugin '{plugin}' {deaths} times and is not tried again"),
            )
            .hint("restart giqa to try it again, or report the image to the plugin's author")
        })
    }
}

/// A part of a slot that is lent to a call.
#[derive(Debug)]
struct Place {
    slot: usize,
    share: usize,
    process: Option<Arc<Process>>,
    not_before: Option<Instant>,
}

fn same(a: &Option<Arc<Process>>, b: &Option<Arc<Process>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn back_off(failures: u32) -> Duration {
    BACK_OFF.saturating_mul(1 << failures.min(10)).min(MAX_BACK_OFF)
}

fn hash(image: ImageView<'_>) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&image.width().to_le_bytes());
    for row in image.rows() {
        hasher.update(row);
    }
    hasher.finalize()
}

/// A component in the workers of a pool.
#[derive(Debug)]
pub(crate) struct Remote {
    pool: Arc<Pool>,
    instance: u32,
}

impl Transport for Remote {
    fn run(&self, context: &Context<'_>, items: &[WireItem<'_>]) -> Outcomes {
        let (pool, instance) = (&self.pool, self.instance);
        let refused: Vec<_> = items.iter().map(|item| pool.quarantined(instance, item)).collect();
        if items.len() > 1 && refused.iter().all(Option::is_none) {
            match pool.attempt(instance, context, items, Company::Any) {
                Ok(outcomes) => return outcomes,
                Err(died) if died.error.kind == ErrorKind::Cancelled => {
                    return items.iter().map(|_| Err(died.error.clone())).collect();
                }
                // Which of them did it? Each on its own will tell, and the others get their results.
                Err(died) => {
                    tracing::warn!(plugin = pool.settings.plugin, "{}; trying its images one by one", died.error)
                }
            }
        }
        items
            .iter()
            .zip(refused)
            .map(|(item, refused)| match refused {
                Some(error) => Err(error),
                None => pool.run_single(instance, context, item),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        assert_eq!(back_off(0), Duration::from_millis(50));
        assert_eq!(back_off(3), Duration::from_millis(400));
        assert_eq!(back_off(1000), MAX_BACK_OFF);
    }
}
